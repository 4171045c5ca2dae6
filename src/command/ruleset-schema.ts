import * as v from 'valibot';
import type { Effect, Match } from '../model/ruleset.ts';
import { count, flag, long, number, or, port, text } from './field-schemas.ts';

/** src/model/ruleset.ts, as it comes back from a file. */

/** Rules nest their conditions a few deep; a file that nests them deeper is none of ours. */
const DEEPEST = 32;

/** A set of addresses may have tens of thousands of them; more than the 1 MiB of rules that is read can hold is none. */
const list = <T extends v.GenericSchema>(item: T) => v.pipe(v.array(item), v.maxLength(1024 * 1024));

const range = <T extends v.GenericSchema>(end: T) => v.tuple([end, end]);
const test = v.variant('kind', [
  v.object({ kind: v.literal('numbers'), ranges: list(range(number)) }),
  v.object({ kind: v.literal('addresses'), ranges: list(range(text)) }),
  v.object({ kind: v.literal('names'), names: list(text) }),
  v.object({ kind: v.literal('bits'), mask: number, bits: number }),
]);

const match: v.GenericSchema<Match> = v.union([
  v.object({
    field: v.picklist([
      ...(['family', 'protocol', 'iif', 'oif', 'source', 'destination', 'sourcePort'] as const),
      ...(['destinationPort', 'sourceType', 'destinationType', 'state', 'status'] as const),
      ...(['originalDestination', 'originalPort', 'mark', 'tcpFlags', 'mss'] as const),
    ]),
    test,
    not: flag,
  }),
  v.object({ anyOf: list(list(v.lazy(() => match))), not: flag }),
  v.object({ unknown: long }),
]);

const effect: v.GenericSchema<Effect> = v.variant('do', [
  v.object({ do: v.picklist(['accept', 'drop', 'return', 'continue', 'notrack', 'snat']) }),
  v.object({ do: v.literal('reject'), how: text }),
  v.object({ do: v.picklist(['jump', 'goto']), chain: text }),
  v.object({ do: v.literal('dnat'), address: or(text), port: or(port), unsure: flag }),
  v.object({ do: v.literal('redirect'), port: or(port), unsure: flag }),
  v.object({ do: v.literal('mark'), to: or(v.object({ keep: number, xor: number })) }),
  v.object({
    do: v.literal('choose'),
    cases: list(v.object({ when: list(match), effect: v.lazy(() => effect) })),
  }),
  v.object({ do: v.literal('unknown'), text: long }),
]);

const rule = v.object({
  handle: or(count),
  line: count,
  text: long,
  packets: or(count),
  steps: list(v.union([v.object({ match }), v.object({ effect })])),
});

const shape = v.object({
  chains: list(
    v.object({
      tool: v.picklist(['nftables', 'iptables', 'ip6tables']),
      families: list(v.picklist([4, 6])),
      table: text,
      name: text,
      base: or(
        v.object({
          hook: v.picklist(['ingress', 'prerouting', 'input', 'forward', 'output', 'postrouting']),
          kind: v.picklist(['filter', 'nat']),
          priority: number,
          policy: v.picklist(['accept', 'drop']),
        }),
      ),
      devices: v.optional(list(text)),
      rules: list(rule),
    }),
  ),
});

/** Whether nothing in `value` lies deeper than `levels`; stops there, so that no depth can exhaust the stack. */
const isFlat = (value: unknown, levels: number): boolean =>
  typeof value !== 'object' ||
  value === null ||
  (levels > 0 && Object.values(value).every((one) => isFlat(one, levels - 1)));

export const ruleset = v.pipe(
  v.custom<v.InferOutput<typeof shape>>((value) => isFlat(value, DEEPEST)),
  shape,
);
