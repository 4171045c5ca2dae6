import { includesAddress, reachOf, sameAddress } from '../../ground/address.ts';
import type { BothSides, Cause, Hop, Path, Report, Where } from '../../model/report.ts';
import { isHere } from '../paths.ts';

/** What a path saw of one stop. `absent` = that path has no such hop. */
export type Seen = 'answered' | 'silent' | 'absent';

/** One stop on the way: a router, several of them drawn as one, or the host at the end. */
export interface Stop {
  /** First and last hop that it stands for; null for a host whose distance is not known. */
  hops: { first: number; last: number } | null;
  address: string | null;
  name: string | null;
  isHost: boolean;
  /** What stands inside of the host, where the other end told that packets get so far: `TCP 8080`. */
  inside?: string;
  target: Seen;
  reference: Seen;
}

/** Where the target's packets end, between two stops; -1 = this machine. Null `before` = whatever comes next is not known. */
export interface Break {
  after: number;
  before: number | null;
  kind: 'silence' | 'loop' | 'fault';
}

/** The picture of one address of the target, ready to be drawn by every renderer. */
export interface Picture {
  address: string;
  /** This machine's own address, where it is known. */
  source: string | null;
  target: string;
  reference: string | null;
  stops: Stop[];
  broken: Break | null;
  /** The stop that answered with a refusal; -1 = this machine. */
  refusedBy: number | null;
  /** The stop that accepted the connection. */
  acceptedBy: number | null;
  /** Index of the last stop of the reader's own network (a private first router); null = none. */
  ownNetwork: number | null;
}

/** Stops before the last ones that answered are drawn as one when there are more than this. */
const MOST_STOPS = 8;

/** One picture for each address that a path is known of, or that the verdict places something at. */
export function picturesOf(report: Report): Picture[] {
  const { addresses } = report.target;
  return addresses
    .filter(({ outcome }) => outcome !== 'not-tried')
    .map(({ address, outcome }) => pictureOf(report, address, outcome))
    .filter(({ stops, broken, refusedBy }) => stops.length > 1 || broken !== null || refusedBy !== null);
}

type Outcome = Report['target']['addresses'][number]['outcome'];

function pictureOf(report: Report, address: string, outcome: Outcome): Picture {
  const paths = report.paths.filter((path) => sameAddress(path.address, address));
  const target = paths.find((path) => isOfTarget(path, report)) ?? null;
  const reference = farthest(paths.filter((path) => path !== target));
  const cause = causeAt(report, address);
  const where = cause?.where ?? null;
  const stops = eachOnce(
    withoutSelf(stopsOf(target, reference, address, where), report.vantage.addresses, where),
    [target, reference],
  );
  const folded = intoHost(
    fold(...seenUpTo(stops, verdictOf(stops, outcome, cause, target, isHere(address, report)))),
    outcome,
    report.otherEnds?.find((one) => sameAddress(one.address, address)),
    `TCP ${report.target.port}`,
  );
  return {
    address,
    source: report.vantage.addresses.find((own) => own.includes(':') === address.includes(':')) ?? null,
    target: `TCP ${report.target.port}`,
    reference: reference === null ? null : labelOf(reference),
    ...folded,
    ownNetwork: ownNetworkOf(folded.stops),
    acceptedBy:
      outcome === 'open' && folded.acceptedBy === null ? folded.stops.length - 1 : folded.acceptedBy,
  };
}

/** A cause of the whole name is placed at the first address that fails; it says nothing about where others are stopped. */
function causeAt({ causes, target }: Report, address: string): Cause | null {
  const cause = causes.find((one) => one.address === null || sameAddress(one.address, address)) ?? null;
  const first = target.addresses.find(({ outcome }) => outcome !== 'open' && outcome !== 'not-tried');
  const isElsewhere = cause?.address === null && first !== undefined && !sameAddress(first.address, address);
  return cause !== null && isElsewhere && cause.layer === 'host' ? { ...cause, where: null } : cause;
}

/** Where the other end saw them arrive, they passed everything before it: the way goes on into the host, and ends there or is lost coming back. */
function intoHost<T extends Verdict & { stops: Stop[] }>(
  drawn: T,
  outcome: Outcome,
  sides: BothSides | undefined,
  port: string,
): T {
  const host = drawn.stops.length - 1;
  const arrived = outcome === 'timeout' && (sides?.arrived ?? 0) > 0;
  // Or the host itself answered an expired TTL and passes the port on.
  if (!arrived && drawn.broken?.after !== host) return drawn;
  const passed = drawn.stops.map((stop): Stop => ({ ...stop, target: 'answered' }));
  if (arrived && sides?.answers === 'syn-ack') return { ...drawn, ...NOTHING, stops: passed };
  const inside: Stop = {
    hops: null,
    address: null,
    name: null,
    isHost: false,
    inside: port,
    target: 'silent',
    reference: 'absent',
  };
  return {
    ...drawn,
    ...NOTHING,
    stops: [...passed, inside],
    broken: { after: host, before: host + 1, kind: 'silence' },
  };
}

const isOfTarget = (path: Path, report: Report): boolean =>
  path.port === report.target.port && (path.method.startsWith('tcp') || path.method === 'mtr');

const isAnswer = ({ answer }: Hop): boolean => answer !== 'silence' && answer !== 'local-error';

const lastAnswer = (path: Path): number => Math.max(0, ...path.hops.filter(isAnswer).map(({ hop }) => hop));

function farthest(paths: readonly Path[]): Path | null {
  return paths.reduce<Path | null>(
    (best, path) =>
      best === null ||
      Number(path.reached) > Number(best.reached) ||
      (path.reached === best.reached && lastAnswer(path) > lastAnswer(best))
        ? path
        : best,
    null,
  );
}

function labelOf(path: Path): string {
  if (path.method === 'udp' || path.port === null) return path.method === 'icmp' ? 'ping' : 'UDP';
  return `TCP ${path.port}`;
}

/** Every hop that any path, or the verdict, knows of, and the host behind them. */
function stopsOf(target: Path | null, reference: Path | null, address: string, where: Where | null): Stop[] {
  const reach = [target, reference].flatMap((path) => {
    const end = path?.hops.find((hop) => isEnd(hop, address));
    return end === undefined ? [] : [end.hop];
  });
  const distance = reach.length === 0 ? null : Math.max(...reach);
  const known = [target, reference].flatMap((path) => (path === null ? [] : [lastAnswer(path)]));
  // On this machine's own link the next hop is the host.
  const placed =
    where === null
      ? []
      : hopsOf(where).flatMap((one) =>
          one.hop === null || (one.address !== null && sameAddress(one.address, address)) ? [] : [one.hop],
        );
  const routers = distance === null ? Math.max(0, ...known, ...placed) : distance - 1;
  const stops = Array.from({ length: routers }, (_, index): Stop => {
    const hop = index + 1;
    const [of, beside] = [target, reference].map((path) => path?.hops.find((one) => one.hop === hop));
    const named = [of, beside].find((one) => one?.address != null && one.answer === 'time-exceeded');
    const told = where === null ? undefined : hopsOf(where).find((one) => one.hop === hop);
    return {
      hops: { first: hop, last: hop },
      address: named?.address ?? of?.address ?? beside?.address ?? told?.address ?? null,
      name: named?.name ?? of?.name ?? beside?.name ?? null,
      isHost: false,
      target: seenOf(of),
      reference: seenOf(beside),
    };
  });
  const ends = [target, reference].map((path) => path?.hops.find((hop) => isEnd(hop, address)));
  stops.push({
    hops: distance === null ? null : { first: distance, last: distance },
    address,
    name: ends[0]?.name ?? ends[1]?.name ?? null,
    isHost: true,
    target: ends[0] === undefined ? (target === null ? 'absent' : 'silent') : 'answered',
    reference: ends[1] === undefined ? (reference === null ? 'absent' : 'silent') : 'answered',
  });
  return stops;
}

/** What this machine says of itself (no neighbour answered) is no router on the way. */
const withoutSelf = (stops: Stop[], own: readonly string[], where: Where | null): Stop[] =>
  stops.map((stop) => {
    if (stop.isHost || stop.address === null || !includesAddress(own, stop.address)) return stop;
    const told = where === null ? undefined : hopsOf(where).find(({ hop }) => hop === stop.hops?.first);
    const address = told?.address == null || includesAddress(own, told.address) ? null : told.address;
    // Neither rail was answered by anybody else there.
    return {
      ...stop,
      address,
      name: null,
      target: 'silent',
      reference: stop.reference === 'answered' ? 'silent' : stop.reference,
    };
  });

/** Who rejects packets of any larger TTL is still one device, and what stands behind the host's own address is no way to it. */
function eachOnce(stops: Stop[], paths: readonly (Path | null)[]): Stop[] {
  const host = stops.find(({ isHost }) => isHost)?.address ?? null;
  const isOfHost = ({ isHost, address }: Stop): boolean =>
    !isHost && address !== null && host !== null && sameAddress(address, host);
  const first = stops.findIndex(isOfHost);
  const expired = (hop: number | undefined): boolean =>
    paths.some((path) => path?.hops.some((one) => one.hop === hop && one.answer === 'time-exceeded'));
  const isRepeated = ({ address, hops }: Stop, index: number): boolean =>
    address !== null &&
    !expired(hops?.first) &&
    stops.slice(0, index).some((before) => before.address === address);
  return stops.filter(
    (stop, index) => stop.isHost || !((first >= 0 && index >= first) || isRepeated(stop, index)),
  );
}

const isEnd = (hop: Hop, address: string): boolean =>
  isAnswer(hop) &&
  (hop.answer === 'syn-ack' ||
    hop.answer === 'rst' ||
    (hop.answer !== 'time-exceeded' && hop.address !== null && sameAddress(hop.address, address)));

const seenOf = (hop: Hop | undefined): Seen =>
  hop === undefined ? 'absent' : isAnswer(hop) ? 'answered' : 'silent';

const hopsOf = (where: Where): { hop: number | null; address: string | null }[] =>
  where.kind === 'hop' ? [where] : where.kind === 'between' ? [where, where.next] : [];

type Verdict = Pick<Picture, 'broken' | 'refusedBy' | 'acceptedBy'>;
const NOTHING: Verdict = { broken: null, refusedBy: null, acceptedBy: null };

/** The verdict as stops. A port that was answered is never drawn as one whose packets end on the way. */
function verdictOf(
  stops: readonly Stop[],
  outcome: Outcome,
  cause: Cause | null,
  target: Path | null,
  isOwn: boolean,
): Verdict {
  const host = stops.length - 1;
  const where = cause?.where ?? null;
  const at = ({ hop, address }: { hop: number | null; address: string | null }): number | null => {
    if (hop === 0) return -1;
    const byHop = stops.findIndex((stop) => !stop.isHost && hop !== null && stop.hops?.first === hop);
    if (byHop >= 0) return byHop;
    const byAddress = stops.findIndex((stop) => address !== null && stop.address === address);
    return byAddress >= 0 ? byAddress : null;
  };
  if (outcome === 'open') {
    if (where?.kind === 'between') {
      const after = at(where);
      return after === null
        ? NOTHING
        : { ...NOTHING, broken: { after, before: at(where.next) ?? host, kind: 'fault' } };
    }
    return where?.kind === 'hop' ? { ...NOTHING, acceptedBy: at(where) } : NOTHING;
  }
  const wasAnswered = outcome === 'refused' || outcome === 'unreachable';
  const loops = target !== null && !target.reached && repeats(target);
  // Where the verdict names no place on the way: whoever refused, or else the last that answered.
  const byOutcome = (): Verdict => {
    const refusedBy = target === null || !wasAnswered ? null : refuserOf(stops, target);
    if (refusedBy !== null) return { ...NOTHING, refusedBy };
    return target !== null && (outcome === 'timeout' || outcome === 'unreachable')
      ? doorOf(stops, host)
      : NOTHING;
  };
  switch (where?.kind) {
    case 'this-machine':
      // A wrong name is kept here, too, and stops no packet here.
      if (cause?.layer !== 'local')
        return outcome === 'refused' ? { ...NOTHING, refusedBy: host } : byOutcome();
      return wasAnswered || outcome === 'local-error'
        ? { ...NOTHING, refusedBy: -1 }
        : { ...NOTHING, broken: { after: -1, before: stops.length > 1 ? 0 : host, kind: 'silence' } };
    case 'resolver':
      // A name that leads to this machine has no way to draw.
      return isOwn ? NOTHING : byOutcome();
    case 'hop': {
      const stop = at(where);
      if (stop !== null && loops)
        return { ...NOTHING, broken: { after: stop, before: stop + 1, kind: 'loop' } };
      return stop === null ? NOTHING : { ...NOTHING, refusedBy: stop };
    }
    case 'between': {
      const after = at(where);
      if (after === null) return NOTHING;
      const before = at(where.next) ?? (after < host ? after + 1 : null);
      return { ...NOTHING, broken: { after, before, kind: loops ? 'loop' : 'silence' } };
    }
    case 'target':
      return wasAnswered ? { ...NOTHING, refusedBy: host } : doorOf(stops, host);
    default:
      return byOutcome();
  }
}

/** Where the verdict names no place, whoever sent the refusal is one. */
function refuserOf(stops: readonly Stop[], { hops }: Path): number | null {
  const sender = hops.find(({ answer }) => answer === 'unreachable' || answer === 'rst');
  if (sender === undefined) return null;
  const index = stops.findIndex(
    ({ address, isHost, hops: at }) =>
      (sender.address !== null && address === sender.address) || (!isHost && at?.first === sender.hop),
  );
  return index >= 0 ? index : null;
}

/** What is known of the port ends where it was refused or lost; a loop is drawn once. */
function seenUpTo(stops: readonly Stop[], verdict: Verdict): [Stop[], Verdict] {
  const { refusedBy, broken, acceptedBy } = verdict;
  // Whoever accepts in the place of the host keeps the host's packets.
  if (acceptedBy !== null)
    return [stops.map((stop, index) => (index > acceptedBy ? { ...stop, target: 'absent' } : stop)), verdict];
  if (refusedBy !== null) {
    // Behind its own refusal nobody is known, and who refuses at every TTL is one device.
    const again = stops.findLastIndex(({ address }) => address === (stops[refusedBy]?.address ?? ''));
    const shown = stops.filter(
      ({ isHost, address }, index) =>
        index <= refusedBy || isHost || (refusedBy < 0 ? address !== null : index > again),
    );
    return [shown.map((stop, index) => (index > refusedBy ? { ...stop, target: 'absent' } : stop)), verdict];
  }
  if (broken?.kind === 'loop' && broken.before !== null) {
    const { before } = broken;
    return [stops.filter((stop, index) => index <= before || stop.isHost), verdict];
  }
  // An answer that was made before the host is none of the stops beyond it.
  if (broken?.kind === 'silence') {
    const { after } = broken;
    return [
      stops.map((stop, index) =>
        index > after && stop.target === 'answered' ? { ...stop, target: 'silent' as const } : stop,
      ),
      verdict,
    ];
  }
  return [[...stops], verdict];
}

/** Silence: between the last stop that answered the port, and the next that answered anything. */
function doorOf(stops: readonly Stop[], host: number): Verdict {
  const after = stops.findLastIndex((stop) => !stop.isHost && stop.target === 'answered');
  const next = stops.findIndex((stop, index) => index > after && stop.reference === 'answered');
  return { ...NOTHING, broken: { after, before: next < 0 ? host : next, kind: 'silence' } };
}

/** The same router again, with another between; one that tells of TTLs next to each other goes in no circle. */
function repeats({ hops }: Path): boolean {
  const isRun = hops.some(
    ({ address, hop, answer }) =>
      answer === 'time-exceeded' &&
      address !== null &&
      [1, 2].every((on) => hops.some((next) => next.hop === hop + on && next.address === address)),
  );
  return (
    !isRun &&
    hops.some(
      ({ address, hop, answer }) =>
        answer === 'time-exceeded' &&
        address !== null &&
        hops.some(
          (other) =>
            other.address === address &&
            hops.some((one) => one.hop > hop && one.hop < other.hop && one.address !== address),
        ),
    )
  );
}

/** Runs of silent hops become one stop; of a long path the middle does. What the verdict names is always drawn. */
function fold(stops: readonly Stop[], verdict: Verdict): Verdict & { stops: Stop[] } {
  const named = new Set([
    verdict.broken?.after,
    verdict.broken?.before,
    verdict.refusedBy,
    verdict.acceptedBy,
  ]);
  const isKept = (index: number): boolean => named.has(index) || stops[index]?.isHost === true || index === 0;
  const isMute = ({ target, reference }: Stop): boolean => target !== 'answered' && reference !== 'answered';
  const groups: number[][] = [];
  for (const [index, stop] of stops.entries()) {
    const last = groups.at(-1);
    const previous = last === undefined ? undefined : stops[last.at(-1) ?? 0];
    const joins =
      last !== undefined &&
      previous !== undefined &&
      !isKept(index) &&
      !last.some(isKept) &&
      isMute(stop) &&
      isMute(previous);
    if (joins) last.push(index);
    else groups.push([index]);
  }
  while (groups.length > MOST_STOPS) {
    const free = groups.findIndex(
      (group, i) =>
        i > 0 && i + 1 < groups.length && !group.some(isKept) && !(groups[i + 1] ?? []).some(isKept),
    );
    if (free < 0) break;
    groups.splice(free, 2, [...(groups[free] ?? []), ...(groups[free + 1] ?? [])]);
  }
  const to = (index: number | null): number | null =>
    index === null || index < 0 ? index : groups.findIndex((group) => group.includes(index));
  const { broken } = verdict;
  return {
    stops: groups.map((group) => joined(group.flatMap((index) => stops[index] ?? []))),
    broken: broken === null ? null : { ...broken, after: to(broken.after) ?? -1, before: to(broken.before) },
    refusedBy: to(verdict.refusedBy),
    acceptedBy: to(verdict.acceptedBy),
  };
}

function joined(group: readonly Stop[]): Stop {
  const [first] = group;
  const last = group.at(-1);
  if (first === undefined || last === undefined) throw new RangeError('a stop stands for at least one hop');
  if (group.length === 1) return first;
  const best = (rail: 'target' | 'reference'): Seen =>
    group.some((stop) => stop[rail] === 'answered')
      ? 'answered'
      : group.some((stop) => stop[rail] === 'silent')
        ? 'silent'
        : 'absent';
  return {
    hops:
      first.hops === null || last.hops === null ? null : { first: first.hops.first, last: last.hops.last },
    address: null,
    name: null,
    isHost: false,
    target: best('target'),
    reference: best('reference'),
  };
}

/** The first router is the reader's own gateway where its address is a private one. */
function ownNetworkOf(stops: readonly Stop[]): number | null {
  const first = stops[0];
  if (first === undefined || first.isHost || first.address === null) return null;
  return reachOf(first.address) === 'private' ? 0 : null;
}
