/** One sentence for the user: what is wrong, and a right one. Holds no control characters and no password. */
export interface UsageError {
  error: string;
}

export const usageError = (sentence: string): UsageError => ({ error: sentence });

export function isUsageError(value: unknown): value is UsageError {
  return typeof value === 'object' && value !== null && 'error' in value;
}

/** Text of a stranger, quoted, shortened, control and direction-changing characters made visible. */
export function shown(text: string, limit = 60): string {
  const visible = text.replace(
    /[\x00-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]/gu,
    (char) => {
      const code = char.codePointAt(0) ?? 0;
      return code < 256 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
    },
  );
  return `"${visible.length > limit ? `${visible.slice(0, limit - 3)}...` : visible}"`;
}
