import { createHash } from 'node:crypto';

/**
 * The lab in two halves: `practice` may be looked at while rules and weights are changed, `exam` is run only to report.
 * Nobody chooses: the first octet of the SHA-256 of a family's name decides, so a family is in one half, for ever.
 */
export type Half = 'practice' | 'exam';
export const HALVES: readonly Half[] = ['practice', 'exam'];

export function halfOf(family: string): Half {
  const [first = 0] = createHash('sha256').update(family).digest();
  return first % 2 === 0 ? 'practice' : 'exam';
}
