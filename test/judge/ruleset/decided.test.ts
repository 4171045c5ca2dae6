import { describe, expect, it } from 'vitest';
import type { BothEnds } from '../../../src/judge/readings/other-end.ts';
import { decidedThere } from '../../../src/judge/ruleset/decided.ts';
import { foundRule, placeOf, settled } from '../../../src/judge/ruleset/found-rule.ts';
import { decidedHere } from '../../../src/judge/ruleset/own-rules.ts';
import type { RuleReference } from '../../../src/judge/ruleset/walk.ts';
import type { Effect, FilterChain, FilterRule, Hook, Match } from '../../../src/model/ruleset.ts';

const DROP: Effect = { do: 'drop' };
const REJECT: Effect = { do: 'reject', how: 'tcp reset' };
const UNKNOWN: Match = { unknown: 'x' };
const rule = (effect: Effect, more: Partial<FilterRule> & { when?: Match[] } = {}): FilterRule => ({
  handle: 7,
  line: 3,
  text: 'a rule',
  packets: 0,
  ...more,
  steps: [...(more.when ?? []).map((match) => ({ match })), { effect }],
});
const chain = (hook: Hook, rules: FilterRule[], more: Partial<FilterChain> = {}): FilterChain => ({
  tool: 'nftables',
  families: [4, 6],
  table: 'inet filter',
  name: hook,
  base: { hook, kind: 'filter', priority: 0, policy: 'accept' },
  rules,
  ...more,
});
const grown = (packets: number, more: object = {}) => ({
  tool: 'nftables',
  table: 'inet filter',
  chain: 'input',
  rule: 7,
  packets,
  ...more,
});

// ---------------------------------------------------------------- the other end

const TARGET = '203.0.113.80';
type There = Partial<BothEnds['otherEnd']>;
const there = (otherEnd: There, more: Partial<Pick<BothEnds, 'arrived' | 'first'>> = {}) =>
  decidedThere({
    of: { target: { address: TARGET, port: 8080 }, client: { address: '198.51.100.7' } },
    first: null,
    arrived: null,
    otherEnd: {
      addresses: [{ address: TARGET, device: 'eth0' }],
      routeBack: { kind: 'unicast', device: 'eth0' },
      trace: [],
      grew: [],
      ruleset: null,
      ...otherEnd,
    },
    ...more,
  } as unknown as BothEnds);
const rules = (...chains: FilterChain[]) => ({ ruleset: { chains } });
const field = (name: 'tcpFlags' | 'mss' | 'sourcePort' | 'destinationPort', n: number): Match => ({
  field: name,
  test: { kind: 'numbers', ranges: [[n, n]] },
  not: false,
});
const named = (name: 'iif' | 'oif' | 'state', word: string): Match => ({
  field: name,
  test: { kind: 'names', names: [word] },
  not: false,
});

describe('what the rules of the other end do with our SYN', () => {
  it.each<[string, There, string | null, string | null]>([
    ['none were read', {}, null, null],
    ['none that end it', rules(), 'delivered', 'sent'],
    ['one that drops', rules(chain('input', [rule(DROP)])), 'dropped', null],
    ['one that rejects', rules(chain('input', [rule(REJECT)])), 'rejected', null],
    ['one that may drop', rules(chain('input', [rule(DROP, { when: [UNKNOWN] })])), 'may', null],
    ['one that drops the answer', rules(chain('output', [rule(DROP)])), 'delivered', 'dropped'],
    ['one that rejects the answer', rules(chain('output', [rule(REJECT)])), 'delivered', 'rejected'],
    [
      'one that may drop the answer',
      rules(chain('output', [rule(DROP, { when: [UNKNOWN] })])),
      'delivered',
      'may',
    ],
    [
      'what it passes on',
      { ...rules(), addresses: [{ address: '10.0.0.9', device: 'eth0' }] },
      'forwarded',
      null,
    ],
    ['its addresses are not known', { ...rules(), addresses: null }, 'may', null],
  ])('%s', (_, otherEnd, verdict, answerVerdict) => {
    expect(there(otherEnd)).toMatchObject({ verdict, answerVerdict });
  });

  it('names the rule that drops the SYN, or its answer, and none that may', () => {
    const found = { firewall: 'nftables', table: 'inet filter', handle: 7, text: 'a rule', counted: false };
    expect(there(rules(chain('input', [rule(DROP)]))).rule).toEqual({ ...found, chain: 'input' });
    expect(there(rules(chain('output', [rule(DROP)]))).rule).toEqual({ ...found, chain: 'output' });
    expect(there(rules(chain('output', [rule(REJECT)]))).rule).toEqual({ ...found, chain: 'output' });
    expect(there(rules(chain('output', [rule(DROP, { when: [UNKNOWN] })]))).rule).toBeNull();
    expect(there(rules()).rule).toBeNull();
  });

  it('says where it passes a SYN on to', () => {
    const dnat = rule({ do: 'dnat', address: '10.0.0.9', port: 80, unsure: false });
    const nat = chain('prerouting', [dnat], {
      base: { hook: 'prerouting', kind: 'nat', priority: -100, policy: 'accept' },
    });
    expect(there(rules(nat)).forwarded).toEqual({ address: '10.0.0.9', port: 80 });
    expect(there(rules()).forwarded).toBeNull();
  });

  it('a SYN is one, and so is its answer', () => {
    const dropsIf = (hook: Hook, ...when: Match[]) => {
      const { verdict, answerVerdict } = there(rules(chain(hook, [rule(DROP, { when })])));
      return answerVerdict ?? verdict;
    };
    expect([0x01, 0x02, 0x03].map((n) => dropsIf('input', field('tcpFlags', n)))).toEqual([
      'sent',
      'dropped',
      'sent',
    ]);
    expect([0x11, 0x12, 0x13].map((n) => dropsIf('output', field('tcpFlags', n)))).toEqual([
      'sent',
      'dropped',
      'sent',
    ]);
    expect(dropsIf('input', named('state', 'new'))).toBe('dropped');
    expect(dropsIf('output', named('state', 'established'))).toBe('dropped');
    expect(dropsIf('output', field('sourcePort', 8080))).toBe('dropped');
    expect(dropsIf('output', named('oif', 'eth0'))).toBe('dropped');
  });

  it('what was seen of the SYN is known of it: its interface, but not the number of one', () => {
    const first = (device: string | null) =>
      ({ from: '198.51.100.9', to: TARGET, fromPort: 4000, device, mss: 1400 }) as NonNullable<
        BothEnds['first']
      >;
    const verdict = (when: Match, device: string | null) =>
      there(rules(chain('input', [rule(DROP, { when: [when] })])), { first: first(device) }).verdict;
    expect(verdict(named('iif', 'eth0'), 'eth0')).toBe('dropped');
    expect(verdict(named('iif', 'eth1'), 'eth0')).toBe('delivered');
    expect(verdict(named('iif', 'eth0'), '#2')).toBe('may');
    expect(verdict(named('iif', 'eth0'), null)).toBe('may');
    expect(verdict(field('mss', 1400), null)).toBe('dropped');
    expect(verdict(field('sourcePort', 4000), null)).toBe('dropped');
    expect(verdict(field('mss', 1400), null)).toBe('dropped');
  });

  it('of several that may drop it, the one that counted as many as arrived', () => {
    const perhaps = rules(chain('input', [rule(DROP, { when: [UNKNOWN] })]));
    const verdict = (packets: number, arrived: number | null) =>
      there({ ...perhaps, grew: [grown(packets)] }, { arrived }).verdict;
    expect([
      verdict(5, 6),
      verdict(6, 6),
      verdict(0, null),
      verdict(1, null),
      verdict(0, 0),
      verdict(1, 0),
    ]).toEqual(['may', 'dropped', 'may', 'dropped', 'may', 'dropped']);
  });
});

describe('what the rule trace tells', () => {
  const TRACE = 'trace id 9d1f2a31';
  it.each<[string, string, string, string, string]>([
    [
      `${TRACE} inet filter input rule tcp dport 8443 counter packets 3 bytes 180 drop (verdict drop)`,
      'dropped',
      'inet filter',
      'input',
      'tcp dport 8443 drop',
    ],
    [
      `${TRACE} ip filter in rule tcp dport 80 reject with tcp reset (verdict reject)`,
      'rejected',
      'ip filter',
      'in',
      'tcp dport 80 reject with tcp reset',
    ],
    [
      `${TRACE} ip6 filter in rule jump rejected drop (verdict drop)`,
      'dropped',
      'ip6 filter',
      'in',
      'jump rejected drop',
    ],
    [`${TRACE} inet filter input policy drop`, 'dropped', 'inet filter', 'input', 'policy drop'],
    [
      `${TRACE} netdev t ingress verdict continue policy drop`,
      'dropped',
      'netdev t',
      'ingress',
      'policy drop',
    ],
  ])('%s', (line, verdict, table, chainName, text) => {
    expect(there({ trace: ['what is no trace', line] })).toEqual({
      verdict,
      answerVerdict: null,
      forwarded: null,
      rule: { firewall: 'nftables', table, chain: chainName, handle: null, text, counted: null },
    });
  });

  it('a policy behind the chains of ufw, and a rule in one of them', () => {
    const maker = (line: string) => there({ trace: [line] }).rule?.firewall;
    expect(maker(`${TRACE} ip filter ufw-user-input rule drop (verdict drop)`)).toBe('ufw');
    expect(maker(`${TRACE} ip filter INPUT policy drop`)).toBe('nftables');
  });

  it('goes before what the listing says, and lines that end nothing do not', () => {
    const listing = rules(chain('input', [rule(REJECT)]));
    expect(there({ ...listing, trace: [`${TRACE} inet filter input policy drop`] }).verdict).toBe('dropped');
    expect(
      there({ ...listing, trace: [`${TRACE} inet filter input rule accept (verdict accept)`] }).verdict,
    ).toBe('rejected');
  });
});

// ---------------------------------------------------------------- which rule it was

describe('a rule that was found', () => {
  const reference = (more: Partial<RuleReference> = {}): RuleReference => ({
    tool: 'nftables',
    table: 'inet filter',
    chain: 'input',
    handle: 7,
    line: 3,
    text: 'a rule',
    packets: 5,
    ...more,
  });
  const found = (by: RuleReference | null, grew: object[], least = 1, chains: FilterChain[] = []) =>
    foundRule(by, { ruleset: { chains }, grew: grew as never, least });

  it.each<[string, Partial<RuleReference>, object[], number, boolean | null]>([
    ['its counter grew by less than came', {}, [grown(2)], 3, false],
    ['its counter grew by what came', {}, [grown(3)], 3, true],
    ['its counter grew where nothing is said to have come', {}, [grown(1)], 0, true],
    ['its counter stood still where nothing is said to have come', {}, [grown(0)], 0, false],
    ['its counter is not among those that grew', {}, [], 1, false],
    ['another handle grew', {}, [grown(9, { rule: 3 })], 1, false],
    ['another chain grew', {}, [grown(9, { chain: 'output' })], 1, false],
    ['another table grew', {}, [grown(9, { table: 'ip filter' })], 1, false],
    ['another tool counted', {}, [grown(9, { tool: 'iptables' })], 1, false],
    ['it has no counter', { packets: null }, [grown(9)], 1, null],
    ['it has no handle', { handle: null }, [grown(9)], 1, null],
    [
      'iptables counts by line',
      { tool: 'iptables', handle: null },
      [grown(9, { tool: 'iptables', rule: 3 })],
      1,
      true,
    ],
    [
      'a policy of iptables is line 0',
      { tool: 'iptables', handle: null, line: null, packets: null },
      [grown(9, { tool: 'iptables', rule: 0 })],
      1,
      true,
    ],
  ])('%s: counted is %s', (_, by, grew, least, counted) => {
    expect(found(reference(by), grew, least)?.counted).toBe(counted);
  });

  it('is called by its handle, in iptables by its line', () => {
    expect(found(reference(), [])?.handle).toBe(7);
    expect(found(reference({ tool: 'iptables', handle: null }), [])?.handle).toBe(3);
    expect(found(null, [])).toBeNull();
  });

  it('a policy is ufw’s where its own chain leads to the chains of ufw', () => {
    const policy = reference({
      tool: 'iptables',
      table: 'filter',
      chain: 'INPUT',
      handle: null,
      line: null,
      text: 'policy drop',
    });
    const jumps = (
      more: Partial<FilterChain>,
      effect: Effect = { do: 'jump', chain: 'ufw-before-input' },
    ) => [chain('input', [rule(effect)], { tool: 'iptables', table: 'filter', name: 'INPUT', ...more })];
    const maker = (chains: FilterChain[], by = policy) => found(by, [], 1, chains)?.firewall;
    expect(maker(jumps({}))).toBe('ufw');
    expect(maker(jumps({}, { do: 'goto', chain: 'ufw6-before-input' }))).toBe('ufw');
    expect(maker(jumps({}, DROP))).toBe('iptables');
    expect(maker(jumps({}, { do: 'jump', chain: 'mine' }))).toBe('iptables');
    expect(maker(jumps({ tool: 'ip6tables' }))).toBe('iptables');
    expect(maker(jumps({ table: 'nat' }))).toBe('iptables');
    expect(maker(jumps({ name: 'OUTPUT' }))).toBe('iptables');
    expect(maker(jumps({}), { ...policy, line: 2 })).toBe('iptables');
  });

  it('is said where it stands', () => {
    const place = { firewall: 'nftables', table: 'inet filter', chain: 'input', counted: null };
    expect(placeOf({ ...place, handle: 7, text: 'drop' })).toBe('rule 7 of chain input in table inet filter');
    expect(placeOf({ ...place, handle: null, text: 'policy drop' })).toBe(
      'the policy of chain input in table inet filter',
    );
    expect(placeOf({ ...place, handle: null, text: 'drop' })).toBe(
      'a rule of chain input in table inet filter',
    );
  });

  it('of several outcomes one is settled by its counter, if it ends the way', () => {
    const outcome = (end: string, by: RuleReference | null) =>
      ({ end, by, how: null, destination: '', port: null }) as never;
    const settle = (verdict: string, grew: object[], ...outcomes: never[]) =>
      settled({ verdict, outcomes } as never, { ruleset: { chains: [] }, grew: grew as never, least: 1 });
    const a = reference({ handle: 1 });
    const b = reference({ handle: 2 });
    expect(settle('may', [grown(1, { rule: 1 })], outcome('dropped', a), outcome('rejected', b))).toEqual({
      end: 'dropped',
      by: a,
    });
    expect(settle('may', [grown(1, { rule: 2 })], outcome('dropped', a), outcome('rejected', b))).toEqual({
      end: 'rejected',
      by: b,
    });
    expect(settle('may', [grown(1, { rule: 2 })], outcome('dropped', a), outcome('unknown', b)).end).toBe(
      'may',
    );
    expect(
      settle(
        'may',
        [grown(1, { rule: 1 }), grown(1, { rule: 2 })],
        outcome('dropped', a),
        outcome('dropped', b),
      ).end,
    ).toBe('may');
    expect(settle('may', [], outcome('dropped', a), outcome('delivered', null))).toEqual({
      end: 'may',
      by: null,
    });
    expect(settle('dropped', [], outcome('dropped', a), outcome('dropped', b)).by).toBe(a);
    expect(settle('dropped', [grown(1, { rule: 2 })], outcome('dropped', a), outcome('dropped', b)).by).toBe(
      b,
    );
    expect(settle('delivered', [], outcome('delivered', null))).toEqual({ end: 'delivered', by: null });
  });
});

// ---------------------------------------------------------------- this machine

describe('what the rules of this machine do with our own SYN', () => {
  type Given = {
    chains?: FilterChain[] | null;
    kind?: string;
    source?: string | null;
    address?: string | null;
    grew?: object[];
  };
  const here = ({ chains = [], kind = 'unicast', source = '10.0.0.5', address = TARGET, grew = [] }: Given) =>
    decidedHere({
      address,
      request: { target: { port: 8080 } },
      here: {
        'own-rules': [{ data: chains === null ? { ruleset: null, grew } : { ruleset: { chains }, grew } }],
      },
      local: { route: { kind, device: 'eth0', source }, ownAddresses: new Set(['10.0.0.5']) },
    } as never);
  const out = (effect: Effect, ...when: Match[]) => [chain('output', [rule(effect, { when })])];
  const into = (effect: Effect, ...when: Match[]) => [chain('input', [rule(effect, { when })])];

  it.each<[string, Given, string]>([
    ['no rules', {}, 'sent'],
    ['dropped on its way out', { chains: out(DROP) }, 'dropped'],
    ['rejected on its way out', { chains: out(REJECT) }, 'rejected'],
    ['perhaps dropped on its way out', { chains: out(DROP, UNKNOWN) }, 'may'],
    ['the answer is dropped', { chains: into(DROP) }, 'answer-dropped'],
    ['the answer is rejected', { chains: into(REJECT) }, 'answer-dropped'],
    ['the answer may be dropped', { chains: into(DROP, UNKNOWN) }, 'may'],
    ['where it is sent from is not known', { source: null }, 'may'],
    [
      'to this machine itself, dropped as it arrives',
      { kind: 'local', address: '10.0.0.5', chains: into(DROP) },
      'dropped',
    ],
    [
      'to this machine itself, rejected as it arrives',
      { kind: 'local', address: '10.0.0.5', chains: into(REJECT) },
      'rejected',
    ],
    [
      'to this machine itself, perhaps dropped',
      { kind: 'local', address: '10.0.0.5', chains: into(DROP, UNKNOWN) },
      'may',
    ],
    ['to this machine itself', { kind: 'local', address: '10.0.0.5' }, 'sent'],
    [
      'to this machine itself, over loopback',
      { kind: 'local', address: '10.0.0.5', chains: into(DROP, named('iif', 'lo')) },
      'dropped',
    ],
    [
      'to this machine itself, out by loopback',
      { kind: 'local', address: '10.0.0.5', chains: out(DROP, named('oif', 'lo')) },
      'dropped',
    ],
    ['by its interface', { chains: out(DROP, named('oif', 'eth0')) }, 'dropped'],
    ['the flags of a SYN', { chains: out(DROP, field('tcpFlags', 0x02)) }, 'dropped'],
    [
      'other flags',
      {
        chains: [
          ...out(DROP, field('tcpFlags', 0x03)),
          chain('output', [rule(DROP, { when: [field('tcpFlags', 0x01)] })], { name: 'b' }),
        ],
      },
      'sent',
    ],
    ['the flags of an answer', { chains: into(DROP, field('tcpFlags', 0x12)) }, 'answer-dropped'],
    ['an answer by its interface', { chains: into(DROP, named('iif', 'eth0')) }, 'answer-dropped'],
    ['an answer from the port', { chains: into(DROP, field('sourcePort', 8080)) }, 'answer-dropped'],
    [
      'an answer belongs to what is established',
      { chains: into(DROP, named('state', 'established')) },
      'answer-dropped',
    ],
    [
      'a counter settles it',
      { chains: out(DROP, UNKNOWN), grew: [grown(1, { chain: 'output' })] },
      'dropped',
    ],
    [
      'a counter that stood still does not',
      { chains: out(DROP, UNKNOWN), grew: [grown(0, { chain: 'output' })] },
      'may',
    ],
  ])('%s: %s', (_, given, verdict) => {
    expect(here(given)?.verdict).toBe(verdict);
  });

  it('nothing is said where no rules were read, or nothing is tried', () => {
    expect(here({ chains: null })).toBeNull();
    expect(here({ address: null })).toBeNull();
  });

  it('names the rule where it is sure', () => {
    expect(here({ chains: out(DROP) })?.rule).toMatchObject({ chain: 'output', handle: 7 });
    expect(here({ chains: into(DROP) })?.rule).toMatchObject({ chain: 'input', handle: 7 });
    expect(here({ chains: into(DROP, UNKNOWN) })?.rule).toBeNull();
  });
});
