/** Extended DNS Errors: IANA registry "Extended DNS Error Codes", RFC 8914 and its additions. */
const NAMES = [
  'Other',
  'Unsupported DNSKEY Algorithm',
  'Unsupported DS Digest Type',
  'Stale Answer',
  'Forged Answer',
  'DNSSEC Indeterminate',
  'DNSSEC Bogus',
  'Signature Expired',
  'Signature Not Yet Valid',
  'DNSKEY Missing',
  'RRSIGs Missing',
  'No Zone Key Bit Set',
  'NSEC Missing',
  'Cached Error',
  'Not Ready',
  'Blocked',
  'Censored',
  'Filtered',
  'Prohibited',
  'Stale NXDOMAIN Answer',
  'Not Authoritative',
  'Not Supported',
  'No Reachable Authority',
  'Network Error',
  'Invalid Data',
  'Signature Expired before Valid',
  'Too Early',
  'Unsupported NSEC3 Iterations Value',
  'Unable to conform to policy',
  'Synthesized',
  'Invalid Query Type',
] as const;

export const EXTENDED_ERROR_KINDS = ['blocked', 'dnssec', 'upstream', 'other'] as const;
export type ExtendedErrorKind = (typeof EXTENDED_ERROR_KINDS)[number];

const KINDS: Record<number, ExtendedErrorKind> = {
  4: 'blocked',
  15: 'blocked',
  16: 'blocked',
  17: 'blocked',
  18: 'blocked',
  1: 'dnssec',
  2: 'dnssec',
  5: 'dnssec',
  6: 'dnssec',
  7: 'dnssec',
  8: 'dnssec',
  9: 'dnssec',
  10: 'dnssec',
  11: 'dnssec',
  12: 'dnssec',
  25: 'dnssec',
  27: 'dnssec',
  13: 'upstream',
  14: 'upstream',
  22: 'upstream',
  23: 'upstream',
  24: 'upstream',
};

/** The one that says most, in words (`18 Prohibited: ...`; its text is the resolver's own) and as a kind. */
export function tellingError(
  errors: readonly { code: number; text: string }[],
): { words: string; kind: ExtendedErrorKind } | null {
  for (const kind of EXTENDED_ERROR_KINDS) {
    const error = errors.find(({ code }) => (KINDS[code] ?? 'other') === kind);
    if (!error) continue;
    const text = error.text.trim().slice(0, 120);
    return {
      words: `${error.code} ${NAMES[error.code] ?? 'unassigned'}${text === '' ? '' : `: ${text}`}`,
      kind,
    };
  }
  return null;
}
