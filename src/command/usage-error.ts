/** One sentence for the user: what is wrong, and a right one. Holds no control characters and no password. */
export interface UsageError {
  error: string;
}

export const usageError = (sentence: string): UsageError => ({ error: sentence });

export function isUsageError(value: unknown): value is UsageError {
  return typeof value === 'object' && value !== null && 'error' in value;
}

/**
 * What a URL may hold that is nobody's business: whatever stands before an @ (user and password), after a ? (tokens,
 * sessions) and after a #. Left out wherever the value was typed, since a URL is easily put into the wrong flag.
 */
export function withoutSecrets(text: string): string {
  const cut = text.search(/[?#]/);
  const [head, tail] = cut < 0 ? [text, ''] : [text.slice(0, cut), text.slice(cut)];
  // An @ after a ? or # may end a password as well as be part of a query: nothing of either is shown.
  if (tail.includes('@')) return `${/^[a-z][a-z0-9+.-]*:\/\//i.exec(text)?.[0] ?? ''}...`;
  const place = head.replace(/^([a-z][a-z0-9+.-]*:\/\/)?[\s\S]*@/i, '$1...@');
  return tail.length > 1 ? `${place}${tail[0]}...` : place + tail;
}

/** Text of a stranger without the secrets of a URL, quoted, shortened, control and direction-changing characters made visible. */
export const shown = (text: string, limit = 60): string =>
  `"${shortened(visible(withoutSecrets(text)), limit)}"`;

/** What may be a URL, or the middle of one, where a file's name was asked for. */
export const isLikeUrl = (file: string): boolean => /[@?#]|:\/\//.test(file);

/** The name of a file that was just written. */
export const writtenFile = (file: string): string =>
  shortened(visible(file.includes('://') ? withoutSecrets(file) : file), 4096);

const shortened = (text: string, limit: number): string =>
  text.length > limit ? `${text.slice(0, limit - 3)}...` : text;

const visible = (text: string): string =>
  text.replace(
    /[\x00-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]/gu,
    (char) => {
      const code = char.codePointAt(0) ?? 0;
      return code < 256 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
    },
  );
