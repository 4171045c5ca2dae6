import { familyOf, reachOf } from '../../ground/address.ts';
import { platformOf } from '../../ground/platform.ts';
import { serviceNamed, serviceOnPort, USUAL_ALTERNATE_PORTS } from '../../ground/services.ts';
import { factsOf } from '../../judge/facts/index.ts';
import type { Readings, Shared } from '../../judge/readings/index.ts';
import type { Facts } from '../../model/facts.ts';
import type { Observation, ObservationOf, Step, StepOf } from '../../model/probes.ts';
import type { Request } from '../../model/request.ts';

/** High, unassigned, and so most likely closed: a refusal proves that the host is up. */
const MOST_LIKELY_CLOSED = [47_321, 47_322] as const;
/** RFC 5737 and RFC 3849: nobody's addresses. A packet with TTL 1 towards them ends at the first router. */
const DOCUMENTATION_ADDRESS = { 4: '192.0.2.1', 6: '2001:db8::1' } as const;
/** The traditional first port of UDP traceroute: closed nearly everywhere. */
const UDP_PORT = 33_434;
export const FULL_TTL = 30;
export const REASK_HOLD_MS = 1500;
/** The first router answers within a millisecond or two; one SYN, never sent again. */
const GATEWAY_WEB_HOLD_MS = 700;
/** Of so many routers at most the names are asked. */
export const MOST_NAMES = 30;

/** A path that is slower than this is not waited for in full: nobody works over it, and a hostile host could feign it. */
const MOST_ROUND_TRIP_MS = 1500;

export interface Context {
  request: Request;
  readings: Readings;
  address: string;
  /** Number of the address: the ending of its steps' ids. */
  n: number;
  facts: Facts;
}

export const contextOf = (readings: Readings, address: string, n: number): Context => ({
  request: readings.request,
  readings,
  address,
  n,
  facts: factsOf(readings),
});

export const ofStep = ({ observations }: Pick<Shared, 'observations'>, id: string): Observation | undefined =>
  observations.find((o) => o.id === id);

export const isLoopback = (address: string): boolean => address.startsWith('127.') || address === '::1';

/** Round trip to the address, whole milliseconds; 0 where it is not known. */
export const roundTripOf = ({ connects }: Readings): number =>
  Math.min(MOST_ROUND_TRIP_MS, Math.ceil(connects.roundTripMs ?? 0));

export function localNetwork({ address, n, request }: Context): Step[] {
  return [
    {
      id: `local-network-${n}`,
      probe: 'local-network',
      input: { address, port: request.target.port },
      purpose: 'route',
    },
  ];
}

/** By now the neighbour's state tells whether ARP or neighbour discovery found it. */
export function localNetworkAgain({ address, n, request }: Context): Step[] {
  return [
    {
      id: `local-network-again-${n}`,
      probe: 'local-network',
      input: { address, port: request.target.port },
      purpose: 'next-hop',
    },
  ];
}

export function ping({ address, n }: Context, count: number, timeoutMs: number): StepOf<'ping'> {
  return {
    id: `ping-${n}`,
    probe: 'ping',
    input: { address, count, timeoutMs },
    purpose: 'echo',
  };
}

/**
 * connect() failed with the word of a router that looked for the host for three seconds, and without that router's name.
 * Ping has both, and waits as long once more: by then the router may speak again.
 */
export function latePing(context: Context): Step {
  return {
    ...ping(context, 1, 4200),
    id: `ping-late-${context.n}`,
    purpose: 'late-error',
  };
}

export function alternatePorts(
  { address, n, request, facts, readings }: Context,
  patienceMs: number,
): StepOf<'alternate-ports'> {
  const timeoutMs = patienceMs + platformOf(readings.vantage.os).refusalAfterMs;
  const { port, service } = request.target;
  const closed = MOST_LIKELY_CLOSED.find((p) => p !== port)!;
  const known = (service === null ? null : serviceNamed(service)) ?? serviceOnPort(port);
  const usual = [...(known?.alternatePorts ?? []), ...USUAL_ALTERNATE_PORTS];
  // A router that rejects sends few ICMP errors: ask it less.
  const most = facts['refusal.from'] === 'router' ? 2 : 4;
  const chosen = request.alternatePorts ?? [...new Set(usual)].slice(0, most);
  const ports = [...new Set([...chosen.slice(0, 5), closed])].filter((p) => p !== port);
  return {
    id: `alternate-ports-${n}`,
    probe: 'alternate-ports',
    input: { address, ports, timeoutMs },
    purpose: 'other-ports',
  };
}

export function traceSteps(
  { address, n, request }: Context,
  how: { holdMs: number; silentLimit: number },
): Step[] {
  if (!request.ttlProbe || isLoopback(address)) return [];
  return [
    {
      id: `trace-syn-target-${n}`,
      probe: 'trace-syn',
      input: {
        address,
        port: request.target.port,
        protocol: 'tcp',
        role: 'target',
        maxTtl: FULL_TTL,
        ...how,
      },
      purpose: 'path',
    },
  ];
}

export function udpTrace({ address, n, request }: Context, holdMs: number): Step[] {
  if (!request.ttlProbe || isLoopback(address)) return [];
  return [
    {
      id: `trace-udp-${n}`,
      probe: 'trace-syn',
      input: {
        address,
        port: UDP_PORT,
        protocol: 'udp',
        role: 'other-protocol',
        holdMs,
        maxTtl: FULL_TTL,
        silentLimit: 6,
      },
      purpose: 'udp-path',
    },
  ];
}

/** How far away the host is that answers ping, where nothing else may reach it. */
export function echoTrace({ address, n, request, facts }: Context): Step[] {
  if (!request.ttlProbe || isLoopback(address) || facts['host.answersPing'] !== true) return [];
  return [
    {
      id: `trace-icmp-${n}`,
      probe: 'trace-syn',
      input: {
        address,
        port: request.target.port,
        protocol: 'icmp',
        role: 'other-protocol',
        holdMs: REASK_HOLD_MS,
        maxTtl: FULL_TTL,
        silentLimit: 8,
      },
      purpose: 'echo-path',
    },
  ];
}

/** Whether the first router is a router, and answers in the place of others. */
export function gatewayTrace(context: Context): Step[] {
  const { address, n } = context;
  const web = gatewayWeb(context);
  if (web.length === 0) return [];
  return [
    {
      id: `trace-gateway-${n}`,
      probe: 'trace-syn',
      input: {
        address: DOCUMENTATION_ADDRESS[familyOf(address)],
        port: UDP_PORT,
        protocol: 'udp',
        role: 'gateway',
        holdMs: REASK_HOLD_MS,
        maxTtl: 2,
        silentLimit: 2,
      },
      purpose: 'first-router',
    },
    ...web,
  ];
}

/** A captive portal answers the web of every address; SYNs with TTL 1 reach no other host. */
export function gatewayWeb({ address, n, request, facts }: Context): Step[] {
  if (!request.ttlProbe || facts['local.onLink'] !== false || facts['local.tunnel'] !== null) return [];
  return [
    {
      id: `trace-gateway-web-${n}`,
      probe: 'trace-syn',
      input: {
        address: DOCUMENTATION_ADDRESS[familyOf(address)],
        port: 80,
        protocol: 'tcp',
        role: 'gateway',
        holdMs: GATEWAY_WEB_HOLD_MS,
        maxTtl: 1,
        silentLimit: 1,
      },
      purpose: 'first-router-web',
    },
  ];
}

/** The same sweep to a port that answered, else to one that most likely would: a silent trace alone proves nothing. */
export function referenceTrace(
  context: Context,
  alternatesId: string,
  how: { holdMs: number; evenIfSilent: boolean },
): Step[] {
  const { address, n, request, readings } = context;
  if (!request.ttlProbe || isLoopback(address)) return [];
  const started = ofStep(readings, `trace-syn-reference-${n}`) as ObservationOf<'trace-syn'> | undefined;
  const alternates = ofStep(readings, alternatesId) as ObservationOf<'alternate-ports'> | undefined;
  const port = started?.input.port ?? referencePort(alternates, how.evenIfSilent);
  if (port === null) return [];
  // A port that answered has an end to be found, however many routers on the way are silent.
  const answers = alternates?.data?.ports.some(
    (one) => one.port === port && (one.outcome === 'open' || one.outcome === 'refused'),
  );
  return [
    {
      id: `trace-syn-reference-${n}`,
      probe: 'trace-syn',
      input: {
        address,
        port,
        protocol: 'tcp',
        role: 'reference',
        holdMs: how.holdMs,
        maxTtl: FULL_TTL,
        silentLimit: answers === true ? FULL_TTL : 6,
      },
      purpose: 'reference-path',
    },
  ];
}

function referencePort(
  alternates: ObservationOf<'alternate-ports'> | undefined,
  evenIfSilent: boolean,
): number | null {
  const ports = alternates?.data?.ports ?? [];
  const answered =
    ports.find(({ outcome }) => outcome === 'refused') ?? ports.find(({ outcome }) => outcome === 'open');
  if (answered !== undefined) return answered.port;
  if (alternates?.final !== true) return null;
  const rejected = ports.find(({ outcome }) => outcome === 'unreachable');
  if (rejected !== undefined) return rejected.port;
  return evenIfSilent ? (ports[ports.length - 1]?.port ?? null) : null;
}

export function replyTtl({ address }: Context, port: number, id: string): Step {
  return {
    id,
    probe: 'reply-ttl',
    input: { address, port },
    purpose: 'answer-distance',
  };
}

/** Our own sweeps were asked for and cannot be made here. */
export const isWithoutSweep = ({ readings }: Context, traces: Step[]): boolean =>
  traces.some(({ id }) => {
    const o = ofStep(readings, id);
    return o?.outcome === 'not-available' || o?.outcome === 'failed';
  });

/** Where the port ends, by a tool. */
export function toolTrace({ address, n, request }: Context): Step {
  const { port } = request.target;
  return {
    id: `trace-command-${n}`,
    probe: 'trace-command',
    input: { address, port, role: 'target', protocols: ['tcp'], timeoutMs: 5000 },
    purpose: 'path',
  };
}

/** How far other protocols get, by a tool. Where ping gets through and UDP does not, the way of ping is asked as well. */
export function otherToolTraces(
  { address, n, request, readings, facts }: Context,
  timeoutMs: number,
): Step[] {
  const { port } = request.target;
  const first: StepOf<'trace-command'> = {
    id: `trace-command-other-${n}`,
    probe: 'trace-command',
    input: { address, port, role: 'other-protocol', protocols: ['udp', 'icmp'], timeoutMs },
    purpose: 'other-path',
  };
  const seen = ofStep(readings, first.id) as ObservationOf<'trace-command'> | undefined;
  const isShort = seen?.final === true && seen.outcome !== 'reached' && seen.data?.protocol === 'udp';
  if (!isShort || facts['host.answersPing'] !== true) return [first];
  return [
    first,
    {
      ...first,
      id: `trace-command-icmp-${n}`,
      input: { ...first.input, protocols: ['icmp'], timeoutMs: 3000 },
      purpose: 'echo-path',
    },
  ];
}

/** What the kernel counts while the port is asked, where our own sweep, which counts as well, cannot be made. */
export function countedConnect(
  { address, n, request }: Context,
  { connections, timeoutMs, quietMs }: { connections: number; timeoutMs: number; quietMs: number },
): Step {
  const { port } = request.target;
  return {
    id: `counted-connect-${n}`,
    probe: 'counted-connect',
    input: { address, port, connections, timeoutMs, quietMs },
    purpose: 'counted',
  };
}

/** This machine's own rules, where what was measured says that it keeps the packets itself. */
export function ownRules({ address, n, request, facts }: Context): Step[] {
  const isSuspected =
    facts['local.dropsOutgoing'] === true ||
    facts['local.rejectsOutgoing'] === true ||
    facts['local.dropsIncoming'] === true ||
    facts['local.sendRefused'] === true ||
    (facts['refusal.kind'] === 'icmp' &&
      facts['refusal.from'] === 'self' &&
      facts['refusal.late'] === false) ||
    (facts['local.route'] === 'local' && facts['tcp.outcome'] !== 'refused');
  if (!isSuspected) return [];
  return [
    {
      id: `own-rules-${n}`,
      probe: 'own-rules',
      input: { address, port: request.target.port, timeoutMs: 300 },
      purpose: 'own-rules',
    },
  ];
}

export function namesOfHops({ n, request, readings }: Context, timeoutMs: number): Step[] {
  if (!request.names || readings.vantage.resolvers.length === 0) return [];
  const own = readings.observations.filter(
    (o) => o.probe === 'trace-syn' && o.input.address === readings.address,
  );
  if (own.length === 0 || own.some((o) => !o.final)) return [];
  const addresses = [
    ...new Set(readings.traces.every.flatMap(({ summary }) => [...summary.routers.values()])),
  ].slice(0, MOST_NAMES);
  if (addresses.length === 0) return [];
  // A public address may tell by its name whose cloud it is in.
  if (readings.address !== null && reachOf(readings.address) === 'public') addresses.push(readings.address);
  return [
    {
      id: `reverse-names-${n}`,
      probe: 'reverse-names',
      input: { addresses, resolvers: readings.vantage.resolvers.slice(0, 2), timeoutMs },
      purpose: 'router-names',
    },
  ];
}

export function failed({ all }: Pick<Shared, 'all'>, address: string): boolean {
  const o = all['tcp-connect'].find(({ input }) => input.address === address && input.role === 'target');
  return o !== undefined && o.outcome !== 'open';
}
