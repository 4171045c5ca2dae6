import { addressesOf, isAddressLiteral } from './facts/addresses.ts';
import { familyOf } from './facts/icmp.ts';
import { factsOf } from './facts/index.ts';
import { otherProtocolTraces, traceOf } from './facts/traces.ts';
import type {
  Evidence,
  Facts,
  Observation,
  ObservationOf,
  ProbeName,
  Request,
  Step,
  StepOf,
  View,
} from './model.ts';
import { serviceSteps } from './service-plan.ts';
import { serviceNamed, serviceOnPort, USUAL_ALTERNATE_PORTS } from './services.ts';

/** High, unassigned, and so most likely closed: a refusal proves that the host is up. */
const MOST_LIKELY_CLOSED = [47_321, 47_322] as const;
const DNS_PORT = 53;
/** RFC 5737 and RFC 3849: nobody's addresses. A packet with TTL 1 towards them ends at the first router. */
const DOCUMENTATION_ADDRESS = { 4: '192.0.2.1', 6: '2001:db8::1' } as const;
/** The traditional first port of UDP traceroute: closed nearly everywhere. */
const UDP_PORT = 33_434;
const FULL_TTL = 30;

/** ARP and ND give up 3.06 s after the first packet (techniques.md); the last attempt outlives that by itself. */
const TARGET_STARTS_MS = [0, 250, 500];
const TARGET_END_MS = 4000;
const SILENT_HOLD_MS = 2900;
const REASK_HOLD_MS = 1500;
const DNS_TIMEOUT_MS = 2500;

/**
 * What is worth asking, given what is known: a pure function of the evidence, called again whenever an observation
 * arrives. Returns every step that is wanted so far; the engine starts those that it has not started yet.
 */
export function nextSteps(evidence: Evidence): Step[] {
  const { request } = evidence;
  return [
    ...answerSteps(request),
    ...nameSteps(evidence),
    ...addressSteps(evidence),
    ...controlHostSteps(evidence),
  ];
}

function answerSteps(request: Request): Step[] {
  return (Object.keys(request.answers) as (keyof Request['answers'])[])
    .filter((question) => request.answers[question] !== undefined)
    .map((question) => ({
      id: `answer-${question}`,
      probe: 'answer',
      input: { question, value: String(request.answers[question]) },
      purpose: 'what the user says',
    }));
}

// ---------------------------------------------------------------- the name

function nameSteps(evidence: Evidence): Step[] {
  const { request, vantage } = evidence;
  const { host } = request.target;
  if (isAddressLiteral(host)) return [];
  const resolvers = [
    ...vantage.resolvers.slice(0, 3).map((resolver) => ({ resolver, configured: true })),
    ...request.resolvers.map((resolver) => ({ resolver, configured: false })),
  ];
  return [
    {
      id: 'resolve',
      probe: 'system-resolve',
      input: { host },
      purpose: `what this machine resolves ${host} to`,
    },
    {
      id: 'hosts-file',
      probe: 'hosts-file',
      input: { host },
      purpose: `whether the hosts file overrides ${host}`,
    },
    ...resolvers.map(
      ({ resolver, configured }, i): StepOf<'dns'> => ({
        id: `dns-${i + 1}`,
        probe: 'dns',
        input: {
          resolver,
          port: DNS_PORT,
          host,
          configured,
          timeoutMs: DNS_TIMEOUT_MS,
          searchDomains: vantage.searchDomains,
          ndots: vantage.ndots,
        },
        purpose: `what the resolver ${resolver} answers`,
      }),
    ),
  ];
}

// ---------------------------------------------------------------- the addresses

function addressSteps(evidence: Evidence): Step[] {
  const { request } = evidence;
  const addresses = addressesOf(evidence);
  const inDepth = addressesInDepth(evidence);
  return addresses.flatMap(({ address }, i) => {
    const n = i + 1;
    const connect: Step = {
      id: `tcp-${n}`,
      probe: 'tcp-connect',
      input: {
        address,
        port: request.target.port,
        role: 'target',
        startsMs: TARGET_STARTS_MS,
        endMs: TARGET_END_MS,
        stopAtFirstAnswer: true,
      },
      purpose: `whether ${address} accepts TCP ${request.target.port}`,
    };
    const tcp = ofStep(evidence, connect.id);
    if (tcp === undefined || tcp.data === null) return [connect];
    const context = contextOf(evidence, address, n);
    if (context.facts['tcp.outcome'] === 'open') return [connect, ...openSteps(context)];
    return [connect, ...otherAnswerSteps(context), ...(inDepth.has(address) ? failureSteps(context) : [])];
  });
}

/** Where the hosts file or another resolver gives another address: whether that one would work. */
function otherAnswerSteps({ facts, n, request }: Context): Step[] {
  const words = [facts['dns.realAddresses'], facts['dns.otherSays']].filter(
    (w): w is string => typeof w === 'string',
  );
  const address = words.flatMap((list) => list.split(', ')).find(isAddressLiteral);
  if (address === undefined) return [];
  return [
    {
      id: `tcp-other-answer-${n}`,
      probe: 'tcp-connect',
      input: {
        address,
        port: request.target.port,
        role: 'sample',
        startsMs: [0, 300],
        endMs: 2000,
        stopAtFirstAnswer: true,
      },
      purpose: `whether ${address}, which DNS gives, would accept TCP ${request.target.port}`,
    },
  ];
}

/** One failing address a family is looked at closely: more would be many packets for the same answer. */
function addressesInDepth(evidence: Evidence): Set<string> {
  const failing = addressesOf(evidence).filter(({ address }) => {
    const o = evidence.observations.find(
      (c) => c.probe === 'tcp-connect' && c.input.address === address && c.input.role === 'target',
    );
    return o !== undefined && o.data !== null && o.outcome !== 'open';
  });
  return new Set(
    ([4, 6] as const).flatMap((family) => failing.find((a) => a.family === family)?.address ?? []),
  );
}

interface Context {
  request: Request;
  evidence: Evidence;
  address: string;
  /** Number of the address: the ending of its steps' ids. */
  n: number;
  view: View;
  facts: Facts;
}

function contextOf(evidence: Evidence, address: string, n: number): Context {
  const view = { evidence, address };
  return { request: evidence.request, evidence, address, n, view, facts: factsOf(view) };
}

function failureSteps(context: Context): Step[] {
  const { facts } = context;
  const here = localNetwork(context);
  // Nothing left this machine, so nothing beyond it can be learned.
  if (facts['tcp.outcome'] === 'local-error') return here;
  const silent = facts['tcp.outcome'] === 'pending' || facts['tcp.outcome'] === 'timeout';
  return silent ? [...here, ...silenceSteps(context)] : [...here, ...refusalSteps(context)];
}

/** Silence takes seconds whatever is done, so everything is asked at once. */
function silenceSteps(context: Context): Step[] {
  const { facts } = context;
  const alternates = alternatePorts(context, 1500);
  const traces = traceSteps(context, { holdMs: SILENT_HOLD_MS, silentLimit: 6 });
  return [
    ping(context, 3, 1500),
    alternates,
    ...traces,
    ...udpTrace(context, REASK_HOLD_MS),
    ...echoTrace(context),
    ...gatewayTrace(context),
    ...controlTrace(context, alternates.id, { holdMs: REASK_HOLD_MS, evenIfSilent: true }),
    ...secondSweep(context, traces),
    ...tracerouteCommand(context, traces),
    ...namesOfHops(context, 700),
    ...(facts['tcp.outcome'] === 'timeout' || facts['tcp.outcome'] === 'unreachable'
      ? localNetworkAgain(context)
      : []),
  ];
}

/**
 * A refusal comes within a round trip, and so do the answers to "who refused?". The trace goes first and alone: a
 * router that rejects sends about six ICMP errors and then one a second, and those six belong to the very port.
 */
function refusalSteps(context: Context): Step[] {
  const { facts, evidence, n } = context;
  const rtt = typeof facts['tcp.answerMs'] === 'number' ? Math.min(facts['tcp.answerMs'], 1000) : 0;
  const late = rtt >= 900;
  const holdMs = late ? SILENT_HOLD_MS : Math.round(300 + 4 * rtt);
  const traces = traceSteps(context, { holdMs, silentLimit: FULL_TTL });
  const first = traces.map(({ id }) => ofStep(evidence, id));
  const traced = traces.length === 0 || first.every((o) => o?.final === true);
  if (!traced) return traces;
  const steps: Step[] = [...traces];
  if (traces.length > 0 && !late && isUnfinished(context)) {
    // The answer that connect() got did not come again: the router has spent its ICMP errors (Linux: two for a missing
    // route, six for others, then one every second or two).
    const again: Step = {
      ...(traces[0] as StepOf<'trace-syn'>),
      id: `trace-syn-again-${n}`,
      purpose: 'the same once more: the router may limit its answers',
    };
    again.input = { ...again.input, holdMs: SILENT_HOLD_MS, silentLimit: 8 };
    steps.push(again);
    if (ofStep(evidence, again.id)?.final !== true) return steps;
  }
  steps.push(ping(context, 1, 1000));
  const alternates = alternatePorts(context, late ? 1500 : Math.round(350 + 4 * rtt));
  steps.push(
    alternates,
    ...udpTrace(context, holdMs),
    ...controlTrace(context, alternates.id, { holdMs, evenIfSilent: late }),
  );
  if (facts['refusal.kind'] === 'rst' && facts['local.route'] !== 'local' && facts['local.onLink'] !== true) {
    steps.push(replyTtl(context, context.request.target.port, `reply-ttl-${n}`));
    const control = traceOf(context.view, 'control')?.trace.port ?? null;
    if (control !== null && facts['path.control.reached'] === true)
      steps.push(replyTtl(context, control, `reply-ttl-control-${n}`));
  }
  steps.push(...tracerouteCommand(context, traces), ...namesOfHops(context, 200));
  if (late) steps.push(...localNetworkAgain(context));
  return steps;
}

/**
 * Two routers at the same distance: load is shared over several paths, and the port may have met the broken one. Other
 * source ports take other paths; where one of them goes on, the stop is not the port's.
 */
function secondSweep({ view, evidence, n }: Context, traces: Step[]): Step[] {
  const [first] = traces;
  const target = traceOf(view, 'target')?.summary;
  const control = traceOf(view, 'control')?.summary;
  if (first?.probe !== 'trace-syn' || target === undefined || control === undefined) return [];
  if (ofStep(evidence, first.id)?.final !== true || target.reached) return [];
  const parts = [...target.routers].some(([hop, router]) => (control.routers.get(hop) ?? router) !== router);
  if (!parts) return [];
  return [
    {
      ...first,
      id: `trace-syn-second-${n}`,
      input: { ...first.input, holdMs: REASK_HOLD_MS },
      purpose: 'the same from other source ports: the paths differ',
    },
  ];
}

/** The port was answered, and the trace to it ends in silence. */
function isUnfinished({ view, facts }: Context): boolean {
  const target = traceOf(view, 'target')?.summary;
  return (
    target !== undefined &&
    facts['refusal.byPing'] !== false &&
    !target.reached &&
    target.rejection === null &&
    target.loopHop === null
  );
}

// ---------------------------------------------------------------- an open port

function openSteps(context: Context): Step[] {
  const { facts, n, address, request } = context;
  const sample: Step = {
    id: `tcp-sample-${n}`,
    probe: 'tcp-connect',
    input: {
      address,
      port: request.target.port,
      role: 'sample',
      startsMs: [0, 0, 0],
      endMs: 1500,
      stopAtFirstAnswer: false,
    },
    purpose: 'whether it accepts every time',
  };
  const steps: Step[] = [sample, ...serviceSteps(context.evidence, facts, address, n)];
  if (facts['tcp.mixed'] === true || facts['tcp.slowOpen'] === true || sampleWavers(context, sample.id))
    steps.push(...wavering(context));
  else if (request.traceAlways)
    steps.push(
      ...localNetwork(context),
      ...traceSteps(context, { holdMs: REASK_HOLD_MS, silentLimit: FULL_TTL }),
      ...udpTrace(context, REASK_HOLD_MS),
      ...namesOfHops(context, 300),
    );
  else if (facts['service.authenticated'] !== true && facts['service.pending'] !== true)
    steps.push(...interceptSteps(context));
  return steps;
}

function sampleWavers(context: Context, id: string): boolean {
  const sample = ofStep(context.evidence, id) as ObservationOf<'tcp-connect'> | undefined;
  return sample?.data?.attempts.some(({ outcome }) => outcome !== 'open') ?? false;
}

/** Some SYNs are answered and some are not: loss, a rate limit or a full accept queue. */
function wavering(context: Context): Step[] {
  const { address, n, request } = context;
  const more: Step = {
    id: `tcp-more-${n}`,
    probe: 'tcp-connect',
    input: {
      address,
      port: request.target.port,
      role: 'sample',
      startsMs: [0, 150, 300, 450, 600, 750, 900, 1050],
      endMs: 2300,
      stopAtFirstAnswer: false,
    },
    purpose: 'how often it answers',
  };
  const alternates = alternatePorts(context, 1500);
  return [
    more,
    { ...ping(context, 10, 3200), id: `ping-more-${n}` },
    ...localNetwork(context),
    alternates,
    ...udpTrace(context, REASK_HOLD_MS),
    ...controlTrace(context, alternates.id, { holdMs: REASK_HOLD_MS, evenIfSilent: false }),
    ...namesOfHops(context, 300),
  ];
}

/**
 * Did the host itself accept, or something nearer? UDP tells how far the host is without a connection; then SYNs that
 * must die before it are sent, so that an honest server sees none of them.
 */
function interceptSteps(context: Context): Step[] {
  const { facts, address, n, request, view } = context;
  if (!request.ttlProbe || isLoopback(address)) return [];
  const rtt = Math.round(
    typeof facts['tcp.answerMs'] === 'number' ? Math.min(facts['tcp.answerMs'], 500) : 0,
  );
  const distance = udpTrace(context, 120 + 2 * rtt);
  const seen = otherProtocolTraces(view)[0];
  if (seen === undefined) return distance;
  const safe = seen.summary.answeredAt !== null ? seen.summary.answeredAt - 1 : seen.summary.lastHop;
  if (safe < 1) return distance;
  return [
    ...distance,
    {
      id: `trace-syn-target-${n}`,
      probe: 'trace-syn',
      input: {
        address,
        port: request.target.port,
        protocol: 'tcp',
        role: 'target',
        holdMs: 120 + 2 * rtt,
        maxTtl: safe,
        silentLimit: FULL_TTL,
      },
      purpose: 'whether something nearer than the host accepts',
    },
  ];
}

// ---------------------------------------------------------------- single steps

const ofStep = (evidence: Evidence, id: string): Observation | undefined =>
  evidence.observations.find((o) => o.id === id);

export const isLoopback = (address: string): boolean => address.startsWith('127.') || address === '::1';

function localNetwork({ address, n }: Context): Step[] {
  return [
    {
      id: `local-network-${n}`,
      probe: 'local-network',
      input: { address },
      purpose: 'the route and the first router',
    },
  ];
}

/** By now the neighbour's state tells whether ARP or neighbour discovery found it. */
function localNetworkAgain({ address, n }: Context): Step[] {
  return [
    {
      id: `local-network-again-${n}`,
      probe: 'local-network',
      input: { address },
      purpose: 'whether the next hop was found',
    },
  ];
}

function ping({ address, n }: Context, count: number, timeoutMs: number): Step {
  return {
    id: `ping-${n}`,
    probe: 'ping',
    input: { address, count, timeoutMs },
    purpose: 'whether the host answers ICMP echo',
  };
}

function alternatePorts(
  { address, n, request, facts }: Context,
  timeoutMs: number,
): StepOf<'alternate-ports'> {
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
    purpose: 'whether other ports of the host answer',
  };
}

function traceSteps({ address, n, request }: Context, how: { holdMs: number; silentLimit: number }): Step[] {
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
      purpose: `where SYNs to TCP ${request.target.port} end`,
    },
  ];
}

function udpTrace({ address, n, request }: Context, holdMs: number): Step[] {
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
      purpose: 'how far UDP gets',
    },
  ];
}

/** How far away the host is that answers ping, where nothing else may reach it. */
function echoTrace({ address, n, request, facts }: Context): Step[] {
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
      purpose: 'how far ICMP echo gets',
    },
  ];
}

function gatewayTrace({ address, n, request, facts }: Context): Step[] {
  if (!request.ttlProbe || facts['local.onLink'] !== false) return [];
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
        maxTtl: 1,
        silentLimit: 1,
      },
      purpose: 'whether the first router speaks at all',
    },
  ];
}

/** The same sweep to a port that answered, else to one that most likely would: a silent trace alone proves nothing. */
function controlTrace(
  context: Context,
  alternatesId: string,
  how: { holdMs: number; evenIfSilent: boolean },
): Step[] {
  const { address, n, request, evidence } = context;
  if (!request.ttlProbe || isLoopback(address)) return [];
  const started = evidence.observations.find((o) => o.id === `trace-syn-control-${n}`) as
    | ObservationOf<'trace-syn'>
    | undefined;
  const alternates = ofStep(evidence, alternatesId) as ObservationOf<'alternate-ports'> | undefined;
  const port = started?.input.port ?? controlPort(alternates, how.evenIfSilent);
  if (port === null) return [];
  // A port that answered has an end to be found, however many routers on the way are silent.
  const answers = alternates?.data?.ports.some(
    (one) => one.port === port && (one.outcome === 'open' || one.outcome === 'refused'),
  );
  return [
    {
      id: `trace-syn-control-${n}`,
      probe: 'trace-syn',
      input: {
        address,
        port,
        protocol: 'tcp',
        role: 'control',
        holdMs: how.holdMs,
        maxTtl: FULL_TTL,
        silentLimit: answers === true ? FULL_TTL : 6,
      },
      purpose: `where SYNs to TCP ${port} end, to compare`,
    },
  ];
}

function controlPort(
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

function replyTtl({ address }: Context, port: number, id: string): Step {
  return {
    id,
    probe: 'reply-ttl',
    input: { address, port },
    purpose: `how far away the answer of TCP ${port} comes from`,
  };
}

/** Tools, where our own sweep is not possible here. */
function tracerouteCommand({ address, n, request, evidence }: Context, traces: Step[]): Step[] {
  if (!request.ttlProbe || traces.length === 0) return [];
  const impossible = traces.some(({ id }) => {
    const o = ofStep(evidence, id);
    return o?.outcome === 'not-available' || o?.outcome === 'failed';
  });
  if (!impossible) return [];
  const { port } = request.target;
  return [
    {
      id: `trace-command-${n}`,
      probe: 'trace-command',
      input: { address, port, role: 'target', protocols: ['tcp'], timeoutMs: 5000 },
      purpose: `where TCP ${port} ends, by a tool`,
    },
    {
      id: `trace-command-other-${n}`,
      probe: 'trace-command',
      input: { address, port, role: 'other-protocol', protocols: ['udp', 'icmp'], timeoutMs: 5000 },
      purpose: 'how far UDP or ICMP gets, by a tool',
    },
  ];
}

function namesOfHops({ n, request, evidence, view }: Context, timeoutMs: number): Step[] {
  if (!request.names || evidence.vantage.resolvers.length === 0) return [];
  const own = evidence.observations.filter(
    (o) => o.probe === 'trace-syn' && o.input.address === view.address,
  );
  if (own.length === 0 || own.some((o) => !o.final)) return [];
  const seen = [traceOf(view, 'target'), traceOf(view, 'control'), ...otherProtocolTraces(view)];
  const addresses = [
    ...new Set(seen.flatMap((s) => (s === null ? [] : [...s.summary.routers.values()]))),
  ].slice(0, 30);
  if (addresses.length === 0) return [];
  return [
    {
      id: `reverse-names-${n}`,
      probe: 'reverse-names',
      input: { addresses, resolvers: evidence.vantage.resolvers.slice(0, 2), timeoutMs },
      purpose: 'names of the routers',
    },
  ];
}

// ---------------------------------------------------------------- the control host

/** Another host whose same port the user knows to be open: tells "this port, towards everyone" from "this host". */
function controlHostSteps(evidence: Evidence): Step[] {
  const { controlHost, target, ttlProbe } = evidence.request;
  if (controlHost === null || !addressesOf(evidence).some(({ address }) => failed(evidence, address)))
    return [];
  const literal = isAddressLiteral(controlHost);
  const resolved = ofStep(evidence, 'resolve-control') as ObservationOf<'system-resolve'> | undefined;
  const address = literal ? controlHost : (resolved?.data?.addresses[0]?.address ?? null);
  const steps: Step[] = literal
    ? []
    : [
        {
          id: 'resolve-control',
          probe: 'system-resolve',
          input: { host: controlHost },
          purpose: 'the address of the control host',
        },
      ];
  if (address === null) return steps;
  steps.push({
    id: 'tcp-control-host',
    probe: 'tcp-connect',
    input: {
      address,
      port: target.port,
      role: 'control-host',
      startsMs: [0, 300],
      endMs: 2500,
      stopAtFirstAnswer: true,
    },
    purpose: `whether ${controlHost} accepts TCP ${target.port} from here`,
  });
  const control = ofStep(evidence, 'tcp-control-host');
  if (ttlProbe && control !== undefined && control.outcome !== 'open' && control.data !== null)
    steps.push({
      id: 'trace-syn-control-host',
      probe: 'trace-syn',
      input: {
        address,
        port: target.port,
        protocol: 'tcp',
        role: 'control-host',
        holdMs: REASK_HOLD_MS,
        maxTtl: FULL_TTL,
        silentLimit: 8,
      },
      purpose: 'where SYNs to the control host end',
    });
  return steps;
}

function failed(evidence: Evidence, address: string): boolean {
  const o = evidence.observations.find(
    (c) => c.probe === 'tcp-connect' && c.input.address === address && c.input.role === 'target',
  );
  return o !== undefined && o.data !== null && o.outcome !== 'open';
}

// ---------------------------------------------------------------- enough

const NAME_PROBES: ReadonlySet<ProbeName> = new Set(['dns', 'hosts-file', 'system-resolve']);

/**
 * Whether a step that is still at work can change the answer. When no wanted step is left the run ends, and the
 * others are cancelled: a dead second resolver must not delay "connection refused".
 */
export function isWanted(step: Step, evidence: Evidence): boolean {
  const { host } = evidence.request.target;
  if (!NAME_PROBES.has(step.probe)) {
    // Echo replies come within a round trip or not at all; where the port was answered nothing depends on waiting longer.
    if (step.probe === 'ping') return !answeredAtOnce(evidence, step.input.address);
    return true;
  }
  if (step.id === 'resolve-control' || step.probe === 'hosts-file') return true;
  const addresses = addressesOf(evidence);
  if (addresses.length > 0) {
    if (step.probe === 'system-resolve') return false;
    if (step.probe === 'dns' && !step.input.configured)
      return addresses.some(({ address }) => failed(evidence, address));
    return addresses.some(({ address }) => failed(evidence, address) && !answeredAtOnce(evidence, address));
  }
  if (step.probe !== 'system-resolve') return true;
  // getaddrinfo waits 5 s and more for a dead resolver; ours, asked side by side, have told already.
  const asked = evidence.observations.filter(
    (o): o is ObservationOf<'dns'> => o.probe === 'dns' && o.input.host === host && o.input.configured,
  );
  const expected = Math.min(evidence.vantage.resolvers.length, 3);
  const listed = ofStep(evidence, 'hosts-file');
  return !(
    expected > 0 &&
    asked.length >= expected &&
    asked.every((o) => o.final && o.outcome !== 'answered') &&
    listed?.outcome !== 'listed'
  );
}

function answeredAtOnce(evidence: Evidence, address: string): boolean {
  const o = evidence.observations.find(
    (c) => c.probe === 'tcp-connect' && c.input.address === address && c.input.role === 'target',
  );
  if (o === undefined || o.probe !== 'tcp-connect') return false;
  if (o.outcome !== 'refused' && o.outcome !== 'unreachable' && o.outcome !== 'local-error') return false;
  return (o.data?.attempts ?? []).some((a) => a.outcome === o.outcome && a.elapsedMs < 900);
}
