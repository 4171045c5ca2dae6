import { familyOf, includesAddress, sameAddress } from '../../ground/address.ts';
import type { Attempt, Case, OtherEnd, SeenPacket } from '../../model/case.ts';
import type { Evidence } from '../../model/evidence.ts';
import type { Family } from '../../model/request.ts';
import { type Arrivals, arrivalsOf } from './arrivals.ts';
import type { Heard } from './measured.ts';

/** What both sides together know of one case. */
export interface BothEnds {
  observation: Heard<'other-end'>;
  otherEnd: OtherEnd;
  of: Case;
  matched: Arrivals;
  /** Attempts at the target that were made while the other end watched; null where the clocks cannot be compared. */
  sent: Attempt[] | null;
  /** Of these, and of those at the reference port: how many were seen there. Null = nothing captured and nothing counted. */
  arrived: number | null;
  referenceArrived: boolean | null;
  /** Answers that left for them. */
  synAcks: SeenPacket[];
  resets: number | null;
  icmps: number | null;
  /** The SYN as it arrived, and where its sender appears to be. */
  first: SeenPacket | null;
  /** What the client saw of these attempts. */
  results: Set<Attempt['result']>;
}

/** Between a SYN and what it brings about; a SYN-ACK that is sent again belongs to it. */
const ANSWER_S = 8;
const ICMP_S = 1.5;

/** Null where no other end's answer about this address is among the evidence. */
export function bothEndsAt(evidence: Evidence, address: string | null): BothEnds | null {
  const of = evidence.case;
  const observation = evidence.observations.findLast(
    (o) => o.probe === 'other-end' && o.data !== null && o.input.address === address,
  );
  if (of === undefined || observation?.probe !== 'other-end' || observation.data === null) return null;
  const otherEnd = observation.data;
  const ports = { target: of.target.port, reference: of.reference?.port ?? null };
  const packets = otherEnd.packets ?? [];
  const matched = arrivalsOf(of.attempts, packets, ports, of.client.address);
  const during = attemptsDuring(of.attempts, otherEnd, matched.clockOffsetMs);
  const sent = during?.filter(({ to }) => to === 'target') ?? null;
  const many = sent?.length ?? 0;
  const isSeen = (attempt: Attempt): boolean => matched.arrivals.some((one) => one.attempt === attempt);
  const arrivals = matched.arrivals.filter(({ attempt }) => attempt.to === 'target');
  const captured = otherEnd.packets !== null;
  const reference = during?.filter(({ to }) => to === 'reference') ?? [];
  const answers = (kind: SeenPacket['kind']): SeenPacket[] =>
    packets.filter(
      (one) =>
        one.kind === kind &&
        one.way !== 'in' &&
        arrivals.some(({ packet }) => (kind === 'icmp' ? isIcmpFor(one, packet) : isAnswerTo(one, packet))),
    );
  const family = familyOf(of.target.address);
  const counted = captured ? null : countedArrival(otherEnd, many, reference, family);
  return {
    observation: { ...observation, data: otherEnd },
    otherEnd,
    of,
    matched,
    sent,
    arrived: captured ? arrivals.length : counted === null ? null : counted ? many : 0,
    referenceArrived:
      reference.length === 0
        ? null
        : captured
          ? reference.some(isSeen)
          : reference.some(({ result }) => result === 'open' || result === 'refused')
            ? true
            : null,
    synAcks: answers('syn-ack'),
    resets: captured ? answers('rst').length : null,
    icmps: captured ? answers('icmp').length : null,
    first: arrivals[0]?.packet ?? null,
    results: new Set((sent ?? []).map(({ result }) => result)),
  };
}

/** Those made between the other end's first and last look. Without a common clock its own is taken as ours, where they overlap. */
function attemptsDuring(
  attempts: readonly Attempt[],
  { from, to }: OtherEnd,
  offsetMs: number | null,
): Attempt[] | null {
  const during = attempts.filter(({ sentAt }) => {
    const there = Date.parse(sentAt) + (offsetMs ?? 0);
    return there >= from * 1000 - 1000 && there <= (to + 1) * 1000;
  });
  return during.length === 0 && offsetMs === null ? null : during;
}

const isAnswerTo = (answer: SeenPacket, syn: SeenPacket): boolean =>
  answer.fromPort === syn.toPort &&
  answer.toPort === syn.fromPort &&
  sameAddress(answer.to, syn.from) &&
  answer.time >= syn.time - 0.01 &&
  answer.time - syn.time <= ANSWER_S;

const isIcmpFor = (icmp: SeenPacket, syn: SeenPacket): boolean =>
  sameAddress(icmp.to, syn.from) && icmp.time >= syn.time - 0.01 && icmp.time - syn.time <= ICMP_S;

/** Growth beyond what a quiet second grew by, as long as it watched. */
export function grownBy({ counters, quiet, from, to }: OtherEnd, name: string): number {
  return (counters[name] ?? 0) - (quiet[name] ?? 0) * Math.max(1, to - from);
}

/**
 * Without a capture: whether the SYNs arrived, by the counters that anybody may read. Each signature was measured
 * (techniques: six SYNs against each fault); on a busy machine nothing stands out, and it stays unknown.
 */
export function countedArrival(
  otherEnd: OtherEnd,
  sent: number,
  reference: readonly Attempt[],
  family: Family,
): boolean | null {
  if (sent < 2) return null;
  const grew = (name: string): boolean => grownBy(otherEnd, name) >= sent;
  if (otherEnd.halfOpen.length > 0) return true;
  if (['TcpExt.IPReversePathFilter', 'Ip.OutNoRoutes', 'TcpExt.ListenOverflows', 'Tcp.OutRsts'].some(grew))
    return true;
  if (undelivered(otherEnd, family) >= sent) return true;
  const open = reference.filter(({ result }) => result === 'open').length;
  const refused = reference.filter(({ result }) => result === 'refused').length;
  if (open + refused === 0) return null;
  // SYN, ACK and reset of each connection to the reference port; one more packet is chance. What others send is not taken
  // off: it comes in bursts, and where it does nothing is proven.
  const most = open * 3 + refused + 1;
  const received = (otherEnd.counters['Ip.InReceives'] ?? 0) + (otherEnd.counters.Ip6InReceives ?? 0);
  return received <= most && received >= open + refused ? false : null;
}

/** Packets that arrived and were delivered to nothing here and sent on to nobody. */
export function undelivered(otherEnd: OtherEnd, family: Family): number {
  const grown = (name: string): number => grownBy(otherEnd, name);
  return family === 4
    ? grown('Ip.InReceives') - grown('Ip.InDelivers') - grown('Ip.ForwDatagrams')
    : grown('Ip6InReceives') - grown('Ip6InDelivers') - grown('Ip6OutForwDatagrams');
}

/**
 * Packets that left and that neither TCP, UDP nor ICMP made, nor was passed on: the resets of a packet filter, which are
 * counted nowhere else (measured on Linux 6.18: six SYNs, six transmits more than segments). Segments that a card cuts
 * up count several times as such, so that it is rather too few. Older kernels do not count transmits: then there are none.
 */
export function unexplainedSent(otherEnd: OtherEnd): number {
  const sum = (...names: string[]): number =>
    names.reduce((total, name) => total + grownBy(otherEnd, name), 0);
  return (
    sum('Ip.OutTransmits', 'Ip6OutTransmits') -
    sum('Tcp.OutSegs', 'Icmp.OutMsgs', 'Icmp6OutMsgs', 'Udp.OutDatagrams', 'Udp6OutDatagrams') -
    sum('Ip.ForwDatagrams', 'Ip6OutForwDatagrams')
  );
}

/** Whether the address that the client tried is one of that machine's own; null where it did not tell. */
export function isAddressThere({ otherEnd, of }: BothEnds): boolean | null {
  return otherEnd.addresses === null
    ? null
    : includesAddress(
        otherEnd.addresses.map(({ address }) => address),
        of.target.address,
      );
}
