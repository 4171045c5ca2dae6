import { spawn } from 'node:child_process';
import { isIPv4, isIPv6 } from 'node:net';
import { adopt, marked, OWN_GROUP, signalGroup } from './children.ts';
import { toolEnvironment } from './tool-environment.ts';
import type { Lookup } from './types.ts';

const MAX_OUTPUT = 64 * 1024;
/** The C library gives up by itself before that. */
const TIMEOUT_MS = 35_000;

/** getent(1): 0 = found, 2 = "one or more supplied key could not be found in the database". */
const FOUND = 0;
const NOT_FOUND = 2;

/** A program that asks, and its environment. */
interface Asker {
  file: string;
  args: string[];
  env: Record<string, string>;
}

const getent = (host: string): Asker => ({
  file: 'getent',
  args: ['--', 'ahosts', host],
  env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' },
});

/** Prints addresses, or `!` and the code. What it is asked comes after the script, where nothing is an option any more. */
const SCRIPT = `require('node:dns').lookup(process.argv[1], { all: true, verbatim: true }, (error, found) =>
  process.stdout.write(error ? '!' + error.code : found.map(({ address }) => address).join('\\n')))`;

const node = (host: string): Asker => ({
  file: process.execPath,
  args: ['-e', SCRIPT, '--', host],
  env: toolEnvironment(process.env, process.platform),
});

/**
 * getaddrinfo of every address of a name, in the system's order. In this process it could not be stopped, and node
 * waits for it at its end (half a minute for dead resolvers, for ever where a pipe stands in the place of resolv.conf);
 * so another program asks, which can be killed: on Linux getent(1), elsewhere and where it is missing another node.
 * Rejects with a `code`: ENOTFOUND and the like from node; NO_ADDRESS where getent says that there is none, which
 * does not tell why; EMFILE and ENFILE where no descriptor was left to ask with; NOT_ASKED where getent could not
 * be started or did not end with a word of its own, so that nothing is known about the name.
 */
export const lookup: Lookup = async (host, signal) => {
  const ended = process.platform === 'linux' ? await ask(getent(host), signal) : null;
  if (ended !== null && ended.how !== 'missing') return addressesSaid(ended);
  return addressesOfNode(await ask(node(host), signal));
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

/** What the end of the other node means; throws as `lookup` rejects. */
export function addressesOfNode({ how, exitCode, output }: Ended): ReturnType<typeof parseGetent> {
  const code = /^!([A-Z][A-Z_0-9]*)$/.exec(output)?.[1];
  if (exitCode === 0 && code !== undefined)
    throw Object.assign(new Error(`getaddrinfo failed (${code})`), { code });
  const addresses = parseGetent(output);
  if (exitCode === 0 && addresses.length > 0) return addresses;
  throw Object.assign(new Error(`the lookup ${how}`), { code: 'NOT_ASKED' });
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

function ask({ file, args, env }: Asker, signal?: AbortSignal): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = adopt(
      spawn(file, args, {
        ...OWN_GROUP,
        env: marked(env),
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
