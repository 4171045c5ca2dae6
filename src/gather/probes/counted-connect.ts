import type { Doors } from '../../doors/types.ts';
import { familyOf } from '../../ground/address.ts';
import { because } from '../../model/reasons.ts';
import { countersBetween, KERNEL_COUNTER_FILES, type KernelCounters } from '../../parsers/kernel-counters.ts';
import type { Probe } from './probe.ts';
import { strongestOutcome } from './tcp-connect.ts';

/** Drivers count a packet as sent when the card reports it; after this every one is in the books. */
const SETTLE_MS = 30;

/**
 * A few connections to the port at once, between two readings of the kernel's packet counters. The counters tell what
 * connect() does not: whether the SYNs left this machine, whether a refusal was a reset or an ICMP error, whether
 * answers arrived that this machine threw away. A reading just after the SYNs were made has the least noise in it.
 */
export const countedConnect: Probe<'counted-connect'> = async (input, { doors, signal }) => {
  const { address, port, connections, timeoutMs, quietMs } = input;
  const first = doors.platform === 'linux' ? await readCounters(doors) : null;
  if (first === null || first.size === 0)
    return { outcome: 'not-available', reason: because('no-counters'), data: null };
  const family = familyOf(address);
  if (quietMs > 0) await doors.clock.sleep(quietMs, signal);
  const before = quietMs > 0 ? await readCounters(doors) : first;
  const asked = Array.from({ length: connections }, () =>
    doors.connectTcp(address, port, { timeoutMs, signal }),
  );
  const sending = countersBetween(before, await readCounters(doors), family);
  const ended = await Promise.all(asked);
  await doors.clock.sleep(SETTLE_MS, signal);
  if (signal.aborted) return { outcome: 'cancelled', reason: null, data: null };
  const results = ended.map(({ outcome, code, elapsedMs }) => ({
    outcome: outcome === 'cancelled' ? ('timeout' as const) : outcome,
    code,
    elapsedMs,
  }));
  return {
    outcome: strongestOutcome(results),
    reason: null,
    data: {
      results,
      quiet: countersBetween(first, before, family),
      sending,
      whole: countersBetween(before, await readCounters(doors), family),
    },
  };
};

/** A file that cannot be read leaves its counters out: unknown, and with them the differences that need them. */
async function readCounters(doors: Doors): Promise<KernelCounters> {
  const read = await Promise.all(
    Object.values(KERNEL_COUNTER_FILES).map(async ({ path, parse }) => {
      const text = await doors.readText(path);
      return text === null ? [] : [...parse(text)];
    }),
  );
  return new Map(read.flat());
}
