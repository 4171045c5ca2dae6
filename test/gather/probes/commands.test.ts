import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Command, CommandResult, Doors } from '../../../src/doors/types.ts';
import { destinationOf, localNetwork, routeCommand } from '../../../src/gather/probes/local-network.ts';
import { pathMtu } from '../../../src/gather/probes/path-mtu.ts';
import { ping, pingCommand, pingFinding } from '../../../src/gather/probes/ping.ts';
import { readTool, traceCommand, traceTools } from '../../../src/gather/probes/trace-command.ts';
import { isAddress } from '../../../src/ground/address.ts';
import type { TraceProtocol } from '../../../src/model/measured.ts';
import { anySign } from '../../any-sign.ts';

const PLATFORMS: NodeJS.Platform[] = ['linux', 'darwin', 'win32', 'freebsd'];
const PROTOCOLS: TraceProtocol[] = ['tcp', 'udp', 'icmp'];
const V4 = '192.0.2.7';

const result = (more: Partial<CommandResult>): CommandResult => ({
  status: 'done',
  exitCode: 0,
  stdout: '',
  stderr: '',
  commandLine: 'tool',
  ...more,
});

/** Doors whose tools answer as told; every command is noted. */
function scripted(answer: (command: Command) => Partial<CommandResult>, platform: NodeJS.Platform = 'linux') {
  const commands: string[] = [];
  const doors = {
    platform,
    clock: { now: () => 0, elapsed: () => 0, sleep: async () => {} },
    runCommand: async (command: Command) => {
      commands.push([command.file, ...command.args].join(' '));
      return result({ commandLine: command.file, ...answer(command) });
    },
    readText: async () => null,
  } as unknown as Doors;
  return { commands, context: { doors, signal: new AbortController().signal, partial: () => {} } };
}

describe('what is typed for the tools', () => {
  test('nothing but an address becomes an argument', async () => {
    for (const hostile of [
      '-f',
      '--flood',
      'example.com',
      '10.0.0.1 -f',
      '10.0.0.1;id',
      '',
      '::1\n',
      '1.1',
      '0x7f000001',
      'fe80::1%-f;id',
      "::1%'x",
    ]) {
      expect(isAddress(hostile), hostile).toBe(false);
      for (const platform of PLATFORMS) {
        expect(() => pingCommand({ address: hostile, count: 1, timeoutMs: 1000 }, platform)).toThrow(
          'address',
        );
        for (const protocol of PROTOCOLS) {
          const input = {
            address: hostile,
            port: 1,
            role: 'target' as const,
            protocols: [protocol],
            timeoutMs: 1000,
          };
          expect(() => traceTools(protocol, input, platform, 1000)).toThrow('address');
        }
      }
      const { commands, context } = scripted(() => ({}));
      await ping({ address: hostile, count: 1, timeoutMs: 1000 }, context);
      await traceCommand(
        { address: hostile, port: 1, role: 'target', protocols: PROTOCOLS, timeoutMs: 1000 },
        context,
      );
      await localNetwork({ address: hostile }, context);
      expect(commands).toEqual([]);
    }
  });

  test('no string that passes as an address begins with a dash or holds a quote, blank or separator', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: anySign }),
          fc.ipV4(),
          fc.ipV6(),
          fc.tuple(fc.ipV6(), fc.string()).map(([a, z]) => `${a}%${z}`),
        ),
        (text) => {
          if (isAddress(text)) expect(text).toMatch(/^[0-9a-fA-F:][0-9a-fA-F:.]*(%[\w.-]+)?$/);
        },
      ),
      { numRuns: 3000 },
    );
  });

  test('every IP literal is an address', () => {
    fc.assert(fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (text) => isAddress(text)));
  });

  test('Linux ping ends by itself within its time, and is not given -w', () => {
    expect(pingCommand({ address: V4, count: 4, timeoutMs: 4000 }, 'linux')).toEqual({
      file: 'ping',
      args: ['-n', '-4', '-c', '4', '-i', '0.2', '-W', '3', V4],
    });
    expect(pingCommand({ address: '::1', count: 1, timeoutMs: 100 }, 'linux').args).toEqual([
      '-n',
      '-6',
      '-c',
      '1',
      '-i',
      '0.2',
      '-W',
      '1',
      '::1',
    ]);
  });

  test('other systems have their own options', () => {
    expect(pingCommand({ address: V4, count: 2, timeoutMs: 3000 }, 'darwin').args.slice(-3)).toEqual([
      '-W',
      '2700',
      V4,
    ]);
    expect(pingCommand({ address: V4, count: 2, timeoutMs: 3000 }, 'win32').args).toEqual([
      '-n',
      '2',
      '-w',
      '1400',
      '-4',
      V4,
    ]);
  });

  test('tcptraceroute is not tried for IPv6, and Windows has nothing for TCP', () => {
    const tools = (address: string, platform: NodeJS.Platform) =>
      traceTools(
        'tcp',
        { address, port: 443, role: 'target', protocols: ['tcp'], timeoutMs: 5000 },
        platform,
        5000,
      ).map(({ name }) => name);
    expect(tools(V4, 'linux')).toEqual(['traceroute', 'mtr', 'tcptraceroute']);
    expect(tools('2001:db8::7', 'linux')).toEqual(['traceroute', 'mtr']);
    expect(tools(V4, 'win32')).toEqual([]);
  });

  test('a zone is a device, or nothing is asked', () => {
    expect(destinationOf('fe80::1%eth0')).toEqual({ bare: 'fe80::1', device: 'eth0' });
    expect(destinationOf('fe80::1%-all')).toBeNull();
    expect(routeCommand('fe80::1', 'eth0')).toEqual(['-j', 'route', 'get', 'fe80::1', 'oif', 'eth0']);
    expect(routeCommand(V4, null, 8080).slice(-4)).toEqual(['ipproto', 'tcp', 'dport', '8080']);
  });

  test('a routing rule may look at the port; an ip of before 2018 is asked without it', async () => {
    const asked: string[][] = [];
    const answering = (stderr: string, stdout: string) =>
      scripted(({ args }) => {
        asked.push(args);
        return args.includes('dport') ? { stderr, exitCode: 2 } : { stdout };
      }).context;
    const prohibited = await localNetwork(
      { address: V4, port: 8080 },
      answering('RTNETLINK answers: Permission denied\n', '[]'),
    );
    expect(prohibited.data?.route.kind).toBe('prohibit');
    const old = await localNetwork(
      { address: V4, port: 8080 },
      answering(
        'Error: inet prefix is expected rather than "ipproto".\n',
        '[{"dst":"192.0.2.7","gateway":"10.0.0.1","dev":"eth0","prefsrc":"10.0.0.5"}]',
      ),
    );
    expect(asked.some((args) => args.includes('dport'))).toBe(true);
    expect(old.data?.route).toMatchObject({ kind: 'unicast', gateway: '10.0.0.1' });
  });
});

test('large pings may be sent in fragments, and either kind so far apart as is wished', () => {
  const input = { address: V4, count: 10, timeoutMs: 15_500, intervalMs: 1500, size: 1200 };
  const typed = (platform: NodeJS.Platform, more = {}) =>
    pingCommand({ ...input, ...more }, platform).args.join(' ');
  expect(typed('linux')).toBe(`-n -4 -c 10 -i 1.5 -W 1 -M dont -s 1172 ${V4}`);
  expect(typed('linux', { address: '2001:db8::7' })).toContain('-s 1152');
  expect(typed('linux', { size: undefined })).toBe(`-n -4 -c 10 -i 1.5 -W 1 ${V4}`);
  expect(typed('darwin')).toContain('-i 1.5 -W 1900 -s 1172');
  expect(typed('win32')).toContain('-n 10 -l 1172');
});

describe('ping without the network', () => {
  const input = { address: V4, count: 3, timeoutMs: 2000 };

  test('a missing ping is data with a way out', async () => {
    const { context } = scripted(() => ({ status: 'missing', exitCode: null }));
    expect(await ping(input, context)).toMatchObject({
      outcome: 'not-available',
      reason: 'not-installed: ping',
      data: null,
      enable: 'apt install iputils-ping',
    });
  });

  test('a ping without privileges says nothing about the host', () => {
    const finding = pingFinding(
      input,
      result({
        exitCode: 2,
        stderr: 'ping: socket: Operation not permitted\nping: => missing cap_net_raw+p capability or setuid?',
      }),
      'linux',
    );
    expect(finding).toMatchObject({ outcome: 'not-available', data: null });
    expect(finding.reason).toContain('Operation not permitted');
  });

  test('an old BusyBox is asked again in its own words', async () => {
    const { commands, context } = scripted(({ args }) =>
      args.includes('-n')
        ? { exitCode: 1, stderr: "ping: invalid option -- 'n'\nBusyBox v1.20 multi-call binary." }
        : { stdout: `PING ${V4} (${V4}): 56 data bytes\n64 bytes from ${V4}: seq=0 ttl=60 time=1.0 ms\n` },
    );
    expect(await ping(input, context)).toMatchObject({
      outcome: 'replies',
      data: { received: 1, replyTtl: 60 },
    });
    expect(commands).toEqual([`ping -n -4 -c 3 -i 0.2 -W 1 ${V4}`, `ping -c 3 -W 1 ${V4}`]);
  });

  test("Windows's unreachable is no reply, though Windows counts it as received and exits with 0", () => {
    const stdout = `Reply from 192.168.1.1: Destination host unreachable.\r\n\r\nPing statistics for ${V4}:\r\n    Packets: Sent = 1, Received = 1, Lost = 0 (0% loss),\r\n`;
    expect(pingFinding(input, result({ stdout }), 'win32')).toMatchObject({
      outcome: 'unreachable',
      data: { sent: 1, received: 0, errors: [{ from: '192.168.1.1', icmpType: 3, icmpCode: 1 }] },
    });
  });

  test('stopped at its deadline, it keeps the replies; stopped by the user without any, it says so', () => {
    const stdout = `PING ${V4} (${V4}) 56(84) bytes of data.\n64 bytes from ${V4}: icmp_seq=1 ttl=57 time=8.1 ms\n`;
    expect(
      pingFinding(input, result({ status: 'timed-out', exitCode: null, stdout }), 'linux'),
    ).toMatchObject({
      outcome: 'replies',
      data: { sent: 3, received: 1, avgMs: 8.1 },
    });
    expect(pingFinding(input, result({ status: 'cancelled', exitCode: null }), 'linux')).toMatchObject({
      outcome: 'cancelled',
      data: null,
    });
  });

  test('output that nobody knows is our failure and no silence of the host', () => {
    // Not even a first line: it may have hung before it sent anything.
    expect(pingFinding(input, result({ status: 'timed-out', exitCode: null }), 'linux')).toMatchObject({
      outcome: 'failed',
      data: null,
    });
    expect(pingFinding(input, result({ exitCode: 64, stdout: 'something else' }), 'linux')).toMatchObject({
      outcome: 'failed',
      data: null,
    });
  });
});

describe('trace-command without the network', () => {
  const input = { address: V4, port: 443, role: 'target' as const, protocols: PROTOCOLS, timeoutMs: 5000 };

  test('every protocol is tried in its order before giving up', async () => {
    const { commands, context } = scripted(() => ({ status: 'missing', exitCode: null }));
    expect(await traceCommand(input, context)).toMatchObject({
      outcome: 'not-available',
      enable: 'apt install mtr-tiny',
    });
    expect(commands.map((line) => line.split(' ')[0])).toEqual([
      'traceroute',
      'mtr',
      'tcptraceroute',
      'traceroute',
      'stdbuf',
      'tracepath',
      'mtr',
      'traceroute',
      'mtr',
    ]);
  });

  test('Windows asks tracert, by ICMP', async () => {
    const { commands, context } = scripted(
      () => ({ stdout: `\r\n  1    <1 ms    <1 ms    <1 ms  ${V4} \r\n` }),
      'win32',
    );
    expect(await traceCommand(input, context)).toMatchObject({
      outcome: 'reached',
      data: { method: 'tracert', protocol: 'icmp', port: null },
    });
    expect(commands).toEqual([`tracert -d -h 20 -w 1000 -4 ${V4}`]);
  });

  test('a tool stopped by the user keeps its hops and is called cancelled', () => {
    const [tool] = traceTools('udp', input, 'linux', 5000);
    const read = readTool(
      tool!,
      input,
      result({
        status: 'cancelled',
        exitCode: null,
        stdout: `traceroute to ${V4}\n 1  10.0.0.1  0.5 ms\n 2`,
      }),
    );
    expect(read).toMatchObject({
      finding: { outcome: 'cancelled', data: { replies: [{ ttl: 1, from: '10.0.0.1' }] } },
    });
  });
});

describe('local-network without tools', () => {
  test('what cannot be asked is unknown and no missing route', async () => {
    const { context } = scripted(() => ({ status: 'missing', exitCode: null }));
    expect(await localNetwork({ address: V4 }, context)).toMatchObject({
      outcome: 'unknown',
      data: { route: { kind: 'unknown', onLink: null }, neighbour: null, interfaces: [] },
    });
  });

  test("a route of macOS is read, with its neighbour's state", async () => {
    const { context } = scripted(
      ({ file }) =>
        file === 'route'
          ? { stdout: '    gateway: 192.168.1.1\n  interface: en0\n      flags: <UP,GATEWAY,DONE>\n' }
          : { stdout: '? (192.168.1.1) at (incomplete) on en0 ifscope [ethernet]\n' },
      'darwin',
    );
    expect(await localNetwork({ address: V4 }, context)).toMatchObject({
      outcome: 'partly-measured',
      data: {
        route: { kind: 'unicast', device: 'en0', gateway: '192.168.1.1' },
        neighbour: { state: 'INCOMPLETE' },
      },
    });
  });

  test('IPv6 sends with the hop limit of the device that the route names, else with that of all', async () => {
    const V6 = '2001:db8::7';
    const routed = JSON.stringify([{ dst: V6, gateway: 'fe80::1', dev: 'eth0', prefsrc: '2001:db8:1::5' }]);
    const limits = async (files: Record<string, string>, stdout = routed) => {
      const { context } = scripted(({ args }) => ({ stdout: args.includes('route') ? stdout : '[]' }));
      const doors = { ...context.doors, readText: async (path: string) => files[path] ?? null };
      return (await localNetwork({ address: V6 }, { ...context, doors })).data?.defaultTtl;
    };
    const conf = (name: string) => `/proc/sys/net/ipv6/conf/${name}/hop_limit`;
    const all = { [conf('all')]: '64\n', [conf('default')]: '33\n' };
    expect(await limits({ ...all, [conf('eth0')]: '2\n' })).toBe(2);
    expect(await limits(all)).toBe(64);
    expect(await limits({ ...all, [conf('../../x')]: '2\n' }, routed.replace('eth0', '../../x'))).toBe(64);
    expect(await limits({})).toBeUndefined();
  });
});

describe('how large a packet gets there', () => {
  const asked = { address: V4, timeoutMs: 60_000, roundTripMs: 0 };
  const through = (largest: number, said = '', platform: NodeJS.Platform = 'linux') =>
    scripted(({ args }) => {
      const size = Number(args[args.indexOf('-s') + 1]) + 28;
      return args.includes('-t') || size > largest
        ? { exitCode: 1, stdout: size > largest ? said : '' }
        : { stdout: `${size - 20} bytes from ${V4}: icmp_seq=1 ttl=60 time=0.5 ms` };
    }, platform).context;
  test.each([
    [1500, '', 'whole', { passes: 1500, fails: null }],
    [1000, '', 'vanishes', { passes: 1000, fails: 1001 }],
    [1400, 'From 10.0.0.2 icmp_seq=1 Frag needed and DF set (mtu = 1400)', 'told', { told: 1400 }],
    [0, '', 'no-reply', { smallAnswered: false }],
  ] as const)('up to %d octets, %j: %s', async (largest, said, outcome, mtu) => {
    expect(await pathMtu(asked, through(largest, said))).toMatchObject({ outcome, data: { mtu } });
  });
  test('not on other systems, and not without ping', async () => {
    expect(await pathMtu(asked, through(1500, '', 'darwin'))).toMatchObject({ reason: 'linux-only' });
    const { context } = scripted(() => ({ status: 'missing', exitCode: null }));
    expect(await pathMtu(asked, context)).toMatchObject({ outcome: 'not-available', data: null });
  });
});
