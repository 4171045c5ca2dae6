import { createServer } from 'node:net';
import type { Accepted, Doors } from '../../doors/types.ts';
import { endpoint } from '../../ground/address.ts';

const LONGEST_MS = 10 * 60 * 1000;
const MOST_CONNECTIONS = 100;
/** One job of the native child; Ctrl-C is heard between two. */
const SLICE_MS = 500;

export interface Listening {
  port: number;
  address: string;
  forMs: number | null;
  /** 32 hexadecimal digits: whoever reads them through the port is connected to this listener and to nothing in between. */
  caseId: string;
  signal: AbortSignal;
}

/**
 * An honest listener, to prove that a firewall lets a port through before the service exists: it answers one line with the
 * case id, closes, records the SYN as it arrived where the system keeps it, and ends by itself. Resolves with a sentence
 * when it could not listen, with null when it ended.
 */
export async function listen(
  given: Listening,
  doors: Doors,
  tell: (line: string) => void,
): Promise<string | null> {
  const kept = await listenNatively(given, doors, tell);
  return kept === 'unavailable' ? listenPlainly(given, tell) : kept;
}

const lineOf = ({ port, address, caseId }: Listening): string =>
  `reachdoctor --listen: TCP ${port} of ${address} is reachable, case ${caseId}\r\n`;

const began = ({ address, port, caseId }: Listening): string =>
  `Listening on ${endpoint(address, port)}, case ${caseId}; it ends by itself, or with Ctrl-C.\nWhoever connects, with reachdoctor, nc or telnet, reads this case id; another word comes from something in between.\n`;
const ended = (seen: number, port: number): string =>
  `${seen} connection${seen === 1 ? '' : 's'} in all; TCP ${port} is closed again.\n`;
const notOpened = ({ address, port }: Listening, why: string): string =>
  `TCP ${port} of ${address} cannot be listened on (${why}).`;

async function listenNatively(
  given: Listening,
  { native, clock }: Doors,
  tell: (line: string) => void,
): Promise<string | null | 'unavailable'> {
  const { address, port, signal } = given;
  const until = clock.now() + Math.min(given.forMs ?? LONGEST_MS, LONGEST_MS);
  // Its end is asked for in words, so that the port is closed in order.
  const never = new AbortController().signal;
  let seen = 0;
  for (let isFirst = true; ; isFirst = false) {
    const left = until - clock.now();
    const isLast = signal.aborted || left <= SLICE_MS || seen >= MOST_CONNECTIONS;
    const forMs = isFirst || signal.aborted ? 0 : Math.max(0, Math.min(SLICE_MS, Math.round(left)));
    const most = Math.max(1, MOST_CONNECTIONS - seen);
    const say = lineOf(given);
    const result = await native({ job: 'listen', address, port, forMs, most, say, isLast }, never);
    if (result.status !== 'listened') return isFirst ? 'unavailable' : notOpened(given, result.status);
    if (result.errno !== null) return notOpened(given, result.errno);
    if (isFirst) tell(began(given));
    for (const one of result.accepted) tell(connectionWords(++seen, one));
    if (isLast) {
      tell(ended(seen, port));
      return null;
    }
  }
}

/** One connection and the SYN that it began with: a changed MSS or a missing option is something on the way. */
export function connectionWords(number: number, { at, from, fromPort, syn }: Accepted): string {
  const first = `${new Date(at).toISOString()} connection ${number} from ${endpoint(from, fromPort)}`;
  if (syn === null) return `${first}\n`;
  const marked = syn.mss !== null && syn.mss >= 1200 && syn.mss <= 1263 ? ' (the mark of a knock)' : '';
  const said = [
    `TTL ${syn.ttl}`,
    syn.mss === null ? 'no MSS' : `MSS ${syn.mss}${marked}`,
    `window ${syn.window}${syn.windowScale === null ? '' : ` x ${2 ** syn.windowScale}`}`,
    syn.timestamp === null ? 'no timestamp' : `timestamp ${syn.timestamp}`,
    `options ${syn.options.length === 0 ? 'none' : syn.options.join(',')}`,
  ];
  return `${first}\n  its SYN: ${said.join(', ')}\n`;
}

/** Without the native child: the same without the SYNs. */
function listenPlainly(given: Listening, tell: (line: string) => void): Promise<string | null> {
  return new Promise((resolve) => {
    let seen = 0;
    const server = createServer((socket) => {
      seen++;
      const { remoteAddress: from = '?', remotePort: fromPort = 0 } = socket;
      tell(connectionWords(seen, { at: Date.now(), from, fromPort, syn: null }));
      socket.on('error', () => {});
      socket.setTimeout(2000, () => socket.destroy());
      socket.resume();
      socket.end(lineOf(given));
      if (seen >= MOST_CONNECTIONS) end();
    });
    const timer = setTimeout(() => end(), Math.min(given.forMs ?? LONGEST_MS, LONGEST_MS));
    const end = (): void => {
      clearTimeout(timer);
      given.signal.removeEventListener('abort', end);
      server.close(() => resolve(null));
      tell(ended(seen, given.port));
    };
    server.on('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(timer);
      resolve(notOpened(given, error.code ?? error.message));
    });
    server.listen({ port: given.port, host: given.address, exclusive: true }, () => {
      tell(`${began(given)}What SYNs look like when they arrive cannot be seen here (no native child).\n`);
    });
    given.signal.addEventListener('abort', end, { once: true });
    if (given.signal.aborted) end();
  });
}
