import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createNativeDoor, native } from '../../../src/doors/native/client.ts';
import type { NativeJob } from '../../../src/doors/types.ts';

const sweep: NativeJob = {
  job: 'sweep',
  address: '127.0.0.1',
  port: 9,
  protocol: 'tcp',
  maxTtl: 30,
  silentLimit: 6,
  holdMs: 1300,
};
const never = new AbortController().signal;
/** A child that is none of ours. */
const childThat = (script: string, startMs = 4000) =>
  createNativeDoor({ command: [process.execPath, '-e', script], startMs });
const isNative = process.platform === 'linux' && (process.arch === 'x64' || process.arch === 'arm64');

describe('the native door', () => {
  it('is closed with a reason where there is no Linux', async () => {
    expect(await createNativeDoor({ platform: 'freebsd', arch: 'arm64' })(sweep, never)).toEqual({
      status: 'unavailable',
      reason: 'not-this-system: freebsd on arm64',
      enable: null,
    });
  });

  it('can be closed by the environment', async () => {
    const door = createNativeDoor({ environment: { REACHDOCTOR_NO_NATIVE: '1' } });
    expect((await door(sweep, never)).status).toBe('unavailable');
  });

  it('says that a child crashed, and how', async () => {
    const result = await childThat('process.abort()')(sweep, never);
    expect(result).toMatchObject({ status: 'failed', reason: expect.stringContaining('SIGABRT') });
  });

  it('says that a child could not be run', async () => {
    const result = await createNativeDoor({ command: ['/nonexistent/node'] })(sweep, never);
    expect(result).toMatchObject({ status: 'failed', reason: expect.stringContaining('ENOENT') });
  });

  it.each([
    ['nothing', ''],
    ['half a result', 'process.stdout.write(\'{"status":"swe\')'],
    ['another shape', 'console.log(JSON.stringify([1]))'],
    ['an unknown status', 'console.log(JSON.stringify({status:"owned"}))'],
  ])('%s is not a result', async (_, script) => {
    expect((await childThat(script)(sweep, never)).status).toBe('failed');
  });

  it('stops a child that talks too much', async () => {
    const script = 'setInterval(() => process.stdout.write("x".repeat(60000)), 1)';
    expect(await childThat(script)(sweep, never)).toMatchObject({
      reason: 'child-loud',
    });
  });

  it('kills a child that does not end', async () => {
    const door = childThat('setInterval(() => {}, 1000)', -3300);
    expect(await door(sweep, never)).toMatchObject({
      status: 'failed',
      reason: 'child-late: 200',
    });
  });

  it('kills the child when the answer is no longer wanted', async () => {
    const stop = new AbortController();
    const mark = `reachdoctor-test-${process.pid}`;
    const result = createNativeDoor({
      command: [process.execPath, '-e', 'setInterval(() => {}, 1000)', mark],
    })(sweep, stop.signal);
    setTimeout(() => stop.abort(), 200);
    expect(await result).toEqual({ status: 'cancelled' });
    expect(processesWith(mark)).toEqual([]);
  });

  describe.runIf(process.platform === 'linux')('and a connection', () => {
    const connect = { job: 'connect', address: '127.0.0.1', port: 9, timeoutMs: 1000 } as const;
    /** Tells what it was asked, and answers it. */
    const answering = (before: string) => `
      ${before}
      process.stdin.on('data', (asked) => {
        require('node:fs').writeFileSync(process.env.HOME + '/asked', asked);
        process.stdout.write('{"status":"begun"}\\n{"status":"connected","open":false,"errno":"ECONNREFUSED","atOnce":false,"told":null,"sourcePort":7,"elapsedMs":1}\\n');
      });`;
    const asked = async (before: string, tries: number) => {
      const home = mkdtempSync(join(tmpdir(), 'reachdoctor-child-'));
      const door = createNativeDoor({
        command: [process.execPath, '-e', answering(before)],
        environment: { ...process.env, HOME: home },
      });
      let begun = false;
      let result = null;
      // A busy machine takes its time to start a program; the one that was not ready is kept for the next time.
      for (let i = 0; i < tries && result === null; i++)
        result = await door.connect(connect, never, () => {
          begun = true;
        });
      const wasAsked = existsSync(join(home, 'asked'));
      rmSync(home, { recursive: true });
      return { result, begun, wasAsked };
    };

    it('is not asked of a child that is not ready: two would knock', async () => {
      expect(await asked('', 1)).toEqual({ result: null, begun: false, wasAsked: false });
    });

    it('is asked of one that is', async () => {
      expect(await asked(`process.stdout.write('{"status":"ready"}\\n');`, 100)).toMatchObject({
        result: { status: 'connected', errno: 'ECONNREFUSED', sourcePort: 7 },
        begun: true,
        wasAsked: true,
      });
    });
  });

  it('starts nothing when the answer was never wanted', async () => {
    expect(await createNativeDoor({ command: ['/nonexistent/node'] })(sweep, AbortSignal.abort())).toEqual({
      status: 'cancelled',
    });
  });
});

function processesWith(mark: string): string[] {
  return execFileSync('ps', ['-eo', 'pid,stat,args'], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.includes(mark) && !/^\s*\d+\s+Z/.test(line));
}

const title = 'the native child on loopback';
describe.skipIf(!isNative)(isNative ? title : `${title} (SKIPPED: needs Linux on x64 or arm64)`, () => {
  const servers: Server[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
  });
  const listen = async (onConnection: () => void): Promise<number> => {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      onConnection();
    });
    servers.push(server);
    await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(null)));
    return (server.address() as { port: number }).port;
  };

  it('reaches a closed port at TTL 1', async () => {
    expect(await native({ ...sweep, maxTtl: 1 }, never)).toMatchObject({
      status: 'swept',
      trace: { method: 'tcp-syn', protocol: 'tcp', port: 9, replies: [{ ttl: 1, answer: 'rst', sent: 1 }] },
    });
  });

  it('opens one connection to an open port', async () => {
    let connections = 0;
    const port = await listen(() => connections++);
    expect(await native({ ...sweep, port, maxTtl: 1 }, never)).toMatchObject({
      trace: { replies: [{ ttl: 1, answer: 'syn-ack' }] },
    });
    // The listener hears of it in its own time.
    await vi.waitFor(() => expect(connections).toBe(1), { timeout: 5000 });
  });

  it('keeps the text of the address that it was asked for', async () => {
    const address = '0:0:0:0:0:0:0:1';
    expect(await native({ ...sweep, address, protocol: 'udp', maxTtl: 1 }, never)).toMatchObject({
      trace: { address, replies: [{ ttl: 1, from: address }] },
    });
  });

  it('says what is wrong with a job', async () => {
    expect(await native({ ...sweep, address: '-oProxyCommand' }, never)).toEqual({
      status: 'failed',
      reason: 'fault: job.address is no IP literal',
    });
  });

  it('dies with whoever started it', async () => {
    const job = JSON.stringify({
      ...sweep,
      address: '127.0.0.1',
      protocol: 'udp',
      port: await silentUdpPort(),
      holdMs: 9000,
    });
    const mark = `/native/child.ts`;
    const script = `
      import { createNativeDoor } from ${JSON.stringify(new URL('../../../src/doors/native/client.ts', import.meta.url).href)};
      console.log('up');
      await createNativeDoor()(${job}, new AbortController().signal);`;
    const parent = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const children = () =>
      execFileSync('ps', ['-eo', 'pid,ppid,stat,args'], { encoding: 'utf8' })
        .split('\n')
        .filter((line) => line.includes(mark) && !line.includes('-e '))
        .map((line) => line.trim().split(/\s+/))
        .filter(([, ppid, stat]) => ppid === String(parent.pid) && !stat?.startsWith('Z'))
        .map(([pid]) => pid!);
    const until = async (claim: () => boolean) => {
      for (let i = 0; i < 200 && !claim(); i++) await new Promise((resolve) => setTimeout(resolve, 50));
    };
    await until(() => children().length === 1);
    const [pid] = children();
    expect(pid).toBeDefined();
    // Long enough for the child to have asked the kernel for its death.
    await new Promise((resolve) => setTimeout(resolve, 1500));
    parent.kill('SIGKILL');
    const gone = () =>
      !execFileSync('ps', ['-eo', 'pid,stat'], { encoding: 'utf8' })
        .split('\n')
        .some((line) => new RegExp(`^\\s*${pid}\\s+[^Z]`).test(line));
    await until(gone);
    expect(gone()).toBe(true);
  });
});

async function silentUdpPort(): Promise<number> {
  const { createSocket } = await import('node:dgram');
  const socket = createSocket('udp4').unref();
  await new Promise((resolve) => socket.bind(0, '127.0.0.1', () => resolve(null)));
  return socket.address().port;
}
