import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import type { NativeJob, NativeResult } from '../../src/doors/types.ts';

const NAMESPACES = ['unshare', '--user', '--map-root-user', '--net', '--mount'] as const;

/** Why no namespaces can be had here, or null. */
function whatIsMissing(): string | null {
  if (process.platform !== 'linux') return 'namespaces need Linux';
  const tools: [string, string[]][] = [
    ['ip', ['-V']],
    ['nft', ['-v']],
    ['setpriv', ['--version']],
    ['ping', ['-V']],
  ];
  for (const [tool, args] of tools) if (spawnSync(tool, args).error) return `${tool} is not installed`;
  const [file, ...args] = NAMESPACES;
  return spawnSync(file, [...args, 'true']).status === 0 ? null : 'unshare is not allowed here';
}

const V4 = '10.0.3.2';
const V6 = 'fd00:3::2';
const sweep = (
  address: string,
  port: number,
  holdMs = 1300,
  protocol: 'tcp' | 'udp' | 'icmp' = 'tcp',
): NativeJob => ({
  job: 'sweep',
  address,
  port,
  protocol,
  maxTtl: 30,
  silentLimit: 4,
  holdMs,
});
const replyTtl = (address: string, port: number): NativeJob => ({ job: 'reply-ttl', address, port });
const exchange = (say: string, more: object = {}): NativeJob => ({
  job: 'exchange',
  address: V4,
  port: 8080,
  sendBase64: Buffer.from(say).toString('base64'),
  maxSegment: null,
  ttlAfterConnect: null,
  minTtlAfterConnect: null,
  timeoutMs: 700,
  maxBytes: 4000,
  ...more,
});

/** These read counters of the whole namespace, so nothing else may go on beside them. */
const ALONE = {
  open: sweep(V4, 8080),
  closed: sweep(V4, 8081),
  'closed v6': sweep(V6, 8081),
  'router drops': sweep(V4, 8082),
  'router prohibits v6': sweep(V6, 8084),
  'own output drop': sweep(V4, 8087),
  'own output drop v6': sweep(V6, 8087),
  'own input drop': sweep(V4, 8088),
  'own input drop v6': sweep(V6, 8088),
  'ttl of an open port': replyTtl(V4, 8080),
  'ttl of a closed port': replyTtl(V4, 8081),
  'ttl of a forged reset': replyTtl(V4, 8083),
  'ttl of a closed port v6': replyTtl(V6, 8081),
  'ttl of a forged reset v6': replyTtl(V6, 8083),
  'ttl of a silent port': replyTtl(V4, 8082),
  'ttl of a rejected port': replyTtl(V4, 8084),
} satisfies Record<string, NativeJob>;
const TOGETHER = {
  'router resets': sweep(V4, 8083),
  'router prohibits': sweep(V4, 8084),
  'host rejects': sweep(V4, 8086),
  'host off': sweep('10.0.3.99', 80, 3500),
  loop: sweep('10.5.0.1', 80),
  blackhole: sweep('10.8.0.1', 80),
  udp: sweep(V4, 33_434, 1300, 'udp'),
  icmp: sweep(V4, 0, 1300, 'icmp'),
  talk: exchange('HELLO'),
  'talk with small segments': exchange('HELLO', { maxSegment: 500 }),
  'talk to nobody': exchange('HELLO', { port: 8081 }),
  'talk to a firewall': exchange('HELLO', { port: 8084 }),
  'talk until reset': exchange('RESET'),
  'talk until closed': exchange('CLOSE'),
  'talk without an answer': exchange('NOTHING'),
  'talk too short to arrive': exchange('HELLO', { ttlAfterConnect: 2 }),
  'talk cut by a box before the hop': exchange('FORBIDDEN', { ttlAfterConnect: 2, port: 8090 }),
  'path too narrow': exchange('x'.repeat(3000), { port: 8091 }),
  'talk deaf to far answers': exchange('HELLO', { minTtlAfterConnect: 63 }),
} satisfies Record<string, NativeJob>;
type Name = keyof typeof ALONE | keyof typeof TOGETHER;

const missing = whatIsMissing();
const title = 'in a network of namespaces, without privileges';

describe.skipIf(missing !== null)(missing === null ? title : `${title} (SKIPPED: ${missing})`, () => {
  let results: Record<Name, NativeResult>;

  beforeAll(() => {
    const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
    const world = fileURLToPath(new URL('../doors/native/world.ts', import.meta.url));
    const [file, ...args] = NAMESPACES;
    const done = spawnSync(file, [...args, process.execPath, '--import', tsx, world], {
      input: JSON.stringify({ alone: ALONE, together: TOGETHER }),
      encoding: 'utf8',
      timeout: 110_000,
    });
    if (done.status !== 0) throw new Error(`the world could not be built: ${done.stderr}`);
    results = JSON.parse(done.stdout) as typeof results;
  }, 120_000);

  const traceOf = (name: Name) => {
    const result = results[name];
    if (result.status !== 'swept') throw new Error(JSON.stringify(result));
    return result.trace;
  };
  /**
   * A sweep as a person would say it: `1 time-exceeded 10.0.1.2`, up to its end. On a busy machine the next TTL may have
   * been asked before the end was heard.
   */
  const path = (name: Name): string[] => {
    const { replies } = traceOf(name);
    const end = replies.findIndex(({ answer }) =>
      ['syn-ack', 'rst', 'unreachable', 'reply'].includes(answer),
    );
    return (end < 0 ? replies : replies.slice(0, end + 1)).map(
      ({ ttl, answer, from, icmpType, icmpCode }) => {
        const icmp = answer === 'unreachable' ? `${icmpType}/${icmpCode}` : '';
        return [ttl, answer, from, icmp].filter((word) => word !== null && word !== '').join(' ');
      },
    );
  };
  const ROUTERS = ['1 time-exceeded 10.0.1.2', '2 time-exceeded 10.0.2.2'];
  const ROUTERS_V6 = ['1 time-exceeded fd00:1::2', '2 time-exceeded fd00:2::2'];

  it('an open port is reached one hop behind the last router', () => {
    expect(path('open')).toEqual([...ROUTERS, '3 syn-ack']);
  });
  it('a closed port is reached, in both families', () => {
    expect(path('closed')).toEqual([...ROUTERS, '3 rst']);
    expect(path('closed v6')).toEqual([...ROUTERS_V6, '3 rst']);
  });
  it('a port that a router drops is silent behind that router, and was asked twice from the same socket', () => {
    expect(path('router drops')).toEqual([...ROUTERS, '3 silence', '4 silence', '5 silence', '6 silence']);
    for (const { sent, answer } of traceOf('router drops').replies)
      expect(sent).toBeGreaterThanOrEqual(answer === 'silence' ? 2 : 1);
  });
  it('a reset by a router looks like a closed port to a sweep', () => {
    expect(path('router resets')).toEqual(path('closed'));
  });
  it('an ICMP rejection names its sender, in both families', () => {
    expect(path('router prohibits')).toEqual([...ROUTERS, '3 unreachable 10.0.2.2 3/13']);
    expect(path('router prohibits v6')).toEqual([...ROUTERS_V6, '3 unreachable fd00:2::2 1/1']);
    expect(path('host rejects')).toEqual([...ROUTERS, '3 unreachable 10.0.3.2 3/3']);
  });
  it('a host that is off is reported by the last router after three seconds', () => {
    expect(path('host off')[2]).toBe('3 unreachable 10.0.2.2 3/1');
    expect(traceOf('host off').replies[2]?.rttMs).toBeGreaterThan(2500);
  });
  it('a loop ends the sweep early', () => {
    expect(path('loop').slice(0, 4)).toEqual([
      ...ROUTERS,
      '3 time-exceeded 10.0.1.2',
      '4 time-exceeded 10.0.2.2',
    ]);
    expect(path('loop').length).toBeLessThan(12);
  });
  it('a route of this machine that swallows packets is a local error and no packet', () => {
    expect(traceOf('blackhole').replies).toEqual([
      {
        ttl: 1,
        answer: 'local-error',
        from: null,
        icmpType: null,
        icmpCode: null,
        errno: 'EINVAL',
        rttMs: null,
        sent: 0,
      },
    ]);
  });
  it('UDP arrives where the target itself says port-unreachable, ping where it replies', () => {
    expect(path('udp')).toEqual([...ROUTERS, '3 unreachable 10.0.3.2 3/3']);
    expect(path('icmp')).toEqual([...ROUTERS, '3 reply 10.0.3.2']);
  });

  it('nothing is missing in the counters of a healthy sweep', () => {
    for (const name of ['open', 'closed', 'closed v6', 'router drops', 'router prohibits v6'] as const)
      expect(traceOf(name).counters, name).toMatchObject({ retransmitsFailed: 0, undelivered: 0 });
  });
  it.each(['own output drop', 'own output drop v6'] as const)('%s: what was not sent is counted', (name) => {
    const { counters, replies } = traceOf(name);
    expect(replies.map(({ answer }) => answer)).toEqual(['silence', 'silence', 'silence', 'silence']);
    expect(counters?.retransmitsFailed).toBeGreaterThanOrEqual(4);
    // Null on kernels before 6.9.
    if (counters?.unsent !== null) expect(counters?.unsent).toBe(4);
    expect(counters?.undelivered).toBe(0);
  });
  it.each(['own input drop', 'own input drop v6'] as const)(
    '%s: what came and was not delivered is counted',
    (name) => {
      const { counters } = traceOf(name);
      expect(counters?.undelivered).toBeGreaterThanOrEqual(4);
      expect(counters?.retransmitsFailed).toBe(0);
    },
  );

  it('the TTL of an answer tells the host from a router that speaks in its name', () => {
    expect(results['ttl of an open port']).toMatchObject({ answer: 'syn-ack', ttl: 62 });
    expect(results['ttl of a closed port']).toMatchObject({ answer: 'rst', ttl: 62 });
    expect(results['ttl of a forged reset']).toMatchObject({ answer: 'rst', ttl: 63 });
  });
  it('and so does the hop limit of IPv6', () => {
    expect(results['ttl of a closed port v6']).toMatchObject({ answer: 'rst', ttl: 62 });
    expect(results['ttl of a forged reset v6']).toMatchObject({ answer: 'rst', ttl: 63 });
  });
  it('is found with few SYNs', () => {
    const { sent } = results['ttl of a closed port'] as { sent: number };
    expect(sent).toBeLessThanOrEqual(10);
  });
  it('of silence and of an ICMP rejection there is no TTL', () => {
    expect(results['ttl of a silent port']).toMatchObject({ answer: null, ttl: null });
    expect(results['ttl of a rejected port']).toMatchObject({ answer: null, ttl: null });
  });

  const talk = (name: Name) => results[name] as Extract<NativeResult, { status: 'exchanged' }>;
  it('a conversation brings what was asked for, and the numbers of its connection', () => {
    expect(talk('talk')).toMatchObject({
      connected: true,
      ended: 'data',
      errno: null,
      pathMtu: 1500,
      offender: null,
    });
    expect(Buffer.from(talk('talk').receivedBase64, 'base64')).toEqual(Buffer.alloc(4000, 'a'));
    expect(talk('talk').sendMss).toBe(1448);
  });
  it('a smaller segment is agreed on before the connection stands', () => {
    expect(talk('talk with small segments').ended).toBe('data');
    expect(talk('talk with small segments').sendMss).toBeLessThanOrEqual(500);
  });
  it('no connection says why, and who said so', () => {
    expect(talk('talk to nobody')).toMatchObject({
      connected: false,
      ended: 'connect-failed',
      errno: 'ECONNREFUSED',
      offender: null,
    });
    expect(talk('talk to a firewall')).toMatchObject({
      connected: false,
      ended: 'connect-failed',
      errno: 'EHOSTUNREACH',
      offender: { address: '10.0.2.2', icmpType: 3, icmpCode: 13 },
    });
  });
  it('a reset, an end and a stall are three things', () => {
    expect(talk('talk until reset')).toMatchObject({ connected: true, ended: 'reset', errno: 'ECONNRESET' });
    expect(talk('talk until closed')).toMatchObject({ connected: true, ended: 'closed', errno: null });
    expect(talk('talk without an answer')).toMatchObject({ connected: true, ended: 'stalled', unacked: 0 });
  });
  it('a payload that dies on the way is neither a stall nor a reset (the kernel keeps its sender to itself)', () => {
    expect(talk('talk too short to arrive')).toMatchObject({
      connected: true,
      ended: 'unreachable',
      errno: 'EHOSTUNREACH',
      offender: null,
      unacked: 1,
    });
  });
  it('a reset by a box before the hop where the payload dies is a reset', () => {
    expect(talk('talk cut by a box before the hop')).toMatchObject({ connected: true, ended: 'reset' });
  });
  it('a path that swallows large packets stalls with octets that nobody acknowledged', () => {
    const { ended, unacked, retransmits } = talk('path too narrow');
    expect(ended).toBe('stalled');
    expect(unacked).toBeGreaterThanOrEqual(1);
    expect(retransmits).toBeGreaterThanOrEqual(1);
  });
  it('what comes from farther away than wanted is not heard', () => {
    expect(talk('talk deaf to far answers')).toMatchObject({
      connected: true,
      ended: 'stalled',
      receivedBase64: '',
    });
  });
});
