import { endpoint, familyOf, sameAddress } from '../../ground/address.ts';
import type { OtherEnd } from '../../model/case.ts';
import type { FactsOf, FactTable } from '../../model/facts.ts';
import type { FoundRule } from '../../model/report.ts';
import type { Readings } from '../readings/index.ts';
import {
  type BothEnds,
  grownBy,
  isAddressThere,
  undelivered,
  unexplainedSent,
} from '../readings/other-end.ts';
import { decidedThere } from '../ruleset/decided.ts';
import { placeOf } from '../ruleset/found-rule.ts';

const FROM = ['other-end'] as const;

export const THERE_FACTS = {
  'there.looked': { type: 'boolean', meaning: "The other end's half of the case is here.", from: FROM },
  'there.captured': { type: 'boolean', meaning: 'It captured packets (as root).', from: FROM },
  'there.sent': {
    type: 'number',
    meaning:
      'SYNs of this client to the port while the other end watched; null where the clocks cannot be compared.',
    from: FROM,
  },
  'there.arrived': {
    type: 'number',
    meaning: 'How many of them arrived there; null where it was neither captured nor counted.',
    from: FROM,
  },
  'there.reaches': {
    type: 'boolean',
    meaning: 'Some arrived; false where none did; null where that is not known.',
    from: FROM,
  },
  'there.matchedBy': {
    type: 'string',
    values: ['timestamp', 'mss', 'source-port', 'rhythm'],
    meaning: 'By what they were recognised there.',
    from: FROM,
  },
  'there.unmarked': {
    type: 'boolean',
    meaning: 'SYNs came in our rhythm and without our marks: another machine connects in our place.',
    from: FROM,
  },
  'there.clockOffsetMs': { type: 'number', meaning: "Its clock minus this machine's, ms.", from: FROM },
  'there.referenceArrived': {
    type: 'boolean',
    meaning: 'SYNs to the reference port arrived there meanwhile; null where none were sent.',
    from: FROM,
  },
  'there.synAcks': { type: 'number', meaning: 'SYN-ACKs that left for our SYNs.', from: FROM },
  'there.resets': { type: 'number', meaning: 'Resets that left for our SYNs.', from: FROM },
  'there.icmps': { type: 'number', meaning: 'ICMP errors that left for our SYNs.', from: FROM },
  'there.answers': {
    type: 'string',
    values: ['nothing', 'syn-ack', 'reset', 'icmp'],
    meaning: 'What left for our SYNs, captured or counted; null where none arrived or nothing tells.',
    from: FROM,
  },
  'there.sees': {
    type: 'string',
    values: ['silence', 'open', 'refused', 'unreachable', 'different'],
    meaning: 'What this client saw of the same SYNs.',
    from: FROM,
  },
  'there.addressHere': {
    type: 'boolean',
    meaning: "The target's address is one of that machine's own.",
    from: FROM,
  },
  'there.listens': {
    type: 'string',
    values: ['here', 'elsewhere', 'nobody'],
    meaning:
      'Who listens on the port there: on this address (or all), on another one only, nobody; null for an IPv4 address where only `::` is listened on, which may take IPv4 or not.',
    from: FROM,
  },
  'there.listensOn': { type: 'string', meaning: 'The addresses that it listens on.', from: FROM },
  'there.verdict': {
    type: 'string',
    values: ['delivered', 'forwarded', 'dropped', 'rejected', 'may'],
    meaning: "What that machine's rules do with the SYN, by the rules themselves or by a rule trace.",
    from: FROM,
  },
  'there.answerVerdict': {
    type: 'string',
    values: ['sent', 'dropped', 'rejected', 'may'],
    meaning: "What that machine's rules do with the answer.",
    from: FROM,
  },
  'there.rule': { type: 'string', meaning: 'The rule that decides, in its own words.', from: FROM },
  'there.rulePlace': {
    type: 'string',
    meaning: 'Where it stands: rule 3 (handle 12) of chain input in table inet filter.',
    from: FROM,
  },
  'there.firewall': {
    type: 'string',
    meaning: 'Who made it: nftables, iptables, ufw, firewalld zone public ...',
    from: FROM,
  },
  'there.ruleCounted': {
    type: 'boolean',
    meaning: 'Its counter grew by our packets; null where it has none.',
    from: FROM,
  },
  'there.forwardedTo': {
    type: 'string',
    meaning: 'Where the rules forward it to: 172.17.0.2:80.',
    from: FROM,
  },
  'there.forwardedHost': { type: 'string', meaning: 'The address in there.forwardedTo.', from: FROM },
  'there.forwardedPort': { type: 'number', meaning: 'The port in there.forwardedTo.', from: FROM },
  'there.arrivalDevice': { type: 'string', meaning: 'The interface that our SYNs arrived by.', from: FROM },
  'there.routeBack': {
    type: 'string',
    values: ['none', 'same', 'other'],
    meaning: 'Its route to this client: none, by the interface that our SYNs came by, by another one.',
    from: FROM,
  },
  'there.routeDevice': { type: 'string', meaning: 'The interface of that route.', from: FROM },
  'there.reversePathFilter': {
    type: 'boolean',
    meaning: 'Its reverse-path filter threw away as many packets as we sent.',
    from: FROM,
  },
  'there.undelivered': {
    type: 'boolean',
    meaning:
      'It threw away as many packets as we sent before any program or TCP itself saw them, by its own counters: a packet filter, or the reverse-path filter.',
    from: FROM,
  },
  'there.queueFull': {
    type: 'boolean',
    meaning: 'The accept queue of the port is full: it overflowed, or more wait than it holds.',
    from: FROM,
  },
  'there.conntrackFull': { type: 'boolean', meaning: 'Its connection tracking has no room.', from: FROM },
  'there.privileges': { type: 'string', values: ['root', 'user'], meaning: 'As whom it looked.', from: FROM },
} as const satisfies FactTable;

type ThereFacts = FactsOf<typeof THERE_FACTS>;

const NOTHING = Object.fromEntries(Object.keys(THERE_FACTS).map((name) => [name, null])) as ThereFacts;

export function thereFacts({ otherEnd: both }: Readings): ThereFacts {
  if (both === null) return NOTHING;
  const { otherEnd, matched, sent, arrived, of } = both;
  const many = sent?.length ?? null;
  const decided = decidedThere(both);
  const seen = (rule: FoundRule | null): string | null => (rule === null ? null : placeOf(rule));
  return {
    'there.looked': true,
    'there.captured': otherEnd.packets !== null,
    'there.sent': many,
    'there.arrived': many === null ? null : arrived,
    'there.reaches': many === null || many === 0 || arrived === null ? null : arrived > 0,
    'there.matchedBy': matched.by,
    'there.unmarked': isUnmarked(both),
    'there.clockOffsetMs': matched.clockOffsetMs,
    'there.referenceArrived': both.referenceArrived,
    'there.synAcks': otherEnd.packets === null ? null : both.synAcks.length,
    'there.resets': both.resets,
    'there.icmps': both.icmps,
    'there.answers': answersOf(both),
    'there.sees': seenHere(both),
    'there.addressHere': isAddressThere(both),
    'there.listens': listensOf(both),
    'there.listensOn': listensOnWords(otherEnd),
    'there.verdict': decided.verdict,
    'there.answerVerdict': decided.answerVerdict,
    'there.rule': decided.rule?.text ?? null,
    'there.rulePlace': seen(decided.rule),
    'there.firewall': decided.rule?.firewall ?? null,
    'there.ruleCounted': decided.rule?.counted ?? null,
    'there.forwardedTo':
      decided.forwarded === null
        ? null
        : endpoint(decided.forwarded.address, decided.forwarded.port ?? of.target.port),
    'there.forwardedHost': decided.forwarded?.address ?? null,
    'there.forwardedPort': decided.forwarded?.port ?? null,
    'there.arrivalDevice': both.first?.device ?? null,
    'there.routeBack': routeBackOf(both),
    'there.routeDevice': otherEnd.routeBack?.device ?? null,
    'there.reversePathFilter':
      many === null || many === 0 ? null : grownBy(otherEnd, 'TcpExt.IPReversePathFilter') >= many,
    'there.undelivered': isUndelivered(both),
    'there.queueFull': isQueueFull(otherEnd, of.target.port),
    'there.conntrackFull':
      otherEnd.conntrack === null ? null : otherEnd.conntrack.count >= otherEnd.conntrack.most,
    'there.privileges': otherEnd.privileges,
  };
}

const isAny = (address: string): boolean => address === '0.0.0.0' || address === '::';

/** The addresses in words; null where nobody listens. */
function listensOnWords({ listens }: OtherEnd): string | null {
  const addresses = new Set(listens.map(({ address }) => address));
  const isBoth = addresses.has('0.0.0.0') && addresses.has('::');
  const words = [...addresses].map((one) =>
    isAny(one) ? (isBoth ? 'all addresses' : `all IPv${familyOf(one)} addresses`) : one,
  );
  return words.length === 0 ? null : [...new Set(words)].join(', ');
}

function listensOf({ otherEnd, of }: BothEnds): ThereFacts['there.listens'] {
  if (otherEnd.listens.length === 0) return 'nobody';
  const family = familyOf(of.target.address);
  const covers = otherEnd.listens.some(
    ({ address }) =>
      sameAddress(address, of.target.address) || (isAny(address) && familyOf(address) === family),
  );
  if (covers) return 'here';
  // Of one family alone, or of both: an older ss(8) and /proc/net/tcp6 write them alike.
  return otherEnd.listens.some(({ address }) => address === '::') ? null : 'elsewhere';
}

function isQueueFull(otherEnd: OtherEnd, port: number): boolean | null {
  const overflowed = grownBy(otherEnd, 'TcpExt.ListenOverflows') > 0;
  const full = otherEnd.listens.some(
    (one) => one.port === port && one.queued !== null && one.limit !== null && one.queued > one.limit,
  );
  if (overflowed && full) return true;
  return otherEnd.listens.length === 0 ? null : full;
}

/** Rhythm without marks is only told where marks were set at all. */
function isUnmarked({ matched, of }: BothEnds): boolean | null {
  const ours = matched.arrivals.filter(({ attempt }) => attempt.to === 'target');
  if (ours.length === 0) return null;
  return (
    ours.every(({ by }) => by === 'rhythm') &&
    of.attempts.some(({ mss, tsval }) => mss !== null && tsval !== null)
  );
}

function answersOf(both: BothEnds): ThereFacts['there.answers'] {
  const { otherEnd, arrived, sent } = both;
  if (arrived === null || arrived === 0 || sent === null) return null;
  if (otherEnd.packets !== null) {
    if (both.synAcks.length > 0) return 'syn-ack';
    if ((both.icmps ?? 0) > 0) return 'icmp';
    return (both.resets ?? 0) > 0 ? 'reset' : 'nothing';
  }
  if (otherEnd.halfOpen.length > 0) return 'syn-ack';
  if (grownBy(otherEnd, 'Tcp.OutRsts') >= sent.length) return 'reset';
  const unreachables = grownBy(otherEnd, 'Icmp.OutDestUnreachs') + grownBy(otherEnd, 'Icmp6OutDestUnreachs');
  if (unreachables >= sent.length) return 'icmp';
  if (isUndelivered(both) !== true) return null;
  // The reset of a rule is counted by nobody as such: it is among what left and nothing else explains.
  const only = both.results.size === 1 ? [...both.results][0] : null;
  if (only === 'refused') return unexplainedSent(otherEnd) >= sent.length ? 'reset' : null;
  return only === 'timeout' ? 'nothing' : null;
}

function isUndelivered({ otherEnd, sent, of }: BothEnds): boolean | null {
  if (sent === null || sent.length === 0) return null;
  return undelivered(otherEnd, familyOf(of.target.address)) >= sent.length;
}

function seenHere({ results }: BothEnds): ThereFacts['there.sees'] {
  const [first] = results;
  if (results.size !== 1 || first === undefined) return results.size === 0 ? null : 'different';
  if (first === 'timeout') return 'silence';
  return first === 'local-error' ? null : first;
}

function routeBackOf({ otherEnd, first }: BothEnds): ThereFacts['there.routeBack'] {
  const { routeBack } = otherEnd;
  if (routeBack === null || routeBack.kind === 'unknown') return null;
  if (routeBack.kind === 'none') return 'none';
  if (first === null || first.device === null || first.device.startsWith('#')) return null;
  return first.device === routeBack.device ? 'same' : 'other';
}
