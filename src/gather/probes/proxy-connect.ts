import { because } from '../../model/reasons.ts';
import type { Probe } from './probe.ts';

const MAX_BYTES = 4096;
/** Of getaddrinfo, as Node names them: there is no address, */
const NO_ADDRESS = new Set(['ENOTFOUND', 'ENODATA', 'EAI_NODATA', 'EAI_NONAME']);
/** or nobody could say whether there is one. */
const NOT_KNOWN = new Set(['EAI_AGAIN', 'EAI_FAIL']);
/** HTTP/1.1 200 Connection established */
const STATUS_LINE = /^HTTP\/1\.[01] (\d{3})(?: [^\r\n]*)?\r?\n/;

/**
 * One CONNECT for the target through the proxy of the environment, without credentials; nothing is said on what it opens.
 * `opened`: the proxy reached the port (any 2xx, RFC 9110 9.3.6). `declined`: it said otherwise, with its status.
 * `unresolved`: its own name has no address here, and nobody was asked.
 */
export const proxyConnect: Probe<'proxy-connect'> = async (input, { doors, signal }) => {
  const { proxyHost, proxyPort, host, port, timeoutMs } = input;
  const to = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  const ask = { address: proxyHost, port: proxyPort, timeoutMs, maxBytes: MAX_BYTES, signal };
  const spoken = await doors.speak(ask, async (conversation) => {
    conversation.say(Buffer.from(`CONNECT ${to} HTTP/1.1\r\nHost: ${to}\r\n\r\n`));
    const heard = await conversation.hear((bytes) => STATUS_LINE.test(textOf(bytes)), timeoutMs);
    const status = STATUS_LINE.exec(textOf(heard.bytes))?.[1];
    return status === undefined ? null : Number(status);
  });
  if (signal.aborted) return { outcome: 'cancelled', reason: null, data: null };
  if (!spoken.connected) {
    const code = spoken.code ?? '';
    // It was not asked: whether it gets there is not known.
    if (NOT_KNOWN.has(code))
      return { outcome: 'failed', reason: because('resolver-not-asked', code), data: null };
    const outcome = NO_ADDRESS.has(code) ? 'unresolved' : 'unreachable';
    return { outcome, reason: null, data: { status: null } };
  }
  const status = spoken.value;
  const outcome = status === null ? 'no-answer' : status >= 200 && status < 300 ? 'opened' : 'declined';
  return { outcome, reason: null, data: { status } };
};

const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');
