import { describe, expect, it } from 'vitest';
import { type JudgedView, judge } from '../../../src/judge/rules/judge.ts';
import type { Rule } from '../../../src/model/rule.ts';
import { rule, SPEAKS, TABLE, view } from '../../rules/small.ts';

/** What a cause may claim, both sides of every number; the words and the order are claimed in test/rules/judge.test.ts. */
const V4 = '192.0.2.7';
const V6 = '2001:db8::7';
const look = (rules: Rule[], ...views: JudgedView[]) => judge(rules, views, TABLE);
const claims = (rules: Rule[], ...views: JudgedView[]) =>
  look(rules, ...views).causes.map(({ id, confidence }): [string, number] => [id, confidence]);
const silent = (address = V4, known = {}) => view(address, { 'tcp.outcome': 'timeout', ...known });
const refused = (address = V6) => view(address, { 'tcp.outcome': 'refused' });
/** The prior of a cause that has this share where it is the only one. */
const logit = (share: number): number => Math.log(share / (1 - share));
const alone = (share: number, more: Partial<Rule> = {}) => rule({ id: 'one', prior: logit(share), ...more });
/** Two causes and something unknown, with these shares of the whole. */
const sharing = (one: number, two: number, more: Partial<Rule> = {}): Rule[] => [
  rule({ id: 'one', prior: Math.log(one / (1 - one - two)), ...more }),
  rule({ id: 'two', prior: Math.log(two / (1 - one - two)) }),
];

describe('a cause is worth a line', () => {
  it.each([
    [0.0205, [['one', 0.02]]],
    [0.0195, []],
  ])('of a share of %d: %j', (share, listed) => {
    expect(claims([alone(share)], silent())).toEqual(listed);
  });
  it('of a share of one in ten thousand where it is a lesser finding, which then claims one in a thousand', () => {
    expect(claims([alone(0.0001, { lesser: true })], silent())).toEqual([['one', 0.001]]);
  });
});

describe('addresses that fail in different ways', () => {
  const each = (share: number) => [
    alone(share),
    rule({ id: 'two', prior: logit(share), when: { 'tcp.outcome': 'refused' } }),
  ];
  it('have a fault each from a share of 0.8 on, half of the whole each, and below the first one counts twice', () => {
    expect(claims(each(0.805), silent(), refused())).toEqual([
      ['one', 0.5],
      ['two', 0.5],
    ]);
    expect(claims(each(0.795), silent(), refused())).toEqual([
      ['one', 0.53],
      ['two', 0.265],
    ]);
  });
  it('claim at most one whole together, where one of them is sure and the first is not', () => {
    const first = sharing(0.66, 0.3).map((one) => ({
      ...one,
      when: { 'tcp.outcome': 'timeout' } as const,
    }));
    const other = rule({ id: 'three', prior: logit(0.95), when: { 'tcp.outcome': 'refused' } });
    const all = claims([...first, other], silent(), refused());
    expect(all.map(([id]) => id)).toEqual(['one', 'three', 'two']);
    const sum = all.reduce((total, [, confidence]) => total + confidence, 0);
    expect(sum).toBeGreaterThan(0.99);
    expect(sum).toBeLessThanOrEqual(1);
  });
  it('are counted in as many parts as there are addresses, and one', () => {
    expect(claims(each(0.6), silent(), refused(), refused('192.0.2.8'))).toEqual([
      ['one', 0.3],
      ['two', 0.3],
    ]);
    expect(claims(each(0.6), silent())).toEqual([['one', 0.6]]);
  });
  it('that fail in one way are told of as one: the first, and that the same is seen at the others', () => {
    const [cause] = look([alone(0.9)], silent(), silent(V6)).causes;
    expect([cause?.address, cause?.because.map(({ text }) => text)]).toEqual([
      V4,
      ['The port is known.', `The same is seen at ${V6}.`],
    ]);
  });
});

describe('a rival counts from a tenth on', () => {
  const confusedWith = [{ id: 'two', say: 'They look the same.', decidedBy: 'tcpdump.' }];
  it.each([
    [0.105, 1],
    [0.095, 0],
  ])('one of %d: %i pair that cannot be told apart', (two, pairs) => {
    expect(look(sharing(0.8, two, { confusedWith }), silent()).cannotTell).toHaveLength(pairs);
  });
  it.each([
    [0.105, 0.82],
    [0.095, 0.79],
  ])('with an equal of %d of its own the lead claims %d', (two, claimed) => {
    const named = confusedWith.map((one) => ({ ...one, if: { 'tcp.outcome': 'timeout' } }));
    expect(claims(sharing(0.8205, two, { confusedWith: named }), silent())[0]).toEqual(['one', claimed]);
  });
  it('a cause that names an equal without a share is likely at the most', () => {
    const named = alone(0.85, {
      confusedWith: confusedWith.map((one) => ({ ...one, if: { 'tcp.outcome': 'timeout' } })),
    });
    const [cause] = look([named, rule({ id: 'two', prior: -9 })], silent()).causes;
    expect(cause).toMatchObject({ confidence: 0.79, likelihood: 'likely' });
  });

  it.each([
    [0.255, [true, true]],
    [0.245, [undefined, undefined]],
  ])('a lead of 0.5 and an equal of %d tie: %j', (two, tie) => {
    expect(look(sharing(0.5, two, { confusedWith }), silent()).causes.map((one) => one.tie)).toEqual(tie);
  });
});

describe('what only fits', () => {
  it.each([
    [0.9, 0.19],
    [0.195, 0.19],
    [0.185, 0.185],
  ])('with a share of %d claims %d', (share, claimed) => {
    expect(claims([alone(share, { evidence: [] })], silent())).toEqual([['one', claimed]]);
  });
});

describe('the checks of the lead', () => {
  const watch = { who: 'you', do: 'Watch.', run: 'tcpdump -n', expect: 'Nothing.' } as const;
  const ask = { who: 'you', do: 'Ask.', expect: 'It is.' } as const;
  const other = { who: 'you', do: 'Look at it.', expect: 'It is whole.' } as const;
  const checks = (one: Rule['verify'], two: Rule['verify'], decidedBy = 'Ask.') => {
    const [first, second] = sharing(0.5, 0.3, {
      verify: one,
      confusedWith: [{ id: 'two', say: 'Alike.', decidedBy }],
    });
    return look([first!, { ...second!, verify: two }], silent()).causes.map(({ verify }) =>
      verify.map((check) => check.do),
    );
  };
  it('begin with its own that tells it from the runner-up, where it stands first already, too', () => {
    const theirs = [{ ...ask, splits: ['one'] }];
    const own = { ...watch, splits: ['two'] };
    expect(checks([own, other], theirs)[0]).toEqual(['Watch.', 'Look at it.']);
    expect(checks([other, own], theirs)[0]).toEqual(['Watch.', 'Look at it.']);
    expect(checks([other], theirs)[0]).toEqual(['Ask.', 'Look at it.']);
  });
  it('gain none where what decides is among them, be it the first', () => {
    expect(checks([watch, other], [other], 'tcpdump on the server.')[0]).toEqual(['Watch.', 'Look at it.']);
    expect(checks([other, watch], [other], 'tcpdump on the server.')[0]).toEqual(['Watch.', 'Look at it.']);
    expect(checks([other], [other], 'tcpdump on the server.')[0]).toEqual([
      'tcpdump on the server.',
      'Look at it.',
    ]);
  });
  it('and those of the runner-up stay as they are', () => {
    expect(checks([other], [watch, { ...ask, splits: ['one'] }])[1]).toEqual(['Watch.', 'Ask.']);
  });
});

describe('what proves that it is something else', () => {
  const down = rule({ id: 'down', ruledOut: [{ if: { 'ping.replies': true }, say: 'It answers ping.' }] });
  const answers = { 'ping.replies': true };
  const open = (address: string, known = {}) => view(address, { 'tcp.outcome': 'open', ...known });
  it('has to hold where something fails, and need not elsewhere', () => {
    expect(look([alone(0.9), down], silent(V4, answers), open(V6)).ruledOut).toHaveLength(1);
    expect(look([alone(0.9), down], silent(V4, answers), silent(V6)).ruledOut).toEqual([]);
  });
  it('has to hold at the first address, where the name alone is at fault', () => {
    const name = rule({ id: 'name', layer: 'dns', prior: 3, when: { port: 5432 } });
    expect(look([name, down], open(V4, answers), open(V6)).ruledOut).toHaveLength(1);
    expect(look([name, down], open(V4), open(V6, answers)).ruledOut).toEqual([]);
  });
});

describe('the rule of a packet filter that was found', () => {
  const found = { text: 'tcp dport 5432 drop', tool: 'nft' } as never;
  const told = (weight: number) =>
    look(
      [alone(0.9, { evidence: [SPEAKS, { if: { 'there.verdict': 'dropped' }, weight, say: 'Dropped.' }] })],
      { ...silent(V4, { 'there.verdict': 'dropped' }), rule: found },
    ).causes[0]?.rule;
  it('stands with the cause that it speaks for, however little', () => {
    expect([told(0.5), told(-0.5)]).toEqual([found, undefined]);
  });
});
