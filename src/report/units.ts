/** Times, shares, lists and the ends of sentences. */

/** `0.4 ms`, `38 ms`, `3.5 s`. */
export function duration(ms: number): string {
  if (ms < 9.95) return `${Math.max(0.1, Math.round(ms * 10) / 10)} ms`;
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  return `${Math.round(ms / 100) / 10} s`;
}

/** Never 0 % and never 100 %: a cause that is listed is neither. */
export function percent(confidence: number): string {
  return `${Math.min(99, Math.max(1, Math.round(confidence * 100)))} %`;
}

/** `A`, `A and B`, `A, B and C`, `A, B and 3 more`. */
export function listed(items: readonly string[], most = 3): string {
  const shown = items.length > most ? [...items.slice(0, most), `${items.length - most} more`] : [...items];
  const last = shown.pop();
  return last === undefined ? '' : shown.length === 0 ? last : `${shown.join(', ')} and ${last}`;
}

export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `18 Nov 2026` of an ISO date, in UTC; what is no date stays as it is. */
export function dayWords(iso: string): string {
  const at = new Date(iso);
  return Number.isNaN(at.getTime())
    ? iso
    : `${at.getUTCDate()} ${MONTHS[at.getUTCMonth()]} ${at.getUTCFullYear()}`;
}

export const dropEnd = (sentence: string): string => sentence.replace(/\.$/, '');
export const asSentence = (text: string): string => (/[.!?:)\]]$/.test(text) ? text : `${text}.`);
