import { familyOf, samePrefix } from '../../ground/address.ts';
import { EVERY_TRACE, ROUND_TRIP } from '../../model/fact-sources.ts';
import type { FactsOf, FactTable } from '../../model/facts.ts';
import type { ConnectAttempt } from '../../model/measured.ts';
import { connectOutcome, isLateAnswer, isSilent } from '../readings/connects.ts';
import type { Readings } from '../readings/index.ts';
import { isForged } from '../readings/traces.ts';

/** Whoever answers may be something nearer than the host: the other traces show it. */
const DISTANCE = EVERY_TRACE;

export const HOST_FACTS = {
  'host.answersPing': {
    type: 'boolean',
    meaning: 'The target itself answered ICMP echo; null when ping did not run.',
    from: ['ping'],
  },
  'host.pingLossShare': {
    type: 'number',
    meaning: 'Share of echo requests without a reply, when some were answered.',
    from: ['ping'],
  },
  'host.pingAvgMs': { type: 'number', meaning: 'Mean round trip of ICMP echo.', from: ['ping'] },
  'host.openPort': {
    type: 'number',
    meaning: 'Another port of the same host that accepts connections.',
    from: ['alternate-ports'],
  },
  'host.refusedPort': {
    type: 'number',
    meaning: 'Another port of the same host that refuses at once.',
    from: ['alternate-ports'],
  },
  'host.rejectedPort': {
    type: 'number',
    meaning: 'Another port of the same host that ICMP reports as unreachable.',
    from: ['alternate-ports'],
  },
  'host.otherPortsTried': {
    type: 'number',
    meaning: 'How many other ports were tried to the end.',
    from: ['alternate-ports'],
  },
  'host.otherPortsSilent': {
    type: 'boolean',
    meaning: 'Every other port tried stayed silent.',
    from: ['alternate-ports'],
  },
  'host.otherPortLate': {
    type: 'number',
    meaning:
      'Another port of the same host that answered only after a retransmitted SYN (0.8 s later than a round trip takes).',
    from: ROUND_TRIP,
  },
  'host.referencePort': {
    type: 'number',
    meaning: 'Another port that answered, and was asked again as often as the port where that one wavers.',
    from: ['tcp-connect:reference-port'],
  },
  'host.referencePortWavers': {
    type: 'boolean',
    meaning:
      'Some attempts to host.referencePort were answered and some came late or not at all; false when all were answered in time.',
    from: ['tcp-connect:reference-port'],
    scaledBy: ROUND_TRIP,
  },
  'host.silentPort': {
    type: 'number',
    meaning: 'Another port of the same host that stayed silent, too.',
    from: ['alternate-ports'],
  },
  'host.alive': {
    type: 'boolean',
    meaning:
      'Something at the address answered: ping, another port, or another protocol. Never false: silence proves nothing.',
    from: ['ping', 'alternate-ports', ...DISTANCE, 'local-network'],
  },
  'host.aliveHow': {
    type: 'string',
    meaning: 'What proves host.alive, in words.',
    from: ['ping', 'alternate-ports', ...DISTANCE, 'local-network'],
  },
  'host.silentOnEverything': {
    type: 'boolean',
    meaning:
      'The port and every other port tried stayed silent, ping too where it ran, and nothing else came from the address.',
    from: ['tcp-connect:target', 'ping', 'alternate-ports', ...DISTANCE, 'local-network'],
  },
  'host.distance': {
    type: 'number',
    meaning: 'Smallest TTL that reaches the host, from another port or protocol; 1 = on the same link.',
    from: DISTANCE,
  },
  'host.replyTtl': {
    type: 'number',
    meaning: 'TTL with which answers of another port, else of ping, arrive.',
    from: ['reply-ttl', 'ping'],
  },
  'referenceHost.given': {
    type: 'boolean',
    meaning: 'The user named a reference host (--control).',
    from: [],
  },
  'referenceHost.outcome': {
    type: 'string',
    values: ['open', 'refused', 'unreachable', 'timeout', 'local-error', 'pending'],
    meaning: 'What connect() to the same port of the reference host brought.',
    from: ['tcp-connect:reference-host'],
  },
  'referenceHost.sameNetwork': {
    type: 'boolean',
    meaning:
      "The reference host's address is of the target's own /24 (/64): what stops both may stand right before that network.",
    from: ['tcp-connect:reference-host'],
  },
  'referenceHost.stoppedAtSameHop': {
    type: 'boolean',
    meaning: 'The trace to the reference host falls silent after the same hop as the trace to the target.',
    from: [
      'trace-syn:target',
      'trace-syn:reference-host',
      'trace-command:target',
      'trace-command:reference-host',
    ],
  },
} as const satisfies FactTable;

/** Fewer answers than this do not show that a port answers always. */
export const ENOUGH_ANSWERS = 6;

function wavers(attempts: readonly ConnectAttempt[], rttMs: number | null): boolean | null {
  const answered = attempts.filter(({ outcome }) => outcome === 'open' || outcome === 'refused');
  const lost = attempts.filter(
    (one) => isSilent(one, rttMs) || (answered.includes(one) && isLateAnswer(one, rttMs)),
  );
  if (answered.length === 0) return null;
  return lost.length > 0 ? true : answered.length >= ENOUGH_ANSWERS ? false : null;
}

export function hostFacts(readings: Readings): FactsOf<typeof HOST_FACTS> {
  const { here, all, request, distance, traces, address } = readings;
  const { outcome, roundTripMs: rttMs } = readings.connects;
  const pings = here.ping;
  const replied = pings.find((o) => o.outcome === 'replies');
  const sent = pings.reduce((sum, o) => sum + o.data.sent, 0);
  const received = pings.reduce((sum, o) => sum + o.data.received, 0);
  const answersPing =
    replied !== undefined
      ? true
      : pings.some((o) => o.outcome === 'no-reply' || o.outcome === 'unreachable')
        ? false
        : null;
  const ports = here['alternate-ports'].flatMap((o) => o.data.ports);
  const ended = ports.filter(({ outcome }) => outcome !== 'pending');
  const portThat = (...outcomes: string[]) =>
    ended.find(({ outcome }) => outcomes.includes(outcome))?.port ?? null;
  // What answers although the next hop does not, or before a router that others reach, is not the host.
  const { reference, target: targetTrace, referenceHost: referenceTrace } = traces;
  const forged = (reference !== null && isForged(reference, traces.every)) || readings.local.gatewayFailed;
  const how =
    forged && answersPing !== true
      ? []
      : [
          answersPing === true ? 'it answers ping' : null,
          !forged && portThat('open') !== null ? `TCP ${portThat('open')} is open` : null,
          !forged && portThat('refused') !== null ? `TCP ${portThat('refused')} refuses at once` : null,
          distance !== null && answersPing !== true && portThat('open', 'refused') === null
            ? 'it answers another trace'
            : null,
        ].filter((words): words is string => words !== null);
  const otherPortsSilent = ended.length === 0 ? null : ended.every(({ outcome }) => outcome === 'timeout');
  const referencePort = here['tcp-connect'].find((o) => o.input.role === 'reference-port');
  const referenceHost = all['tcp-connect'].find((o) => o.input.role === 'reference-host');
  const otherReply = here['reply-ttl'].find(
    (o) => o.input.port !== request.target.port && o.data.ttl !== null,
  )?.data.ttl;
  return {
    'host.answersPing': answersPing,
    'host.pingLossShare': replied !== undefined && sent > 0 ? 1 - received / sent : null,
    'host.pingAvgMs': replied?.data.avgMs ?? null,
    'host.openPort': portThat('open'),
    'host.refusedPort': portThat('refused'),
    'host.rejectedPort': portThat('unreachable'),
    'host.otherPortsTried': ports.length === 0 ? null : ended.length,
    'host.otherPortsSilent': otherPortsSilent,
    'host.otherPortLate':
      ended.find((one) => (one.outcome === 'open' || one.outcome === 'refused') && isLateAnswer(one, rttMs))
        ?.port ?? null,
    'host.referencePort': referencePort?.input.port ?? null,
    'host.referencePortWavers': wavers(referencePort?.data.attempts ?? [], rttMs),
    'host.silentPort': portThat('timeout'),
    'host.alive': how.length > 0 ? true : null,
    'host.aliveHow': how.length > 0 ? how.join(', ') : null,
    'host.silentOnEverything':
      how.length > 0
        ? false
        : otherPortsSilent === null || outcome === null || outcome === 'pending'
          ? null
          : outcome === 'timeout' && otherPortsSilent && answersPing !== true,
    'host.distance': distance,
    'host.replyTtl': otherReply ?? replied?.data.replyTtl ?? null,
    'referenceHost.given': request.controlHost !== null,
    'referenceHost.outcome': connectOutcome(referenceHost),
    'referenceHost.sameNetwork':
      address === null || referenceHost === undefined
        ? null
        : samePrefix(referenceHost.input.address, address, familyOf(address) === 6 ? 64 : 24),
    'referenceHost.stoppedAtSameHop':
      referenceTrace === null ||
      targetTrace === null ||
      referenceTrace.summary.reached ||
      targetTrace.summary.reached ||
      // Every packet to either host passes the first router: where it told one trace, its silence to the other is a limit.
      referenceTrace.summary.silentFromFirst !== targetTrace.summary.silentFromFirst
        ? null
        : referenceTrace.summary.lastHop === targetTrace.summary.lastHop,
  };
}
