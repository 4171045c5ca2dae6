const DAY_MS = 86_400_000;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `18 Nov 2026`, in UTC: the same for everybody who reads the report. */
export function dayWords(time: number): string {
  const date = new Date(time);
  return `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]} ${date.getUTCFullYear()}`;
}

/** How far away a moment is, as people say it: `3 days`, `5 hours`, `14 months`. */
function spanWords(ms: number): string {
  const say = (count: number, unit: string): string => `${count} ${unit}${count === 1 ? '' : 's'}`;
  const days = Math.floor(ms / DAY_MS);
  if (days >= 730) return say(Math.floor(days / 365), 'year');
  if (days >= 90) return say(Math.floor(days / 30.44), 'month');
  if (days >= 1) return say(days, 'day');
  const hours = Math.floor(ms / 3_600_000);
  return hours >= 1 ? say(hours, 'hour') : 'less than an hour';
}

/** `expired 3 days ago (18 Nov 2026)`. */
export const expiredWords = (at: number, now: number): string =>
  `expired ${spanWords(now - at)} ago (${dayWords(at)})`;

/** `is not valid yet: it begins in 3 days (18 Nov 2026)`. */
export const earlyWords = (at: number, now: number): string =>
  `is not valid yet: it begins in ${spanWords(at - now)} (${dayWords(at)})`;

/** `is valid for another 3 days (until 18 Nov 2026)`. */
export const validWords = (at: number, now: number): string =>
  `is valid for another ${spanWords(at - now)} (until ${dayWords(at)})`;
