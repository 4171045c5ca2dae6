// 64 bytes from 10.0.2.2: icmp_seq=1 ttl=62 time=0.295 ms
// From 10.0.12.2 icmp_seq=1 Packet filtered

import { familyOf } from '../ground/address.ts';
import type { PingError } from '../model/measured.ts';
import { type LocalError, localErrorOf, notPermitted } from './local-error.ts';
import { unixLine } from './ping-unix.ts';
import { readWindowsPing } from './ping-windows.ts';

export interface ParsedPing {
  /** From the tool's summary; null where it was ended before it printed one. */
  sent: number | null;
  /** Echo replies, each sequence number once. Not Windows's own count, which takes an unreachable for a reply. */
  received: number;
  minMs: number | null;
  avgMs: number | null;
  maxMs: number | null;
  replyTtl: number | null;
  /** ICMP errors, at most 20. */
  errors: PingError[];
  sendRefused: boolean;
  localError: LocalError | null;
  /** The tool's words when it may not open its socket. */
  notPermitted: string | null;
  /** Lines that may have been results and that nobody here can read; absent where there are none. Silence is then no silence. */
  unread?: number;
}

const MAX_ERRORS = 20;

/**
 * Output of ping, stdout followed by stderr: iputils, BusyBox, toybox, inetutils, macOS, FreeBSD and OpenBSD in English,
 * Windows in any language, by structure: a line with an address and a time or TTL is a reply. What the words of a Windows
 * error mean is known in fifteen languages; in others an error has no ICMP type. `address` is what was pinged.
 */
export function parsePing(text: string, address: string): ParsedPing {
  const family = familyOf(address);
  const seen = new Set<number>();
  const times: number[] = [];
  const errors: PingError[] = [];
  let replyTtl: number | null = null;
  let received = 0;
  let sent: number | null = null;
  let summary: { received: number | null; times: number[] } = { received: null, times: [] };
  let localError: LocalError | null = null;
  let isUnix = false;
  let unread = 0;

  const tell = (error: PingError) => {
    if (errors.length < MAX_ERRORS) errors.push({ ...error, text: error.text.slice(0, 200) });
  };

  const lines = text
    .split(/\r\n|\n|\r/, 10_000)
    .filter((line) => line.length <= 500 && /[^\d\s.:-]/.test(line))
    .map((line) => line.trimEnd());
  for (const line of lines) {
    const read = unixLine(line, family);
    if (read === null) {
      const local = localErrorOf(line);
      if (local !== null && !/^Reply from|: transmit failed/i.test(line)) localError ??= local;
      continue;
    }
    isUnix = true;
    if (read.kind === 'reply') {
      if (seen.has(read.sequence)) continue;
      seen.add(read.sequence);
      received++;
      replyTtl ??= read.ttl;
      if (read.ms !== null) times.push(read.ms);
    } else if (read.kind === 'error') tell(read.error);
    else if (read.kind === 'counts') {
      sent = read.sent;
      summary = { ...summary, received: read.received };
    } else if (read.kind === 'times') summary = { ...summary, times: read.times };
  }

  if (!isUnix) {
    const windows = readWindowsPing(lines, family);
    for (const one of windows.replies) {
      received++;
      replyTtl ??= one.ttl;
      if (one.ms !== null) times.push(one.ms);
    }
    for (const error of windows.errors) tell(error);
    sent = windows.sent;
    localError ??= windows.localError;
    unread = windows.unread;
  }

  const [minMs = null, avgMs = null, maxMs = null] = times.length > 0 ? spread(times) : summary.times;
  return {
    sent,
    received: received > 0 || summary.received === null ? received : summary.received,
    minMs,
    avgMs,
    maxMs,
    replyTtl,
    errors,
    sendRefused: localError?.errno === 'EPERM',
    localError,
    notPermitted: received > 0 || errors.length > 0 ? null : notPermitted(text),
    ...(unread > 0 && received === 0 && errors.length === 0 && localError === null ? { unread } : {}),
  };
}

function spread(times: number[]): number[] {
  const round = (ms: number) => Math.round(ms * 1000) / 1000;
  const smallest = times.reduce((a, b) => Math.min(a, b));
  const largest = times.reduce((a, b) => Math.max(a, b));
  return [smallest, round(times.reduce((a, b) => a + b, 0) / times.length), largest];
}
