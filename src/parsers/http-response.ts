/**
 * The head of an HTTP/1 response (RFC 9112):
 *
 *   HTTP/1.1 301 Moved Permanently\r\n
 *   Location: https://example.com/\r\n\r\n
 */
export interface HttpHead {
  status: number;
  reason: string;
  /** Lower-case names; the first value of each, at most 50. */
  headers: Readonly<Record<string, string>>;
  /** False while the blank line has not arrived. */
  complete: boolean;
  /** Octets up to the end of the blank line, or of all that has arrived. */
  length: number;
}

/** Null where the octets do not begin with an HTTP/1 status line that has arrived whole. */
export function parseHttpHead(bytes: Uint8Array): HttpHead | null {
  const text = Buffer.from(bytes.subarray(0, 16_384)).toString('latin1');
  const status = /^HTTP\/1\.[01] ([1-9]\d\d)(?: ([^\r\n]*))?\r?\n/.exec(text);
  if (status === null) return null;
  const end = /\r?\n\r?\n/.exec(text);
  const lines = (end === null ? text : text.slice(0, end.index)).split(/\r?\n/).slice(1);
  const headers: Record<string, string> = Object.create(null);
  for (const line of lines.slice(0, 50)) {
    const header = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]{1,100}):[ \t]*(.*)$/.exec(line);
    const name = header?.[1]?.toLowerCase();
    if (name !== undefined && !(name in headers)) headers[name] = header![2]!.trimEnd().slice(0, 2000);
  }
  return {
    status: Number(status[1]),
    reason: status[2] ?? '',
    headers,
    complete: end !== null,
    length: end === null ? text.length : end.index + end[0].length,
  };
}
