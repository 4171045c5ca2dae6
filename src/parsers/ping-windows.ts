// Antwort von 192.0.2.7: Bytes=32 Zeit=11ms TTL=57
// Reply from 192.168.1.1: Destination host unreachable.

import { type Family, isAddress } from '../ground/address.ts';
import type { PingError } from '../model/measured.ts';
import type { LocalError } from './local-error.ts';
import { icmpOfMeaning, windowsMeaning } from './windows-words.ts';

export interface WindowsPing {
  replies: { ttl: number | null; ms: number | null }[];
  errors: PingError[];
  sent: number | null;
  localError: LocalError | null;
  unread: number;
}

/**
 * Output of Windows's ping in any language. A header, the answers, and statistics: an address alone before a colon begins
 * them, and the first number after an equals sign is what was sent. Its own count of what was received is not taken: it
 * counts `Destination host unreachable` as an answer.
 */
export function readWindowsPing(lines: readonly string[], family: Family): WindowsPing {
  const read: WindowsPing = { replies: [], errors: [], sent: null, localError: null, unread: 0 };
  let part: 'before' | 'answers' | 'statistics' = 'before';
  // An address, a colon and words in a language that is not ours: an error only where the whole is Windows's ping.
  let unknown = 0;
  for (const line of lines) {
    if (line.trim() === '') continue;
    const addresses = addressesIn(line);
    if (part === 'statistics') {
      read.sent ??= firstCount(line);
      // A second ping may follow in what somebody copied.
      if (addresses.length === 0 || !/\d\s?(?:ms|мс)|TTL=/.test(line) || firstCount(line) !== null) continue;
    }
    const [from] = addresses;
    const meaning = windowsMeaning(line);
    if (from === undefined) {
      if (meaning === 'general-failure') {
        read.localError ??= { errno: 'UNKNOWN', text: line.trim().slice(0, 200) };
      } else if (icmpOfMeaning(meaning, family) !== null)
        read.errors.push(errorOf(null, line.trim(), family));
      else if (meaning !== 'timed-out' && part === 'answers' && !/[:：]\s*$/.test(line)) read.unread++;
      else if (meaning === 'timed-out') part = 'answers';
      continue;
    }
    const rest = line.slice(line.indexOf(from) + from.length);
    const answer = answerIn(rest);
    if (answer !== null) {
      part = 'answers';
      read.replies.push(answer);
      continue;
    }
    if (/[:：]\s*$/.test(line)) {
      const bare = addresses.reduce((left, one) => left.replace(one, ''), line);
      // `Pinging ADDRESS with 32 bytes of data:` has a number, `Ping statistics for ADDRESS:` has none.
      part = /\d/.test(bare) || /\[/.test(bare) ? 'answers' : 'statistics';
      continue;
    }
    const colon = rest.search(/[:：]/);
    const words = colon < 0 ? '' : rest.slice(colon + 1).trim();
    if (words === '' || /\d\s*$|=/.test(words)) {
      if (part === 'before') part = 'answers';
      continue;
    }
    if (meaning === 'general-failure') read.localError ??= { errno: 'UNKNOWN', text: line.trim() };
    else if (icmpOfMeaning(meaning, family) !== null) read.errors.push(errorOf(from, words, family));
    else if (meaning !== 'timed-out' && meaning !== 'name-unknown' && part === 'answers') {
      if (meaning === null) unknown++;
      read.errors.push(errorOf(from, words, family));
    }
  }
  if (unknown === 0 || read.sent !== null || read.replies.length > 0) return read;
  return {
    ...read,
    errors: read.errors.filter(({ icmpType }) => icmpType !== null),
    unread: read.unread + unknown,
  };
}

function errorOf(from: string | null, text: string, family: Family): PingError {
  const [icmpType = null, icmpCode = null] = icmpOfMeaning(windowsMeaning(text), family) ?? [];
  return { from, icmpType, icmpCode, text };
}

/** Addresses of a line, in brackets or not; a colon or a particle may be glued to one (`2001:db8::7:`, `192.0.2.7의`). */
export function addressesIn(line: string): string[] {
  const words = line.match(/[0-9a-fA-F:.]{2,45}(?:%[0-9A-Za-z]{1,16})?/g) ?? [];
  return words.map((word) => word.replace(/[:.]$/, '')).filter(isAddress);
}

/** `bytes=32 time=11ms TTL=57`, `temps<1 ms`, `tiempo<1m`, `время=37мс`, `時間 =7ms`: the number with a unit is the time. */
function answerIn(rest: string): { ttl: number | null; ms: number | null } | null {
  const time = /[=<]\s?(\d{1,7})\s?(?:ms|мс|мсек|msec|msn|msek|m(?=\s|$)|毫秒|ミリ秒|밀리초)(?!\p{L})/iu.exec(
    rest,
  );
  const ttl = /\bTTL\s?=\s?(\d{1,3})\b/i.exec(rest);
  if (!time && !ttl) return null;
  return { ttl: ttl ? Number(ttl[1]) : null, ms: time ? Number(time[1]) : null };
}

function firstCount(line: string): number | null {
  const count = /=\s?(\d{1,9})(?=\s*[,，、;])/.exec(line)?.[1];
  return count === undefined ? null : Number(count);
}
