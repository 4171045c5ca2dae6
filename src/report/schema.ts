import * as v from 'valibot';
import type { Observation } from '../model/probes.ts';
import type { Report } from '../model/report.ts';
import { GIVEN, VIEW_GAPS, VIEW_KINDS } from '../model/views.ts';

/**
 * The report as shared/report.md promises it. Objects are open: a field added within a schema number is no error,
 * so probes and their inputs and data are named but not spelled out.
 */

const text = v.string();
const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const ms = v.pipe(v.number(), v.minValue(0));
const port = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535));
const timestamp = v.pipe(v.string(), v.isoTimestamp());
const hopNumber = v.nullable(count);
const address = v.nullable(text);
const family = v.picklist([4, 6]);
const owner = v.picklist(['you', 'network-admin', 'server-admin', 'dns-admin', 'service-owner']);
const privileges = v.picklist(['root', 'user']);

const statement = v.object({
  evidence: v.pipe(v.array(text), v.description('Ids of the observations that it rests on.')),
  text,
});

const where = v.variant('kind', [
  v.object({ kind: v.literal('this-machine') }),
  v.object({ kind: v.literal('resolver'), address }),
  v.object({ kind: v.literal('hop'), hop: hopNumber, address }),
  v.object({
    kind: v.literal('between'),
    hop: hopNumber,
    address,
    next: v.object({ hop: hopNumber, address }),
  }),
  v.object({ kind: v.literal('target'), address }),
]);

const rule = v.object({
  firewall: text,
  table: text,
  chain: text,
  handle: v.nullable(v.number()),
  text,
  counted: v.nullable(v.boolean()),
});
const task = {
  who: owner,
  system: v.exactOptional(v.pipe(text, v.description('The system it is for; absent = for every one.'))),
  do: text,
  run: v.nullable(text),
};
const outcomes = v.exactOptional(v.array(v.object({ see: text, means: text, cause: v.nullable(text) })));

const cause = v.object({
  id: v.pipe(text, v.description('Stable; the catalogue is printed by --list-causes.')),
  title: text,
  confidence: v.pipe(
    v.number(),
    v.minValue(0),
    v.maxValue(1),
    v.description('Probability; all causes together at most 1.'),
  ),
  tie: v.optional(
    v.pipe(
      v.literal(true),
      v.description('The evidence cannot part it from the other causes that are tied.'),
    ),
  ),
  likelihood: v.picklist(['very likely', 'likely', 'possible']),
  layer: v.picklist(['local', 'dns', 'path', 'host', 'service']),
  owner,
  address,
  where: v.nullable(where),
  because: v.array(statement),
  against: v.array(statement),
  fixes: v.array(v.object(task)),
  verify: v.array(v.object({ ...task, expect: text, outcomes })),
  observed: v.exactOptional(v.pipe(v.boolean(), v.description('Read, not inferred: it carries no share.'))),
  rule: v.exactOptional(rule),
  explains: v.array(v.object({ id: text, title: text, address, because: v.array(statement) })),
});

const path = v.object({
  method: text,
  port: v.nullable(port),
  address: text,
  reached: v.boolean(),
  lastHop: hopNumber,
  hops: v.array(
    v.object({
      hop: count,
      address,
      name: v.nullable(text),
      rttMs: v.nullable(ms),
      answer: v.picklist([
        'time-exceeded',
        'unreachable',
        'syn-ack',
        'rst',
        'reply',
        'silence',
        'local-error',
      ]),
    }),
  ),
});

const observation = v.object({
  id: text,
  probe: text,
  input: v.record(text, v.unknown()),
  outcome: text,
  reason: v.nullable(text),
  startedAt: timestamp,
  durationMs: ms,
  data: v.nullable(v.record(text, v.unknown())),
  command: v.nullable(text),
  raw: v.nullable(text),
  enable: v.nullable(text),
  final: v.boolean(),
  code: v.optional(
    v.pipe(text, v.description('errno name with which the system refused to let it begin or send.')),
  ),
  told: v.optional(
    v.pipe(text, v.description('The program whose pasted output says so; absent = measured by this run.')),
  ),
  view: v.optional(v.pipe(text, v.description('From where it was made; absent = this client.'))),
});

const ofPort = v.object({ address: text, port });
const theCase = v.object({
  id: v.pipe(text, v.regex(/^[0-9a-f]{32}$/)),
  target: ofPort,
  reference: v.nullable(ofPort),
  client: v.object({
    address: v.nullable(text),
    translated: v.picklist(['yes', 'no', 'unknown']),
    seenAs: v.nullable(text),
  }),
  window: v.object({ from: timestamp, to: timestamp, timeZone: text }),
  attempts: v.array(
    v.object({
      n: v.number(),
      sentAt: timestamp,
      sourcePort: v.nullable(v.number()),
      mss: v.nullable(v.number()),
      tsval: v.nullable(v.number()),
      to: v.picklist(['target', 'reference']),
      result: v.picklist(['open', 'refused', 'unreachable', 'timeout', 'local-error']),
    }),
  ),
});
const view = v.object({
  name: text,
  kind: v.picklist(VIEW_KINDS),
  by: v.nullable(text),
  ok: v.boolean(),
  reason: v.nullable(text),
  clockOffsetMs: v.nullable(v.number()),
  privileges: v.nullable(privileges),
  tool: v.exactOptional(v.nullable(text)),
  place: v.exactOptional(v.nullable(text)),
  notChecked: v.exactOptional(v.array(v.picklist(VIEW_GAPS))),
  given: v.exactOptional(
    v.object({
      what: v.array(v.picklist(GIVEN)),
      to: v.picklist(['own-machine', 'public-service']),
      at: v.exactOptional(text),
    }),
  ),
});

const CONNECT_OUTCOMES = ['open', 'refused', 'unreachable', 'timeout', 'local-error', 'pending'] as const;
const seen = v.nullable(
  v.object({
    port,
    outcome: v.picklist(CONNECT_OUTCOMES),
    code: v.nullable(text),
    elapsedMs: v.nullable(ms),
    sender: v.nullable(text),
  }),
);
const sight = v.object({
  view: v.pipe(text, v.description('Name of the view; `here` = this client.')),
  address: text,
  target: seen,
  reference: seen,
  control: seen,
  boundary: v.nullable(v.object({ hop: count, address: v.nullable(text) })),
  routers: v.array(text),
  names: v.nullable(v.array(text)),
  isInside: v.nullable(v.boolean()),
  proves: v.pipe(v.boolean(), v.description('False: that place reaches nothing, which says nothing.')),
});

const place = { place: text, firewall: text, rule: text };
const bothSides = v.object({
  address: text,
  by: text,
  privileges: v.nullable(privileges),
  sent: v.nullable(count),
  arrived: v.nullable(count),
  matchedBy: v.nullable(v.picklist(['timestamp', 'mss', 'source-port', 'rhythm'])),
  clockOffsetMs: v.nullable(v.number()),
  referenceArrived: v.nullable(v.boolean()),
  answers: v.nullable(v.picklist(['nothing', 'syn-ack', 'reset', 'icmp'])),
  answered: v.nullable(count),
  sees: v.nullable(v.picklist(['silence', 'open', 'refused', 'unreachable', 'different'])),
  fate: v.nullable(
    v.variant('kind', [
      v.object({ kind: v.picklist(['dropped', 'rejected', 'answer-dropped']), ...place }),
      v.object({ kind: v.literal('forwarded'), to: text }),
      v.object({
        kind: v.picklist(['reverse-path-filter', 'no-route-back', 'queue-full', 'nobody-listens']),
      }),
      v.object({
        kind: v.literal('other-route-back'),
        device: v.nullable(text),
        came: v.nullable(text),
      }),
      v.object({ kind: v.literal('other-address'), on: text }),
    ]),
  ),
});

const target = v.object({
  input: text,
  host: text,
  port,
  service: v.nullable(text),
  addresses: v.array(
    v.object({
      address: text,
      family,
      source: v.picklist(['literal', 'dns', 'hosts-file', 'system']),
      outcome: v.picklist([...CONNECT_OUTCOMES, 'not-tried']),
    }),
  ),
});

export const REPORT_SCHEMA = v.object({
  schema: v.literal('reachdoctor.report/1'),
  tool: v.object({ name: v.literal('reachdoctor'), version: text }),
  startedAt: timestamp,
  durationMs: ms,
  target,
  outcome: v.picklist(['reachable', 'impaired', 'unreachable', 'undetermined']),
  headline: v.pipe(text, v.minLength(1)),
  causes: v.pipe(v.array(cause), v.description('Best first; empty when reachable and nothing is wrong.')),
  ruledOut: v.array(v.object({ id: text, text })),
  cannotTell: v.array(v.object({ text, decidedBy: text })),
  notChecked: v.array(v.object({ probe: text, reason: text, enable: v.nullable(text) })),
  paths: v.array(path),
  observations: v.array(observation),
  vantage: v.object({
    os: text,
    addresses: v.array(text),
    resolvers: v.array(text),
    privileges,
    seenAs: v.exactOptional(text),
  }),
  case: v.exactOptional(theCase),
  views: v.exactOptional(v.array(view)),
  otherEnds: v.exactOptional(v.array(bothSides)),
  sights: v.exactOptional(v.array(sight)),
  kit: v.exactOptional(v.object({ name: text, sha256: text, script: text })),
});

// The schema and the model are the same type, or this does not compile. Observations are compared by their
// fields only: the catalogue of probes grows, the envelope does not.
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
type Plain<T> = T extends object ? { [K in keyof T]: Plain<T[K]> } : T;
type Described = v.InferOutput<typeof REPORT_SCHEMA>;
type All<T extends true[]> = T;
/** @public A compile error here means that schema and model differ. */
export type SchemaIsModel = All<
  [
    Same<Plain<Omit<Described, 'observations'>>, Plain<Omit<Report, 'observations'>>>,
    Same<keyof Described, keyof Report>,
    Same<keyof Described['observations'][number], keyof Observation>,
  ]
>;
