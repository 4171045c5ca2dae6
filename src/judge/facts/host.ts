import { familyOf, samePrefix } from '../../ground/address.ts';
import { EVERY_TRACE, ROUND_TRIP } from '../../model/fact-sources.ts';
import type { FactsOf, FactTable } from '../../model/facts.ts';
import type { ConnectAttempt } from '../../model/measured.ts';
import { connectOutcome, isLateAnswer, isOfPort, isSilent } from '../readings/connects.ts';
import type { Readings } from '../readings/index.ts';
import type { Heard } from '../readings/measured.ts';
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
  'host.pingBrief': {
    type: 'boolean',
    meaning:
      'Pings went out over less than half of the time in which the port was sampled: that they lost nothing tells nothing of the rest. Null where ping did not run, or the port was sampled for less than five seconds.',
    from: ['ping', 'tcp-connect:sample'],
  },
  'host.losesLargePings': {
    type: 'boolean',
    meaning:
      'Of large pings (about 1200 octets) two or more, and a fifth or more, were lost and some were answered, and of eight or more small ones none was lost. Null where no large ones were sent, too few small ones, or all of either were lost.',
    from: ['ping'],
  },
  'host.largePings': {
    type: 'number',
    meaning: 'How many large pings were sent; null as above.',
    from: ['ping'],
  },
  'host.largePingsLost': { type: 'number', meaning: 'How many of them were not answered.', from: ['ping'] },
  'host.largePingSize': {
    type: 'number',
    meaning: 'Octets of each of them, as a whole packet.',
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
  'host.referencePortBrief': {
    type: 'boolean',
    meaning:
      'host.referencePort was asked over less than half of the time in which the port was sampled: that it answered every time tells nothing of the rest. Null where it was not asked, or the port was sampled for less than five seconds.',
    from: ['tcp-connect:reference-port', 'tcp-connect:sample'],
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

/** From here on what happens within a moment need not be so for the rest. */
const LONG_SAMPLE_MS = 5000;
/** What watches for less than this part of the samples' time has not seen what they have. */
const LEAST_WATCHED = 0.5;
const USUAL_PING_MS = 200;
/** More is no longer what ping sends where nobody asks for a size, */
const SMALL_PING = 200;
/** and of fewer small ones it is no wonder that none was lost. */
const LEAST_SMALL = 8;
const LEAST_LARGE_LOST = 2;
const LEAST_LARGE_SHARE = 0.2;

const spanOf = (attempts: readonly ConnectAttempt[]): number =>
  attempts.length === 0
    ? 0
    : Math.max(...attempts.map(({ startMs }) => startMs)) -
      Math.min(...attempts.map(({ startMs }) => startMs));

const isLarge = ({ input }: Heard<'ping'>): boolean => (input.size ?? 0) > SMALL_PING;

function largePings(all: readonly Heard<'ping'>[]) {
  const none = {
    'host.losesLargePings': null,
    'host.largePings': null,
    'host.largePingsLost': null,
    'host.largePingSize': null,
  };
  const count = (some: readonly Heard<'ping'>[]) => ({
    sent: some.reduce((sum, { data }) => sum + data.sent, 0),
    received: some.reduce((sum, { data }) => sum + data.received, 0),
  });
  const large = count(all.filter(isLarge));
  const small = count(all.filter((one) => !isLarge(one)));
  if (large.received === 0 || small.sent < LEAST_SMALL || small.received === 0) return none;
  const size = all.find(isLarge)?.input.size;
  const lost = large.sent - large.received;
  const smallLost = small.sent - small.received;
  return {
    'host.losesLargePings':
      smallLost === 0 && lost >= LEAST_LARGE_LOST && lost >= LEAST_LARGE_SHARE * large.sent,
    'host.largePings': large.sent,
    'host.largePingsLost': lost,
    'host.largePingSize': size ?? null,
  };
}

export function hostFacts(readings: Readings): FactsOf<typeof HOST_FACTS> {
  const { here, all, request, distance, traces, address } = readings;
  const { outcome, roundTripMs: rttMs } = readings.connects;
  const pings = here.ping.filter((one) => !isLarge(one));
  const sampled = here['tcp-connect'].filter((o) => isOfPort(o) && o.input.role === 'sample');
  const sampledMs = Math.max(0, ...sampled.map(({ data }) => spanOf(data.attempts)));
  const isBrief = (watchedMs: number): boolean | null =>
    sampledMs < LONG_SAMPLE_MS ? null : watchedMs < LEAST_WATCHED * sampledMs;
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
    'host.pingBrief':
      pings.length === 0
        ? null
        : isBrief(
            Math.max(
              ...pings.map(({ input, data }) => (data.sent - 1) * (input.intervalMs ?? USUAL_PING_MS)),
            ),
          ),
    ...largePings(here.ping),
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
    'host.referencePortBrief':
      referencePort === undefined ? null : isBrief(spanOf(referencePort.data.attempts)),
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
