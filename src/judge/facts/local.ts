import { familyOf, sameAddress, samePrefix } from '../../ground/address.ts';
import { EVERY_TRACE } from '../../model/fact-sources.ts';
import type { FactsOf, FactTable } from '../../model/facts.ts';
import type { NetworkInterface } from '../../model/measured.ts';
import type { Observation, ObservationOf } from '../../model/probes.ts';
import type { Readings } from '../readings/index.ts';
import type { SeenTrace } from '../readings/traces.ts';

const HERE = ['local-network'] as const;
const COUNTED = ['trace-syn:target', 'counted-connect'] as const;

export const LOCAL_FACTS = {
  'local.route': {
    type: 'string',
    values: ['unicast', 'local', 'broadcast', 'none', 'blackhole', 'unreachable', 'prohibit'],
    meaning:
      'What this machine does with a packet to the address; `broadcast`: it is no address of one host.',
    from: HERE,
  },
  'local.tunnel': {
    type: 'string',
    meaning:
      'The interface, where packets to the address leave through a tunnel or another link between two points.',
    from: HERE,
  },
  'local.onLink': {
    type: 'boolean',
    meaning:
      'The route says that the address is on a directly connected network; false in a tunnel, whose other end may be anywhere.',
    from: HERE,
  },
  'local.gateway': { type: 'string', meaning: 'The first router for the address.', from: HERE },
  'local.usualRouter': {
    type: 'string',
    meaning:
      "This machine's default gateway, where packets to the address go to another router by a more exact route, through no tunnel; null otherwise.",
    from: HERE,
  },
  'local.firstRouter': {
    type: 'string',
    meaning: 'local.gateway, or "at the other end of" the tunnel.',
    from: HERE,
  },
  'local.device': {
    type: 'string',
    meaning: 'The interface that packets to the address leave through.',
    from: HERE,
  },
  'local.deviceDown': {
    type: 'boolean',
    meaning:
      'The interface that packets to the address leave through is down, or has nobody at its other end.',
    from: HERE,
  },
  'local.claimedFrom': {
    type: 'string',
    meaning:
      'The interface on whose connected network the address lies, where packets to it are sent through another one all the same: a narrower route claims it.',
    from: HERE,
  },
  'local.interfaceUp': {
    type: 'boolean',
    meaning: 'Some interface other than loopback is up and has an address of the family.',
    from: HERE,
  },
  'local.narrowDevice': {
    type: 'string',
    meaning:
      'An interface that is up and takes packets of less than 1280 octets, where the address is of IPv6 and no interface that is up has one of its family: below that there is no IPv6 on a link (RFC 8200, 5).',
    from: HERE,
  },
  'local.narrowMtu': { type: 'number', meaning: 'The MTU of local.narrowDevice.', from: HERE },
  'local.onLinkPrefix': {
    type: 'number',
    meaning: 'Prefix length of the connected network that the address is taken to be on.',
    from: HERE,
  },
  'local.unlikelyOnLink': {
    type: 'boolean',
    meaning:
      "The connected network is unusually large (IPv4 /21 or larger, IPv6 larger than /64) and the address lies outside this machine's own /24 (/64), or no address of this machine is of its network: the netmask or the route may be wrong. False for link-local addresses.",
    from: HERE,
  },
  'local.ownAddressOnly': {
    type: 'string',
    meaning:
      'The address that this machine gave itself (169.254.0.0/16, RFC 3927), where packets to an address that is not of that range leave with it as their source: no DHCP server has given it one.',
    from: HERE,
  },
  'local.nextHopFailed': {
    type: 'boolean',
    meaning: 'ARP or neighbour discovery for the next hop failed or has no answer yet.',
    from: HERE,
  },
  'local.nextHopAlive': {
    type: 'boolean',
    meaning: 'The next hop answered ARP or neighbour discovery; null when not known.',
    from: HERE,
  },
  'local.proxied': {
    type: 'boolean',
    meaning:
      'target.address is on this link by the route table, and a router tells of packets to it whose TTL ran out: that router answers ARP or neighbour discovery in its place. False where the address itself answered a TTL of 1; null when it is not on the link, or neither was seen.',
    from: ['local-network', ...EVERY_TRACE],
  },
  'local.nextHopPinned': {
    type: 'boolean',
    meaning:
      'The neighbour entry of the next hop was made by hand (permanent): nobody asked whether the next hop is there.',
    from: HERE,
  },
  'local.oddSource': {
    type: 'string',
    meaning:
      'The source address of packets to the target, where it is not one of the interface that they leave through; null when it is, or is not known.',
    from: HERE,
  },
  'local.sendRefused': {
    type: 'boolean',
    meaning: 'The system refused to send a packet to the address (EPERM): an egress rule of this machine.',
    from: ['ping', 'trace-syn:other-protocol', 'trace-command'],
  },
  'local.kept': {
    type: 'string',
    meaning:
      'What this machine was asked to send and may have kept back: DNS queries where the name led to no address, else the port of the target.',
    from: ['tcp-connect:target', 'dns'],
  },
  'local.dropsOutgoing': {
    type: 'boolean',
    meaning: "The kernel's counters show that this machine dropped the SYNs to the port before they left.",
    from: COUNTED,
  },
  'local.rejectsOutgoing': {
    type: 'boolean',
    meaning:
      "The kernel's counters show that this machine dropped the SYNs to the port and answered them itself, with a reset or an ICMP error.",
    from: [...COUNTED, 'local-network'],
  },
  'local.acceptsOutgoing': {
    type: 'boolean',
    meaning:
      "Connections to another machine's port are accepted on this machine itself: with every SYN a packet went through its loopback interface (a sidecar, REDIRECT). Null where that was not counted, or nobody accepted.",
    from: ['trace-syn:target', 'local-network'],
  },
  'local.dropsIncoming': {
    type: 'boolean',
    meaning:
      "The kernel's counters show that packets arrived while the port was asked and were dropped by this machine.",
    from: COUNTED,
  },
  'local.reversePathDrops': {
    type: 'number',
    meaning:
      "Packets that this machine's own reverse-path filter (rp_filter) threw away while the port was asked and stayed silent: their senders are routed through another interface than they came in by. Null where that was not counted.",
    from: COUNTED,
  },
  'local.ownAddressReturned': {
    type: 'number',
    meaning:
      "Packets that came in for this machine with this machine's own address as their sender while the port was asked and stayed silent: they turned round on the way, and only their destination was translated. Null where that was not counted.",
    from: ['trace-syn:target'],
  },
  'local.resourceError': {
    type: 'string',
    meaning:
      'The errno of a socket that could not be made or bound (EMFILE, ENFILE, EADDRNOTAVAIL, ENOBUFS).',
    from: ['tcp-connect:target'],
  },
  'local.lack': {
    type: 'string',
    meaning: 'local.resourceError, or local.shortage where the port itself could be tried.',
    from: ['tcp-connect:target'],
  },
  'local.shortage': {
    type: 'string',
    values: ['EMFILE', 'ENFILE'],
    meaning:
      'The errno with which any other measurement could not even begin, for want of a file descriptor: tools, sockets of other probes, modules. Whether the port was tried is told by local.resourceError.',
    from: [],
  },
  'local.shortageCount': {
    type: 'number',
    meaning: 'Measurements that could not begin for it.',
    from: [],
  },
  'local.connectError': {
    type: 'string',
    meaning: 'The errno of a connect() that failed at once on this machine.',
    from: ['tcp-connect:target'],
  },
} as const satisfies FactTable;

const RESOURCES = new Set(['EMFILE', 'ENFILE', 'EADDRNOTAVAIL', 'ENOBUFS', 'ENOMEM']);
/** A connected network with a prefix of this length (IPv4) is unusually large, in IPv6 one with a shorter prefix. */
export const WIDE_PREFIX = { 4: 21, 6: 64 } as const;
/** What is taken to be this machine's own part of it. */
export const OWN_PREFIX = { 4: 24, 6: 64 } as const;
const FAILED = new Set(['FAILED', 'INCOMPLETE']);
const ALIVE = new Set(['REACHABLE', 'DELAY', 'PROBE']);

/** The connected network that makes the address look on-link: the longest prefix that covers it. */
function coveringNetwork(
  address: string,
  interfaces: readonly NetworkInterface[],
): { own: string; prefix: number } | null {
  const covering = interfaces
    .flatMap((i) => i.addresses)
    .filter((a) => a.family === familyOf(address) && samePrefix(a.address, address, a.prefix))
    .sort((a, b) => b.prefix - a.prefix)[0];
  return covering === undefined ? null : { own: covering.address, prefix: covering.prefix };
}

/** SYNs of the trace that nobody answered, each at least once retransmitted. */
const silentSockets = ({ trace }: SeenTrace): number =>
  trace.replies.filter(({ answer }) => answer === 'silence').length;

function dropsOutgoing(target: SeenTrace | null): boolean | null {
  if (target === null || target.trace.counters === null) return null;
  const { unsent, retransmitsFailed } = target.trace.counters;
  const silent = silentSockets(target);
  if (silent === 0) return false;
  // Only SYNs that brought nothing at all, from the first TTL on, can have stayed inside.
  if (!target.summary.silentFromFirst) return unsent === null && retransmitsFailed === null ? null : false;
  if (unsent !== null) return unsent >= silent ? true : unsent === 0 ? false : null;
  if (retransmitsFailed !== null) return retransmitsFailed >= silent ? true : null;
  return null;
}

/** A REJECT with tcp-reset in the output stage: refused at TTL 1, and not by way of a network. */
function rejectsOutgoing(target: SeenTrace | null, isOwnAddress: boolean): boolean | null {
  if (target === null || isOwnAddress || target.summary.answer !== 'rst') return null;
  if (target.summary.answeredAt !== 1) return false;
  const { unsent = null, answeredHere = null, launched = 0 } = target.trace.counters ?? {};
  if (launched === 0) return null;
  if (answeredHere !== null) return answeredHere >= launched;
  return unsent !== null && unsent >= launched ? true : null;
}

function acceptsOutgoing(target: SeenTrace | null, route: string | null): boolean | null {
  const { answeredHere = null, launched = 0 } = target?.trace.counters ?? {};
  if (target?.summary.answer !== 'syn-ack' || route === 'local') return null;
  return answeredHere === null || launched === 0 ? null : answeredHere >= launched;
}

const isOwnAddressOnly = (address: string): boolean => address.startsWith('169.254.');
/** On the link by definition, whatever the prefix (RFC 3927, 4291). */
const isLinkLocal = (address: string): boolean => isOwnAddressOnly(address) || /^fe[89ab]/i.test(address);

/** So many answers in step with what was sent are no chance. */
export const IN_STEP = 3;

function dropsIncoming(target: SeenTrace | null, onLink: boolean | null): boolean | null {
  const { undelivered, undeliveredInStep } = target?.trace.counters ?? {};
  if (target === null || undelivered == null) return null;
  const silent = silentSockets(target);
  if (undelivered === 0 || silent === 0) return false;
  // What our own short TTLs drew from routers is no answer of the host. Where none of it was heard either, a few arrivals
  // may be just that; the host's answers come for every SYN that gets there.
  const least = target.summary.silentFromFirst && onLink !== true ? Math.max(IN_STEP, silent - 1) : IN_STEP;
  const dropped = (undeliveredInStep ?? 0) - (target.trace.counters?.ownAddress ?? 0);
  return dropped >= least ? true : null;
}

const isDown = (one: NetworkInterface | undefined): boolean | null => (one === undefined ? null : !one.up);

function claimedFrom(address: string | null, { route, interfaces }: Readings['local']): string | null {
  if (address === null || route?.kind !== 'unicast' || route.device === null) return null;
  const own = interfaces.filter(
    ({ up, addresses }) =>
      up &&
      addresses.some(
        (one) => one.family === familyOf(address) && samePrefix(one.address, address, one.prefix),
      ),
  );
  return own.some(({ name }) => name === route.device) ? null : (own[0]?.name ?? null);
}

function reversePathDrops(
  target: SeenTrace | null,
  counted: ObservationOf<'counted-connect'>['data'] | null,
): number | null {
  const traced =
    target === null || silentSockets(target) === 0 ? null : (target.trace.counters?.reversePath ?? null);
  return traced ?? counted?.whole.reversePath ?? null;
}

const ownAddressReturned = (target: SeenTrace | null): number | null =>
  target === null || silentSockets(target) === 0 ? null : (target.trace.counters?.ownAddress ?? null);

/** What every link of IPv6 has to carry (RFC 8200, 5); Linux takes IPv6 from an interface that does not. */
export const LEAST_MTU_V6 = 1280;

function narrowDevice(
  address: string | null,
  interfaces: readonly NetworkInterface[],
): NetworkInterface | null {
  if (address === null || familyOf(address) !== 6) return null;
  const up = interfaces.filter((one) => one.up && one.name !== 'lo');
  if (up.some(({ addresses }) => addresses.some(({ family }) => family === 6))) return null;
  return up.find(({ mtu }) => mtu !== undefined && mtu < LEAST_MTU_V6) ?? null;
}

function usualRouter({ here, local }: Readings): string | null {
  const usual = here['local-network'][0]?.data.defaultGateway;
  const { gateway, tunnel } = local;
  if (usual === undefined || gateway === null || tunnel !== null) return null;
  return familyOf(usual) !== familyOf(gateway) || sameAddress(usual, gateway) ? null : usual;
}

function oddSource({ route, interfaces }: Readings['local']): string | null {
  if (route?.kind !== 'unicast' || route.source === null) return null;
  const { source } = route;
  const owner = interfaces.filter(({ addresses }) =>
    addresses.some(({ address }) => sameAddress(address, source)),
  );
  return owner.length === 0 || owner.some(({ name }) => name === route.device) ? null : source;
}

const isShortage = (code: string | null | undefined): code is 'EMFILE' | 'ENFILE' =>
  code === 'EMFILE' || code === 'ENFILE';

/** What a probe tells of itself: the errno of its sockets where it has data, else why it could not run. */
function shortageIn(observation: Observation): 'EMFILE' | 'ENFILE' | null {
  const { data, probe } = observation;
  if (probe === 'tcp-connect' && observation.input.role === 'target' && data !== null) return null;
  const codes =
    data === null
      ? [observation.code]
      : probe === 'dns'
        ? data.answers.map(({ code }) => code)
        : probe === 'system-resolve'
          ? [data.code]
          : probe === 'alternate-ports'
            ? data.ports.map(({ code }) => code)
            : [];
  return codes.find(isShortage) ?? null;
}

export function localFacts(readings: Readings): FactsOf<typeof LOCAL_FACTS> {
  const { address, here, counted, connects } = readings;
  const { route, interfaces, neighbourStates, tunnel } = readings.local;
  const { target, others } = readings.traces;
  const narrow = narrowDevice(address, interfaces);
  const lastState = neighbourStates.findLast((state) => state !== null);
  const own = connects.attempts.find((a) => a.local);
  const udp = others.find(({ summary }) => summary.localError !== null);
  const covering = address === null ? null : coveringNetwork(address, interfaces);
  const onLink = tunnel !== null && route?.onLink === true ? false : (route?.onLink ?? null);
  const wide =
    covering === null
      ? null
      : familyOf(covering.own) === 4
        ? covering.prefix <= WIDE_PREFIX[4]
        : covering.prefix < WIDE_PREFIX[6];
  // traceroute says so where ping of the same system keeps silent.
  const toolRefused = here['trace-command'].some(
    ({ outcome, data }) =>
      outcome === 'local-error' &&
      data.replies.some(({ answer, errno }) => answer === 'local-error' && errno === 'EPERM'),
  );
  const sendRefused =
    here.ping.some((o) => o.data.sendRefused) || udp?.summary.localError === 'EPERM' || toolRefused;
  const resourceError = own?.code != null && RESOURCES.has(own.code) ? own.code : null;
  const short = readings.observations.flatMap((o) => shortageIn(o) ?? []);
  return {
    'local.route': route === null || route.kind === 'unknown' ? null : route.kind,
    'local.tunnel': tunnel,
    'local.onLink': onLink,
    'local.gateway': route?.gateway ?? null,
    'local.usualRouter': usualRouter(readings),
    'local.firstRouter': route?.gateway ?? (tunnel === null ? null : `at the other end of ${tunnel}`),
    'local.device': route?.device ?? null,
    'local.interfaceUp':
      interfaces.length === 0
        ? null
        : interfaces.some(
            ({ name, up, addresses }) =>
              up &&
              name !== 'lo' &&
              addresses.some(
                (own) =>
                  (address === null || own.family === familyOf(address)) && !own.address.startsWith('fe80:'),
              ),
          ),
    'local.narrowDevice': narrow?.name ?? null,
    'local.narrowMtu': narrow?.mtu ?? null,
    'local.onLinkPrefix': onLink === true ? (covering?.prefix ?? null) : null,
    'local.unlikelyOnLink':
      onLink !== true || address === null
        ? null
        : isLinkLocal(address)
          ? false
          : covering === null || wide === null
            ? interfaces.some(({ addresses }) => addresses.length > 0) || null
            : wide && !samePrefix(covering.own, address, OWN_PREFIX[familyOf(covering.own)]),
    'local.ownAddressOnly':
      route?.source != null &&
      isOwnAddressOnly(route.source) &&
      address !== null &&
      !isOwnAddressOnly(address)
        ? route.source
        : null,
    'local.deviceDown': isDown(interfaces.find(({ name }) => name === route?.device)),
    'local.claimedFrom': claimedFrom(address, readings.local),
    'local.nextHopFailed': lastState === undefined ? null : FAILED.has(lastState),
    'local.nextHopAlive':
      lastState === undefined ? null : ALIVE.has(lastState) ? true : FAILED.has(lastState) ? false : null,
    'local.proxied':
      onLink !== true
        ? null
        : readings.traces.every.some(({ summary }) =>
              [...summary.routers.values()].some((router) => router !== address),
            )
          ? true
          : readings.traces.every.some(({ summary }) => summary.answeredAt === 1)
            ? false
            : null,
    'local.nextHopPinned': lastState === undefined ? null : lastState === 'PERMANENT',
    'local.oddSource': oddSource(readings.local),
    'local.sendRefused': here.ping.length === 0 && others.length === 0 ? null : sendRefused,
    'local.kept': address === null ? 'DNS queries' : `TCP ${readings.request.target.port} to ${address}`,
    'local.dropsOutgoing': dropsOutgoing(target) ?? counted.drop,
    'local.rejectsOutgoing': counted.rejection ?? rejectsOutgoing(target, route?.kind === 'local'),
    'local.acceptsOutgoing': acceptsOutgoing(target, route?.kind ?? null),
    'local.dropsIncoming': dropsIncoming(target, onLink) ?? counted.loss,
    'local.reversePathDrops': reversePathDrops(target, here['counted-connect'].at(-1)?.data ?? null),
    'local.ownAddressReturned': ownAddressReturned(target),
    'local.resourceError': resourceError,
    'local.lack': resourceError ?? short[0] ?? null,
    'local.shortage': short[0] ?? null,
    'local.shortageCount': short.length > 0 ? short.length : null,
    'local.connectError': own?.code ?? null,
  };
}
