import * as v from 'valibot';
import { count, flag, list, ms, number, or, port, text, timestamp } from './field-schemas.ts';
import { ruleset } from './ruleset-schema.ts';

/** src/model/case.ts, as it comes back from a file. */

const ofPort = v.object({ address: text, port });

export const theCase = v.object({
  id: v.pipe(text, v.regex(/^[0-9a-f]{32}$/)),
  target: ofPort,
  reference: or(ofPort),
  client: v.object({
    address: or(text),
    translated: v.picklist(['yes', 'no', 'unknown']),
    seenAs: or(text),
  }),
  window: v.object({ from: timestamp, to: timestamp, timeZone: text }),
  attempts: list(
    v.object({
      n: count,
      sentAt: timestamp,
      sourcePort: or(port),
      mss: or(count),
      tsval: or(count),
      to: v.picklist(['target', 'reference']),
      result: v.picklist(['open', 'refused', 'unreachable', 'timeout', 'local-error']),
    }),
  ),
});

export const grownRule = v.object({ tool: text, table: text, chain: text, rule: count, packets: count });
const counters = v.record(text, number);

export const otherEnd = v.object({
  by: text,
  privileges: v.picklist(['root', 'user']),
  capture: or(text),
  from: ms,
  to: ms,
  system: or(text),
  listens: list(v.object({ address: text, port, queued: or(count), limit: or(count) })),
  halfOpen: list(text),
  addresses: or(list(v.object({ address: text, device: text }))),
  routeBack: or(v.object({ kind: v.picklist(['unicast', 'none', 'unknown']), device: or(text) })),
  forwards: or(flag),
  reversePathFilter: counters,
  conntrack: or(v.object({ count, most: count })),
  counters,
  quiet: counters,
  packets: or(
    list(
      v.object({
        time: ms,
        way: or(v.picklist(['in', 'out'])),
        device: or(text),
        from: text,
        fromPort: or(count),
        to: text,
        toPort: or(count),
        kind: v.picklist(['syn', 'syn-ack', 'rst', 'icmp']),
        ttl: or(count),
        mss: or(count),
        tsval: or(count),
      }),
    ),
  ),
  grew: list(grownRule),
  trace: list(text),
  ruleset: or(ruleset),
  notChecked: list(text),
});
