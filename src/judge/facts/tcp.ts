import { familyOf } from '../../ground/address.ts';
import type { FactsOf, FactTable, View } from '../../model/facts.ts';
import type { ConnectAttempt, ConnectOutcome } from '../../model/measured.ts';
import type { ObservationOf } from '../../model/probes.ts';
import { addressesOf } from '../readings/addresses.ts';
import { observed, observedHere } from '../readings/observed.ts';

const TARGET = ['tcp-connect:target'] as const;
const ALL = ['tcp-connect:target', 'tcp-connect:sample'] as const;

/** An attempt that waited this long without an answer counts as silent, whatever ended the wait, */
const SILENT_AFTER_MS = 1000;
/** and on a long path this much longer than its round trip: a lost SYN is sent again after 1 s. */
const RESENT_AFTER_MS = 800;
/** Attempts start so far apart: one that is silent so much longer than a round trip stands beside one that was answered. */
const BESIDE_MS = 200;

export const TCP_FACTS = {
  'tcp.outcome': {
    type: 'string',
    values: ['open', 'refused', 'unreachable', 'timeout', 'local-error', 'pending'],
    meaning: 'What connect() to the port brought; `pending` while the first attempt is unanswered.',
    from: TARGET,
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
    from: TARGET,
  },
  'tcp.attempts': { type: 'number', meaning: 'Connection attempts that ended, samples included.', from: ALL },
  'tcp.opened': { type: 'number', meaning: 'How many of them were accepted.', from: ALL },
  'tcp.silent': {
    type: 'number',
    meaning:
      'How many of them stayed without an answer for a second or more, and 0.8 s longer than a round trip takes.',
    from: ALL,
  },
  'tcp.silentShare': { type: 'number', meaning: 'tcp.silent / (tcp.silent + tcp.opened).', from: ALL },
  'tcp.mixed': { type: 'boolean', meaning: 'Some attempts were accepted and some stayed silent.', from: ALL },
  'tcp.late': {
    type: 'number',
    meaning: 'How many were accepted only after a retransmitted SYN (0.8 s later than a round trip takes).',
    from: ALL,
  },
  'tcp.slowOpen': {
    type: 'boolean',
    meaning:
      'An attempt was accepted only after a retransmitted SYN (0.8 s later than a round trip takes), or another one was.',
    from: ALL,
  },
  'tcp.openedThenSilent': {
    type: 'boolean',
    meaning: 'Every accepted attempt came before every silent one, and at least two were silent.',
    from: ALL,
  },
  'tcp.roundTripMs': {
    type: 'number',
    meaning: 'The shortest time in which anything at the address answered: a connection, another port, ping.',
    from: [
      ...ALL,
      'alternate-ports',
      'ping',
      'trace-syn:target',
      'trace-syn:control',
      'trace-syn:other-protocol',
    ],
  },
  'tcp.refusedToo': {
    type: 'number',
    meaning:
      'How many attempts were refused (a reset, an ICMP error) while others were accepted; 0 where none was. Of attempts made side by side and others made one after the other the latter count.',
    from: ALL,
  },
  'tcp.refuser': {
    type: 'string',
    meaning: 'target.address; "one of the servers behind" it where only some attempts were refused.',
    from: ALL,
  },
  'tcp.openedThenRefused': {
    type: 'boolean',
    meaning: 'Every accepted attempt came before every refused one, and at least two were refused.',
    from: ALL,
  },
  'addresses.open': {
    type: 'number',
    meaning: 'How many addresses of the target accept connections.',
    from: TARGET,
  },
  'addresses.failed': {
    type: 'number',
    meaning: 'How many addresses of the target that this machine has a route to do not.',
    from: TARGET,
  },
  'addresses.openList': { type: 'string', meaning: 'The addresses that accept connections.', from: TARGET },
  'addresses.failedList': { type: 'string', meaning: 'The addresses that do not.', from: TARGET },
  'addresses.brokenFamily': {
    type: 'number',
    meaning:
      '4 or 6 when every tried address of that family fails and the other family works; null otherwise.',
    from: TARGET,
  },
  'addresses.partOfFamilyFails': {
    type: 'boolean',
    meaning: 'Some addresses of one family work and some of the same family fail.',
    from: TARGET,
  },
} as const satisfies FactTable;

/** What connecting to one address came to. */
export interface AddressOutcome {
  address: string;
  outcome: ConnectOutcome | 'not-tried';
  /** This machine has no route for that family: says nothing about the target. */
  noRoute: boolean;
}

/** What connecting came to; `pending` where it was stopped before an answer, null where no attempt was made. */
export function connectOutcome(o: ObservationOf<'tcp-connect'> | undefined): ConnectOutcome | null {
  if (o === undefined || o.data === null || o.data.attempts.length === 0) return null;
  return o.outcome === 'cancelled' || o.outcome === 'failed' || o.outcome === 'not-available'
    ? 'pending'
    : o.outcome;
}

export function addressOutcomes(view: View): AddressOutcome[] {
  const all = observed(view, 'tcp-connect').filter((o) => o.input.role === 'target');
  return addressesOf(view.evidence).map(({ address }) => {
    const o = all.find((candidate) => candidate.input.address === address);
    const attempts = o?.data.attempts ?? [];
    const outcome = connectOutcome(o) ?? 'not-tried';
    return {
      address,
      outcome,
      noRoute:
        attempts.length > 0 &&
        attempts.every(
          (a) =>
            a.local && (a.code === 'ENETUNREACH' || a.code === 'EADDRNOTAVAIL' || a.code === 'EAFNOSUPPORT'),
        ),
    };
  });
}

const isOfPort = ({ input }: ObservationOf<'tcp-connect'>): boolean =>
  input.role === 'target' || input.role === 'sample';

/** Round trip to the address: the shortest time in which anything there answered. Null where nothing did. */
export function roundTripMs(view: View): number | null {
  const times = [
    ...observedHere(view, 'tcp-connect')
      .flatMap((o) => o.data.attempts)
      .filter(({ outcome, local }) => !local && (outcome === 'open' || outcome === 'refused'))
      .map(({ elapsedMs }) => elapsedMs),
    ...observedHere(view, 'alternate-ports')
      .flatMap((o) => o.data.ports)
      .filter(({ outcome }) => outcome === 'open' || outcome === 'refused')
      .map(({ elapsedMs }) => elapsedMs),
    ...observedHere(view, 'ping').flatMap((o) => o.data.minMs ?? o.data.avgMs ?? []),
    ...observedHere(view, 'trace-syn')
      .flatMap((o) => o.data.replies)
      .filter(({ answer, from }) =>
        answer !== 'unreachable' && answer !== 'time-exceeded' ? true : from === view.address,
      )
      .flatMap(({ rttMs }) => rttMs ?? []),
  ];
  return times.length > 0 ? Math.min(...times) : null;
}

/** Answered so late that the first SYN, or its answer, was lost. */
export const isLateAnswer = (elapsedMs: number, rttMs: number | null): boolean =>
  elapsedMs >= RESENT_AFTER_MS + Math.max(rttMs ?? 0, 100);

/** Unanswered for so long that the SYN, or its answer, was lost. */
export const isSilent = (
  { outcome, elapsedMs }: Pick<ConnectAttempt, 'outcome' | 'elapsedMs'>,
  rttMs: number | null,
): boolean =>
  (outcome === 'timeout' || outcome === 'pending') &&
  elapsedMs >=
    (rttMs === null && outcome === 'timeout' ? 0 : Math.max(SILENT_AFTER_MS, RESENT_AFTER_MS + (rttMs ?? 0)));

/** An attempt that came late, or stayed silent beside one that was accepted. */
export function losesPackets(view: View): boolean {
  const rttMs = roundTripMs(view);
  return observedHere(view, 'tcp-connect')
    .filter(isOfPort)
    .some((o) => {
      const { attempts } = o.data;
      const isOpen = attempts.some(({ outcome }) => outcome === 'open');
      return attempts.some(({ outcome, elapsedMs }) =>
        outcome === 'open'
          ? isLateAnswer(elapsedMs, rttMs)
          : isOpen && outcome === 'pending' && elapsedMs >= BESIDE_MS + (rttMs ?? 0),
      );
    });
}

export function tcpFacts(view: View): FactsOf<typeof TCP_FACTS> {
  const here = observedHere(view, 'tcp-connect');
  const target = here.find((o) => o.input.role === 'target');
  const own = target?.data.attempts ?? [];
  const outcome = connectOutcome(target);
  const decisive = own.find((a) => a.outcome === outcome);
  let clock = 0;
  const everything: (ConnectAttempt & { at: number; spaced: boolean })[] = [];
  for (const o of here.filter(isOfPort)) {
    const isSpaced =
      o.input.startsMs.length > 1 && new Set(o.input.startsMs).size === o.input.startsMs.length;
    const spaced = o.input.role === 'sample' && isSpaced && !o.input.stopAtFirstAnswer;
    for (const a of o.data.attempts) everything.push({ ...a, at: clock + a.startMs, spaced });
    clock += 100_000;
  }
  const rttMs = roundTripMs(view);
  const opened = everything.filter((a) => a.outcome === 'open');
  const silent = everything.filter((a) => isSilent(a, rttMs));
  // A server may take one connection at a time from a client; where attempts were made one after the other, these count.
  const spaced = everything.filter(({ spaced }) => spaced);
  const refused = (spaced.length > 0 ? spaced : everything).filter(
    ({ outcome, local }) => outcome === 'refused' || (outcome === 'unreachable' && !local),
  );
  const late = opened.filter(({ elapsedMs }) => isLateAnswer(elapsedMs, rttMs));
  const isBefore = (some: typeof everything, others: typeof everything): boolean =>
    some.length > 0 &&
    others.length >= 2 &&
    Math.max(...some.map(({ at }) => at)) < Math.min(...others.map(({ at }) => at));
  const outcomes = addressOutcomes(view);
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
  const tried = outcomes.some((o) => o.outcome !== 'not-tried');
  return {
    'tcp.outcome': outcome,
    'tcp.code': decisive?.code ?? null,
    'tcp.localFailure': decisive === undefined ? null : decisive.local,
    'tcp.answerMs':
      decisive !== undefined && decisive.outcome !== 'timeout' && decisive.outcome !== 'pending'
        ? decisive.startMs + decisive.elapsedMs
        : null,
    'tcp.waitedMs':
      own.length === 0 ? null : Math.max(0, ...own.filter((a) => isSilent(a, rttMs)).map((a) => a.elapsedMs)),
    'tcp.attempts': measured
      ? everything.filter((a) => a.outcome !== 'pending' || silent.includes(a)).length
      : null,
    'tcp.opened': measured ? opened.length : null,
    'tcp.silent': measured ? silent.length : null,
    'tcp.silentShare':
      opened.length + silent.length > 0 ? silent.length / (opened.length + silent.length) : null,
    'tcp.mixed': measured ? opened.length > 0 && silent.length > 0 : null,
    'tcp.late': measured ? late.length : null,
    'tcp.slowOpen': measured ? late.length > 0 || (opened.length > 0 && losesPackets(view)) : null,
    'tcp.openedThenSilent': measured ? isBefore(opened, silent) : null,
    'tcp.roundTripMs': rttMs,
    'tcp.refusedToo': measured ? (opened.length > 0 ? refused.length : 0) : null,
    'tcp.refuser':
      view.address !== null && opened.length > 0 && refused.length > 0
        ? `one of the servers behind ${view.address}`
        : view.address,
    'tcp.openedThenRefused': measured ? isBefore(opened, refused) : null,
    'addresses.open': tried ? open.length : null,
    'addresses.failed': tried ? failed.length : null,
    'addresses.openList': open.length > 0 ? open.map((o) => o.address).join(', ') : null,
    'addresses.failedList': failed.length > 0 ? failed.map((o) => o.address).join(', ') : null,
    'addresses.brokenFamily': broken?.family ?? null,
    'addresses.partOfFamilyFails': tried ? families.some((f) => f.open > 0 && f.failed > 0) : null,
  };
}
