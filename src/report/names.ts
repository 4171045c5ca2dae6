import type { ConnectOutcome, HopAnswer } from '../model/measured.ts';
import type { Cause, Likelihood, Outcome, Report } from '../model/report.ts';
import type { Owner } from '../model/rule.ts';

/** What things are called: the same everywhere. */

export const OUTCOME_WORD: Record<Outcome, string> = {
  reachable: 'Reachable',
  impaired: 'Impaired',
  unreachable: 'Unreachable',
  undetermined: 'Undetermined',
};

export const OWNER: Record<Owner, string> = {
  you: 'you',
  'network-admin': 'network administrator',
  'server-admin': 'server administrator',
  'dns-admin': 'DNS administrator',
  'service-owner': 'owner of the service',
};

/** As the heading of what is asked of them. */
export const OWNER_HEADING: Record<Owner, string> = {
  you: 'You',
  'network-admin': 'Network administrator',
  'server-admin': 'Server administrator',
  'dns-admin': 'DNS administrator',
  'service-owner': 'Owner of the service',
};

export const LIKELIHOOD: Record<Likelihood, string> = {
  'very likely': 'Very likely',
  likely: 'Likely',
  possible: 'Possible',
};

export const LAYER: Record<Cause['layer'], string> = {
  local: 'this machine',
  dns: 'name resolution (DNS)',
  path: 'the network path',
  host: 'the target host',
  service: 'the service',
};

/** A hop's answer in a table cell; the round-trip time follows where there is one. */
export const HOP_ANSWER: Record<HopAnswer, string> = {
  'time-exceeded': 'passes',
  unreachable: 'rejected',
  'syn-ack': 'connects',
  rst: 'refused',
  reply: 'replies',
  silence: 'no answer',
  'local-error': 'not sent',
};

export const CONNECT: Record<ConnectOutcome | 'not-tried', string> = {
  open: 'accepts connections',
  refused: 'refused',
  unreachable: 'reported unreachable',
  timeout: 'no answer',
  'local-error': 'not sent',
  pending: 'no answer yet',
  'not-tried': 'not tried',
};

const SOURCE: Record<Report['target']['addresses'][number]['source'], string> = {
  literal: 'as given',
  dns: 'from DNS',
  'hosts-file': 'from the hosts file',
  system: 'from the system resolver',
};
export const sourceWords = (source: keyof typeof SOURCE): string => SOURCE[source];

/** Who has to act, in a file that is passed on: there "you" is whoever reads it. */
export const OWNER_IN_FILE: Record<Owner, string> = { ...OWNER_HEADING, you: 'The sender of this report' };

/** Heads of the two columns of what was tried. A refusal of another port is an answer, and that of the port is what fails. */
export const TRIED = { answers: 'What works or answers', fails: 'What fails' } as const;
