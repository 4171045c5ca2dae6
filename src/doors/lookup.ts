import { execFile } from 'node:child_process';
import { isIPv4, isIPv6 } from 'node:net';
import type { Lookup } from './types.ts';

const ENVIRONMENT = { PATH: '/usr/bin:/bin', LC_ALL: 'C' };

/**
 * getaddrinfo of every address of a name, in the system's order. In this process it could not be stopped, and node
 * waits for it at its end (up to half a minute for dead resolvers); so on Linux getent(1) asks, which can be killed.
 * Rejects with a `code`: ENOTFOUND and the like from node, NO_ADDRESS from getent, which does not tell why, EMFILE and
 * ENFILE where no descriptor was left to ask with.
 */
export const lookup: Lookup = async (host, signal) => {
  if (process.platform !== 'linux') return inProcess(host);
  const answer = await getent(host, signal);
  if (answer === 'missing') return inProcess(host);
  if (answer.length === 0)
    throw Object.assign(new Error(`getent found no address of ${host}`), { code: 'NO_ADDRESS' });
  return answer;
};

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

function getent(host: string, signal?: AbortSignal): Promise<ReturnType<typeof parseGetent> | 'missing'> {
  return new Promise((resolve, reject) => {
    execFile(
      'getent',
      ['--', 'ahosts', host],
      {
        env: ENVIRONMENT,
        maxBuffer: 64 * 1024,
        killSignal: 'SIGKILL',
        timeout: 35_000,
        ...(signal ? { signal } : {}),
      },
      (error, stdout) => {
        const code = (error as NodeJS.ErrnoException | null)?.code;
        if (error !== null && (code === 'EMFILE' || code === 'ENFILE')) return reject(error);
        resolve(code === 'ENOENT' || code === 'EACCES' ? 'missing' : parseGetent(stdout));
      },
    );
  });
}
