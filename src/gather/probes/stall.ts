import { randomBytes } from 'node:crypto';
import { isIPv6 } from 'node:net';
import type { Doors } from '../../doors/types.ts';
import { controlOf, type StallVariant } from '../../model/measured.ts';
import type { FindingOf, ProbeCatalogue } from '../../model/probes.ts';
import { isComplaint, protocolOf } from '../../parsers/first-words.ts';
import { QUESTIONS } from '../../parsers/services/index.ts';
import { clientHello } from '../../parsers/tls-record.ts';
import type { Probe } from './probe.ts';
import { httpRequest, PAGE_BYTES } from './service/http-exchange.ts';
import { measureMtu } from './service/path-mtu.ts';
import { IDENTIFICATION } from './service/ssh.ts';

type Input = ProbeCatalogue['stall']['input'];
type Data = ProbeCatalogue['stall']['data'];

/** The smallest MSS that every host must take (RFC 9293 3.7.1): IP packets of 576 octets pass everywhere. */
const SMALL_SEGMENT = 536;
/** Reserved for documentation (RFC 6761): no filter list has it, no host has a certificate for it. */
const OTHER_NAME = 'www.example.com';
const MOST_HOPS = 8;
/** Two retransmissions and an answer at once; the conversation before has waited longer. */
const WAIT_MS = 600;
/** Connection, and request with its answer. */
const WAIT_ROUND_TRIPS = 2;
const MOST_CONTROL_MS = 5000;
/** Four such waits, one after the other. */
const ROUND_TRIPS = 4 * WAIT_ROUND_TRIPS;
const TLS_FLIGHT_BYTES = 16_384;
/** Identification and KEXINIT of OpenSSH are about 1.1 KB. */
const SSH_OFFER_BYTES = 8192;

/** HAProxy's PROXY protocol, version 1, without addresses: who expects it takes this connection's own. */
const PROXY_HEADER = Buffer.from('PROXY UNKNOWN\r\n');
/** The same with our own address, as a balancer would tell it; null where this machine has none of the family. */
function proxyHeader({ address, port }: Input, doors: Doors): Buffer | null {
  const family = isIPv6(address) ? 6 : 4;
  const own = (doors.interfaces?.() ?? [])
    .flatMap(({ addresses }) => addresses)
    .find((one) => one.family === family && !/^(127\.|::1$|fe80:)/i.test(one.address));
  if (own === undefined) return null;
  return Buffer.from(`PROXY TCP${family} ${own.address} ${address} ${SOME_PORT} ${port}\r\n`);
}
/** The source port is not known before the connection is there, and nobody looks at it. */
const SOME_PORT = 49_152;

/** Without headers: Redis takes `Host:` for an attack and hangs up before its answer to the first line is sent. */
const BARE_REQUEST = Buffer.from('HEAD / HTTP/1.0\r\n\r\n');

interface Shape {
  name: StallVariant['name'];
  send: Uint8Array;
  maxSegment?: number;
  ttl?: number;
  maxBytes: number;
}

/**
 * The request that got no answer, in other shapes: with small segments (path MTU), with another name or
 * none (a middlebox that reads along), and as it is. Each is a connection of its own and sends nothing but a hello.
 */
export const stall: Probe<'stall'> = async (input, { doors, signal }): Promise<FindingOf<'stall'>> => {
  const farMs = Math.ceil(WAIT_ROUND_TRIPS * (input.roundTripMs ?? 0));
  const timeoutMs = input.timeoutMs + Math.ceil(ROUND_TRIPS * (input.roundTripMs ?? 0));
  const deadline = doors.clock.elapsed() + timeoutMs;
  /** Whole milliseconds: the native jobs take no others. */
  const remaining = (): number => Math.max(0, Math.ceil(deadline - doors.clock.elapsed()));
  const shapes = shapesOf(input);
  const waitMs = Math.min(WAIT_MS, input.timeoutMs) + farMs;
  // Balancers that try their servers first take seconds to hang up, whatever they are told.
  const controlMs = Math.min(MOST_CONTROL_MS, Math.round((input.seenAfterMs ?? 0) * 1.2));
  const control = controlOf(input.request);
  const tried: StallVariant[] = [];
  // One after the other: `openssl s_server` and its like serve one client at a time, and one that stalls holds up the rest.
  const attempt = async (...names: StallVariant['name'][]): Promise<void> => {
    const wanted = shapes.filter(({ name }) => names.includes(name));
    const ms = (name: StallVariant['name']) => (name === control ? Math.max(waitMs, controlMs) : waitMs);
    tried.push(
      ...(await Promise.all(wanted.map((shape) => exchange(input, shape, ms(shape.name), doors, signal)))),
    );
  };
  const answered = (name: StallVariant['name']): boolean =>
    tried.some((one) => one.name === name && one.ended === 'answered');

  // A connection that says nothing is the control: one that is cut all the same was not cut for what was said.
  const cut = input.seen !== 'stalled';
  if (cut && control === 'says-nothing') await attempt('says-nothing');
  await attempt('other-name');
  if (!cut) await attempt('small-segments');
  // What hangs up on who waits for its greeting hangs up on other words, too.
  const isGreeter = cut && input.request === 'listen';
  const others = answered('other-name') || isGreeter ? [] : (['no-name', 'plain-http'] as const);
  await attempt('as-is', ...others);
  // Afterwards, since a router that tells this machine the size has the kernel ask for smaller segments from then on.
  const measuredBy = doors.clock.elapsed() + timeoutMs;
  const measured =
    input.seen === 'stalled'
      ? measureMtu(
          doors,
          input.address,
          signal,
          () => Math.max(0, Math.ceil(measuredBy - doors.clock.elapsed())),
          input.roundTripMs ?? 0,
        )
      : null;
  // Who serves other words needs no header; who only complains of them (as of a header that is none) may wait for one.
  const complains = tried.some(({ name, complaint }) => name === 'plain-http' && complaint === true);
  if (!answered('as-is') && !answered('other-name') && (complains || !answered('plain-http')))
    await attempt('proxy-header');
  // Postfix 3.7 takes no header without addresses. Ours are told only to who has complained of the other one.
  const header = tried.findIndex(({ name }) => name === 'proxy-header');
  const telling = tried[header]?.complaint === true ? proxyHeader(input, doors) : null;
  if (telling !== null) {
    const { send } = shapes.find(({ name }) => name === 'as-is')!;
    const shape: Shape = { name: 'proxy-header', send: Buffer.concat([telling, send]), maxBytes: 16 };
    tried[header] = await exchange(input, shape, waitMs, doors, signal);
  }
  const asIs = tried.find(({ name }) => name === 'as-is')!;
  const small = tried.find(({ name }) => name === 'small-segments');
  compare(asIs, small, input);
  // What hangs at random may have answered the one and not the other: both are asked once more.
  if (small?.ended === 'answered' && asIs.ended === 'stalled') {
    const again = async (name: StallVariant['name']) =>
      exchange(input, shapes.find((one) => one.name === name)!, waitMs, doors, signal);
    const [asIsAgain, smallAgain] = [await again('as-is'), await again('small-segments')];
    compare(asIsAgain, smallAgain, input);
    asIs.asked = 2;
    small.asked = 2;
    if (asIsAgain.ended === 'answered') asIs.ended = 'answered';
    if (smallAgain.ended === 'stalled') small.ended = 'stalled';
  }
  const cutUnheard = tried.some(
    ({ name, ended }) => name === control && (ended === 'reset' || ended === 'closed'),
  );
  const smallerWorks =
    small?.ended === 'answered' && asIs.ended !== 'answered' && asIs.ended !== 'not-connected';
  const content = !smallerWorks && (answered('other-name') || answered('no-name'));

  let resetTtl: number | null = null;
  let lastHop: number | null = null;
  // What is cut before a word says nothing about how far the words got.
  if ((asIs.ended === 'reset' && !cutUnheard) || (asIs.ended === 'stalled' && content)) {
    const as = shapes.find(({ name }) => name === 'as-is')!;
    const short = await Promise.all(
      Array.from({ length: MOST_HOPS }, (_, index) =>
        exchange(
          input,
          { ...as, name: 'short-lived', ttl: index + 1 },
          Math.min(waitMs, Math.max(remaining(), 300 + farMs)),
          doors,
          signal,
        ),
      ),
    );
    tried.push(...short.filter(({ ended }) => ended !== 'unknown'));
    resetTtl = short.find(({ ended }) => ended === 'reset')?.ttl ?? null;
    lastHop = resetTtl === null ? (short.findLast(({ expired }) => expired)?.ttl ?? null) : resetTtl - 1;
  }
  let mtu = measured === null ? null : await measured;
  if (smallerWorks && mtu?.smallAnswered !== true)
    mtu = await mtuBySegments(input, waitMs, doors, signal, mtu);
  const data: Data = { variants: tried, mtu, resetTtl, lastHop };
  if (signal.aborted) return { outcome: 'cancelled', reason: null, data };
  return { outcome: outcomeOf(tried, asIs, smallerWorks, content), reason: null, data };
};

/** What only began to answer has not: of a page its beginning, of a TLS server a short first record that passes before the long one. */
function compare(asIs: StallVariant, small: StallVariant | undefined, { page }: Input): void {
  for (const one of [asIs, small])
    if (one?.ended === 'answered' && page !== undefined && one.receivedBytes < page.due)
      one.ended = 'stalled';
  if (
    small !== undefined &&
    asIs.ended === 'answered' &&
    small.receivedBytes > asIs.receivedBytes * 1.25 + 64
  )
    asIs.ended = 'stalled';
}

/** Shapes that are not the request in another form. */
const ASIDE: ReadonlySet<StallVariant['name']> = new Set([
  'short-lived',
  'plain-http',
  'says-nothing',
  'proxy-header',
]);

function outcomeOf(
  variants: StallVariant[],
  asIs: StallVariant,
  smallerWorks: boolean,
  content: boolean,
): ProbeCatalogue['stall']['outcome'] {
  if (asIs.ended === 'answered') return 'answers-now';
  if (smallerWorks) return 'smaller-works';
  if (content) return 'other-name-works';
  const seen = variants.filter(({ name, ended }) => !ASIDE.has(name) && ended !== 'unknown');
  if (seen.length > 0 && seen.every(({ ended }) => ended === 'stalled')) return 'all-silent';
  if (seen.length > 0 && seen.every(({ ended }) => ended === 'reset' || ended === 'closed'))
    return 'all-reset';
  return 'unclear';
}

function shapesOf(input: Input): Shape[] {
  const shapes = formsOf(input);
  const asIs = shapes.find(({ name }) => name === 'as-is')!;
  return [
    ...shapes,
    { name: 'small-segments', maxSegment: SMALL_SEGMENT, send: asIs.send, maxBytes: asIs.maxBytes },
    { name: 'says-nothing', send: new Uint8Array(), maxBytes: 16 },
    { name: 'proxy-header', send: Buffer.concat([PROXY_HEADER, asIs.send]), maxBytes: 16 },
  ];
}

/** The request itself, and with other contents. */
function formsOf(input: Input): Shape[] {
  if (input.request === 'listen') {
    return [
      { name: 'as-is', send: new Uint8Array(), maxBytes: 16 },
      { name: 'plain-http', send: BARE_REQUEST, maxBytes: 64 },
    ];
  }
  if (input.request === 'question') {
    const send = (input.service && QUESTIONS[input.service].opening) ?? new Uint8Array();
    return [
      { name: 'as-is', send, maxBytes: 16 },
      { name: 'plain-http', send: BARE_REQUEST, maxBytes: 64 },
    ];
  }
  if (input.request === 'ssh') return [{ name: 'as-is', send: IDENTIFICATION, maxBytes: SSH_OFFER_BYTES }];
  if (input.request === 'http') {
    const { page } = input;
    if (page !== undefined)
      return [
        { name: 'as-is', send: httpRequest('GET', input.httpHost, page.path, true), maxBytes: PAGE_BYTES },
      ];
    const ask = (host: string) => ({ send: httpRequest('HEAD', host, '/'), maxBytes: 16 });
    return [
      { name: 'as-is', ...ask(input.httpHost) },
      { name: 'other-name', ...ask(OTHER_NAME) },
    ];
  }
  const hello = (serverName: string | null) => ({
    send: clientHello({ serverName, random: randomBytes(64) }),
    maxBytes: TLS_FLIGHT_BYTES,
  });
  return [
    { name: 'as-is', ...hello(input.serverName) },
    { name: 'other-name', ...hello(OTHER_NAME), maxBytes: 1 },
    ...(input.serverName === null ? [] : [{ name: 'no-name', ...hello(null), maxBytes: 1 } as const]),
    { name: 'plain-http', send: httpRequest('HEAD', input.httpHost, '/'), maxBytes: 16 },
  ];
}

async function exchange(
  input: Pick<Input, 'address' | 'port'>,
  shape: Shape,
  timeoutMs: number,
  doors: Doors,
  signal: AbortSignal,
): Promise<StallVariant> {
  const variant: StallVariant = {
    name: shape.name,
    ttl: shape.ttl ?? null,
    ended: 'unknown',
    receivedBytes: 0,
    protocol: null,
    complaint: false,
    retransmits: null,
    unacked: null,
    pathMtu: null,
    expired: false,
  };
  const started = doors.clock.elapsed();
  const lasted = (): { lastedMs: number } => ({ lastedMs: Math.round(doors.clock.elapsed() - started) });
  const result = await doors.native(
    {
      job: 'exchange',
      address: input.address,
      port: input.port,
      sendBase64: Buffer.from(shape.send).toString('base64'),
      maxSegment: shape.maxSegment ?? null,
      ttlAfterConnect: shape.ttl ?? null,
      minTtlAfterConnect: null,
      timeoutMs,
      maxBytes: shape.maxBytes,
    },
    signal,
  );
  if (result.status === 'exchanged') {
    const bytes = Buffer.from(result.receivedBase64, 'base64');
    return {
      ...variant,
      ...lasted(),
      receivedBytes: bytes.length,
      protocol: protocolOf(bytes),
      complaint: isComplaint(bytes),
      ended: bytes.length > 0 ? 'answered' : endedOf(result.ended),
      retransmits: result.retransmits,
      unacked: result.unacked,
      pathMtu: result.pathMtu,
      // tcp(7): on an established connection a time-exceeded is EHOSTUNREACH, without its sender.
      expired: shape.ttl !== undefined && result.errno === 'EHOSTUNREACH',
    };
  }
  // Without the native child the shapes that need its socket options stay unknown; the others are sent through node.
  if (shape.maxSegment !== undefined || shape.ttl !== undefined || signal.aborted) return variant;
  const spoken = await doors.speak(
    { ...input, timeoutMs, maxBytes: shape.maxBytes, signal },
    (conversation) => {
      if (shape.send.length > 0) conversation.say(shape.send);
      return conversation.hear(() => false, timeoutMs);
    },
  );
  if (!spoken.connected) return { ...variant, ended: 'not-connected' };
  const { bytes, ended } = spoken.value;
  return {
    ...variant,
    ...lasted(),
    receivedBytes: bytes.length,
    protocol: protocolOf(bytes),
    complaint: isComplaint(bytes),
    ended: bytes.length > 0 ? 'answered' : ended === 'closed' || ended === 'reset' ? ended : 'stalled',
  };
}

function endedOf(
  ended: 'data' | 'stalled' | 'reset' | 'closed' | 'connect-failed' | 'unreachable',
): StallVariant['ended'] {
  switch (ended) {
    case 'data':
      return 'answered';
    case 'connect-failed':
      return 'not-connected';
    // An ICMP error and then silence: of a short-lived packet it is the expected end, else no answer either.
    case 'unreachable':
      return 'stalled';
    default:
      return ended;
  }
}

/** Where ping is filtered: the largest segment size with which the request is answered. Segments + headers = IP packet. */
async function mtuBySegments(
  input: Input,
  waitMs: number,
  doors: Doors,
  signal: AbortSignal,
  before: Data['mtu'],
): Promise<Data['mtu']> {
  const headers = isIPv6(input.address) ? 60 : 40;
  const as = shapesOf(input).find(({ name }) => name === 'as-is')!;
  const sizes = [1000, 1220, 1240, 1300, 1360, 1400, 1420, 1440];
  const answers = await Promise.all(
    sizes.map((maxSegment) =>
      exchange(input, { ...as, name: 'small-segments', maxSegment }, waitMs, doors, signal),
    ),
  );
  // As above: a short first record may pass where the rest does not.
  const most = Math.max(...answers.map(({ receivedBytes }) => receivedBytes));
  const works = answers.map(
    ({ ended, receivedBytes }) => ended === 'answered' && receivedBytes * 1.25 + 64 >= most,
  );
  const limit = works.lastIndexOf(true) + 1;
  // A smaller size that does not work while a larger one does was held up by something else: then nothing is claimed.
  const clear = works.slice(0, limit).every(Boolean);
  return {
    passes: !clear ? null : (limit === 0 ? SMALL_SEGMENT : sizes[limit - 1]!) + headers,
    fails: clear && limit > 0 && limit < sizes.length ? sizes[limit]! + headers : null,
    told: before?.told ?? null,
    lastHop: before?.lastHop ?? null,
    lastAddress: before?.lastAddress ?? null,
    smallAnswered: false,
  };
}
