import { spawn } from 'node:child_process';
import { isIPv4, isIPv6 } from 'node:net';
import { adopt, marked, OWN_GROUP, signalGroup } from './children.ts';
import type { Lookup } from './types.ts';

const ENVIRONMENT = { PATH: '/usr/bin:/bin', LC_ALL: 'C' };
const MAX_OUTPUT = 64 * 1024;
/** The C library gives up by itself before that. */
const TIMEOUT_MS = 35_000;

/** getent(1): 0 = found, 2 = "one or more supplied key could not be found in the database". */
const FOUND = 0;
const NOT_FOUND = 2;

/**
 * getaddrinfo of every address of a name, in the system's order. In this process it could not be stopped, and node
 * waits for it at its end (up to half a minute for dead resolvers); so on Linux getent(1) asks, which can be killed.
 * Rejects with a `code`: ENOTFOUND and the like from node; NO_ADDRESS where getent says that there is none, which
 * does not tell why; EMFILE and ENFILE where no descriptor was left to ask with; NOT_ASKED where getent could not
 * be started or did not end with a word of its own, so that nothing is known about the name.
 */
export const lookup: Lookup = async (host, signal) => {
  if (process.platform !== 'linux') return inProcess(host);
  const ended = await getent(host, signal);
  return ended.how === 'missing' ? inProcess(host) : addressesSaid(ended);
};

/** What getent's end means; throws as `lookup` rejects. */
export function addressesSaid({ how, exitCode, output }: Ended): ReturnType<typeof parseGetent> {
  const addresses = parseGetent(output);
  if (exitCode === FOUND && addresses.length > 0) return addresses;
  if (exitCode === NOT_FOUND)
    throw Object.assign(new Error('getent found no address'), { code: 'NO_ADDRESS' });
  const why = exitCode === FOUND ? 'printed no address' : how;
  throw Object.assign(new Error(`getent ${why}`), { code: 'NOT_ASKED' });
}

async function inProcess(host: string) {
  const dns = await import('node:dns/promises');
  const found = await dns.lookup(host, { all: true, verbatim: true });
  return found.map(({ address, family }) => ({
    address,
    family: family === 6 ? (6 as const) : (4 as const),
  }));
}

// 192.0.2.7       STREAM db.example.com
// 192.0.2.7       DGRAM
export function parseGetent(text: string): { address: string; family: 4 | 6 }[] {
  const addresses = new Map<string, 4 | 6>();
  for (const line of text.split('\n')) {
    const address = line.split(/\s+/, 1)[0] ?? '';
    if (isIPv4(address)) addresses.set(address, 4);
    else if (isIPv6(address)) addresses.set(address, 6);
  }
  return [...addresses].map(([address, family]) => ({ address, family }));
}

/** `how` is for people; null = it did not end by itself. */
interface Ended {
  how: string;
  exitCode: number | null;
  output: string;
}

function getent(host: string, signal?: AbortSignal): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = adopt(
      spawn('getent', ['--', 'ahosts', host], {
        ...OWN_GROUP,
        env: marked(ENVIRONMENT),
        stdio: ['ignore', 'pipe', 'ignore'],
      }),
    );
    let output = '';
    let stopped: string | null = null;
    const stop = (why: string) => {
      stopped ??= why;
      signalGroup(child, 'SIGKILL');
      // Whoever holds the pipe must not hold us.
      child.stdout?.destroy();
    };
    const onAbort = () => stop('was stopped');
    const timer = setTimeout(() => stop('did not end in time'), TIMEOUT_MS);
    const settle = (act: () => void) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      act();
    };
    child.on('error', (error: NodeJS.ErrnoException) => {
      const { code = 'UNKNOWN' } = error;
      if (code === 'EMFILE' || code === 'ENFILE') return settle(() => reject(error));
      const how = code === 'ENOENT' || code === 'EACCES' ? 'missing' : `could not be started (${code})`;
      settle(() => resolve({ how, exitCode: null, output: '' }));
    });
    // Where no descriptor was left there is no stream, whatever the types say.
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      output = (output + chunk).slice(0, MAX_OUTPUT);
      if (output.length === MAX_OUTPUT) stop('printed too much');
    });
    // Its grandchildren, where a module of nsswitch.conf starts some, may hold the pipe for longer.
    child.on('exit', () => setTimeout(() => child.stdout?.destroy(), 150).unref());
    child.on('close', (code, killedBy) => {
      const how =
        stopped ?? (killedBy === null ? `ended with exit code ${code}` : `was killed (${killedBy})`);
      settle(() => resolve({ how, exitCode: stopped === null ? code : null, output }));
    });
    if (signal?.aborted) onAbort();
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}
