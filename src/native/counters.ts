import { readFileSync } from 'node:fs';
import {
  KERNEL_COUNTER_FILES,
  type KernelCounters,
  parsePairedCounters,
} from '../parsers/kernel-counters.ts';

/** Counters of this network namespace now (an ordinary user may read them). A file that cannot be read leaves its counters out. */
export function readKernelCounters(): KernelCounters {
  const all = new Map<string, number>();
  for (const [path, parse] of KERNEL_COUNTER_FILES) {
    try {
      for (const [name, value] of parse(readFileSync(path, 'latin1'))) all.set(name, value);
    } catch {
      // Unknown from here on: every counter of this file, and with it the differences that need it (null).
    }
  }
  return all;
}

/** TCPMinTTLDrop alone, cheap enough to be asked every millisecond; null where it cannot be read. */
export function readMinTtlDrops(): number | null {
  try {
    return (
      parsePairedCounters(readFileSync('/proc/net/netstat', 'latin1')).get('TcpExt.TCPMinTTLDrop') ?? null
    );
  } catch {
    // Unknown: whether the kernel dropped an answer for its TTL.
    return null;
  }
}
