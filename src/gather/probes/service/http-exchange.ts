import type { Clock, Conversation, Heard, Spoken } from '../../../doors/types.ts';
import { bareUrl } from '../../../ground/bare-url.ts';
import type { HttpData } from '../../../model/measured.ts';
import { printable, protocolOf } from '../../../parsers/first-words.ts';
import { type HttpHead, parseHttpHead } from '../../../parsers/http-response.ts';

/** More than two full segments: the beginning of a page that shows whether large packets come back. */
export const PAGE_BYTES = 4096;

/** HEAD and GET change nothing on the server (RFC 9110 9.2.1). Of a page no more than its beginning is asked for, and read. */
export function httpRequest(
  method: HttpData['method'],
  host: string,
  path: string,
  page = false,
): Uint8Array {
  const range = page ? `Range: bytes=0-${PAGE_BYTES - 1}\r\n` : '';
  return Buffer.from(
    `${method} ${path} HTTP/1.1\r\nHost: ${host}\r\nUser-Agent: reachdoctor\r\nAccept: */*\r\n${range}Connection: close\r\n\r\n`,
    'latin1',
  );
}

export async function askHttp(
  conversation: Conversation,
  now: () => number,
  request: {
    method: HttpData['method'];
    host: string;
    path: string;
    timeoutMs: number;
    /** The beginning of the page is wanted, too, and waited for so long. */
    page?: { timeoutMs: number; onHead: () => void };
  },
): Promise<HttpData> {
  conversation.say(httpRequest(request.method, request.host, request.path, request.page !== undefined));
  const heard = await conversation.hear(isAnswer, request.timeoutMs);
  const at = now();
  const head = parseHttpHead(heard.bytes);
  // Less than a status line is no answer yet, and no other protocol either.
  const isBegun = head === null && STATUS_LINE_BEGUN.test(Buffer.from(heard.bytes).toString('latin1'));
  const words = head === null && heard.bytes.length > 0 && !isBegun;
  // `HTTP/` and no status line after it is no HTTP.
  const protocol = words ? protocolOf(heard.bytes) : null;
  const header = (name: string): string | null => {
    const value = head?.headers[name];
    return value === undefined ? null : printable(value);
  };
  const date = header('date');
  const location = header('location');
  const serverTime = date === null ? Number.NaN : Date.parse(date);
  const page = head === null ? null : await pageOf(conversation, heard, head, request.page);
  return {
    ended: page?.ended ?? (head !== null || words ? 'answered' : endOf(heard)),
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
    ...(header('set-cookie') === null ? {} : { setsCookie: true }),
    ...(heard.ended === 'stalled' ? { untaken: await conversation.untaken() } : {}),
    ...(page === null ? {} : { page: { due: page.due, received: page.received } }),
  };
}

const MOST_ROUNDS = 3;

/** What comes of the page itself; null where its head does not say how long it is. */
async function pageOf(
  conversation: Conversation,
  heard: Heard,
  { status, complete, length, headers }: HttpHead,
  wanted: { timeoutMs: number; onHead: () => void } | undefined,
): Promise<{ due: number; received: number; ended: HttpData['ended'] } | null> {
  const whole = /^\d{1,15}$/.test(headers['content-length'] ?? '') ? Number(headers['content-length']) : null;
  if (wanted === undefined || !complete || whole === null || (status !== 200 && status !== 206)) return null;
  const due = Math.min(whole, PAGE_BYTES);
  let received = Math.min(due, heard.bytes.length - length);
  if (received < due) wanted.onHead();
  // What goes on arriving is slow, and not stuck.
  for (let rounds = 0; received < due && rounds < MOST_ROUNDS; rounds++) {
    const left = due - received;
    const rest = await conversation.hear((bytes) => bytes.length >= left, wanted.timeoutMs);
    received += Math.min(left, rest.bytes.length);
    if (received < due && (rest.ended === 'closed' || rest.ended === 'reset'))
      return { due, received, ended: rest.ended };
    if (rest.ended !== 'stalled') break;
    if (rest.bytes.length === 0) return { due, received, ended: 'stalled' };
  }
  return { due, received, ended: 'answered' };
}

const STATUS_LINE_BEGUN =
  /^(H|HT|HTT|HTTP|HTTP\/|HTTP\/\d\.?|HTTP\/\d\.\d( \d{0,2}| \d{3}( [^\n]{0,80})?)?)$/;

/** The head is complete, or it will never be one. */
function isAnswer(heard: Uint8Array): boolean {
  const start = Buffer.from(heard.subarray(0, 5)).toString('latin1');
  if (!'HTTP/'.startsWith(start)) return true;
  return parseHttpHead(heard)?.complete === true;
}

export const endOf = (heard: Heard): HttpData['ended'] =>
  heard.ended === 'enough' ? 'answered' : heard.ended;

export interface HttpTalk<T> {
  ask(method: HttpData['method'], timeoutMs: number, signal: AbortSignal): Promise<Spoken<T>>;
  /** Null = it did not come to a request. */
  httpOf(value: T): HttpData | null;
  /** So long an answer takes that comes as it should. */
  quietMs: number;
  /** So long the first conversation stays open. */
  totalMs: number;
  /** Whether GET is tried where HEAD brings nothing. */
  getToo(): boolean;
  onQuiet(): void;
  /** The answer waited for the end of our own first connection: its times say nothing about the server. */
  forgetTimes(value: T): void;
  /** Of the path; 0 where it is not known. */
  roundTripMs: number;
}

/** An answer so soon after our own first connection ended has waited for that: the server takes one at a time. */
const FREED_WITHIN_MS = 700;
/** What GET still needs then, at most: connection, two of TLS, request. */
const FREED_WITHIN_ROUND_TRIPS = 5;

/**
 * HEAD; where it is cut, or silent for a while, GET on a second connection while HEAD's stays open. The first answer counts.
 * Where both are silent HEAD's is let go after a while: a server may take one connection at a time. An error that may be
 * about HEAD itself is no answer about the page: GET's counts then, if it brings one.
 */
export async function headThenGet<T>(
  talk: HttpTalk<T>,
  clock: Clock,
  signal: AbortSignal,
): Promise<Spoken<T>> {
  const over = new AbortController();
  const all = AbortSignal.any([signal, over.signal]);
  const freed = new AbortController();
  const head = talk.ask('HEAD', talk.totalMs, AbortSignal.any([all, freed.signal]));
  // Half of the time is HEAD's alone: few servers know no HEAD, and most of these close.
  const alone = clock.sleep(talk.quietMs / 2, all).then(() => null);
  const first = await Promise.race([head, alone]);
  const isOver = first !== null && (!first.connected || !isWithoutAnswer(talk.httpOf(first.value)));
  if (first?.connected && talk.getToo() && isOfMethod(talk.httpOf(first.value)) && !signal.aborted) {
    const again = await talk.ask('GET', talk.quietMs, all);
    over.abort();
    return again.connected && hasStatus(talk.httpOf(again.value)) ? again : first;
  }
  if (isOver || (first !== null && !talk.getToo()) || signal.aborted) {
    over.abort();
    return first ?? (await head);
  }
  const get = talk.getToo() ? talk.ask('GET', first === null ? talk.totalMs : talk.quietMs, all) : null;
  const quiet = clock.sleep(talk.quietMs / 2, all).then(() => {
    if (!all.aborted) talk.onQuiet();
  });
  // Let go by us, or at the end of its own patience.
  let freedAt: number | null = null;
  if (first === null)
    void head.then(
      (spoken) => {
        if (!spoken.connected || isWithoutAnswer(talk.httpOf(spoken.value))) freedAt = clock.elapsed();
      },
      // firstAnswer hears of it as well.
      () => {},
    );
  const letGo =
    get === null || first !== null
      ? null
      : clock.sleep(2 * talk.quietMs, all).then(() => {
          if (!all.aborted) freed.abort();
        });
  const answered = await firstAnswer([head, ...(get === null ? [] : [get])], talk);
  const freedWithinMs = FREED_WITHIN_MS + FREED_WITHIN_ROUND_TRIPS * talk.roundTripMs;
  if (answered?.connected && freedAt !== null && clock.elapsed() - freedAt < freedWithinMs)
    talk.forgetTimes(answered.value);
  over.abort();
  await letGo;
  await quiet;
  return answered ?? (get === null || first === null ? await head : await latter(head, get));
}

/** Where neither is answered GET's end counts, if it could be asked at all. */
async function latter<T>(head: Promise<Spoken<T>>, get: Promise<Spoken<T>>): Promise<Spoken<T>> {
  const second = await get;
  return second.connected ? second : await head;
}

/** The first of these that was answered, an error of HEAD's last of all; null once all have ended without an answer. */
function firstAnswer<T>(talks: Promise<Spoken<T>>[], { httpOf }: HttpTalk<T>): Promise<Spoken<T> | null> {
  return new Promise((resolve, reject) => {
    let open = talks.length;
    let last: Spoken<T> | null = null;
    for (const one of talks)
      one.then((spoken) => {
        if (spoken.connected && isOfMethod(httpOf(spoken.value))) last = spoken;
        else if (spoken.connected && !isWithoutAnswer(httpOf(spoken.value))) resolve(spoken);
        open -= 1;
        if (open === 0) resolve(last);
      }, reject);
  });
}

/** Of these an error says nothing about HEAD: who asks, what for, and how often. */
const NOT_OF_METHOD = new Set([401, 407, 410, 421, 426, 429, 451]);

/** HEAD was answered with an error that GET may be spared: many programs know GET alone, and some fail over HEAD. */
const isOfMethod = (http: HttpData | null): boolean =>
  http?.method === 'HEAD' && http.status !== null && http.status >= 400 && !NOT_OF_METHOD.has(http.status);

const hasStatus = (http: HttpData | null): boolean => http !== null && http.status !== null;

export const isWithoutAnswer = (http: HttpData | null): boolean =>
  http !== null && http.status === null && http.otherText === null;
