import { describe, expect, it } from 'vitest';
import { evaluate, type Judgement } from '../../../src/judge/ruleset/evaluate.ts';
import type { Packet } from '../../../src/judge/ruleset/packet.ts';
import type { Effect, FilterChain, FilterRule, Match, RuleStep, Test } from '../../../src/model/ruleset.ts';

/** What whole/ruleset-beside-the-kernel.test.ts holds against the kernel, edge by edge: what a SYN to this machine's 10.9.0.1:80 meets. */
const SYN: Packet = {
  family: 4,
  source: '10.9.0.2',
  destination: '10.9.0.1',
  sourcePort: 40_000,
  destinationPort: 80,
  iif: 'eth0',
  oif: null,
  state: 'new',
  tcpFlags: 0x02,
  mss: 1460,
};
const OWN = ['10.9.0.1', '10.9.0.3', 'fd09::1'];

const DROP: Effect = { do: 'drop' };
const ACCEPT: Effect = { do: 'accept' };
const rule = (...steps: (Match | Effect)[]): FilterRule => ({
  handle: 7,
  line: 1,
  text: 'a rule',
  packets: null,
  steps: steps.map((step): RuleStep => ('do' in step ? { effect: step } : { match: step })),
});
const chain = (
  name: string,
  base: Partial<FilterChain['base']> | null,
  ...rules: FilterRule[]
): FilterChain => ({
  tool: 'nftables',
  families: [4, 6],
  table: 'inet filter',
  name,
  base: base === null ? null : { hook: 'input', kind: 'filter', priority: 0, policy: 'accept', ...base },
  rules,
});
const input = (...rules: FilterRule[]): FilterChain => chain('input', {}, ...rules);

const is = (
  field: Exclude<Match, { unknown: string } | { anyOf: Match[][] }>['field'],
  test: Test,
): Match => ({
  field,
  test,
  not: false,
});
const numbers = (from: number, to = from): Test => ({ kind: 'numbers', ranges: [[from, to]] });
const names = (...some: string[]): Test => ({ kind: 'names', names: some });
const PORT_80 = is('destinationPort', numbers(80));

const arriving = (
  chains: FilterChain[],
  packet: Partial<Packet> = {},
  addresses: string[] | null = OWN,
): Judgement => evaluate({ chains }, { ...SYN, ...packet }, 'arriving', { addresses });
const leaving = (chains: FilterChain[], packet: Partial<Packet> = {}): Judgement =>
  evaluate({ chains }, { ...SYN, iif: null, oif: 'eth0', ...packet }, 'leaving', { addresses: OWN });

describe('a rule that drops what it matches', () => {
  const subnet: Test = { kind: 'addresses', ranges: [['0a090000', '0a0900ff']] };
  const listed: Test = { kind: 'addresses', ranges: [['0a090002', '0a090004']] };
  it.each<[string, Match, Partial<Packet>, Judgement['verdict']]>([
    ['its family', is('family', numbers(4)), {}, 'dropped'],
    ['another family', is('family', numbers(6)), {}, 'delivered'],
    ['TCP', is('protocol', names('tcp')), {}, 'dropped'],
    ['UDP', is('protocol', names('udp')), {}, 'delivered'],
    ['its interface', is('iif', names('eth0')), {}, 'dropped'],
    ['another interface', is('iif', names('lo')), {}, 'delivered'],
    ['an interface by its beginning', is('iif', names('eth*')), {}, 'dropped'],
    ['the beginning of another', is('iif', names('ath*')), {}, 'delivered'],
    ['an interface that is called as another begins', is('iif', names('eth')), {}, 'delivered'],
    ['an interface that is not known', is('iif', names('eth0')), { iif: null }, 'may'],
    ['the way out of what came in', is('oif', names('eth0')), {}, 'may'],
    ['names where numbers are meant', is('iif', numbers(1)), {}, 'may'],
    ['the first of a range of addresses', is('source', listed), {}, 'dropped'],
    ['the last of a range of addresses', is('source', listed), { source: '10.9.0.4' }, 'dropped'],
    ['an address before the range', is('source', listed), { source: '10.9.0.1' }, 'delivered'],
    ['an address behind the range', is('source', listed), { source: '10.9.0.5' }, 'delivered'],
    ['an address that is not known', is('source', listed), { source: null }, 'may'],
    ['an address of the other family', is('source', listed), { source: '0a09:2::' }, 'delivered'],
    ['numbers where addresses are meant', is('source', numbers(1)), {}, 'may'],
    ['its destination', is('destination', subnet), {}, 'dropped'],
    ['where it was meant to go', is('originalDestination', subnet), {}, 'dropped'],
    ['the first of a range of ports', is('destinationPort', numbers(80, 90)), {}, 'dropped'],
    ['the last of a range of ports', is('destinationPort', numbers(70, 80)), {}, 'dropped'],
    ['a port before the range', is('destinationPort', numbers(81, 90)), {}, 'delivered'],
    ['a port behind the range', is('destinationPort', numbers(70, 79)), {}, 'delivered'],
    ['a port that is not known', PORT_80, { destinationPort: null }, 'may'],
    ['the port that it was meant for', is('originalPort', numbers(80)), {}, 'dropped'],
    ['its own port', is('sourcePort', numbers(40_000)), {}, 'dropped'],
    ['its own port, unknown', is('sourcePort', numbers(40_000)), { sourcePort: null }, 'may'],
    ['names where a number is meant', is('destinationPort', names('http')), {}, 'may'],
    ['a source of this machine', is('sourceType', names('local')), { source: '10.9.0.3' }, 'dropped'],
    ['a source of another', is('sourceType', names('local')), {}, 'delivered'],
    [
      'what its source is, where that is not known',
      is('sourceType', names('local')),
      { source: null },
      'may',
    ],
    ['a destination of this machine', is('destinationType', names('local')), {}, 'dropped'],
    ['a broadcast', is('destinationType', names('broadcast')), {}, 'delivered'],
    ['a source that may be a broadcast', is('sourceType', names('broadcast', 'local')), {}, 'may'],
    ['numbers where a type is meant', is('sourceType', numbers(2)), {}, 'may'],
    ['a new connection', is('state', names('new')), {}, 'dropped'],
    ['an old connection', is('state', names('established', 'related')), {}, 'delivered'],
    ['what was translated', is('status', names('dnat')), {}, 'delivered'],
    ['numbers where a status is meant', is('status', numbers(1)), {}, 'may'],
    ...['snat', 'expected', 'seen-reply', 'assured', 'confirmed', 'dying'].map(
      (word): [string, Match, Partial<Packet>, Judgement['verdict']] => [
        `a status that nobody listed: ${word}`,
        is('status', names(word)),
        {},
        'may',
      ],
    ),
    ['a status that it has not', is('status', names('other')), {}, 'delivered'],
    ['no mark', is('mark', numbers(0)), {}, 'dropped'],
    ['a mark', is('mark', numbers(1)), {}, 'delivered'],
    ['the flags of a SYN', is('tcpFlags', { kind: 'bits', mask: 0x17, bits: 0x02 }), {}, 'dropped'],
    ['the flags of an ACK', is('tcpFlags', { kind: 'bits', mask: 0x12, bits: 0x10 }), {}, 'delivered'],
    ['its segment size', is('mss', numbers(1460)), {}, 'dropped'],
    ['its segment size, unknown', is('mss', numbers(1460)), { mss: null }, 'may'],
    ['what we do not know', { unknown: 'moon phase' }, {}, 'may'],
    ['the reverse', { ...PORT_80, not: true } as Match, {}, 'delivered'],
    [
      'the reverse of what it is not',
      { ...is('destinationPort', numbers(22)), not: true } as Match,
      {},
      'dropped',
    ],
    ['one of two', { anyOf: [[is('family', numbers(6))], [PORT_80]], not: false }, {}, 'dropped'],
    [
      'neither of two',
      { anyOf: [[is('family', numbers(6))], [is('destinationPort', numbers(22))]], not: false },
      {},
      'delivered',
    ],
    ['not one of two', { anyOf: [[is('family', numbers(6))], [PORT_80]], not: true }, {}, 'delivered'],
    [
      'one that is not known, of two',
      { anyOf: [[{ unknown: 'x' }], [is('family', numbers(6))]], not: false },
      {},
      'may',
    ],
    ['half of both', { anyOf: [[PORT_80, is('family', numbers(6))]], not: false }, {}, 'delivered'],
    ['half of both, the rest unknown', { anyOf: [[PORT_80, { unknown: 'x' }]], not: true }, {}, 'may'],
  ])('%s', (_, match, packet, verdict) => {
    expect(arriving([input(rule(match, DROP))], packet).verdict).toBe(verdict);
  });
});

describe('the way through a chain', () => {
  const aside = (...rules: FilterRule[]) => chain('aside', null, ...rules);
  const jump: Effect = { do: 'jump', chain: 'aside' };
  const goto: Effect = { do: 'goto', chain: 'aside' };
  it.each<[string, FilterChain[], Judgement['verdict']]>([
    ['no rules at all', [], 'delivered'],
    ['the policy, where no rule ends it', [chain('input', { policy: 'drop' })], 'dropped'],
    ['what is accepted meets no policy', [chain('input', { policy: 'drop' }, rule(ACCEPT))], 'delivered'],
    [
      'what returns meets the policy',
      [chain('input', { policy: 'drop' }, rule({ do: 'return' }))],
      'dropped',
    ],
    ['a rule that goes on', [input(rule({ do: 'continue' }), rule(DROP))], 'dropped'],
    ['what is dropped is not accepted later', [input(rule(DROP), rule(ACCEPT))], 'dropped'],
    ['what is accepted is not dropped later', [input(rule(ACCEPT), rule(DROP))], 'delivered'],
    ['a rejection', [input(rule({ do: 'reject', how: 'tcp reset' }))], 'rejected'],
    ['a rule that we do not know may end it', [input(rule({ do: 'unknown', text: '?' }))], 'may'],
    ['a jump comes back', [input(rule(jump), rule(DROP)), aside(rule({ do: 'return' }))], 'dropped'],
    ['a goto does not', [input(rule(goto), rule(DROP)), aside(rule({ do: 'return' }))], 'delivered'],
    ['a jump that accepts', [input(rule(jump), rule(DROP)), aside(rule(ACCEPT))], 'delivered'],
    ['a jump that drops', [input(rule(jump), rule(ACCEPT)), aside(rule(DROP))], 'dropped'],
    ['a jump to nowhere', [input(rule(jump))], 'may'],
    [
      'a match behind an effect',
      [input(rule({ do: 'continue' }, is('family', numbers(6)), DROP))],
      'delivered',
    ],
    ['a chain of the other family', [{ ...input(rule(DROP)), families: [6] }], 'delivered'],
    ['a chain of another hook', [chain('forward', { hook: 'forward' }, rule(DROP))], 'delivered'],
    ['its interface', [{ ...input(rule(DROP)), devices: ['eth0'] }], 'dropped'],
    ['the interface of another', [{ ...input(rule(DROP)), devices: ['eth1'] }], 'delivered'],
    [
      'the first case that matches',
      [
        input(
          rule({
            do: 'choose',
            cases: [
              { when: [is('family', numbers(6))], effect: ACCEPT },
              { when: [PORT_80], effect: DROP },
            ],
          }),
        ),
      ],
      'dropped',
    ],
    [
      'no case',
      [input(rule({ do: 'choose', cases: [{ when: [is('family', numbers(6))], effect: DROP }] }))],
      'delivered',
    ],
    [
      'a case that is not known',
      [input(rule({ do: 'choose', cases: [{ when: [{ unknown: 'x' }], effect: DROP }] }))],
      'may',
    ],
    [
      'the case behind it is not asked',
      [
        input(
          rule({
            do: 'choose',
            cases: [
              { when: [PORT_80], effect: { do: 'continue' } },
              { when: [], effect: DROP },
            ],
          }),
        ),
      ],
      'delivered',
    ],
    [
      'the lower priority first',
      [
        chain('late', { priority: 5 }, rule(DROP)),
        chain('early', { priority: -5 }, rule({ do: 'reject', how: 'tcp reset' })),
      ],
      'rejected',
    ],
  ])('%s', (_, chains, verdict) => {
    expect(arriving(chains).verdict).toBe(verdict);
  });

  it('an interface that is not known: the chain of an interface may be passed by', () => {
    expect(arriving([{ ...input(rule(DROP)), devices: ['eth0'] }], { iif: null }).verdict).toBe('may');
  });

  it('who rejects says how, and which rule it was', () => {
    expect(arriving([input(rule({ do: 'reject', how: 'tcp reset' }))]).outcomes).toEqual([
      {
        end: 'rejected',
        by: {
          tool: 'nftables',
          table: 'inet filter',
          chain: 'input',
          handle: 7,
          line: 1,
          text: 'a rule',
          packets: null,
        },
        how: 'tcp reset',
        destination: '10.9.0.1',
        port: 80,
      },
    ]);
  });

  it.each([
    [65, 'dropped'],
    [66, 'may'],
  ])('%i jumps, one in the other: %s', (depth, verdict) => {
    const to = (i: number): FilterChain =>
      chain(`c${i}`, null, rule(i === depth ? DROP : { do: 'jump', chain: `c${i + 1}` }));
    const chains = [
      input(rule({ do: 'jump', chain: 'c1' })),
      ...Array.from({ length: depth }, (_, i) => to(i + 1)),
    ];
    expect(arriving(chains).verdict).toBe(verdict);
  });

  it.each([
    [200_000, 'dropped'],
    [200_001, 'may'],
  ])('%i steps that one packet is held against: %s', (steps, verdict) => {
    const most = rule(...Array.from({ length: 1000 }, () => PORT_80));
    const rest = rule(...Array.from({ length: steps - 199_001 }, () => PORT_80), DROP);
    expect(arriving([input(...Array.from({ length: 199 }, () => most), rest)]).verdict).toBe(verdict);
  });

  it('two chains of one priority are asked in any order', () => {
    const reject = chain('b', {}, rule({ do: 'reject', how: 'tcp reset' }));
    expect(arriving([chain('a', {}, rule(DROP)), reject]).verdict).toBe('may');
    expect(arriving([chain('a', {}, rule(DROP)), chain('b', { priority: 1 }, ...reject.rules)]).verdict).toBe(
      'dropped',
    );
  });

  it('every order of three chains, forth and back of four', () => {
    const mark = (name: string, xor: number) =>
      chain(name, { hook: 'prerouting' }, rule({ do: 'mark', to: { keep: 0, xor } }));
    const dropsMark = (n: number) => input(rule(is('mark', numbers(n)), DROP));
    const three = [mark('a', 1), mark('b', 2), mark('c', 3)];
    for (const last of [1, 2, 3]) expect(arriving([...three, dropsMark(last)]).verdict).toBe('may');
    const four = [...three, mark('d', 4)];
    expect([1, 2, 3, 4].map((last) => arriving([...four, dropsMark(last)]).verdict)).toEqual([
      'may',
      'delivered',
      'delivered',
      'may',
    ]);
  });
});

describe('connection tracking', () => {
  const dropsNew = (hook: 'prerouting' | 'input' | 'ingress', priority: number) =>
    chain('early', { hook, priority }, rule(is('state', names('new')), DROP));
  it.each([
    ['prerouting', -201, 'may'],
    ['prerouting', -200, 'may'],
    ['prerouting', -199, 'dropped'],
    ['input', -300, 'dropped'],
    ['ingress', 0, 'may'],
  ] as const)('on %s at %i: a new connection is %s', (hook, priority, verdict) => {
    expect(arriving([dropsNew(hook, priority)]).verdict).toBe(verdict);
  });

  it('on output, of what this machine sends', () => {
    const drops = (priority: number) =>
      chain('out', { hook: 'output', priority }, rule(is('state', names('new')), DROP));
    expect([-200, -199].map((priority) => leaving([drops(priority)]).verdict)).toEqual(['may', 'dropped']);
  });

  it('what is not tracked stays so', () => {
    const raw = chain('raw', { hook: 'prerouting', priority: -300 }, rule({ do: 'notrack' }));
    const drops = (state: string) => input(rule(is('state', names(state)), DROP));
    expect(['untracked', 'new'].map((one) => arriving([raw, drops(one)]).verdict)).toEqual([
      'dropped',
      'delivered',
    ]);
  });

  it('before it nobody knows where a packet was meant to go', () => {
    const early = (field: 'originalPort' | 'originalDestination', test: Test) =>
      chain('early', { hook: 'prerouting', priority: -300 }, rule(is(field, test), DROP));
    expect(arriving([early('originalPort', numbers(80))]).verdict).toBe('may');
    expect(
      arriving([early('originalDestination', { kind: 'addresses', ranges: [['0a090001', '0a090001']] })])
        .verdict,
    ).toBe('may');
  });
});

describe('marks', () => {
  const drops = (n: number) => input(rule(is('mark', numbers(n)), DROP));
  const marks = (...to: ({ keep: number; xor: number } | null)[]) =>
    chain('mark', { hook: 'prerouting' }, ...to.map((one) => rule({ do: 'mark', to: one })));
  it.each([
    ['set', [{ keep: 0, xor: 5 }], 5, 'dropped'],
    ['set with the highest bit', [{ keep: 0, xor: -1 }], 0xffff_ffff, 'dropped'],
    [
      'set, and a bit changed',
      [
        { keep: 0, xor: 5 },
        { keep: 4, xor: 1 },
      ],
      5,
      'dropped',
    ],
    [
      'set, and a bit kept',
      [
        { keep: 0, xor: 5 },
        { keep: 1, xor: 0 },
      ],
      1,
      'dropped',
    ],
    [
      'the highest bit kept',
      [
        { keep: 0, xor: -1 },
        { keep: -1, xor: 0 },
      ],
      0xffff_ffff,
      'dropped',
    ],
    ['set to what is not known', [null], 5, 'may'],
    ['not known, and a bit changed', [null, { keep: 4, xor: 1 }], 5, 'may'],
    ['not known, and set anew', [null, { keep: 0, xor: 5 }], 5, 'dropped'],
  ] as const)('%s', (_, to, n, verdict) => {
    expect(arriving([marks(...to), drops(n)]).verdict).toBe(verdict);
  });
});

describe('translation', () => {
  const nat = (...rules: FilterRule[]) =>
    chain('nat', { hook: 'prerouting', kind: 'nat', priority: -100 }, ...rules);
  const dnat = (address: string | null, port: number | null, unsure = false): Effect => ({
    do: 'dnat',
    address,
    port,
    unsure,
  });
  const redirect = (port: number | null, unsure = false): Effect => ({ do: 'redirect', port, unsure });
  const ends = ({ outcomes }: Judgement) =>
    outcomes.map(({ end, destination, port }) => `${end} ${destination} ${port}`);
  const dropsTranslated = input(rule(is('status', names('dnat')), DROP));

  it.each<[string, Effect, string[]]>([
    ['to another machine', dnat('10.8.0.2', null), ['forwarded 10.8.0.2 80']],
    ['to another port of it', dnat('10.8.0.2', 8080), ['forwarded 10.8.0.2 8080']],
    ['to another port here', dnat(null, 8080), ['delivered 10.9.0.1 8080']],
    ['to loopback', dnat('127.0.0.1', null), ['delivered 127.0.0.1 80']],
    ['to one of several', dnat('10.8.0.2', null, true), ['unknown 10.9.0.1 80']],
    [
      'redirected, to an address of that family',
      redirect(8080),
      ['delivered 10.9.0.1 8080', 'delivered 10.9.0.3 8080'],
    ],
    ['redirected to one of several ports', redirect(8080, true), ['unknown 10.9.0.1 80']],
  ])('%s', (_, effect, expected) => {
    expect(ends(arriving([nat(rule(effect))]))).toEqual(expected);
  });

  it('redirected where no address is known, or none of the family', () => {
    expect(ends(arriving([nat(rule(redirect(8080)))], {}, null))).toEqual(['unknown 10.9.0.1 80']);
    expect(ends(arriving([nat(rule(redirect(8080)))], {}, ['fd09::1']))).toEqual(['unknown 10.9.0.1 80']);
  });

  it('what this machine sends is redirected to loopback', () => {
    const out = chain('nat', { hook: 'output', kind: 'nat', priority: -100 }, rule(redirect(8080)));
    expect(ends(leaving([out]))).toEqual(['sent 127.0.0.1 8080']);
    expect(ends(leaving([out], { family: 6, source: 'fd09::1', destination: 'fd09::2' }))).toEqual([
      'sent ::1 8080',
    ]);
    // Neither interface known: it may be on its way in.
    expect(ends(leaving([out], { oif: null }))).toEqual(['sent 10.9.0.1 8080', 'sent 10.9.0.3 8080']);
    expect(ends(leaving([out], { iif: 'eth1' }))).toEqual(['sent 10.9.0.1 8080', 'sent 10.9.0.3 8080']);
  });

  it('a translation to what stands there already is none', () => {
    expect(arriving([nat(rule(dnat('10.9.0.1', null))), dropsTranslated]).verdict).toBe('delivered');
    expect(arriving([nat(rule(dnat('10.9.0.1', 8080))), dropsTranslated]).verdict).toBe('dropped');
    expect(arriving([nat(rule(dnat('10.9.0.3', 80))), dropsTranslated]).verdict).toBe('dropped');
  });

  it('the first that translates is the last that is asked', () => {
    const second = chain('nat2', { hook: 'prerouting', kind: 'nat', priority: -99 }, rule(dnat(null, 22)));
    expect(ends(arriving([nat(rule(dnat(null, 8080))), second]))).toEqual(['delivered 10.9.0.1 8080']);
    expect(ends(arriving([nat(rule({ do: 'snat' })), second]))).toEqual(['delivered 10.9.0.1 80']);
    expect(ends(arriving([nat(), second]))).toEqual(['delivered 10.9.0.1 22']);
  });

  it('answers and what is not tracked are not translated', () => {
    expect(ends(arriving([nat(rule(dnat(null, 22)))], { state: 'established' }))).toEqual([
      'delivered 10.9.0.1 80',
    ]);
    const raw = chain('raw', { hook: 'prerouting', priority: -300 }, rule({ do: 'notrack' }));
    expect(ends(arriving([raw, nat(rule(dnat(null, 22)))]))).toEqual(['delivered 10.9.0.1 80']);
  });

  it('a filter chain at its place is no translation: all of it is asked', () => {
    const early = chain('f', { hook: 'prerouting', priority: -50 }, rule(DROP));
    expect(arriving([nat(rule(dnat(null, 8080))), early]).verdict).toBe('dropped');
  });
});

describe('whose address it is', () => {
  it.each([
    ['10.9.0.1', OWN, 'delivered'],
    ['10.9.0.9', OWN, 'forwarded'],
    ['10.9.0.9', null, 'may'],
    ['127.0.0.5', null, 'delivered'],
    ['::1', null, 'delivered'],
  ])('%s, where %j are known: %s', (destination, addresses, verdict) => {
    const family = destination.includes(':') ? 6 : 4;
    expect(arriving([], { destination, family }, addresses).verdict).toBe(verdict);
  });

  it('what is passed on is asked by the way that it leaves', () => {
    const forward = chain('forward', { hook: 'forward' }, rule(is('oif', names('docker0')), DROP));
    const judged = (deviceTo?: () => string | null) =>
      evaluate({ chains: [forward] }, { ...SYN, destination: '10.8.0.2' }, 'arriving', {
        addresses: OWN,
        ...(deviceTo === undefined ? {} : { deviceTo }),
      }).verdict;
    expect([judged(() => 'docker0'), judged(() => 'eth1'), judged(() => null), judged()]).toEqual([
      'dropped',
      'forwarded',
      'may',
      'may',
    ]);
  });
});
