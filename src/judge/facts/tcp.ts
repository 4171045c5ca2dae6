import { familyOf } from '../../ground/address.ts';
import { platformOf } from '../../ground/platform.ts';
import { CONNECTS, ROUND_TRIP, TARGET_TRACES } from '../../model/fact-sources.ts';
import type { FactsOf, FactTable } from '../../model/facts.ts';
import type { ConnectAttempt } from '../../model/measured.ts';
import { isGivenUp, isLateAnswer, isOfPort, isSilent, timeOf } from '../readings/connects.ts';
import { handedOnAt } from '../readings/handed-on.ts';
import type { Readings } from '../readings/index.ts';
import type { Heard } from '../readings/measured.ts';
import { isOwnSweep } from '../readings/traces.ts';

const TARGET = ['tcp-connect:target'] as const;
/** The addresses of the target that are tried, and what connecting to each came to. */
const ADDRESSES = [...CONNECTS, 'system-resolve', 'hosts-file', 'dns'] as const;

export const TCP_FACTS = {
  'tcp.outcome': {
    type: 'string',
    values: ['open', 'refused', 'unreachable', 'timeout', 'local-error', 'pending'],
    meaning:
      'What connect() to the port brought; `pending` while the first attempt is unanswered, `open` where a later sample was accepted after silence.',
    from: CONNECTS,
  },
  'tcp.code': { type: 'string', meaning: 'The errno name of the failed connect().', from: TARGET },
  'tcp.localFailure': {
    type: 'boolean',
    meaning: 'connect() failed on this machine at once, without any answer.',
    from: TARGET,
  },
  'tcp.answerMs': {
    type: 'number',
    meaning: 'Milliseconds until the first answer (acceptance, refusal, unreachable).',
    from: TARGET,
  },
  'tcp.waitedMs': {
    type: 'number',
    meaning: 'The longest time that an unanswered attempt was waited for.',
    from: ROUND_TRIP,
  },
  'tcp.attempts': {
    type: 'number',
    meaning: 'Connection attempts that ended, samples included.',
    from: CONNECTS,
    scaledBy: ROUND_TRIP,
  },
  'tcp.opened': { type: 'number', meaning: 'How many of them were accepted.', from: CONNECTS },
  'tcp.silent': {
    type: 'number',
    meaning:
      'How many of them stayed without an answer for a second or more, and 0.8 s longer than a round trip takes; not those that were given up because another one was accepted.',
    from: CONNECTS,
    scaledBy: ROUND_TRIP,
  },
  'tcp.silentShare': {
    type: 'number',
    meaning: 'tcp.silent / (tcp.silent + tcp.opened).',
    from: CONNECTS,
    scaledBy: ROUND_TRIP,
  },
  'tcp.mixed': {
    type: 'boolean',
    meaning: 'Some attempts were accepted and some stayed silent.',
    from: CONNECTS,
    scaledBy: ROUND_TRIP,
  },
  'tcp.late': {
    type: 'number',
    meaning: 'How many were accepted only after a retransmitted SYN (0.8 s later than a round trip takes).',
    from: CONNECTS,
    scaledBy: ROUND_TRIP,
  },
  'tcp.lateAlways': {
    type: 'boolean',
    meaning:
      'Four attempts or more were accepted, each of them only after its SYN was sent again, and none before.',
    from: ROUND_TRIP,
  },
  'tcp.slowOpen': {
    type: 'boolean',
    meaning:
      'An attempt was accepted only after a retransmitted SYN (0.8 s later than a round trip takes), or another one was.',
    from: CONNECTS,
    scaledBy: ROUND_TRIP,
  },
  'tcp.openedThenSilent': {
    type: 'boolean',
    meaning: 'Every accepted attempt came before every silent one, and at least two were silent.',
    from: CONNECTS,
    scaledBy: ROUND_TRIP,
  },
  'tcp.byFlow': {
    type: 'boolean',
    meaning:
      'Source ports that were accepted were accepted again, and those that nothing answered stayed without an answer again, two of each or more: not chance, but one of several ways, or of several servers. False where one fared otherwise; null where fewer were asked again.',
    from: [...ROUND_TRIP, 'tcp-connect:same-flow'],
  },
  'tcp.roundTripMs': {
    type: 'number',
    meaning: 'The shortest time in which anything at the address answered: a connection, another port, ping.',
    from: ROUND_TRIP,
  },
  'tcp.refusedToo': {
    type: 'number',
    meaning:
      'How many attempts were refused (a reset, an ICMP error) while others were accepted; 0 where none was. Of attempts made side by side and others made one after the other the latter count.',
    from: CONNECTS,
  },
  'tcp.refuser': {
    type: 'string',
    meaning:
      'target.address; "one of the servers behind" it where only some attempts were refused, or a SYN was accepted since; "the machine or container behind" it where refusal.handedOn.',
    from: [...CONNECTS, ...TARGET_TRACES, 'reply-ttl'],
  },
  'tcp.acceptedSince': {
    type: 'boolean',
    meaning:
      'The connection was refused, and a SYN to the same port a moment later was accepted: not every server behind the address refuses. Null when none was sent.',
    from: [...CONNECTS, 'trace-syn:target', 'reply-ttl'],
  },
  'tcp.openedThenRefused': {
    type: 'boolean',
    meaning: 'Every accepted attempt came before every refused one, and at least two were refused.',
    from: CONNECTS,
  },
  'tcp.deniedByOwnFilter': {
    type: 'boolean',
    meaning:
      "connect() failed at once for want of permission, which on this system is the machine's own packet filter; null where it did not fail here.",
    from: TARGET,
  },
  'tcp.silenceMayHideRejection': {
    type: 'boolean',
    meaning:
      'The port is silent, and this system does not tell a program of every ICMP error: it may have been rejected. False where the system tells, or a sweep listened for them; null where the port was answered.',
    from: [...CONNECTS, 'trace-syn:target'],
  },
  'tcp.refusalMayHideProhibition': {
    type: 'boolean',
    meaning:
      'The port is refused, and this system calls a firewall\'s "prohibited" a refusal, too. False where it does not, or a sweep listened for ICMP errors; null where the port was not refused.',
    from: [...CONNECTS, 'trace-syn:target'],
  },
  'addresses.open': {
    type: 'number',
    meaning: 'How many addresses of the target accept connections.',
    from: ADDRESSES,
  },
  'addresses.failed': {
    type: 'number',
    meaning: 'How many addresses of the target that this machine has a route to do not.',
    from: ADDRESSES,
  },
  'addresses.openList': {
    type: 'string',
    meaning: 'The addresses that accept connections.',
    from: ADDRESSES,
  },
  'addresses.failedList': { type: 'string', meaning: 'The addresses that do not.', from: ADDRESSES },
  'addresses.brokenFamily': {
    type: 'number',
    meaning:
      '4 or 6 when every tried address of that family fails and the other family works; null otherwise.',
    from: ADDRESSES,
  },
  'addresses.partOfFamilyFails': {
    type: 'boolean',
    meaning: 'Some addresses of one family work and some of the same family fail.',
    from: ADDRESSES,
  },
} as const satisfies FactTable;

/** Of attempts that were made one after another: so many that failed alike are no chance. */
export const LEAST_IN_A_ROW = 2;
/** With a loss of half of all packets so many in a row come once in sixteen times. */
const LEAST_ALWAYS = 4;
/** Between the attempts of one observation and those of the next. */
const FAR_APART_MS = 100_000;

export function tcpFacts({
  address,
  here,
  connects,
  outcomes,
  request,
  traces,
  vantage,
}: Readings): FactsOf<typeof TCP_FACTS> {
  const { attempts: own, outcome, roundTripMs: rttMs } = connects;
  const decisive = own.find((a) => a.outcome === outcome);
  let clock = 0;
  const everything: (ConnectAttempt & { at: number; spaced: boolean; givenUp: boolean })[] = [];
  for (const o of here['tcp-connect'].filter(isOfPort)) {
    const isSpaced =
      o.input.startsMs.length > 1 && new Set(o.input.startsMs).size === o.input.startsMs.length;
    const spaced = o.input.role === 'sample' && isSpaced && !o.input.stopAtFirstAnswer;
    for (const a of o.data.attempts)
      everything.push({ ...a, at: clock + a.startMs, spaced, givenUp: isGivenUp(a, o) });
    clock += FAR_APART_MS;
  }
  const opened = everything.filter((a) => a.outcome === 'open');
  const silent = everything.filter((a) => !a.givenUp && isSilent(a, rttMs));
  // A server may take one connection at a time from a client; where attempts were made one after the other, these count.
  const spaced = everything.filter(({ spaced }) => spaced);
  const refused = (spaced.length > 0 ? spaced : everything).filter(
    ({ outcome, local }) => outcome === 'refused' || (outcome === 'unreachable' && !local),
  );
  const late = opened.filter((one) => isLateAnswer(one, rttMs));
  const isBefore = (some: typeof everything, others: typeof everything): boolean =>
    some.length > 0 &&
    others.length >= LEAST_IN_A_ROW &&
    Math.max(...some.map(({ at }) => at)) < Math.min(...others.map(({ at }) => at));
  const open = outcomes.filter((o) => o.outcome === 'open');
  const failed = outcomes.filter(
    (o) =>
      o.outcome !== 'open' &&
      o.outcome !== 'not-tried' &&
      o.outcome !== 'pending' &&
      !(o.noRoute && open.length > 0),
  );
  const families = ([4, 6] as const).map((family) => ({
    family,
    open: open.filter((o) => familyOf(o.address) === family).length,
    failed: failed.filter((o) => familyOf(o.address) === family).length,
  }));
  const broken = families.find(
    (f) => f.failed > 0 && f.open === 0 && families.some((g) => g.family !== f.family && g.open > 0),
  );
  const measured = everything.length > 0;
  const isTimed = everything.some((a) => timeOf(a) !== null);
  // Servers behind one address take turns: any SYN after the refusal may have met another one.
  const wasAccepted =
    opened.length > 0 ||
    here['trace-syn'].some(
      ({ input, data }) =>
        input.role === 'target' &&
        input.port === request.target.port &&
        data.replies.some(({ answer }) => answer === 'syn-ack'),
    );
  const sinceAnswers = here['reply-ttl'].flatMap(({ data }) =>
    data.port === request.target.port && data.answer !== null ? [data.answer] : [],
  );
  const acceptedSince =
    outcome !== 'refused'
      ? null
      : wasAccepted || sinceAnswers.includes('syn-ack')
        ? true
        : sinceAnswers.length === 0
          ? null
          : false;
  const { silenceMayBeRejection, refusedIsNotProhibited, deniedByOwnFilter } = platformOf(vantage.os);
  const listened =
    (traces.target !== null && isOwnSweep(traces.target)) || connects.failed?.told !== undefined;
  const tried = outcomes.some((o) => o.outcome !== 'not-tried');
  return {
    'tcp.outcome': outcome,
    'tcp.code': decisive?.code ?? null,
    'tcp.localFailure': decisive === undefined ? null : decisive.local,
    'tcp.answerMs':
      decisive !== undefined &&
      timeOf(decisive) !== null &&
      decisive.outcome !== 'timeout' &&
      decisive.outcome !== 'pending'
        ? decisive.startMs + decisive.elapsedMs
        : null,
    'tcp.waitedMs':
      own.length === 0 || own.every((a) => timeOf(a) === null)
        ? null
        : Math.max(0, ...own.filter((a) => isSilent(a, rttMs)).map((a) => a.elapsedMs)),
    'tcp.attempts': measured
      ? everything.filter((a) => a.outcome !== 'pending' || silent.includes(a)).length
      : null,
    'tcp.opened': measured ? opened.length : null,
    'tcp.silent': measured ? silent.length : null,
    'tcp.silentShare':
      opened.length + silent.length > 0 ? silent.length / (opened.length + silent.length) : null,
    'tcp.mixed': measured ? opened.length > 0 && silent.length > 0 : null,
    'tcp.late': measured && isTimed ? late.length : null,
    'tcp.lateAlways':
      measured && isTimed ? late.length >= LEAST_ALWAYS && late.length === opened.length : null,
    'tcp.slowOpen': measured && isTimed ? connects.losesPackets : null,
    'tcp.openedThenSilent': measured ? isBefore(opened, silent) : null,
    'tcp.byFlow': byFlow(here['tcp-connect'], connects),
    'tcp.roundTripMs': rttMs,
    'tcp.refusedToo': measured ? (opened.length > 0 ? refused.length : 0) : null,
    'tcp.refuser':
      address !== null && ((opened.length > 0 && refused.length > 0) || acceptedSince === true)
        ? `one of the servers behind ${address}`
        : address !== null && handedOnAt({ traces, address }) !== null
          ? `the machine or container behind ${address}`
          : address,
    'tcp.acceptedSince': acceptedSince,
    'tcp.openedThenRefused': measured ? isBefore(opened, refused) : null,
    'tcp.deniedByOwnFilter':
      decisive?.local === true ? decisive.code === 'EACCES' && deniedByOwnFilter : null,
    'tcp.silenceMayHideRejection': outcome === 'timeout' ? silenceMayBeRejection && !listened : null,
    'tcp.refusalMayHideProhibition': outcome === 'refused' ? !refusedIsNotProhibited && !listened : null,
    'addresses.open': tried ? open.length : null,
    'addresses.failed': tried ? failed.length : null,
    'addresses.openList': open.length > 0 ? open.map((o) => o.address).join(', ') : null,
    'addresses.failedList': failed.length > 0 ? failed.map((o) => o.address).join(', ') : null,
    'addresses.brokenFamily': broken?.family ?? null,
    'addresses.partOfFamilyFails': tried ? families.some((f) => f.open > 0 && f.failed > 0) : null,
  };
}

function byFlow(
  observations: readonly Heard<'tcp-connect'>[],
  { flows, roundTripMs }: Readings['connects'],
): boolean | null {
  const again = observations
    .filter(({ input, final }) => input.role === 'same-flow' && final)
    .flatMap(({ data }) => data.attempts)
    .filter((a) => a.outcome === 'open' || isSilent(a, roundTripMs));
  const of = (ports: readonly number[]): ConnectAttempt[] =>
    again.filter(({ sourcePort }) => sourcePort != null && ports.includes(sourcePort));
  const [opened, silent] = [of(flows.opened), of(flows.silent)];
  if (Math.min(opened.length, silent.length) < LEAST_IN_A_ROW) return null;
  return (
    opened.every(({ outcome }) => outcome === 'open') && silent.every(({ outcome }) => outcome !== 'open')
  );
}
