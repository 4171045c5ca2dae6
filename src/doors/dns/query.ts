import { randomInt } from 'node:crypto';
import dgram from 'node:dgram';
import net from 'node:net';
import { afterLastLook } from '../last-look.ts';
import type { DnsQuery, DnsQuestion, DnsReply } from '../types.ts';
import { type Codec, encodeQuery, type Response, readResponse } from './message.ts';

/**
 * One question to one resolver: UDP with EDNS, repeated once without EDNS (loss, and boxes that drop what they do not
 * know), TCP where the answer was truncated, everything within one deadline.
 */
export const dnsQuery: DnsQuery = async (question) => {
  const started = performance.now();
  const elapsed = () => performance.now() - started;
  const left = () => Math.max(1, question.timeoutMs - elapsed());
  let transport: 'udp' | 'tcp' = 'udp';
  const reply = (heard: Heard): DnsReply => ({
    ...replyOf(heard),
    transport,
    elapsedMs: Math.round(elapsed() * 10) / 10,
  });

  const codec = await loadCodec();
  if (question.signal.aborted) return reply({ kind: 'cancelled' });
  if (
    net.isIP(question.resolver) === 0 ||
    encodeQuery(codec, { id: 0, edns: true, ...asked(question) }) === null
  )
    return reply({ kind: 'not-asked' });

  let heard = await askUdp(codec, question, question.timeoutMs, true);
  // RFC 6891 section 7: a server that does not know EDNS says so with one of these.
  if (
    heard.kind === 'response' &&
    ['FORMERR', 'NOTIMP', 'BADVERS'].includes(heard.response.rcode) &&
    elapsed() < question.timeoutMs
  ) {
    const plain = await askUdp(codec, question, left(), false);
    if (plain.kind === 'response' || plain.kind === 'cancelled') heard = plain;
  }
  if (heard.kind === 'response' && heard.response.truncated) {
    transport = 'tcp';
    heard = await askTcp(codec, question, left());
  }
  return reply(heard);
};

type Heard =
  | { kind: 'response'; response: Response }
  | {
      kind: 'failed';
      outcome: Exclude<DnsReply['outcome'], 'answered' | 'cancelled'>;
      code: string | null;
      ignored: string | null;
    }
  | { kind: 'cancelled' }
  | { kind: 'not-asked'; code?: string };

let loading: Promise<Codec> | undefined;
const loadCodec = (): Promise<Codec> => {
  loading ??= import('dns2').then(({ Packet }) => Packet);
  return loading;
};

const asked = ({ name, type }: DnsQuestion) => ({ name, type });

function replyOf(heard: Heard): Omit<DnsReply, 'transport' | 'elapsedMs'> {
  const nothing = {
    rcode: null,
    addresses: [],
    cnames: [],
    names: [],
    ttlSeconds: null,
    extendedErrors: [],
    ignored: null,
    authoritative: false,
    code: null,
  };
  if (heard.kind === 'cancelled') return { ...nothing, outcome: heard.kind };
  if (heard.kind === 'not-asked') return { ...nothing, outcome: heard.kind, code: heard.code ?? null };
  if (heard.kind === 'failed')
    return { ...nothing, outcome: heard.outcome, code: heard.code, ignored: heard.ignored };
  const { damage, truncated: _, ...response } = heard.response;
  return { ...nothing, ...response, outcome: 'answered', ignored: damage };
}

/** Errors with which the kernel says that the query went nowhere; EPERM is this machine's own packet filter. */
const UNREACHABLE = new Set([
  'ENETUNREACH',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETDOWN',
  'ENONET',
  'EACCES',
  'EPERM',
  'EADDRNOTAVAIL',
  'EAFNOSUPPORT',
  'EINVAL',
  'ENOPROTOOPT',
]);

/** With which no socket is made: a sandbox, or no descriptor left. A packet filter says EPERM when something is sent. */
const NO_SOCKET = new Set(['EPERM', 'EACCES', 'EMFILE', 'ENFILE']);

function failureOf(error: NodeJS.ErrnoException, ignored: string | null): Heard {
  const code = error.code ?? null;
  // Node makes the socket when it binds it.
  if (error.syscall === 'bind' && code !== null && NO_SOCKET.has(code)) return { kind: 'not-asked', code };
  const outcome =
    code === 'ECONNREFUSED'
      ? 'port-closed'
      : code === 'ETIMEDOUT'
        ? 'timeout'
        : code !== null && UNREACHABLE.has(code)
          ? 'unreachable'
          : 'connection-failed';
  return { kind: 'failed', outcome, code, ignored };
}

/** One exchange that ends exactly once: with what was heard, by its deadline or by the signal. `open` returns how to close. */
function exchange(
  question: DnsQuestion,
  timeoutMs: number,
  open: (session: {
    end(heard: Heard): void;
    note(why: string): void;
    malformed(why: string): void;
    noted(): string | null;
  }) => () => void,
): Promise<Heard> {
  return new Promise((resolve) => {
    let ended = false;
    let ignored: string | null = null;
    let damaged: string | null = null;
    let grace: NodeJS.Timeout | undefined;
    let close: (() => void) | null = null;
    const end = (heard: Heard) => {
      if (ended) return;
      ended = true;
      stop();
      clearTimeout(grace);
      question.signal.removeEventListener('abort', onAbort);
      close?.();
      resolve(heard);
    };
    const giveUp = () =>
      end({
        kind: 'failed',
        outcome: damaged === null ? 'timeout' : 'malformed',
        code: null,
        ignored: damaged ?? ignored,
      });
    const onAbort = () => end({ kind: 'cancelled' });
    const stop = afterLastLook(timeoutMs, giveUp);
    question.signal.addEventListener('abort', onAbort, { once: true });
    close = open({
      end,
      note: (why) => {
        ignored = why;
      },
      // A forger may have been faster than the resolver: a good response gets a little time to overtake the bad one.
      malformed: (why) => {
        damaged = why;
        grace ??= setTimeout(giveUp, 250);
      },
      noted: () => damaged ?? ignored,
    });
    if (ended) close();
  });
}

/**
 * For a resolver, which is an address already. Without it the socket loads node:dns, which reads resolv.conf and
 * nsswitch.conf at once and in this thread, and waits for ever where one of them is a pipe.
 */
const literally: NonNullable<dgram.SocketOptions['lookup']> = (address, _, found) => {
  queueMicrotask(() => found(null, address, net.isIP(address)));
};

/** The socket is connected: the kernel then drops datagrams from other senders and reports a closed port at once. */
function askUdp(codec: Codec, question: DnsQuestion, timeoutMs: number, edns: boolean): Promise<Heard> {
  const id = randomInt(0x10000);
  const first = encodeQuery(codec, { id, edns, ...asked(question) });
  const second = encodeQuery(codec, { id, edns: false, ...asked(question) });
  if (first === null || second === null) return Promise.resolve({ kind: 'not-asked' });
  return exchange(question, timeoutMs, ({ end, note, malformed, noted }) => {
    const type = net.isIPv6(question.resolver) ? 'udp6' : 'udp4';
    const socket = dgram.createSocket({ type, lookup: literally });
    let closed = false;
    const fail = (error: NodeJS.ErrnoException) => end(failureOf(error, noted()));
    const send = (query: Buffer) => {
      if (!closed) socket.send(query, (error) => error && fail(error));
    };
    const repeat = setTimeout(() => connected && send(second), Math.min(1000, timeoutMs * 0.4));
    let connected = false;
    socket.on('error', fail);
    socket.on('message', (message) => {
      const reading = readResponse(codec, message, { id, ...asked(question) });
      if (reading.kind === 'response') end(reading);
      else if (reading.kind === 'ignored') note(reading.why);
      else malformed(reading.why);
    });
    socket.connect(question.port, question.resolver, (error?: Error) => {
      if (error) return fail(error);
      connected = true;
      send(first);
    });
    return () => {
      closed = true;
      clearTimeout(repeat);
      socket.close();
    };
  });
}

function askTcp(codec: Codec, question: DnsQuestion, timeoutMs: number): Promise<Heard> {
  const id = randomInt(0x10000);
  const query = encodeQuery(codec, { id, edns: true, ...asked(question) });
  if (query === null) return Promise.resolve({ kind: 'not-asked' });
  return exchange(question, timeoutMs, ({ end, noted }) => {
    const chunks: Buffer[] = [];
    let size = 0;
    let frameLength: number | null = null;
    const socket = net.connect({
      host: question.resolver,
      port: question.port,
      noDelay: true,
      autoSelectFamily: false,
    });
    socket.on('error', (error) => end(failureOf(error, noted())));
    socket.on('close', () => {
      const ignored = noted() ?? `the connection was closed after ${size} octets`;
      end({ kind: 'failed', outcome: 'connection-failed', code: null, ignored });
    });
    socket.once('connect', () => {
      const frame = Buffer.alloc(2);
      frame.writeUInt16BE(query.length);
      socket.write(Buffer.concat([frame, query]));
    });
    socket.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      size += chunk.length;
      if (size < 2) return;
      frameLength ??= 2 + Buffer.concat(chunks).readUInt16BE(0);
      if (size < frameLength) return;
      // One question was asked on this connection: its first frame is the answer, or nothing is.
      const reading = readResponse(codec, Buffer.concat(chunks).subarray(2, frameLength), {
        id,
        ...asked(question),
      });
      if (reading.kind === 'response') return end(reading);
      end({ kind: 'failed', outcome: 'malformed', code: null, ignored: reading.why });
    });
    // destroy, not end: a resolver that keeps its side open would keep this process alive.
    return () => {
      socket.destroy();
    };
  });
}
