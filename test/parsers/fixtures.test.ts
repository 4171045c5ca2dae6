import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseBsdRoute } from '../../src/parsers/bsd-route.ts';
import { parseIpAddr } from '../../src/parsers/ip-addr.ts';
import { parseIpNeigh } from '../../src/parsers/ip-neigh.ts';
import { parseIpRouteGet, parseIpRouteShow } from '../../src/parsers/ip-route.ts';
import { parseMtr } from '../../src/parsers/mtr.ts';
import { parseNeighbours } from '../../src/parsers/neighbours.ts';
import { parsePing } from '../../src/parsers/ping.ts';
import { parseProcArp, parseProcRoute } from '../../src/parsers/proc-net.ts';
import { parseTcptraceroute } from '../../src/parsers/tcptraceroute.ts';
import { parseTracepath } from '../../src/parsers/tracepath.ts';
import { type Dialect, parseTraceroute } from '../../src/parsers/traceroute.ts';
import { parseTracert } from '../../src/parsers/tracert.ts';
import { parseFindNetRoute } from '../../src/parsers/windows-route.ts';
import { anySign } from '../any-sign.ts';

/** A fixture is `TOOL--SYSTEM--STORY.txt`, what the tool printed, beside `.json`: what was asked of it and what it means. */
interface Asked {
  address: string;
  protocol: 'tcp' | 'udp' | 'icmp';
  maxTtl: number;
  complete: boolean;
}

const DIRECTORY = new URL('fixtures/', import.meta.url);
const DIALECTS: Record<string, Dialect> = { linux: 'butskoy', macos: 'bsd', busybox: 'busybox' };

const parsers: Record<string, (text: string, asked: Asked, system: string) => unknown> = {
  ping: (text, { address }) => parsePing(text, address),
  traceroute: (text, asked, system) =>
    parseTraceroute(text, DIALECTS[system]!, {
      ...asked,
      tcpFlags: system === 'linux' && asked.protocol === 'tcp',
    }),
  tcptraceroute: (text, asked) => parseTcptraceroute(text, asked),
  tracepath: (text, asked) => parseTracepath(text, asked),
  mtr: (text, asked) => parseMtr(text, asked),
  tracert: (text, asked) => parseTracert(text, asked),
  'ip-route': (text) => parseIpRouteGet(text),
  'ip-route-show': (text, { address }) => parseIpRouteShow(text, address),
  'ip-neigh': (text, { address }) => parseIpNeigh(text, address, 'eth0'),
  'ip-addr': (text) => parseIpAddr(text),
  'proc-net-route': (text, { address }) => parseProcRoute(text, address),
  'proc-net-ipv6-route': (text, { address }) => parseProcRoute(text, address),
  'proc-net-arp': (text, { address }) => parseProcArp(text, address),
  'route-get': (text) => parseBsdRoute(text),
  arp: (text, { address }) => parseNeighbours(text, address),
  'find-netroute': (text) => parseFindNetRoute(text),
};

/** Where a fixture is new: what its name says. RECORD=1 writes the `.json` of the new ones, to be read before it is committed. */
function askedByName(name: string, text: string): Asked {
  const isV6 = name.includes('ipv6');
  const isLab = name.includes('--linux--') || name.includes('--busybox--');
  const address = /^proc-net-arp|^ip-neigh/.test(name)
    ? name.includes('ipv6')
      ? 'fd00:1::1'
      : /neighbour-failed|-incomplete|--failed/.test(name)
        ? '10.0.1.99'
        : '10.0.1.1'
    : text.includes('10.0.2.21')
      ? '10.0.2.21'
      : text.includes('2001:db8::7')
        ? '2001:db8::7'
        : text.includes('192.0.2.7') || !isLab
          ? '192.0.2.7'
          : isV6
            ? 'fd00:2::2'
            : '10.0.2.2';
  const protocol = /syn-|--tcp-|^tcptraceroute/.test(name)
    ? 'tcp'
    : /icmp-|^tracert--/.test(name)
      ? 'icmp'
      : 'udp';
  const max = / (\d+) hops max/.exec(text)?.[1];
  return { address, protocol, maxTtl: max ? Number(max) : 12, complete: !name.includes('stopped-in-mid') };
}

const names = readdirSync(DIRECTORY).filter((name) => name.endsWith('.txt'));

describe('recorded outputs', () => {
  for (const name of names) {
    const [tool = '', system = ''] = name.split('--');
    test(name.replace('.txt', '').replaceAll('--', ': ').replaceAll('-', ' '), () => {
      const text = readFileSync(new URL(name, DIRECTORY), 'utf8');
      const file = new URL(name.replace('.txt', '.json'), DIRECTORY);
      if (process.env.RECORD === '1') {
        const asked = askedByName(name, text);
        writeFileSync(
          file,
          `${JSON.stringify({ asked, means: parsers[tool]!(text, asked, system) }, null, 1)}\n`,
        );
      }
      const { asked, means } = JSON.parse(readFileSync(file, 'utf8'));
      expect(parsers[tool]!(text, asked, system)).toEqual(means);
    });
  }

  test('every expectation has its output', () => {
    const expectations = readdirSync(DIRECTORY).filter((name) => name.endsWith('.json'));
    expect(
      expectations.map((name) => name.replace('.json', '.txt')).filter((name) => !names.includes(name)),
    ).toEqual([]);
  });
});

describe('parsers and hostile text', () => {
  const asked: Asked = { address: '10.0.2.2', protocol: 'tcp', maxTtl: 20, complete: true };
  const systems: Record<string, string[]> = { traceroute: ['linux', 'macos', 'busybox'] };
  const corpus = names.map((name) => readFileSync(new URL(name, DIRECTORY), 'utf8'));
  const lines = [...new Set(corpus.flatMap((text) => text.split('\n')))];
  const hostile = fc.oneof(
    fc.string({ unit: anySign, maxLength: 2000 }),
    fc
      .array(fc.oneof(fc.constantFrom(...lines), fc.string({ unit: 'grapheme' })), { maxLength: 80 })
      .map((all) => all.join('\n')),
    fc
      .tuple(fc.constantFrom(...corpus), fc.nat(3000), fc.string({ maxLength: 20 }), fc.nat(50))
      .map(([text, at, inserted, dropped]) => text.slice(0, at) + inserted + text.slice(at + dropped)),
  );

  for (const [tool, parse] of Object.entries(parsers)) {
    for (const system of systems[tool] ?? ['linux']) {
      test(`${tool} (${system}) reads anything without throwing, and its answer stays small`, () => {
        fc.assert(
          fc.property(
            hostile,
            fc.boolean(),
            fc.constantFrom('10.0.2.2', 'fd00:2::2'),
            (text, complete, address) => {
              const answer = JSON.stringify(parse(text, { ...asked, address, complete }, system));
              // 64 hops of a few hundred characters, or every address of 200 interfaces.
              expect(answer.length).toBeLessThan(100_000);
            },
          ),
          { numRuns: 400 },
        );
      });
    }
  }

  test('lines that no parser knows change nothing', () => {
    const unknown = 'Warning: something new in version 99';
    for (const name of names.filter(
      (one) => /^(ping|trace|tcptrace|mtr|proc)/.test(one) && !one.includes('mid-line'),
    )) {
      const [tool = '', system = ''] = name.split('--');
      const text = readFileSync(new URL(name, DIRECTORY), 'utf8');
      const { asked: known, means } = JSON.parse(
        readFileSync(new URL(name.replace('.txt', '.json'), DIRECTORY), 'utf8'),
      );
      expect(parsers[tool]!(`${unknown}\n${text}\n${unknown}\n`, known, system), name).toEqual(means);
    }
  });

  test('a flood of lines is read in time and cut', () => {
    const flood = ' 3  10.0.12.2  0.5 ms !X\n'.repeat(10_000) + '1 '.repeat(100_000) + '='.repeat(50_000);
    for (const [tool, parse] of Object.entries(parsers)) {
      expect(JSON.stringify(parse(flood, asked, 'linux')).length, tool).toBeLessThan(20_000);
    }
  });
});
