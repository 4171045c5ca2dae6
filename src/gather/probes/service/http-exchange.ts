import type { Conversation, Heard } from '../../../doors/types.ts';
import { bareUrl } from '../../../ground/bare-url.ts';
import type { HttpData } from '../../../model/measured.ts';
import { printable, protocolOf } from '../../../parsers/first-words.ts';
import { parseHttpHead } from '../../../parsers/http-response.ts';

/** HEAD changes nothing on the server. The connection is closed after the head: a body is never read. */
export function httpRequest(method: HttpData['method'], host: string, path: string): Uint8Array {
  return Buffer.from(
    `${method} ${path} HTTP/1.1\r\nHost: ${host}\r\nUser-Agent: reachdoctor\r\nAccept: */*\r\nConnection: close\r\n\r\n`,
    'latin1',
  );
}

export async function askHttp(
  conversation: Conversation,
  now: () => number,
  request: { method: HttpData['method']; host: string; path: string; timeoutMs: number },
): Promise<HttpData> {
  conversation.say(httpRequest(request.method, request.host, request.path));
  const heard = await conversation.hear(isAnswer, request.timeoutMs);
  const at = now();
  const head = parseHttpHead(heard.bytes);
  const words = head === null && heard.bytes.length > 0;
  // `HTTP/` and no status line after it is no HTTP.
  const protocol = words ? protocolOf(heard.bytes) : null;
  const header = (name: string): string | null => {
    const value = head?.headers[name];
    return value === undefined ? null : printable(value);
  };
  const date = header('date');
  const location = header('location');
  const serverTime = date === null ? Number.NaN : Date.parse(date);
  return {
    ended: head !== null || words ? 'answered' : endOf(heard),
    method: request.method,
    status: head?.status ?? null,
    reason: head === null ? null : printable(head.reason, 80),
    // Sessions and tokens stand in the query of a redirect.
    location: location === null ? null : bareUrl(location),
    server: header('server'),
    date,
    proxyAuthenticate: header('proxy-authenticate'),
    via: header('via'),
    clockOffsetMs: Number.isNaN(serverTime) ? null : serverTime - at,
    otherText: words ? printable(heard.bytes) : null,
    otherProtocol: protocol === 'http' ? null : protocol,
    firstByteMs: heard.firstByteMs,
  };
}

/** The head is complete, or it will never be one. */
function isAnswer(heard: Uint8Array): boolean {
  const start = Buffer.from(heard.subarray(0, 5)).toString('latin1');
  if (!'HTTP/'.startsWith(start)) return true;
  return parseHttpHead(heard)?.complete === true;
}

export const endOf = (heard: Heard): HttpData['ended'] =>
  heard.ended === 'enough' ? 'answered' : heard.ended;
