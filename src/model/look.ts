/**
 * What one light connection, or the name before it, came to: `name` = it leads to no address, `name-late` = nobody
 * answered for it, `not-sent` = this machine has no way to it, `unknown` = this machine could not look (no descriptor left).
 */
export const LOOK_KINDS = [
  'open',
  'refused',
  'unreachable',
  'silent',
  'name',
  'name-late',
  'not-sent',
  'unknown',
] as const;
export type LookKind = (typeof LOOK_KINDS)[number];

export interface Look {
  /** ISO 8601. */
  at: string;
  kind: LookKind;
  /** errno name or the code of the lookup; null where the kind says all. */
  code: string | null;
  /** The address that opened, or that the kind is about; null where no address was tried. */
  address: string | null;
  /** From the SYN to its answer; null where none came. */
  ms: number | null;
}
