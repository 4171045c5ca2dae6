import { readFileSync } from 'node:fs';
import type { ConnectResult } from './types.ts';

/** What took less needs no explanation. */
const LONG_MS = 700;
/** The first retransmission of a SYN comes a second after it (RFC 6298 2.1): an answer that the network took so long for draws one. */
const RESENT_MS = 1100;

/**
 * How many SYNs and SYN-ACKs this network namespace has sent again so far (TcpExt.TCPSynRetrans of /proc/net/netstat); null
 * where the system does not tell. Read at once: what comes between would be counted.
 */
export function synsSentAgain(read: () => string = netstat): number | null {
  let lines: string[];
  try {
    lines = read().split('\n', 10);
  } catch {
    return null;
  }
  const [names, values] = lines.filter((line) => line.startsWith('TcpExt:')).map((line) => line.split(' '));
  const count = Number(values?.[names?.indexOf('TCPSynRetrans') ?? -1] ?? Number.NaN);
  return Number.isFinite(count) ? count : null;
}

const netstat = (): string => readFileSync('/proc/net/netstat', 'latin1');

/**
 * A connection that took long although no SYN was sent again meanwhile lost nothing; and one that took longer than the kernel
 * waits was answered in time, and waited for this process: its time says nothing about the path.
 */
export function timedByKernel(
  result: ConnectResult,
  before: number | null,
  read?: () => string,
): ConnectResult {
  if (result.outcome !== 'open' && result.outcome !== 'refused') return result;
  if (before === null || result.elapsedMs < LONG_MS || synsSentAgain(read) !== before) return result;
  return { ...result, resent: false, ...(result.elapsedMs >= RESENT_MS ? { timed: false } : {}) };
}
