import { describe, expect, it } from 'vitest';
import { countedOf } from '../../../src/judge/readings/counted.ts';
import { findLoop, summarizeTrace, wasSilentAt } from '../../../src/judge/readings/trace-summary.ts';
import { type Hop, traceData } from '../../evidence.ts';

/** What the kernel counted while a few connections were made, and what that proves. */
const AT = '2026-11-20T12:00:10.000Z';
const before = (ms: number) => new Date(Date.parse(AT) - ms).toISOString();
interface Given {
  results?: string[];
  whole?: object;
  sending?: object;
  quiet?: object;
  address?: string;
  first?: string;
  role?: string;
  route?: string | null;
  ping?: object[];
  tools?: object[];
  others?: object[];
}
function counts({
  results = ['refused', 'refused'],
  whole = {},
  sending = {},
  quiet = {},
  address = '192.0.2.7',
  first = 'refused',
  role = 'target',
  route = 'unicast',
  ping = [],
  tools = [],
  others = [],
}: Given) {
  const none = { unsent: 0, undelivered: 0, onLoopback: 0, unreachables: 0 };
  const here = {
    'counted-connect': [
      {
        startedAt: AT,
        data: {
          results: results.map((outcome) => ({ outcome })),
          whole: { ...none, ...whole },
          sending: { ...none, ...sending },
          quiet: { ...none, ...quiet },
        },
      },
    ],
    'tcp-connect': [
      {
        input: { role },
        final: true,
        startedAt: before(5000),
        durationMs: 1,
        data: { attempts: [{ outcome: first }] },
      },
    ],
    'alternate-ports': [],
    'trace-syn': others,
    'trace-command': tools,
    ping,
  };
  return countedOf({ address, here, all: here } as never, route === null ? null : ({ kind: route } as never));
}

describe('a refusal is', () => {
  it.each<[string, Given, string | null]>([
    ['a reset, where no ICMP error came', {}, 'rst'],
    ['a reset, of a single one', { results: ['refused'] }, 'rst'],
    ['ICMP, where as many came', { whole: { unreachables: 2 } }, 'icmp'],
    ['ICMP, where more came', { whole: { unreachables: 3 } }, 'icmp'],
    ['not known, where fewer came', { whole: { unreachables: 1 } }, null],
    ['not known, where nobody counted', { whole: { unreachables: null } }, null],
    ['none, where the port did not refuse', { first: 'timeout' }, null],
    ['none, where another port did', { role: 'reference-port' }, null],
    ['not known, where not every one was refused', { results: ['refused', 'timeout'] }, null],
    ['not known, where none was made', { results: [] }, null],
    [
      'ICMP, which IPv6 hears of a second later',
      { address: '2001:db8::7', results: ['refused', 'timeout'], whole: { unreachables: 2 } },
      'icmp',
    ],
    [
      'not known, where an IPv6 connection still waits',
      { address: '2001:db8::7', results: ['refused', 'timeout'] },
      null,
    ],
    ['a reset, over IPv6', { address: '2001:db8::7' }, 'rst'],
  ])('%s', (_, given, refusal) => {
    expect(counts(given).refusal).toBe(refusal);
  });
});

const SILENT: Given = { results: ['timeout', 'timeout', 'timeout'], first: 'timeout' };

describe('made and not sent', () => {
  it.each<[string, Given, boolean | null]>([
    ['all', { ...SILENT, sending: { unsent: 3 } }, true],
    ['more than all', { ...SILENT, sending: { unsent: 4 } }, true],
    ['not all', { ...SILENT, sending: { unsent: 2 } }, null],
    ['none', SILENT, false],
    ['nobody counted', { ...SILENT, sending: { unsent: null } }, null],
    ['one was answered', { ...SILENT, results: ['timeout', 'open'], sending: { unsent: 2 } }, null],
    ['none was made', { ...SILENT, results: [] }, null],
    ['refused, so they were sent', { sending: { unsent: 2 } }, null],
  ])('%s', (_, given, drop) => {
    expect(counts(given).drop).toBe(drop);
  });
});

describe('arrived and not delivered', () => {
  const LOST: Given = { ...SILENT, whole: { undelivered: 3 } };
  const busy = { final: true, startedAt: before(100), durationMs: 200 };
  it.each<[string, Given, boolean | null]>([
    ['one for each, and nothing else was asked', LOST, true],
    ['not one for each', { ...LOST, whole: { undelivered: 2 } }, null],
    ['none', { ...LOST, whole: { undelivered: 0 } }, false],
    ['nobody counted', { ...LOST, whole: { undelivered: null } }, null],
    ['some before anything was sent', { ...LOST, quiet: { undelivered: 1 } }, null],
    ['one was answered', { ...LOST, results: ['timeout', 'open', 'timeout'] }, null],
    ['something else was asked meanwhile', { ...LOST, others: [busy] }, null],
    ['something else was over at that moment', { ...LOST, others: [{ ...busy, durationMs: 100 }] }, true],
    [
      'something else is still at work',
      { ...LOST, others: [{ ...busy, durationMs: 1, final: false }] },
      null,
    ],
    [
      'ping asked meanwhile, and heard',
      { ...LOST, ping: [{ ...busy, data: { received: 1, errors: [] } }] },
      true,
    ],
    [
      'ping asked meanwhile, and heard an error',
      { ...LOST, ping: [{ ...busy, data: { received: 0, errors: [{}] } }] },
      true,
    ],
    [
      'ping asked meanwhile, and heard nothing',
      { ...LOST, ping: [{ ...busy, data: { received: 0, errors: [] } }] },
      null,
    ],
    [
      'a tool heard an ICMP error meanwhile',
      { ...LOST, others: [busy], tools: [{ data: { replies: [{ from: '10.0.0.1', icmpType: 11 }] } }] },
      true,
    ],
    [
      'a tool heard something else',
      { ...LOST, others: [busy], tools: [{ data: { replies: [{ from: '10.0.0.1', icmpType: null }] } }] },
      null,
    ],
    [
      'a tool heard nobody',
      { ...LOST, others: [busy], tools: [{ data: { replies: [{ from: null, icmpType: 11 }] } }] },
      null,
    ],
  ])('%s', (_, given, loss) => {
    expect(counts(given).loss).toBe(loss);
  });
});

describe('answered, although the SYNs did not leave', () => {
  it.each<[string, Given, boolean | null]>([
    ['through loopback', { sending: { onLoopback: 2 } }, true],
    ['one of them through loopback', { sending: { onLoopback: 1 } }, null],
    ['they left', {}, false],
    ['nobody counted loopback', { sending: { onLoopback: null } }, null],
    ['to this machine itself', { route: 'local', sending: { onLoopback: 2 } }, null],
    ['by a way that is not known', { route: 'unknown', sending: { onLoopback: 2 } }, null],
    ['by a way that nobody asked for', { route: null, sending: { onLoopback: 2 } }, null],
    [
      'unreachable counts as answered',
      { results: ['refused', 'unreachable'], sending: { onLoopback: 2 } },
      true,
    ],
    ['one was silent', { results: ['refused', 'timeout'], sending: { onLoopback: 2 } }, null],
  ])('%s', (_, given, rejection) => {
    expect(counts(given).rejection).toBe(rejection);
  });
});

it('nothing was counted', () => {
  const here = { 'counted-connect': [] };
  expect(countedOf({ address: null, here, all: here } as never, null)).toEqual({
    refusal: null,
    drop: null,
    loss: null,
    rejection: null,
  });
});

describe('a path goes round', () => {
  const loop = (routers: string, isKnown = false) =>
    findLoop(
      new Map([...routers].flatMap((one, i) => (one === '*' ? [] : [[i + 1, one] as const]))),
      isKnown,
    );
  it.each<[string, boolean, number | null, string]>([
    ['abcd', false, null, ''],
    ['abab', false, null, ''],
    ['ababa', false, 1, 'a,b'],
    ['abab', true, 1, 'a,b'],
    ['abbb', true, null, ''],
    ['xababa', false, 2, 'a,b'],
    ['a*a*a', false, 1, 'a'],
    ['abcabc', false, 1, 'a,b,c'],
    ['abcab', false, null, ''],
    ['abcacb', false, null, ''],
    ['abbabb', false, null, ''],
    ['ab*ab*', false, null, ''],
    ['ababac', false, null, ''],
    ['abcabcd', false, null, ''],
    ['abcab', true, 1, 'a,b,c'],
  ])('%s (known to be one: %s): from hop %s', (routers, isKnown, hop, addresses) => {
    const found = loop(routers, isKnown);
    expect([found?.hop ?? null, found?.addresses.join() ?? '']).toEqual([hop, addresses]);
  });
});

describe('a trace in short', () => {
  const short = (...hops: Hop[]) => summarizeTrace(traceData(hops));
  it.each<[string, Hop[], boolean]>([
    ['two that were silent', ['*', '*'], false],
    ['three that were silent', ['*', '*', '*'], true],
    ['a router', ['10.0.0.1', '*', '*'], false],
    ['the end', ['*', '*', 'rst'], false],
    ['an error of this machine', ['*', '*', { answer: 'local-error', errno: 'EPERM' }], false],
  ])('%s: silent from the first on is %s', (_, hops, silent) => {
    expect(short(...hops).silentFromFirst).toBe(silent);
  });
  it('counts what was asked, and the silence that was asked for', () => {
    expect(short('10.0.0.1', '-', '*').asked).toBe(3);
    expect([1, 2, 3, 4].map((ttl) => wasSilentAt(traceData(['10.0.0.1', '-', '*']), ttl))).toEqual([
      false,
      false,
      true,
      false,
    ]);
    expect(short({ answer: 'local-error', errno: null }).localError).toBe('UNKNOWN');
  });
  it('an error whose kind a tool does not tell is one all the same', () => {
    const told = short('10.0.0.1', {
      answer: 'unreachable',
      from: '10.0.1.1',
      icmpType: null,
      icmpCode: null,
    });
    expect(told.rejection).toMatchObject({
      type: -1,
      code: -1,
      ttl: 2,
      address: '10.0.1.1',
      meaning: 'other',
    });
  });
});
