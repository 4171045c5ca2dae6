import type { Report } from '../../model/report.ts';

/** `RD-20261120-135200-8c1f`: names this run, on every page that tells of it. The same run has the same one. */
export function referenceOf({ startedAt, target }: Report): string {
  const [day = '', time = ''] = new Date(startedAt)
    .toISOString()
    .slice(0, 19)
    .replaceAll(/[-:]/g, '')
    .split('T');
  return `RD-${day}-${time}-${mark(`${startedAt} ${target.host} ${target.port}`)}`;
}

/** FNV-1a, cut to four hexadecimal digits: tells two runs of one second apart, no more. */
function mark(text: string): string {
  let hash = 0x811c9dc5;
  for (const char of text) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193);
  return ((hash >>> 0) & 0xffff).toString(16).padStart(4, '0');
}
