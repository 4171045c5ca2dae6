import type { Look } from '../model/look.ts';
import { safe } from './sanitize.ts';
import { duration } from './units.ts';

/** One look in a few words, to stand after a time. */
export function lookWords(look: Look): string {
  const { kind, ms } = look;
  const address = look.address === null ? '' : ` by ${safe(look.address)}`;
  const code = look.code === null ? '' : ` (${safe(look.code)})`;
  switch (kind) {
    case 'open':
      return `reachable: accepted${address}${ms === null ? '' : ` in ${duration(ms)}`}`;
    case 'refused':
      return `refused${address}: it seems that nothing listens`;
    case 'unreachable':
      return `reported unreachable${code}`;
    case 'silent':
      return `no answer${look.address === null ? '' : ` from ${safe(look.address)}`}`;
    case 'name':
      return 'the name leads to no address';
    case 'name-late':
      return 'nobody answers for the name';
    case 'not-sent':
      return `this machine has no way to it${code}`;
    case 'unknown':
      return `not known: this machine could not look${code}`;
  }
}

/** `12:00:03`, in the time zone of whoever reads it. */
export const clockTime = (at: string, timeZone?: string): string =>
  new Intl.DateTimeFormat('en-GB', {
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
    ...(timeZone === undefined ? {} : { timeZone }),
  }).format(new Date(at));

/** `45 s`, `3 min 20 s`, `2 h 5 min`. */
export function span(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`;
  return minutes % 60 === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
