import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { localNetwork } from '../../src/gather/probes/local-network.ts';
import { ping } from '../../src/gather/probes/ping.ts';
import { traceCommand } from '../../src/gather/probes/trace-command.ts';
import type { TraceProtocol } from '../../src/model/measured.ts';
import { installed, type Lab, openLab, whyNoLab } from '../gather/probes/namespaces.ts';

const V4 = '10.0.2.2';
const V6 = 'fd00:2::2';
const missing = whyNoLab();
const hasBusybox = installed('busybox');
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe.skipIf(missing !== null)(
  `commands in namespaces${missing === null ? '' : ` (skipped: ${missing})`}`,
  () => {
    let lab: Lab;
    let undo: (() => void)[] = [];
    beforeAll(() => {
      lab = openLab();
    });
    afterAll(() => lab.close());
    afterEach(() => {
      for (const act of undo.reverse()) act();
      undo = [];
    });

    const filter = (host: 'c' | 'r1' | 'r2' | 's', hook: string, rule: string) => {
      lab.at(
        host,
        `nft 'add table inet f; add chain inet f c { type filter hook ${hook} priority -10; }; add rule inet f c ${rule}'`,
      );
      undo.push(() => lab.at(host, 'nft flush ruleset'));
    };
    const change = (host: 'c' | 'r1' | 'r2' | 's', line: string, back: string) => {
      lab.at(host, line);
      undo.push(() => lab.at(host, back));
    };
    const context = (as: 'root' | 'user', hidden: string[] = []) => ({
      doors: lab.doors(as, hidden),
      signal: new AbortController().signal,
      partial: () => {},
    });
    const pinged = (address: string, as: 'root' | 'user' = 'user', timeoutMs = 1500) =>
      ping({ address, count: 3, timeoutMs }, context(as));
    const traced = (
      protocols: TraceProtocol[],
      address: string,
      as: 'root' | 'user',
      hidden: string[] = [],
      timeoutMs = 5000,
    ) => traceCommand({ address, port: 8080, role: 'target', protocols, timeoutMs }, context(as, hidden));
    const here = (address: string, hidden: string[] = []) =>
      localNetwork({ address }, context('user', hidden));
    const path = (finding: Awaited<ReturnType<typeof traced>>) =>
      finding.data?.replies.map(({ answer, from }) => (from === null ? answer : `${answer} ${from}`));

    describe('ping', () => {
      // Neighbour discovery of a fresh namespace takes a moment: the first packets over IPv6 may go nowhere.
      beforeAll(async () => {
        for (let i = 0; i < 20; i++) if ((await pinged(V6, 'root', 300)).outcome === 'replies') return;
      });
      for (const as of ['root', 'user'] as const) {
        for (const address of [V4, V6]) {
          test(`hears ${address} as ${as}`, async () => {
            const finding = await pinged(address, as);
            expect(finding).toMatchObject({
              outcome: 'replies',
              data: { sent: 3, received: 3, replyTtl: 62, errors: [] },
            });
            expect(finding.command).toContain(address);
          });
        }
      }

      test('a firewall that rejects names itself', async () => {
        filter('r2', 'forward', 'iifname eth0 reject with icmpx admin-prohibited');
        const [v4, v6] = [await pinged(V4), await pinged(V6)];
        expect(v4).toMatchObject({
          outcome: 'unreachable',
          data: { received: 0, errors: [{ from: '10.0.12.2', icmpType: 3, icmpCode: 13 }, {}, {}] },
        });
        expect(v6).toMatchObject({
          outcome: 'unreachable',
          data: { errors: [{ from: 'fd00:12::2', icmpType: 1, icmpCode: 1 }, {}, {}] },
        });
      });

      test('silence is no reply, and nothing more', async () => {
        filter('s', 'input', 'meta l4proto icmp drop');
        expect(await pinged(V4)).toMatchObject({
          outcome: 'no-reply',
          data: { sent: 3, received: 0, errors: [] },
        });
      });

      test('with time enough, a host that is off is reported by the last router', async () => {
        change(
          's',
          'ip link set eth0 down',
          'sh -c "ip link set eth0 up; ip route add default via 10.0.2.1; ip -6 addr add fd00:2::2/64 dev eth0 nodad; ip -6 route add default via fd00:2::1"',
        );
        const finding = await pinged(V4, 'user', 4500);
        expect(finding).toMatchObject({ outcome: 'unreachable' });
        expect(finding.data?.errors[0]).toMatchObject({ from: '10.0.12.2', icmpType: 3, icmpCode: 1 });
      });

      test('no route is an error of this machine', async () => {
        change('c', 'ip route del default', 'ip route add default via 10.0.1.1');
        expect(await pinged(V4)).toMatchObject({
          outcome: 'local-error',
          reason: 'ping: connect: Network is unreachable',
          data: { sent: 0 },
        });
      });

      test('a reject of the own firewall shows as a refused send', async () => {
        filter('c', 'output', 'oifname eth0 reject');
        expect(await pinged(V4)).toMatchObject({ data: { received: 0, sendRefused: true } });
      });
    });

    describe('trace-command', () => {
      const open = ['time-exceeded 10.0.1.1', 'time-exceeded 10.0.12.2'];

      test('root follows the port with traceroute -T and sees the SYN-ACK', async () => {
        const finding = await traced(['tcp'], V4, 'root');
        expect(finding).toMatchObject({
          outcome: 'reached',
          data: { method: 'traceroute', protocol: 'tcp', port: 8080 },
        });
        expect(path(finding)).toEqual([...open, 'syn-ack 10.0.2.2']);
      });

      test('without root mtr follows the port', async () => {
        const finding = await traced(['tcp', 'udp'], V4, 'user');
        expect(finding).toMatchObject({
          outcome: 'reached',
          data: { method: 'mtr', protocol: 'tcp', port: 8080 },
        });
        expect(path(finding)).toEqual([...open, 'reply 10.0.2.2']);
      });

      test('without mtr tcptraceroute follows the port', async () => {
        const finding = await traced(['tcp'], V4, 'user', ['mtr']);
        expect(finding).toMatchObject({ outcome: 'reached', data: { method: 'tcptraceroute' } });
        expect(path(finding)).toEqual([...open, 'syn-ack 10.0.2.2']);
      });

      test('without any TCP tool another protocol is used only when it was asked for', async () => {
        const hidden = ['mtr', 'tcptraceroute'];
        expect(await traced(['tcp', 'udp'], V4, 'user', hidden)).toMatchObject({
          outcome: 'reached',
          data: { method: 'traceroute', protocol: 'udp', port: null },
        });
        const finding = await traced(['tcp'], V4, 'user', hidden);
        expect(finding).toMatchObject({
          outcome: 'not-available',
          data: null,
          enable: 'apt install mtr-tiny',
        });
        expect(finding.reason).toBe(
          'needs-privileges: traceroute by TCP; not-installed: mtr; not-installed: tcptraceroute',
        );
      });

      for (const [tool, hidden] of [
        ['traceroute', []],
        ['tracepath', ['traceroute']],
        ['tracepath', ['traceroute', 'stdbuf']],
        ['mtr', ['traceroute', 'stdbuf', 'tracepath']],
      ] as const) {
        test(`UDP by ${tool} without ${hidden.join(', ') || 'nothing'}`, async () => {
          for (const address of [V4, V6]) {
            const finding = await traced(['udp'], address, 'user', [...hidden]);
            expect(finding).toMatchObject({ outcome: 'reached', data: { method: tool, protocol: 'udp' } });
            expect(finding.data?.replies).toHaveLength(3);
          }
        });
      }

      test('ICMP without root misses no hop', async () => {
        const finding = await traced(['icmp'], V4, 'user');
        expect(path(finding)).toEqual([...open, 'reply 10.0.2.2']);
        expect(finding).toMatchObject({ outcome: 'reached', data: { protocol: 'icmp', port: null } });
      });

      test('without a single tool it says what to install', async () => {
        const hidden = ['traceroute', 'stdbuf', 'tracepath', 'mtr'];
        expect(await traced(['udp'], V4, 'user', hidden)).toMatchObject({
          outcome: 'not-available',
          enable: 'apt install traceroute',
        });
      });

      for (const [as, hidden, method] of [
        ['root', [], 'traceroute'],
        ['user', [], 'mtr'],
        ['user', ['mtr'], 'tcptraceroute'],
      ] as const) {
        test(`${method} as ${as} ends in time on a dropped port, and shows the last router`, async () => {
          filter('r2', 'forward', 'tcp dport 8080 drop');
          const finding = await traced(['tcp'], V4, as, [...hidden], 5000);
          expect(finding).toMatchObject({ outcome: 'stopped', data: { method } });
          expect(path(finding)?.slice(0, 3)).toEqual([...open, 'silence']);
        });

        test(`${method} as ${as} never takes a firewall's answer for an arrival`, async () => {
          filter('r2', 'forward', 'iifname eth0 reject with icmpx admin-prohibited');
          const finding = await traced(['tcp'], V4, as, [...hidden]);
          expect(finding).toMatchObject({ outcome: 'rejected', data: { method } });
          expect(path(finding)).toEqual([...open, 'unreachable 10.0.12.2']);
        });

        test(`${method} as ${as} sees a loop`, async () => {
          change('r2', 'ip route add 10.0.2.2/32 via 10.0.12.1', 'ip route del 10.0.2.2/32');
          expect(await traced(['tcp'], V4, as, [...hidden])).toMatchObject({
            outcome: 'looping',
            data: { method },
          });
        });
      }

      test('a port-unreachable of the target itself is a rejection and no RST', async () => {
        filter('s', 'input', 'tcp dport 8080 reject with icmpx port-unreachable');
        const finding = await traced(['tcp'], V4, 'root');
        expect(finding.outcome).toBe('rejected');
        expect(finding.data?.replies[2]).toMatchObject({
          answer: 'unreachable',
          from: V4,
          icmpType: 3,
          icmpCode: 3,
        });
      });

      test('the own firewall is told from a silent network', async () => {
        filter('c', 'output', 'oifname eth0 drop');
        expect(await traced(['tcp'], V4, 'root')).toMatchObject({
          outcome: 'local-error',
          data: { replies: [{ ttl: 1, answer: 'local-error', errno: 'EPERM' }] },
        });
      });

      test('tracepath stopped at the deadline keeps the hops it saw', async () => {
        filter('s', 'input', 'meta l4proto udp drop');
        const finding = await traced(['udp'], V4, 'user', ['traceroute'], 2500);
        expect(finding).toMatchObject({ outcome: 'stopped', data: { method: 'tracepath' } });
        expect(path(finding)?.slice(0, 2)).toEqual(open);
      });
    });

    describe('local-network', () => {
      test('route, source and interfaces of both families', async () => {
        const v4 = await here(V4);
        expect(v4).toMatchObject({
          outcome: 'measured',
          data: {
            route: {
              kind: 'unicast',
              device: 'eth0',
              gateway: '10.0.1.1',
              source: '10.0.1.2',
              onLink: false,
            },
          },
        });
        expect(v4.data?.interfaces.find(({ name }) => name === 'eth0')).toMatchObject({ up: true });
        expect((await here(V6)).data?.route).toMatchObject({
          kind: 'unicast',
          gateway: 'fd00:1::1',
          source: 'fd00:1::2',
        });
        expect((await here('10.0.1.77')).data?.route).toMatchObject({
          kind: 'unicast',
          gateway: null,
          onLink: true,
        });
        expect((await here('10.0.1.2')).data?.route).toMatchObject({ kind: 'local' });
        expect((await here('fe80::1%eth0')).data?.route).toMatchObject({
          kind: 'unicast',
          device: 'eth0',
          onLink: true,
        });
      });

      test('the neighbour is the gateway, or the host itself on the same link, and unknown before anybody asked', async () => {
        expect((await here('10.0.1.99')).data?.neighbour).toBeNull();
        await pinged(V4);
        expect((await here(V4)).data?.neighbour).toMatchObject({ address: '10.0.1.1' });
        await pinged('10.0.1.99');
        expect((await here('10.0.1.99')).data?.neighbour?.state).toMatch(/^(INCOMPLETE|FAILED)$/);
      });

      for (const kind of ['blackhole', 'unreachable', 'prohibit'] as const) {
        for (const [address, network, family] of [
          [V4, '10.0.2.0/24', '-4'],
          [V6, 'fd00:2::/64', '-6'],
        ] as const) {
          test(`a ${kind} route to ${network} is named, with ip and without`, async () => {
            change(
              'c',
              `ip ${family} route add ${kind} ${network}`,
              `ip ${family} route del ${kind} ${network}`,
            );
            expect((await here(address)).data?.route.kind).toBe(kind);
            const withoutIp = kind === 'blackhole' && family === '-4' ? 'blackhole' : 'unreachable';
            expect((await here(address, ['ip'])).data?.route.kind).toBe(withoutIp);
          });
        }
      }

      test('a policy rule that prohibits is seen as well', async () => {
        change('c', `ip rule add to 10.0.2.0/24 prohibit`, `ip rule del to 10.0.2.0/24 prohibit`);
        expect((await here(V4)).data?.route.kind).toBe('prohibit');
      });

      test('no default route is none, with ip and without', async () => {
        change('c', 'ip route del default', 'ip route add default via 10.0.1.1');
        change('c', 'ip -6 route del default', 'ip -6 route add default via fd00:1::1');
        for (const address of [V4, V6]) {
          expect((await here(address)).data?.route.kind).toBe('none');
          expect((await here(address, ['ip'])).data?.route.kind).toBe('none');
        }
      });

      test('without ip the tables of /proc tell route and neighbour', async () => {
        await pinged(V4);
        expect(await here(V4, ['ip'])).toMatchObject({
          outcome: 'measured',
          data: {
            route: { kind: 'unicast', device: 'eth0', gateway: '10.0.1.1', source: null },
            neighbour: { address: '10.0.1.1', state: 'COMPLETE' },
          },
        });
        expect((await here(V6, ['ip'])).data?.route).toMatchObject({ kind: 'unicast', gateway: 'fd00:1::1' });
      });
    });

    describe('BusyBox', () => {
      const busyboxed = (as: 'root' | 'user') => ({
        ...context(as),
        doors: lab.doors(as, ['stdbuf', 'tracepath', 'mtr'], true),
      });
      const traceByUdp = () =>
        traceCommand(
          { address: V4, port: 8080, role: 'other-protocol', protocols: ['udp'], timeoutMs: 5000 },
          busyboxed('root'),
        );

      test.skipIf(!hasBusybox)('its ping, traceroute and ip are understood', async () => {
        expect(await ping({ address: V4, count: 2, timeoutMs: 1500 }, busyboxed('root'))).toMatchObject({
          outcome: 'replies',
          data: { sent: 2, received: 2, replyTtl: 62 },
        });
        const finding = await traceByUdp();
        expect(finding).toMatchObject({
          outcome: 'reached',
          data: { method: 'traceroute', protocol: 'udp' },
        });
        expect(finding.command).not.toContain('-N');
        expect((await localNetwork({ address: V4 }, busyboxed('root'))).data?.route).toMatchObject({
          gateway: '10.0.1.1',
        });
      });

      test.skipIf(!hasBusybox)('a rejection in its letters is a rejection', async () => {
        filter('r2', 'forward', 'iifname eth0 reject with icmpx admin-prohibited');
        const finding = await traceByUdp();
        expect(finding.outcome).toBe('rejected');
        expect(finding.data?.replies.at(-1)).toMatchObject({ from: '10.0.12.2', icmpType: 3, icmpCode: 13 });
      });

      test.skipIf(!hasBusybox)('its ping without privileges is not available, and not silent', async () => {
        const finding = await ping({ address: V4, count: 1, timeoutMs: 1500 }, busyboxed('user'));
        expect(finding).toMatchObject({ outcome: 'not-available', data: null });
      });
    });

    test('cancelling leaves no tool and no helper of a tool behind', async () => {
      filter('s', 'input', 'meta l4proto { icmp, tcp, udp } drop');
      const idle = lab.processes();
      const abort = new AbortController();
      const cancelled = { ...context('user'), signal: abort.signal };
      const trace = { address: V4, port: 8080, timeoutMs: 5000 };
      const running = Promise.all([
        ping({ address: V4, count: 5, timeoutMs: 5000 }, cancelled),
        traceCommand({ ...trace, role: 'target', protocols: ['tcp'] }, cancelled),
        traceCommand({ ...trace, role: 'other-protocol', protocols: ['udp'] }, cancelled),
      ]);
      const started = () => lab.processes().filter((name) => !idle.includes(name));
      for (let tries = 0; tries < 100 && !started().includes('mtr-packet'); tries++) await pause(20);
      expect(started()).toContain('mtr-packet');
      abort.abort();
      for (const finding of await running) expect(finding.outcome).toBe('cancelled');
      for (let tries = 0; tries < 100 && started().length > 0; tries++) await pause(20);
      expect(started()).toEqual([]);
    });
  },
);
