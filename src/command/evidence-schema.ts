import * as v from 'valibot';
import type { ProbeName } from '../model/probes.ts';
import { GIVEN, VIEW_GAPS, VIEW_KINDS } from '../model/views.ts';
import { theCase } from './case-schemas.ts';
import { count, family, flag, list, long, ms, number, or, port, text, timestamp } from './field-schemas.ts';
import { PROBES } from './probe-schemas.ts';

/**
 * What a file must hold to be replayed, field by field: the values of src/model as they come back from a file that
 * anybody may have written. Fields that a newer version adds are no error.
 */

function observationOf<
  P extends ProbeName,
  I extends v.GenericSchema,
  const O extends readonly string[],
  D extends v.GenericSchema,
>(probe: P, { input, outcomes, data }: { input: I; outcomes: O; data: D }) {
  return v.object({
    id: v.pipe(text, v.maxLength(200)),
    probe: v.literal(probe),
    input,
    outcome: v.picklist([...outcomes, 'failed', 'not-available', 'cancelled'] as const),
    reason: or(text),
    startedAt: timestamp,
    durationMs: ms,
    data: or(data),
    command: or(text),
    raw: or(v.pipe(v.string(), v.maxLength(65_536))),
    enable: or(text),
    final: flag,
    code: v.optional(text),
    told: v.optional(text),
    view: v.optional(text),
  });
}

/** Also of a report: both hold the same observations. */
export const OBSERVATION_SCHEMA = v.variant('probe', [
  observationOf('answer', PROBES.answer),
  observationOf('tcp-connect', PROBES['tcp-connect']),
  observationOf('alternate-ports', PROBES['alternate-ports']),
  observationOf('system-resolve', PROBES['system-resolve']),
  observationOf('hosts-file', PROBES['hosts-file']),
  observationOf('dns', PROBES.dns),
  observationOf('local-network', PROBES['local-network']),
  observationOf('ping', PROBES.ping),
  observationOf('trace-syn', PROBES['trace-syn']),
  observationOf('trace-command', PROBES['trace-command']),
  observationOf('own-rules', PROBES['own-rules']),
  observationOf('counted-connect', PROBES['counted-connect']),
  observationOf('proxy-connect', PROBES['proxy-connect']),
  observationOf('reply-ttl', PROBES['reply-ttl']),
  observationOf('other-end', PROBES['other-end']),
  observationOf('path-mtu', PROBES['path-mtu']),
  observationOf('reverse-names', PROBES['reverse-names']),
  observationOf('tls', PROBES.tls),
  observationOf('ssh', PROBES.ssh),
  observationOf('http', PROBES.http),
  observationOf('greeting', PROBES.greeting),
  observationOf('stall', PROBES.stall),
]);

const yesNo = v.optional(v.picklist(['yes', 'no', 'unknown']));

const request = v.object({
  target: v.object({
    input: text,
    host: v.pipe(text, v.minLength(1), v.maxLength(300)),
    port: v.pipe(port, v.minValue(1)),
    service: or(text),
    serviceNamed: flag,
    path: text,
    tlsRequired: v.optional(flag),
  }),
  resolvers: list(text),
  controlHost: or(text),
  alternatePorts: or(list(port)),
  answers: v.object({
    symptom: v.optional(
      v.picklist(['refused', 'hangs', 'certificate-error', 'intermittent', 'slow', 'unknown']),
    ),
    'worked-before': yesNo,
    'others-can-reach': yesNo,
    'vpn-or-proxy': yesNo,
  }),
  maxTimeMs: ms,
  family: or(family),
  names: flag,
  ttlProbe: flag,
  traceAlways: flag,
  sni: or(text),
  seenAs: v.optional(or(text)),
  caPem: or(long),
});

const view = v.object({
  name: text,
  kind: v.picklist(VIEW_KINDS),
  by: or(text),
  ok: flag,
  reason: or(text),
  clockOffsetMs: or(number),
  privileges: or(v.picklist(['root', 'user'])),
  tool: v.optional(or(text)),
  place: v.optional(or(text)),
  notChecked: v.optional(list(v.picklist(VIEW_GAPS))),
  given: v.optional(
    v.object({
      what: list(v.picklist(GIVEN)),
      to: v.picklist(['own-machine', 'public-service']),
      at: v.optional(text),
    }),
  ),
});

export const EVIDENCE_SCHEMA = v.object({
  request,
  vantage: v.object({
    os: text,
    addresses: list(text),
    resolvers: list(text),
    searchDomains: list(text),
    ndots: count,
    privileges: v.picklist(['root', 'user']),
    proxyVariables: list(text),
    proxy: v.optional(or(v.object({ variable: text, host: text, port, exempt: v.optional(v.boolean()) }))),
  }),
  startedAt: timestamp,
  observations: list(OBSERVATION_SCHEMA),
  case: v.optional(theCase),
  views: v.optional(list(view)),
});

/** Where a value is no evidence (`observations.3.data.sent`), or null where it is. */
export function wrongPlace(value: unknown): string | null {
  const { issues } = v.safeParse(EVIDENCE_SCHEMA, value, { abortEarly: true });
  if (issues === undefined) return null;
  return v.getDotPath(issues[0]) ?? 'the whole';
}
