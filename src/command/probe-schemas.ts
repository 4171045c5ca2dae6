import * as v from 'valibot';
import { SPOKEN } from '../ground/services.ts';
import type { ProbeName } from '../model/probes.ts';
import { grownRule, otherEnd } from './case-schemas.ts';
import { count, family, flag, list, long, ms, number, octet, or, port, text } from './field-schemas.ts';
import {
  connectOutcome,
  counterChange,
  dnsAnswer,
  http,
  protocol,
  spoken,
  TRACE_OUTCOMES,
  talkEnd,
  timed,
  tls,
  trace,
  traceProtocol,
  traceRole,
  word,
} from './measured-schemas.ts';
import { ruleset } from './ruleset-schema.ts';

const cut = ['closed', 'reset', 'stalled', 'flooded', 'not-connected'] as const;
const request = { address: text, port, timeoutMs: ms, roundTripMs: v.optional(ms) };
const conversation = { ...request, patienceMs: v.optional(ms) };
const service = v.picklist(SPOKEN);

/** Probe -> its input, its own outcomes, its data. */
const measuredMtu = v.object({
  passes: or(number),
  fails: or(number),
  told: or(number),
  lastHop: or(number),
  lastAddress: or(text),
  smallAnswered: flag,
});

export const PROBES = {
  answer: {
    input: v.object({
      question: v.picklist(['symptom', 'worked-before', 'others-can-reach', 'vpn-or-proxy']),
      value: text,
    }),
    outcomes: ['answered'],
    data: v.object({ value: text }),
  },
  'tcp-connect': {
    input: v.object({
      address: text,
      port,
      role: v.picklist(['target', 'sample', 'reference-port', 'reference-host', 'after-talk', 'same-flow']),
      startsMs: list(ms),
      sourcePorts: v.optional(list(port)),
      endMs: ms,
      stopAtFirstAnswer: flag,
    }),
    outcomes: ['open', 'refused', 'unreachable', 'timeout', 'local-error', 'pending'],
    data: v.object({
      attempts: list(
        v.object({
          startMs: ms,
          outcome: connectOutcome,
          code: or(text),
          elapsedMs: ms,
          local: flag,
          sourcePort: v.optional(or(port)),
          timed,
          resent: timed,
          told: v.optional(or(v.object({ from: or(text), icmpType: octet, icmpCode: octet }))),
        }),
      ),
    }),
  },
  'alternate-ports': {
    input: v.object({ address: text, ports: list(port), timeoutMs: ms }),
    outcomes: ['some-answered', 'none-answered', 'pending'],
    data: v.object({
      ports: list(
        v.object({ port, outcome: connectOutcome, code: or(text), elapsedMs: ms, timed, resent: timed }),
      ),
    }),
  },
  'system-resolve': {
    input: v.object({ host: text, timeoutMs: v.optional(ms) }),
    outcomes: ['resolved', 'not-found', 'temporary-failure', 'error', 'timeout'],
    data: v.object({ addresses: list(v.object({ address: text, family })), code: or(text) }),
  },
  'hosts-file': {
    input: v.object({ host: text }),
    outcomes: ['listed', 'not-listed', 'unreadable'],
    data: v.object({ path: text, entries: list(v.object({ address: text, line: count })) }),
  },
  dns: {
    input: v.object({
      resolver: text,
      port,
      host: text,
      configured: flag,
      nonsense: v.optional(flag),
      timeoutMs: ms,
      searchDomains: list(text),
      ndots: count,
    }),
    outcomes: ['answered', 'timeout', 'port-closed', 'unreachable', 'malformed', 'connection-failed'],
    data: v.object({ answers: list(dnsAnswer) }),
  },
  'local-network': {
    input: v.object({ address: text, port: v.optional(port) }),
    outcomes: ['measured', 'partly-measured', 'unknown'],
    data: v.object({
      route: v.object({
        kind: v.picklist([
          'unicast',
          'local',
          'broadcast',
          'none',
          'blackhole',
          'unreachable',
          'prohibit',
          'unknown',
        ]),
        device: or(text),
        gateway: or(text),
        source: or(text),
        onLink: or(flag),
      }),
      neighbour: or(v.object({ address: text, state: text })),
      interfaces: list(
        v.object({
          name: text,
          up: flag,
          pointToPoint: v.optional(flag),
          mtu: v.optional(count),
          addresses: list(v.object({ address: text, prefix: count, family })),
        }),
      ),
      listeners: v.optional(list(v.object({ address: text, waiting: count }))),
      container: v.optional(v.picklist(['docker', 'podman', 'kubernetes', 'wsl'])),
      defaultTtl: v.optional(number),
      defaultGateway: v.optional(text),
    }),
  },
  ping: {
    input: v.object({
      address: text,
      count,
      timeoutMs: ms,
      intervalMs: v.optional(ms),
      size: v.optional(count),
    }),
    outcomes: ['replies', 'no-reply', 'unreachable', 'local-error'],
    data: v.object({
      sent: count,
      received: count,
      minMs: or(ms),
      avgMs: or(ms),
      maxMs: or(ms),
      replyTtl: or(octet),
      errors: list(v.object({ from: or(text), icmpType: or(octet), icmpCode: or(octet), text })),
      sendRefused: flag,
    }),
  },
  'trace-syn': {
    input: v.object({
      address: text,
      port,
      protocol: traceProtocol,
      role: traceRole,
      holdMs: ms,
      maxTtl: octet,
      silentLimit: count,
    }),
    outcomes: TRACE_OUTCOMES,
    data: trace,
  },
  'trace-command': {
    input: v.object({
      address: text,
      port,
      role: traceRole,
      protocols: list(traceProtocol),
      timeoutMs: ms,
    }),
    outcomes: TRACE_OUTCOMES,
    data: trace,
  },
  'own-rules': {
    input: v.object({ address: text, port, timeoutMs: ms }),
    outcomes: ['read'],
    data: v.object({ ruleset: or(ruleset), grew: list(grownRule) }),
  },
  'counted-connect': {
    input: v.object({ address: text, port, connections: count, timeoutMs: ms, quietMs: ms }),
    outcomes: ['open', 'refused', 'unreachable', 'timeout', 'local-error', 'pending'],
    data: v.object({
      results: list(v.object({ outcome: connectOutcome, code: or(text), elapsedMs: ms })),
      quiet: counterChange,
      sending: counterChange,
      whole: counterChange,
    }),
  },
  'proxy-connect': {
    input: v.object({ proxyHost: text, proxyPort: port, host: text, port, timeoutMs: ms }),
    outcomes: ['opened', 'declined', 'no-answer', 'unreachable', 'unresolved'],
    data: v.object({ status: or(number) }),
  },
  'reply-ttl': {
    input: v.object({ address: text, port }),
    outcomes: ['measured', 'not-measured'],
    data: v.object({ port, answer: or(v.picklist(['syn-ack', 'rst'])), ttl: or(octet), sent: count }),
  },
  'other-end': {
    input: v.object({ address: text, port, by: text }),
    outcomes: ['looked'],
    data: otherEnd,
  },
  'path-mtu': {
    input: v.object({ address: text, timeoutMs: ms, roundTripMs: ms }),
    outcomes: ['whole', 'vanishes', 'told', 'no-reply'],
    data: v.object({ mtu: measuredMtu }),
  },
  'reverse-names': {
    input: v.object({ addresses: list(text), resolvers: list(text), timeoutMs: ms }),
    outcomes: ['named', 'unnamed'],
    data: v.object({ names: v.record(text, text) }),
  },
  tls: {
    input: v.object({
      ...conversation,
      serverName: or(text),
      expectedAddress: or(text),
      httpPath: or(text),
      inside: v.optional(or(service)),
      httpExpected: flag,
      httpHost: text,
      caPem: or(long),
      role: v.optional(v.picklist(['redirect', 'sample'])),
      startMs: v.optional(ms),
    }),
    outcomes: ['ok', 'untrusted', 'wrong-name', 'alert', 'refused-locally', 'not-tls', ...cut],
    data: v.object({
      connectMs: or(ms),
      tls,
      http: or(http),
      inside: v.optional(or(v.object(spoken))),
    }),
  },
  ssh: {
    input: v.object(conversation),
    outcomes: ['ok', 'no-common-algorithm', 'not-ssh', ...cut],
    data: v.object({
      connectMs: or(ms),
      firstByteMs: or(ms),
      ended: talkEnd,
      identification: or(text),
      otherText: or(text),
      word: v.optional(or(word)),
      otherProtocol: or(protocol),
      offerRead: flag,
      noCommon: or(
        v.picklist(['protocol version', 'key exchange', 'host key', 'cipher', 'MAC', 'compression']),
      ),
      offered: or(text),
      untaken: v.optional(or(count)),
    }),
  },
  http: {
    input: v.object({
      ...conversation,
      host: text,
      path: text,
      role: v.optional(v.picklist(['redirect', 'sample'])),
      startMs: v.optional(ms),
    }),
    outcomes: ['ok', 'not-http', ...cut],
    data: v.object({ connectMs: or(ms), http }),
  },
  greeting: {
    input: v.object({
      ...conversation,
      service: or(service),
      serverName: or(text),
      expectedAddress: or(text),
      caPem: or(long),
    }),
    outcomes: ['ok', 'other-protocol', 'refuses', 'waits', ...cut],
    data: v.object({
      ...spoken,
      connectMs: or(ms),
      tls: or(tls),
    }),
  },
  stall: {
    input: v.object({
      ...request,
      request: v.picklist(['tls', 'http', 'ssh', 'listen', 'question']),
      service: v.optional(service),
      serverName: or(text),
      httpHost: text,
      page: v.optional(v.object({ path: text, due: count })),
      seen: v.picklist(['stalled', 'reset', 'closed']),
      seenAfterMs: v.optional(ms),
    }),
    outcomes: ['answers-now', 'smaller-works', 'other-name-works', 'all-silent', 'all-reset', 'unclear'],
    data: v.object({
      variants: list(
        v.object({
          name: v.picklist([
            'as-is',
            'small-segments',
            'other-name',
            'no-name',
            'large-request',
            'plain-http',
            'says-nothing',
            'proxy-header',
            'short-lived',
          ]),
          ttl: or(octet),
          ended: v.picklist(['answered', 'closed', 'reset', 'stalled', 'not-connected', 'unknown']),
          receivedBytes: count,
          asked: v.optional(count),
          lastedMs: v.optional(count),
          protocol: or(protocol),
          complaint: v.optional(flag),
          retransmits: or(number),
          unacked: or(number),
          pathMtu: or(number),
          expired: flag,
        }),
      ),
      mtu: or(measuredMtu),
      resetTtl: or(number),
      lastHop: or(number),
    }),
  },
} as const satisfies Record<ProbeName, object>;
