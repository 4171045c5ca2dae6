import { addressKey, endpoint } from '../ground/address.ts';
import type {
  Change,
  Comparison,
  NamedCause,
  PathEnd,
  Phase,
  SeenCertificate,
  Subject,
} from '../model/comparison.ts';
import { SUBJECTS } from '../model/comparison.ts';
import type { DnsAnswer } from '../model/measured.ts';
import type { Observation, ObservationOf, ProbeName } from '../model/probes.ts';
import type { Path, Report, Where } from '../model/report.ts';
import { isFromHere } from '../model/views.ts';

/**
 * Two reports -> what is different. Pure. Only what both runs measured is compared: a path that one of them did not
 * trace, or a hop that stayed silent once, is no change. The reports may be of different targets, which is then the
 * first thing said, and their addresses may differ.
 */
export function compareReports(before: Report, after: Report): Comparison {
  const parts: Record<Subject, Part> = {
    target: targets(before, after),
    outcome: outcomes(before, after),
    addresses: addresses(before, after),
    cause: causes(before, after),
    place: places(before, after),
    path: paths(before, after),
    resolvers: lists('resolvers', before.vantage.resolvers, after.vantage.resolvers),
    answers: answers(before, after),
    certificate: certificates(before, after),
    service: services(before, after),
    times: times(before, after),
    vantage: lists('vantage', before.vantage.addresses, after.vantage.addresses),
  };
  const changes = SUBJECTS.flatMap((about) => parts[about].changes);
  return {
    schema: 'reachdoctor.comparison/1',
    before: named(before),
    after: named(after),
    changes,
    same: SUBJECTS.filter((about) => parts[about].missing === null && parts[about].changes.length === 0),
    notCompared: SUBJECTS.flatMap((about) => {
      const { missing } = parts[about];
      return missing === null ? [] : [{ about, missing }];
    }),
  };
}

/** `missing`: in which run the subject is not known at all; null = it was compared. */
interface Part {
  changes: Change[];
  missing: 'before' | 'after' | 'both' | null;
}

const COMPARED = (changes: Change[]): Part => ({ changes, missing: null });

function missingIn(before: boolean, after: boolean): Part['missing'] {
  if (before) return after ? 'both' : 'before';
  return after ? 'after' : null;
}

const targetOf = ({ target }: Report): string => endpoint(target.host, target.port);

const named = (report: Report): Comparison['before'] => ({
  startedAt: report.startedAt,
  outcome: report.outcome,
  headline: report.headline,
  target: targetOf(report),
});

function targets(before: Report, after: Report): Part {
  const [was, is] = [targetOf(before), targetOf(after)];
  return COMPARED(was === is ? [] : [{ about: 'target', before: was, after: is }]);
}

function outcomes(before: Report, after: Report): Part {
  if (before.outcome === after.outcome) return COMPARED([]);
  return COMPARED([{ about: 'outcome', before: before.outcome, after: after.outcome }]);
}

function addresses(before: Report, after: Report): Part {
  const tried = ({ target }: Report) => {
    const known = target.addresses.flatMap(({ address, outcome }) =>
      outcome === 'not-tried' || outcome === 'pending'
        ? []
        : [[addressKey(address), { address, outcome }] as const],
    );
    return {
      known: new Map(known),
      all: new Set(target.addresses.map(({ address }) => addressKey(address))),
    };
  };
  const [was, is] = [tried(before), tried(after)];
  const missing = missingIn(was.known.size === 0, is.known.size === 0);
  if (missing !== null) return { changes: [], missing };
  const keys = [...new Set([...was.known.keys(), ...is.known.keys()])];
  const changes = keys.flatMap((key): Change[] => {
    const [old, now] = [was.known.get(key), is.known.get(key)];
    // It is among the addresses, and was not tried to the end: nothing is known of it.
    if ((old === undefined && was.all.has(key)) || (now === undefined && is.all.has(key))) return [];
    if (old?.outcome === now?.outcome) return [];
    return [
      {
        about: 'addresses',
        address: (now ?? old)?.address ?? key,
        before: old?.outcome ?? null,
        after: now?.outcome ?? null,
      },
    ];
  });
  return COMPARED(changes);
}

/** Less than a fifth is what another minute makes of the same fault. */
const CONFIDENCE_MOVED = 0.2;

function leadOf({ causes }: Report): NamedCause | null {
  const [lead] = causes;
  return lead === undefined ? null : { id: lead.id, title: lead.title, confidence: lead.confidence };
}

function causes(before: Report, after: Report): Part {
  const unknown = (report: Report) => report.outcome === 'undetermined' && report.causes.length === 0;
  const missing = missingIn(unknown(before), unknown(after));
  if (missing !== null) return { changes: [], missing };
  const [was, is] = [leadOf(before), leadOf(after)];
  // Confidences have three decimals; 0.7 - 0.5 is less than 0.2 in binary.
  const moved =
    Math.round(Math.abs((was?.confidence ?? 0) - (is?.confidence ?? 0)) * 1000) >= 1000 * CONFIDENCE_MOVED;
  return COMPARED(was?.id === is?.id && !moved ? [] : [{ about: 'cause', before: was, after: is }]);
}

/** Of the leading causes, whichever they are. */
function places(before: Report, after: Report): Part {
  const [was, is] = [before.causes[0]?.where ?? null, after.causes[0]?.where ?? null];
  const missing = missingIn(was === null, is === null);
  if (was === null || is === null) return { changes: [], missing };
  return COMPARED(sameWhere(was, is) ? [] : [{ about: 'place', before: was, after: is }]);
}

const sameWhere = (one: Where, other: Where): boolean => JSON.stringify(one) === JSON.stringify(other);

// ---------------------------------------------------------------- the path

/** A UDP trace counts its port up: the number says nothing. */
const pathKey = ({ method, port, address }: Path): string =>
  `${method} ${method === 'udp' ? '' : (port ?? '')} ${addressKey(address)}`;

function paths(before: Report, after: Report): Part {
  const byKey = (report: Report) => new Map(report.paths.map((path) => [pathKey(path), path]));
  const [was, is] = [byKey(before), byKey(after)];
  const both = [...was].flatMap(([key, old]) => {
    const now = is.get(key);
    return now === undefined ? [] : [[old, now] as const];
  });
  if (both.length === 0) return { changes: [], missing: missingIn(was.size === 0, is.size === 0) ?? 'both' };
  // Several traces go the same way: a router that changed is said once.
  const told = new Set<string>();
  const changes = both.flatMap(([old, now]) => [...hopChanges(old, now, told), ...endChange(old, now)]);
  return COMPARED(changes);
}

const pathName = ({ method, port }: Path): string => {
  if (method === 'tcp-syn') return `TCP ${port}`;
  return method === 'udp' || method === 'icmp' ? method.toUpperCase() : `${method} ${port ?? ''}`.trim();
};

function hopChanges(before: Path, after: Path, told: Set<string>): Change[] {
  return before.hops.flatMap(({ hop, address: was }): Change[] => {
    const is = after.hops.find((other) => other.hop === hop)?.address ?? null;
    if (was === null || is === null || addressKey(was) === addressKey(is)) return [];
    const key = `${hop} ${was} ${is}`;
    if (told.has(key)) return [];
    told.add(key);
    return [{ about: 'path', what: pathName(after), kind: 'hop', hop, before: was, after: is }];
  });
}

function endOf({ reached, lastHop, hops }: Path): PathEnd {
  const lastAddress = hops.find(({ hop }) => hop === lastHop)?.address ?? null;
  return { reached, lastHop, lastAddress };
}

function endChange(before: Path, after: Path): Change[] {
  const [was, is] = [endOf(before), endOf(after)];
  const isSame = was.reached === is.reached && (was.reached || was.lastHop === is.lastHop);
  return isSame ? [] : [{ about: 'path', what: pathName(after), kind: 'end', before: was, after: is }];
}

// ---------------------------------------------------------------- lists

function lists(about: 'resolvers' | 'vantage', before: string[], after: string[]): Part {
  const missing = missingIn(before.length === 0, after.length === 0);
  if (missing !== null) return { changes: [], missing };
  const [was, is] = [new Set(before.map(addressKey)), new Set(after.map(addressKey))];
  const gone = before.filter((one) => !is.has(addressKey(one)));
  const added = after.filter((one) => !was.has(addressKey(one)));
  return COMPARED(gone.length + added.length === 0 ? [] : [{ about, gone, added }]);
}

// ---------------------------------------------------------------- what was said

const final = <P extends ProbeName>({ observations }: Report, probe: P): ObservationOf<P>[] =>
  observations.filter(
    (one: Observation) => one.probe === probe && one.final && one.told === undefined && isFromHere(one),
  ) as ObservationOf<P>[];

/** By resolver, name and type: the last names differ where a search domain was appended. */
function dnsAnswers(report: Report): Map<string, DnsAnswer & { resolver: string }> {
  const found = new Map<string, DnsAnswer & { resolver: string }>();
  for (const { input, data } of final(report, 'dns')) {
    if (input.nonsense === true) continue;
    for (const answer of data?.answers ?? [])
      found.set(`${addressKey(input.resolver)} ${answer.name} ${answer.type}`, {
        ...answer,
        resolver: input.resolver,
      });
  }
  return found;
}

/** Sorted, since resolvers turn their answers round. */
function dnsSaid({ outcome, rcode, addresses }: DnsAnswer): string[] {
  if (outcome !== 'answered') return [outcome];
  if (addresses.length > 0) return [...addresses].sort();
  return [rcode === null || rcode === 'NOERROR' ? 'no address' : rcode];
}

function answers(before: Report, after: Report): Part {
  return inBoth(dnsAnswers(before), dnsAnswers(after), (was, is): Change[] => {
    const [said, says] = [dnsSaid(was), dnsSaid(is)];
    if (said.join() === says.join()) return [];
    return [{ about: 'answers', resolver: is.resolver, type: is.type, before: said, after: says }];
  });
}

function inBoth<T>(
  before: Map<string, T>,
  after: Map<string, T>,
  changes: (was: T, is: T) => Change[],
): Part {
  const both = [...before].flatMap(([key, was]) => {
    const is = after.get(key);
    return is === undefined ? [] : [[was, is] as const];
  });
  if (both.length === 0)
    return { changes: [], missing: missingIn(before.size === 0, after.size === 0) ?? 'both' };
  return COMPARED(both.flatMap(([was, is]) => changes(was, is)));
}

function seenCertificates(report: Report): Map<string, { address: string; seen: SeenCertificate }> {
  const found = new Map<string, { address: string; seen: SeenCertificate }>();
  const talks = [
    ...final(report, 'tls').map(({ input, data }) => ({ input, tls: data?.tls ?? null })),
    ...final(report, 'greeting').map(({ input, data }) => ({ input, tls: data?.tls ?? null })),
  ];
  for (const { input, tls } of talks) {
    const leaf = tls?.chain[0];
    if (tls === null || leaf === undefined) continue;
    const { subject, issuer, notAfter } = leaf;
    const { trustCode, nameMatches, version } = tls;
    found.set(`${addressKey(input.address)} ${input.port}`, {
      address: input.address,
      seen: { subject, issuer, notAfter, trustCode, nameMatches, version },
    });
  }
  return found;
}

const CERTIFICATE_FIELDS = ['subject', 'issuer', 'notAfter', 'trustCode', 'nameMatches', 'version'] as const;

function certificates(before: Report, after: Report): Part {
  return inBoth(seenCertificates(before), seenCertificates(after), (was, is) =>
    CERTIFICATE_FIELDS.filter((field) => was.seen[field] !== is.seen[field]).map((field) => ({
      about: 'certificate',
      address: is.address,
      field,
      before: was.seen,
      after: is.seen,
    })),
  );
}

const NOTHING_SAID = new Set<string>(['failed', 'not-available', 'cancelled']);

function talkWords(report: Report): Map<string, { probe: string; address: string; said: string }> {
  const found = new Map<string, { probe: string; address: string; said: string }>();
  for (const probe of ['tls', 'ssh', 'http', 'greeting'] as const) {
    for (const { input, outcome, data } of final(report, probe)) {
      if (NOTHING_SAID.has(outcome) || ('role' in input && input.role !== undefined)) continue;
      const http = data !== null && 'http' in data ? data.http : null;
      const said = http?.status == null ? outcome : `${outcome}, HTTP ${http.status}`;
      found.set(`${probe} ${addressKey(input.address)} ${input.port}`, {
        probe,
        address: input.address,
        said,
      });
    }
  }
  return found;
}

function services(before: Report, after: Report): Part {
  return inBoth(talkWords(before), talkWords(after), (was, is): Change[] =>
    was.said === is.said
      ? []
      : [{ about: 'service', probe: is.probe, address: is.address, before: was.said, after: is.said }],
  );
}

// ---------------------------------------------------------------- times

/** Less than that is what one run and the next differ by on a quiet line. */
const TIMES = 2;
const LEAST_MS = 50;

const least = (times: (number | null | undefined)[]): number | null => {
  const known = times.filter((ms): ms is number => typeof ms === 'number' && Number.isFinite(ms));
  return known.length === 0 ? null : Math.min(...known);
};

const PHASES: Record<Phase, (report: Report) => number | null> = {
  name: (report) =>
    least(
      final(report, 'system-resolve').map(({ outcome, durationMs }) =>
        outcome === 'resolved' ? durationMs : null,
      ),
    ),
  connect: (report) =>
    least(
      final(report, 'tcp-connect')
        .filter(({ input }) => input.role === 'target' || input.role === 'sample')
        .flatMap(({ data }) => data?.attempts ?? [])
        .map(({ outcome, elapsedMs, timed }) => (outcome === 'open' && timed !== false ? elapsedMs : null)),
    ),
  tls: (report) => least(final(report, 'tls').map(({ data }) => data?.tls.handshakeMs)),
  'first-octet': (report) =>
    least([
      ...final(report, 'tls').map(({ data }) => data?.http?.firstByteMs),
      ...final(report, 'http').map(({ data }) => data?.http.firstByteMs),
      ...final(report, 'greeting').map(({ data }) => data?.firstByteMs),
      ...final(report, 'ssh').map(({ data }) => data?.firstByteMs),
    ]),
  'round-trip': (report) => least(final(report, 'ping').map(({ data }) => data?.minMs)),
};

function times(before: Report, after: Report): Part {
  let compared = false;
  const sides = { before: false, after: false };
  const changes = (Object.keys(PHASES) as Phase[]).flatMap((phase): Change[] => {
    const [was, is] = [PHASES[phase](before), PHASES[phase](after)];
    sides.before ||= was !== null;
    sides.after ||= is !== null;
    if (was === null || is === null) return [];
    compared = true;
    const [small, large] = [Math.min(was, is), Math.max(was, is)];
    if (large - small < LEAST_MS || large < small * TIMES) return [];
    return [{ about: 'times', phase, beforeMs: was, afterMs: is }];
  });
  if (compared) return COMPARED(changes);
  return { changes: [], missing: missingIn(!sides.before, !sides.after) ?? 'both' };
}
