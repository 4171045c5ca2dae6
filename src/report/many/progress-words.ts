import { ascii } from '../sanitize.ts';
import { cutTo } from '../width.ts';

/** `37 of 500 tested, 12 not as expected; at work: db1:5432, db2:5432 ...`, in at most `width` columns. */
export function manyProgress(
  { done, total, failed, atWork }: { done: number; total: number; failed: number; atWork: readonly string[] },
  width: number,
  unicode: boolean,
): string {
  const rest = failed === 0 ? '' : `, ${failed} not as expected`;
  const work = atWork.length === 0 ? '' : `; at work: ${atWork.slice(0, 20).join(', ')}`;
  const text = `${done} of ${total} tested${rest}${work}`;
  return cutTo(unicode ? text : ascii(text), width, unicode ? '…' : '...');
}
