import type { ConnectResult, Doors } from '../../doors/types.ts';
import { greeting } from '../../gather/probes/service/greeting.ts';
import { familyOf, isAddress } from '../../ground/address.ts';
import type { Look, LookKind } from '../../model/look.ts';
import type { Family, Target } from '../../model/request.ts';

/** Three SYNs of one socket, and longer than a failed ARP takes (3.06 s): one cause is not told as two by turns. */
const CONNECT_MS = 3300;
const LOOKUP_MS = 5000;
/** A name that led somewhere is asked again only after so long; one that did not, every time. */
const NAME_KEEPS_MS = 5000;
/** Only while none of them opens: where one does, it is the first that is tried. */
const MOST_ADDRESSES = 4;
/** The next address joins in when the one before has not answered (RFC 8305). */
const NEXT_AFTER_MS = 250;

/** A connection that is closed without a word counts as an error there, and too many of them lock this machine out. */
const COUNTS_SILENT_CONNECTIONS = 'mysql';

export type Looker = (signal: AbortSignal) => Promise<Look>;

/**
 * Looks at a target, lightly: one connection, closed at once, to the address that opened last. Never rejects; after an
 * abort the look is `unknown` with the code `CANCELLED`.
 */
export function lookerAt(target: Target, doors: Doors, family: Family | null): Looker {
  const { clock } = doors;
  let known: { addresses: string[]; at: number } | null = null;
  let lastOpen: string | null = null;

  const addressesNow = async (signal: AbortSignal): Promise<string[] | Found> => {
    if (isAddress(target.host)) return [target.host];
    if (known !== null && clock.elapsed() - known.at < NAME_KEEPS_MS) return known.addresses;
    const found = await lookUp(target.host, doors, signal);
    known = Array.isArray(found) ? { addresses: found, at: clock.elapsed() } : null;
    return found;
  };

  const lookOnce = async (signal: AbortSignal): Promise<Look> => {
    const at = new Date(clock.now()).toISOString();
    const found = await addressesNow(signal);
    if (!Array.isArray(found)) return { at, ...found, address: null, ms: null };
    const ofFamily = found.filter((address) => family === null || familyOf(address) === family);
    const ordered = [...ofFamily].sort((a, b) => Number(b === lastOpen) - Number(a === lastOpen));
    if (ordered.length === 0) return { at, kind: 'name', code: 'NO_ADDRESS', address: null, ms: null };
    const seen = await firstOpen(ordered.slice(0, MOST_ADDRESSES), target, doors, signal);
    lastOpen = seen.kind === 'open' ? seen.address : null;
    // What does not open may have moved.
    if (seen.kind !== 'open') known = null;
    return { at, ...seen };
  };
  return async (signal) => {
    // AbortSignal.any leaves something behind in a signal that lives on: each look has one of its own.
    const own = new AbortController();
    const stop = () => own.abort();
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    try {
      return await lookOnce(own.signal);
    } finally {
      signal.removeEventListener('abort', stop);
    }
  };
}

type Found = Pick<Look, 'kind' | 'code'>;

async function lookUp(host: string, doors: Doors, signal: AbortSignal): Promise<string[] | Found> {
  const over = new AbortController();
  const end = AbortSignal.any([signal, over.signal]);
  const late = doors.clock.sleep(LOOKUP_MS, end).then((): Found => ({ kind: 'name-late', code: 'TIMEOUT' }));
  const asked = doors.lookup(host, end).then(
    (list): string[] | Found =>
      list.length === 0 ? { kind: 'name', code: 'NO_ADDRESS' } : list.map(({ address }) => address),
    (error: unknown): Found => {
      const code = String((error as { code?: unknown } | null)?.code ?? 'UNKNOWN');
      return { kind: lookupKind(code), code };
    },
  );
  const found = await Promise.race([asked, late]);
  over.abort();
  return signal.aborted ? { kind: 'unknown', code: 'CANCELLED' } : found;
}

/** getaddrinfo(3) and getent(1), which does not tell a name that is not there from a failure to ask. */
function lookupKind(code: string): LookKind {
  if (/^(ENOTFOUND|ENODATA|EAI_NONAME|EAI_NODATA|NO_ADDRESS)$/.test(code)) return 'name';
  return /^(EAI_AGAIN|ESERVFAIL|ETIMEOUT)$/.test(code) ? 'name-late' : 'unknown';
}

type Seen = Pick<Look, 'kind' | 'code' | 'address' | 'ms'>;

/** What tells most comes first: an answer beats silence, and silence beats a family that this machine does not have. */
const TELLS_MOST: LookKind[] = ['open', 'refused', 'unreachable', 'silent', 'not-sent', 'unknown'];

async function firstOpen(
  addresses: readonly string[],
  target: Target,
  doors: Doors,
  signal: AbortSignal,
): Promise<Seen> {
  const over = new AbortController();
  const end = AbortSignal.any([signal, over.signal]);
  let before: Promise<unknown> = Promise.resolve();
  const tries = addresses.map((address, index) => {
    const turn = index === 0 ? before : Promise.race([before, doors.clock.sleep(NEXT_AFTER_MS * index, end)]);
    const mine = turn.then(async (): Promise<Seen> => {
      if (end.aborted) return { kind: 'unknown', code: 'CANCELLED', address, ms: null };
      const seen = await connectOnce(address, target, doors, end);
      if (seen.kind === 'open') over.abort();
      return seen;
    });
    before = mine;
    return mine;
  });
  const all = await Promise.all(tries);
  over.abort();
  const told = TELLS_MOST.flatMap((kind) => all.filter((one) => one.kind === kind));
  return told[0] ?? { kind: 'unknown', code: null, address: null, ms: null };
}

async function connectOnce(
  address: string,
  target: Target,
  doors: Doors,
  signal: AbortSignal,
): Promise<Seen> {
  const isPolite = target.service === COUNTS_SILENT_CONNECTIONS;
  const kept = new AbortController();
  const result = await doors.connectTcp(address, target.port, {
    timeoutMs: CONNECT_MS,
    signal,
    ...(isPolite ? { keepUntil: kept.signal } : {}),
  });
  if (isPolite && result.outcome === 'open') await sayGoodbye(address, target, doors, signal);
  kept.abort();
  const kind = kindOf(result);
  const isAnswered = kind === 'open' || kind === 'refused' || kind === 'unreachable';
  return { kind, code: codeOf(result, kind), address, ms: isAnswered ? result.elapsedMs : null };
}

/** The greeting is heard and left as its protocol ends a session, on the same connection. */
async function sayGoodbye(
  address: string,
  { port }: Target,
  doors: Doors,
  signal: AbortSignal,
): Promise<void> {
  const input = { address, port, service: COUNTS_SILENT_CONNECTIONS, serverName: null } as const;
  await greeting(
    { ...input, expectedAddress: null, caPem: null, timeoutMs: 2000 },
    { doors, signal, partial: () => {} },
  );
}

/** This machine has no way, or no leave, to send there. */
const NOT_SENT = new Set([
  'ENETUNREACH',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'EACCES',
  'EPERM',
  'EINVAL',
  'EAFNOSUPPORT',
]);

function kindOf({ outcome, code }: ConnectResult): LookKind {
  switch (outcome) {
    case 'open':
    case 'refused':
    case 'unreachable':
      return outcome;
    case 'timeout':
      return 'silent';
    case 'local-error':
      return NOT_SENT.has(code ?? '') ? 'not-sent' : 'unknown';
    case 'cancelled':
      return 'unknown';
  }
}

function codeOf({ outcome, code }: ConnectResult, kind: LookKind): string | null {
  if (outcome === 'cancelled') return 'CANCELLED';
  return kind === 'unreachable' || kind === 'not-sent' || kind === 'unknown' ? code : null;
}
