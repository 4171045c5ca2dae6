import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parseCarrier } from '../../../src/doors/carriers/carrier.ts';
import { runScript } from '../../../src/doors/carriers/run-script.ts';

describe('a carrier', () => {
  it.each([
    ['ssh:admin@db1', 'ssh -T -o BatchMode=yes -o ConnectTimeout=8 -o ControlPersist=no -- admin@db1 sh -s'],
    ['docker:web_1', 'docker exec -i web_1 sh -s'],
    ['podman:web', 'podman exec -i web sh -s'],
    ['k8s:shop/web-5d9c', 'kubectl exec -i -n shop web-5d9c -- sh -s'],
    ['k8s:shop/web-5d9c/app', 'kubectl exec -i -n shop web-5d9c -c app -- sh -s'],
    ['netns:blue', 'ip netns exec blue sh -s'],
    ['cmd:ssh -J jump db1 sudo sh -s', 'ssh -J jump db1 sudo sh -s'],
  ])('%s runs %s', (text, line) => {
    const carrier = parseCarrier(text)!;
    expect([carrier.file, ...carrier.args].join(' ')).toBe(line);
  });
  it.each([
    'ssh:-oProxyCommand=touch /tmp/x',
    'ssh:',
    'ssh:a b',
    'docker:--privileged',
    'docker:a;b',
    'k8s:shop',
    'k8s:shop/-n',
    'k8s:a/b/c/d',
    'netns:../x',
    'cmd:',
    'cmd:-x',
    'telnet:x',
    'x',
  ])('%s is none', (text) => {
    expect(parseCarrier(text)).toBeNull();
  });
});

const folder = mkdtempSync(join(tmpdir(), 'carrier-'));
afterAll(() => rmSync(folder, { recursive: true }));
const never = new AbortController().signal;
const shell = (...args: string[]) => ({ name: 'test', file: 'sh', args: args.length > 0 ? args : ['-s'] });
const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    // No such process.
    return false;
  }
};

describe.concurrent('a script over a carrier', () => {
  it('comes through standard input, and its output back', async () => {
    const result = await runScript(shell(), 'echo out; echo said >&2; exit 3', {
      deadlineMs: 20_000,
      signal: never,
    });
    expect(result).toEqual({ status: 'failed', exitCode: 3, stdout: 'out\n', stderr: 'said\n' });
  });
  it('a program that is not there is missing', async () => {
    const result = await runScript({ name: 'x', file: 'no-such-program', args: [] }, '', {
      deadlineMs: 20_000,
      signal: never,
    });
    expect(result.status).toBe('missing');
  });
  it('that does not end is ended, and its trap runs', async () => {
    const left = join(folder, 'left');
    const script = `trap 'rm -f ${left}; exit 143' TERM; : > ${left}; echo $$; sleep 60 & wait`;
    const result = await runScript(shell(), script, { deadlineMs: 1500, signal: never });
    expect(result.status).toBe('timed-out');
    expect(() => readFileSync(left)).toThrow();
    expect(isAlive(Number(result.stdout))).toBe(false);
  });
  it('that ignores it is killed', async () => {
    const stop = new AbortController();
    const running = runScript(shell(), "trap '' TERM; echo $$ >&2; while :; do sleep 1; done", {
      deadlineMs: 20_000,
      signal: stop.signal,
      onMessage: () => stop.abort(),
    });
    const result = await running;
    expect(result.status).toBe('cancelled');
    expect(isAlive(Number(result.stderr))).toBe(false);
  });
  it('whatever floods is cut off', async () => {
    const result = await runScript(shell(), 'yes', { deadlineMs: 20_000, signal: never });
    expect(result.status).toBe('flooded');
    expect(result.stdout).toHaveLength(256 * 1024);
  });
  it('docker and kubectl get the words that they take (programs that stand in)', async () => {
    for (const name of ['docker', 'kubectl']) {
      const file = join(folder, name);
      writeFileSync(file, '#!/bin/sh\necho "$@"\ncat\n');
      chmodSync(file, 0o755);
      const { args } = parseCarrier(name === 'docker' ? 'docker:web' : 'k8s:shop/web')!;
      const result = await runScript({ name, file, args }, 'the script', {
        deadlineMs: 20_000,
        signal: never,
      });
      expect(result.stdout).toBe(`${args.join(' ')}\nthe script`);
    }
  });
});
