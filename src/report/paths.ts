import { includesAddress, reachOf } from '../ground/address.ts';
import type { Observation, ObservationOf } from '../model/probes.ts';
import type { Hop, Path, Report, Where } from '../model/report.ts';
import { shortThereWords } from './both-sides-words.ts';
import { HOP_ANSWER } from './names.ts';
import { PROTOCOL_WORD } from './protocol-words.ts';
import { duration } from './units.ts';

/** The target's path beside its controls, ready to be drawn. All renderers draw the same one. */
export interface PathTable {
  address: string;
  /** First column = the port in question, where it was traced. */
  columns: { label: string; target: boolean; reached: boolean }[];
  rows: PathRow[];
  /** Index of the first row beyond the line at which the target's traffic parts from the reference; null = none. */
  partBefore: number | null;
  /** What happens at that line. */
  partText: string | null;
}

export interface PathRow {
  /** `3`, or `5-9` for hops that answered nothing. */
  hop: string;
  address: string | null;
  name: string | null;
  /** One per column; null = this path has no such hop. */
  cells: ({ answer: Hop['answer']; text: string } | null)[];
}

const MOST_COLUMNS = 3;

/** An address of this machine, its own name for itself, or the unspecified one, which leads to it. */
export const isHere = (address: string, { vantage }: Report): boolean =>
  includesAddress(vantage.addresses, address) || reachOf(address) === 'nowhere';

/** Protocol of a path that a tool saw: only its observation says. */
function protocolOf(path: Path, observations: readonly Observation[]): 'tcp' | 'udp' | 'icmp' | null {
  if (path.method.startsWith('tcp')) return 'tcp';
  if (path.method === 'udp' || path.method === 'icmp') return path.method;
  for (const { probe, data } of observations) {
    if ((probe !== 'trace-syn' && probe !== 'trace-command') || data === null) continue;
    const trace = data as NonNullable<ObservationOf<'trace-syn'>['data']>;
    if (trace.method === path.method && trace.address === path.address && trace.port === path.port)
      return trace.protocol;
  }
  return null;
}

function pathLabel(path: Path, report: Report): string {
  const protocol = protocolOf(path, report.observations);
  const own = path.method === 'tcp-syn' || path.method === protocol;
  const what = protocol === null ? '' : PROTOCOL_WORD[protocol];
  // A UDP trace counts its port up; the number says nothing.
  const label = protocol === 'udp' || path.port === null ? what : `${what} ${path.port}`.trim();
  if (own) return label;
  return label === '' ? path.method : `${label} (${path.method})`;
}

function isTarget(path: Path, report: Report): boolean {
  return path.port === report.target.port && (protocolOf(path, report.observations) ?? 'tcp') === 'tcp';
}

function lastAnswer(path: Path): number {
  return Math.max(
    0,
    ...path.hops
      .filter((hop) => hop.answer !== 'silence' && hop.answer !== 'local-error')
      .map((hop) => hop.hop),
  );
}

interface Cell {
  /** The address that was asked, of a UDP trace: it ends with its "port unreachable", which refuses nothing. */
  end: string | null;
  /** The host's address where the answer has it and comes from another place. */
  inTheNameOf: string | null;
  /** This machine's own addresses: what it says of itself comes from no router. */
  here: readonly string[];
  /** What accepts is this machine, whatever hop its SYNs were to end at. */
  acceptedHere: boolean;
  /** This machine's own filter answers, and not its search for the next hop. */
  rejectedHere: boolean;
}
const NOWHERE: Cell = { end: null, inTheNameOf: null, here: [], acceptedHere: false, rejectedHere: false };

function cellOf(
  hop: Hop | undefined,
  shownAddress: string | null,
  { end, inTheNameOf, here, acceptedHere, rejectedHere }: Cell,
): PathRow['cells'][number] {
  if (hop === undefined) return null;
  if (end !== null && hop.answer === 'unreachable' && hop.address === end) {
    const time = hop.rttMs === null ? '' : `, ${duration(hop.rttMs)}`;
    return { answer: 'reply', text: `reaches the host${time}` };
  }
  const time = hop.rttMs === null ? null : duration(hop.rttMs);
  const elsewhere = hop.address !== null && hop.address !== shownAddress ? hop.address : null;
  const word = HOP_ANSWER[hop.answer];
  const after = time === null ? '' : `, ${time}`;
  if (acceptedHere && hop.answer === 'syn-ack')
    return { answer: hop.answer, text: `${word} on this machine${after}` };
  if (inTheNameOf !== null) return { answer: hop.answer, text: `${word} (as ${inTheNameOf})${after}` };
  if (hop.answer === 'unreachable' && hop.address !== null && includesAddress(here, hop.address))
    return { answer: hop.answer, text: `${rejectedHere ? 'rejected' : 'given up'} here${after}` };
  const parts =
    hop.answer === 'time-exceeded'
      ? [time ?? word, elsewhere === null ? null : `via ${elsewhere}`]
      : [elsewhere === null ? word : `${word} by ${elsewhere}`, time === null ? null : `, ${time}`];
  return {
    answer: hop.answer,
    text: parts
      .filter((part) => part !== null)
      .join(' ')
      .replace(' , ', ', '),
  };
}

/**
 * The hop at which a TCP port of the host was answered by somebody before the host; null = none is known to.
 * A SYN whose TTL ends at a router that reports other packets as expired there did not come to the host.
 */
export function answeredBefore(report: Report, address: string, port: number): number | null {
  const paths = report.paths.filter((path) => path.address === address);
  const hop = paths
    .find((path) => path.port === port && path.method.startsWith('tcp'))
    ?.hops.find(({ answer }) => answer === 'syn-ack')?.hop;
  const isRouter = paths.some(({ hops }) =>
    hops.some((one) => one.hop === hop && one.answer === 'time-exceeded' && one.address !== address),
  );
  return hop !== undefined && isRouter ? hop : null;
}

/** One table per address of the target that was traced; paths to a reference host come as tables of their own. */
export function pathTables(report: Report): PathTable[] {
  const addresses = [...new Set(report.paths.map(({ address }) => address))];
  // To an address of this machine nothing is on the way.
  const tables = addresses
    .filter((address) => !isHere(address, report))
    .map((address) => tableOf(address, report));
  const own = new Set(report.target.addresses.map(({ address }) => address));
  return tables
    .filter((table) => table.rows.length > 0)
    .sort((a, b) => Number(own.has(b.address)) - Number(own.has(a.address)));
}

function tableOf(address: string, report: Report): PathTable {
  const seen = report.paths.filter((path) => path.address === address);
  const rank = (path: Path): number => (isTarget(path, report) ? 0 : path.method === 'tcp-syn' ? 1 : 2);
  const paths = [...seen].sort((a, b) => rank(a) - rank(b));
  const unique = paths.filter(
    (path, index) =>
      paths.findIndex((other) => pathLabel(other, report) === pathLabel(path, report)) === index,
  );
  const shown = unique.slice(0, MOST_COLUMNS);
  // Hops asked beyond the host are no part of the way to it.
  const reach = shown.filter(({ reached }) => reached).map(lastAnswer);
  const asked = Math.max(0, ...shown.flatMap((path) => path.hops.map(({ hop }) => hop)));
  const last = reach.length === 0 ? asked : Math.max(...reach, ...shown.map(lastAnswer));
  const rows: PathRow[] = [];
  const ends: number[] = [];
  for (let hop = 1; hop <= last; hop += 1) {
    const hops = shown.map((path) => path.hops.find((candidate) => candidate.hop === hop));
    // A device rejects from its own hop or from the next one: who passes packets on names the hop better.
    // Nor does a SYN-ACK or a reset name its sender, who may speak in the host's name.
    const named =
      hops.find((candidate) => candidate?.address != null && candidate.answer === 'time-exceeded') ??
      hops.find((candidate) => candidate?.address != null && candidate.answer !== 'unreachable') ??
      hops.find((candidate) => candidate?.address != null && !isHere(candidate.address, report));
    const answered = hops.find((candidate) => candidate?.answer === 'syn-ack' || candidate?.answer === 'rst');
    // The kernel does not tell who sent a SYN-ACK or RST; its address is the one that was asked.
    const place = named?.address ?? (answered === undefined ? null : address);
    const namesHost = (candidate: Hop | undefined): boolean =>
      candidate !== undefined &&
      (candidate.answer === 'syn-ack' || candidate.answer === 'rst') &&
      place !== null &&
      place !== address;
    const silent = hops.every((candidate) => candidate === undefined || candidate.answer === 'silence');
    const previous = rows.at(-1);
    if (
      silent &&
      previous !== undefined &&
      ends.at(-1) === hop - 1 &&
      previous.cells.every((cell) => cell === null || cell.answer === 'silence')
    ) {
      const start = previous.hop.split('-')[0];
      previous.hop = `${start}-${hop}`;
      previous.cells = previous.cells.map((cell, index) => cell ?? cellOf(hops[index], null, NOWHERE));
      ends[ends.length - 1] = hop;
      continue;
    }
    if (hops.every((candidate) => candidate === undefined)) continue;
    rows.push({
      hop: String(hop),
      address: place,
      name: named?.name ?? null,
      cells: hops.map((candidate, index) =>
        cellOf(candidate, place, {
          end: isUdp(shown[index], report) ? address : null,
          inTheNameOf: namesHost(candidate) ? address : null,
          here: report.vantage.addresses,
          acceptedHere: isAnswered(report, address) && report.causes[0]?.where?.kind === 'this-machine',
          rejectedHere: whereOf(report, address)?.kind === 'this-machine',
        }),
      ),
    });
    ends.push(hop);
  }
  const columns = shown.map((path) => ({
    label: pathLabel(path, report),
    target: isTarget(path, report),
    reached: path.reached,
  }));
  const part =
    isAnswered(report, address) || hasArrived(report, address)
      ? NO_PART
      : partOf(report, shown, columns, ends);
  return { address, columns, rows: [...rows, ...insideRows(report, address, columns)], ...part };
}

/** The way goes on into the host where the other end looked: what arrived there, and what became of it. */
function insideRows(report: Report, address: string, columns: PathTable['columns']): PathRow[] {
  return (report.otherEnds ?? [])
    .filter((sides) => sides.address === address)
    .map((sides) => ({
      hop: 'host',
      address,
      name: null,
      cells: columns.map(({ target }): PathRow['cells'][number] => {
        if (target)
          return {
            answer: sides.answers === null || sides.answers === 'nothing' ? 'silence' : 'reply',
            text: shortThereWords(sides),
          };
        return null;
      }),
    }));
}

const isUdp = (path: Path | undefined, report: Report): boolean =>
  path !== undefined && protocolOf(path, report.observations) === 'udp';

/** A router that answers again after another one did: packets that come back end nowhere in particular. */
const goesInCircles = ({ hops }: Path): boolean =>
  hops.some(
    ({ hop, address, answer }) =>
      address !== null &&
      answer === 'time-exceeded' &&
      hops.some((later) => later.address === address && later.hop > hop + 1) &&
      hops.some(
        (between) => between.hop === hop + 1 && between.address !== null && between.address !== address,
      ),
  );

const NO_PART = { partBefore: null, partText: null };

/** Where the port accepts connections nothing ends, wherever a trace of few packets stopped asking. */
const isAnswered = ({ target }: Report, address: string): boolean =>
  target.addresses.some((one) => one.address === address && one.outcome === 'open');

/** Where the other end saw it arrive nothing ends before the host. */
const hasArrived = ({ otherEnds = [] }: Report, address: string): boolean =>
  otherEnds.some((one) => one.address === address && (one.arrived ?? 0) > 0);

/** The same router at hops that are apart: what it reports at last is a lifetime that ran out. */
const answersAgain = ({ hops }: Path): boolean =>
  hops.some(
    ({ hop, address, answer }) =>
      answer === 'time-exceeded' &&
      address !== null &&
      hops.some((later) => later.address === address && later.hop > hop + 1),
  );

const whereOf = ({ causes }: Pick<Report, 'causes'>, address: string): Where | null =>
  causes.find((one) => one.address === null || one.address === address)?.where ?? null;

/** Who rejects an address where the trace did not hear it and the verdict knows it. */
function refusedFrom({ causes, target }: Report, address: string): string | null {
  if (!target.addresses.some((one) => one.address === address && one.outcome === 'unreachable')) return null;
  const where = whereOf({ causes }, address);
  return where?.kind === 'hop' || where?.kind === 'target' ? where.address : null;
}

function partOf(
  report: Report,
  paths: readonly Path[],
  columns: PathTable['columns'],
  ends: readonly number[],
): Pick<PathTable, 'partBefore' | 'partText'> {
  const [target, ...others] = paths;
  const [column] = columns;
  if (target === undefined || column === undefined || !column.target || target.reached) return NO_PART;
  const rejected = target.hops.find(({ answer }) => answer === 'unreachable');
  const sender = rejected?.address ?? null;
  const passedBySender =
    rejected !== undefined &&
    sender !== null &&
    paths.some(({ hops }) => hops.some(({ hop, address }) => hop < rejected.hop && address === sender));
  const last = passedBySender ? rejected.hop - 1 : lastAnswer(target);
  const further = others.some((other) => lastAnswer(other) > last);
  const partBefore = ends.findIndex((end) => end > last);
  const index = partBefore === -1 ? ends.length : partBefore;
  if (rejected !== undefined) {
    if (sender !== null && isHere(sender, report))
      return {
        partBefore: Math.max(0, rejected.hop - 1),
        partText:
          whereOf(report, target.address)?.kind === 'this-machine'
            ? `this machine itself rejects ${column.label}`
            : 'this machine itself gives up: nobody answers next to it',
      };
    const by = sender === null ? 'here' : `by ${sender}`;
    return { partBefore: index, partText: `${column.label} is rejected ${by}` };
  }
  if (goesInCircles(target)) return NO_PART;
  const refuser = answersAgain(target) ? null : refusedFrom(report, target.address);
  if (refuser !== null) return { partBefore: index, partText: `${column.label} is rejected by ${refuser}` };
  return {
    partBefore: index,
    partText: further ? `${column.label} ends here, other traffic goes on` : 'no answer beyond this line',
  };
}
