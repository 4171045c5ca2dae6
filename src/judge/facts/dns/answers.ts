import type { FactsOf, FactTable } from '../../../model/facts.ts';
import type { Names, Naming } from '../../readings/names.ts';
import type { Verdict } from '../../readings/verdicts.ts';
import { EXTENDED_ERROR_KINDS, tellingError } from './extended-errors.ts';
import { listed } from './listed.ts';

const DNS = ['dns'] as const;
const SYSTEM = ['system-resolve'] as const;
const HOSTS = ['hosts-file'] as const;

/** What the system and its resolvers say. "Configured" resolvers are the system's own; others were given with --resolver to compare with. */
export const ANSWER_FACTS = {
  'dns.asked': {
    type: 'boolean',
    meaning:
      'A resolver was asked about the name; false for an address, which needs no name resolution; null while none has ended.',
    from: DNS,
  },
  'dns.unresolved': {
    type: 'boolean',
    meaning:
      'The system could not turn the name into an address; where it could not be asked, what the configured resolvers say. Null for an address.',
    from: [...SYSTEM, ...DNS, ...HOSTS],
  },
  'dns.systemOutcome': {
    type: 'string',
    values: ['resolved', 'not-found', 'temporary-failure', 'error', 'timeout'],
    meaning: 'What getaddrinfo, and so every program on this machine, gets for the name.',
    from: SYSTEM,
  },
  'dns.systemCode': { type: 'string', meaning: 'The error code of getaddrinfo.', from: SYSTEM },
  'dns.resolver': {
    type: 'string',
    meaning:
      'The configured resolver that the findings are about: the one whose word the system takes; the first silent one where none has a word, or where the name is fine.',
    from: [...DNS, ...SYSTEM, ...HOSTS],
  },
  'dns.askedName': {
    type: 'string',
    meaning: 'The name that the deciding answer is about: the host, or the host with a search domain.',
    from: [...DNS, ...SYSTEM, ...HOSTS],
  },
  'dns.answeredBy': {
    type: 'string',
    meaning:
      'The configured resolver whose word the system takes (the first that knows; failures are passed over).',
    from: DNS,
  },
  'dns.rcode': {
    type: 'string',
    meaning: 'The response code of dns.answeredBy: NOERROR, NXDOMAIN, SERVFAIL, REFUSED ...',
    from: DNS,
  },
  'dns.nameNotFound': {
    type: 'boolean',
    meaning: 'dns.answeredBy says that the name does not exist (NXDOMAIN).',
    from: DNS,
  },
  'dns.noAddress': {
    type: 'boolean',
    meaning: 'dns.answeredBy says that the name exists and has neither A nor AAAA.',
    from: DNS,
  },
  'dns.serverFailure': {
    type: 'boolean',
    meaning:
      'Configured resolvers answer, and none gives more than a failure (SERVFAIL, REFUSED ...) or half an answer.',
    from: DNS,
  },
  'dns.halfAnswered': {
    type: 'boolean',
    meaning: 'dns.answeredBy says "none" to one of A and AAAA and leaves the other unanswered.',
    from: DNS,
  },
  'dns.extendedError': {
    type: 'string',
    meaning: "The resolver's extended error (RFC 8914): number, name and its own words.",
    from: DNS,
  },
  'dns.extendedErrorKind': {
    type: 'string',
    values: EXTENDED_ERROR_KINDS,
    meaning: 'What the extended error is about: a blocking policy, DNSSEC, the servers behind the resolver.',
    from: DNS,
  },
  'dns.addresses': {
    type: 'string',
    meaning: 'The addresses that dns.answeredBy gives, at most six.',
    from: DNS,
  },
  'dns.alias': {
    type: 'string',
    meaning: 'The last name of the CNAME chain that dns.answeredBy gives.',
    from: DNS,
  },
  'dns.missingName': {
    type: 'string',
    meaning:
      'The name that does not exist, where one does not: the end of the CNAME chain that dns.answeredBy gives, or the host of the target.',
    from: DNS,
  },
  'dns.answeredName': {
    type: 'string',
    meaning:
      'The full name that dns.answeredBy answered, where a search domain was appended; null where none was.',
    from: DNS,
  },
  'dns.namesAsked': {
    type: 'string',
    meaning: 'The full names that were asked of dns.answeredBy, where the search list made several.',
    from: DNS,
  },
  'dns.unusableFamily': {
    type: 'string',
    values: ['IPv4', 'IPv6'],
    meaning:
      'All addresses that dns.answeredBy gives are of this family, and this machine has no address of it; null otherwise, and where its own addresses are not known.',
    from: DNS,
  },
  'dns.answerMs': { type: 'number', meaning: 'Milliseconds until dns.answeredBy had answered.', from: DNS },
  'dns.filtered': {
    type: 'boolean',
    meaning: 'The resolver says that it blocks the name (extended errors 4 and 15 to 18).',
    from: DNS,
  },
} as const satisfies FactTable;

type AnswerFacts = FactsOf<typeof ANSWER_FACTS>;

export function answerFacts(names: Names, naming: Naming): Partial<AnswerFacts> {
  const { verdicts, deciding, heard } = names;
  const error = tellingError(deciding?.extendedErrors ?? []);
  return {
    ...decidingFacts(deciding, names.host),
    'dns.missingName':
      deciding === null
        ? null
        : ((deciding.kind === 'not-found' ? deciding.cnames.at(-1) : undefined) ?? names.host),
    'dns.asked': verdicts.length > 0 ? true : null,
    'dns.unresolved': names.unresolved,
    'dns.systemOutcome': heard === null ? null : (heard.outcome as AnswerFacts['dns.systemOutcome']),
    'dns.systemCode': heard?.data.code ?? null,
    'dns.unusableFamily': names.unusableFamily,
    'dns.resolver': resolverMeant(names, naming),
    'dns.extendedError': error?.words ?? null,
    'dns.extendedErrorKind': error?.kind ?? null,
    'dns.filtered': deciding === null ? null : error?.kind === 'blocked',
  };
}

function decidingFacts(deciding: Verdict | null, host: string): Partial<AnswerFacts> {
  if (deciding === null) return {};
  const { kind, name } = deciding;
  return {
    'dns.askedName': name,
    'dns.answeredBy': deciding.resolver,
    'dns.rcode': deciding.rcode,
    'dns.nameNotFound': kind === 'not-found',
    'dns.noAddress': kind === 'no-address',
    'dns.serverFailure': kind === 'failure' || kind === 'half',
    'dns.halfAnswered': kind === 'half',
    'dns.addresses': listed(deciding.addresses),
    'dns.alias': deciding.cnames.at(-1) ?? null,
    'dns.answeredName': name === host.replace(/\.$/, '') ? null : name,
    'dns.answerMs': deciding.answerMs,
    'dns.namesAsked': deciding.names.length > 1 ? deciding.names.join(', ') : null,
  };
}

/** A silent resolver is what a finding about a name that is otherwise fine can be about. */
function resolverMeant({ verdicts, deciding, unresolved }: Names, { difference }: Naming): string | null {
  const silent = verdicts.find(({ configured, kind }) => configured && kind === 'silent');
  if (deciding === null || (silent && unresolved === false && difference?.disagree !== true))
    return silent?.resolver ?? deciding?.resolver ?? null;
  return deciding.resolver;
}
