import type { IncomingMessage, RequestOptions } from 'node:http';

/** Far more than any answer is. */
const MAX_OCTETS = 2 * 1024 * 1024;

export type JsonAnswer =
  /** `body`: null where it is no JSON. */
  | { ok: true; status: number; body: unknown; header(name: string): string | null }
  | {
      ok: false;
      why: 'cancelled' | 'timed-out' | 'not-connected' | 'broken-off' | 'redirected' | 'too-long';
      /** errno or OpenSSL's name of what went wrong; null = none. */
      code: string | null;
      /** False: there was no connection that the request could have left on. */
      sent: boolean;
    };

/**
 * One request to a service that answers in JSON. Nobody is followed elsewhere, what comes back is bounded while it comes,
 * and the token is taken out of it. Never rejects; no connection stays behind (fetch of Node 20 opens another one when it
 * is aborted, and keeps it for four seconds).
 */
export async function askJson(
  url: string,
  how: {
    /** What is sent with POST; null = GET. */
    body: unknown;
    token: string | null;
    timeoutMs: number;
    signal: AbortSignal;
  },
): Promise<JsonAnswer> {
  const { body, token, timeoutMs, signal } = how;
  if (signal.aborted) return { ok: false, why: 'cancelled', code: null, sent: false };
  const isSecure = url.startsWith('https:');
  const { request } = isSecure ? await import('node:https') : await import('node:http');
  const late = AbortSignal.timeout(timeoutMs);
  const text = body === null ? null : JSON.stringify(body);
  const options: RequestOptions = {
    method: text === null ? 'GET' : 'POST',
    agent: false,
    signal: AbortSignal.any([signal, late]),
    headers: {
      accept: 'application/json',
      'user-agent': 'reachdoctor',
      ...(text === null
        ? {}
        : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
    },
  };
  return new Promise((resolve) => {
    let sent = false;
    const asking = request(url, options);
    const end = (answer: JsonAnswer): void => {
      asking.destroy();
      resolve(answer);
    };
    const failed = (why: Extract<JsonAnswer, { ok: false }>['why'], code: string | null = null): void =>
      end({ ok: false, why, code, sent });
    asking.on('socket', (socket) => {
      socket.once(isSecure ? 'secureConnect' : 'connect', () => {
        sent = true;
      });
    });
    asking.on('error', (error: NodeJS.ErrnoException) => {
      if (signal.aborted) failed('cancelled');
      else if (late.aborted) failed('timed-out');
      else failed(sent ? 'broken-off' : 'not-connected', codeOf(error));
    });
    asking.on('response', (response) => {
      const { statusCode: status = 0 } = response;
      if (status >= 300 && status < 400) return failed('redirected');
      read(response, (why, answered) => {
        if (why !== null) return failed(why);
        const body = jsonIn(token === null ? answered : answered.replaceAll(token, ''));
        end({ ok: true, status, body, header: (name) => textOf(response.headers[name]) });
      });
    });
    asking.end(text ?? undefined);
  });
}

/** What breaks off is an error of the request. */
function read(
  response: IncomingMessage,
  done: (why: 'too-long' | 'broken-off' | null, text: string) => void,
) {
  const parts: Buffer[] = [];
  let octets = 0;
  response.on('data', (part: Buffer) => {
    octets += part.byteLength;
    if (octets > MAX_OCTETS) done('too-long', '');
    else parts.push(part);
  });
  response.on('error', () => {
    // Told by 'close', as what was cut without an error is.
  });
  response.on('close', () => done(response.complete ? null : 'broken-off', Buffer.concat(parts).toString()));
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}

const textOf = (header: string | string[] | undefined): string | null =>
  typeof header === 'string' ? header : null;

const codeOf = ({ code }: NodeJS.ErrnoException): string | null =>
  typeof code === 'string' && /^[A-Z][A-Z0-9_]{1,60}$/.test(code) ? code : null;
