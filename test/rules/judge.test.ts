import { describe, expect, test } from 'vitest';
import { type JudgedView, judge } from '../../src/judge/rules/judge.ts';
import type { Rule } from '../../src/model/rule.ts';
import { observation, rule, SPEAKS, TABLE, view } from './small.ts';

const look = (rules: Rule[], ...views: JudgedView[]) => judge(rules, views, TABLE);
const shares = (rules: Rule[], ...views: JudgedView[]) =>
  Object.fromEntries(look(rules, ...views).causes.map((c) => [c.id, c.confidence]));

const V4 = '192.0.2.7';
const V6 = '2001:db8::7';
const silent = (address: string | null, known = {}) => view(address, { 'tcp.outcome': 'timeout', ...known });
const refused = (address: string | null) => view(address, { 'tcp.outcome': 'refused' });
const open = (address: string | null) => view(address, { 'tcp.outcome': 'open' });

const drop = rule({ id: 'drop', prior: 3 });
const closed = rule({ id: 'closed', prior: 3, when: { 'tcp.outcome': 'refused' } });

describe('one address', () => {
  test('a rule whose gate is false or unknown is not considered', () => {
    expect(shares([drop], open(V4))).toEqual({});
    expect(shares([drop], view(V4, {}))).toEqual({});
  });

  test('log-odds are the prior and what is true; unknown evidence adds nothing', () => {
    const weighed = rule({
      id: 'weighed',
      prior: -1,
      evidence: [
        SPEAKS,
        { if: { 'ping.replies': true }, weight: 2, say: 'Ping works.' },
        { if: { 'ping.replies': false }, weight: -2, say: 'Ping does not work.' },
        { if: { 'path.target.lastHop': { above: 1 } }, weight: 5, say: 'Far.' },
      ],
    });
    const sigmoid = (x: number) => Math.floor(1000 / (1 + Math.exp(-x))) / 1000;
    expect(shares([weighed], silent(V4))).toEqual({ weighed: sigmoid(-1) });
    expect(shares([weighed], silent(V4, { 'ping.replies': true }))).toEqual({ weighed: sigmoid(1) });
    expect(shares([weighed], silent(V4, { 'ping.replies': false }))).toEqual({ weighed: sigmoid(-3) });
  });

  test('a proof against it outweighs everything for it', () => {
    const proven = rule({
      id: 'drop',
      prior: 9,
      ruledOut: [{ if: { 'ping.replies': true }, say: 'Ping works.' }],
    });
    expect(look([proven], silent(V4, { 'ping.replies': true }))).toEqual({
      causes: [],
      ruledOut: [{ id: 'drop', text: 'Ping works.' }],
      cannotTell: [],
    });
    expect(shares([proven], silent(V4))).toEqual({ drop: 0.99 });
  });

  test('says for and against, each with the observations it rests on', () => {
    const both = rule({
      id: 'both',
      prior: 1,
      evidence: [
        {
          if: { 'path.target.lastHop': { lessThan: 'path.reference.lastHop' } },
          weight: 3,
          say: 'Stops at hop {path.target.lastHop}, the control goes to {path.reference.lastHop}.',
        },
        { if: { 'ping.replies': false }, weight: -1, say: 'Ping is silent, too.' },
        { if: { 'answer.workedBefore': true }, weight: 1, say: 'It worked before.' },
      ],
    });
    const observations = [
      observation('answer-1', 'answer', { question: 'symptom' }),
      observation('answer-2', 'answer', { question: 'worked-before' }),
      observation('tcp-1', 'tcp-connect', { address: V4, role: 'target' }),
      observation('trace-1', 'trace-syn', { address: V4, role: 'target' }),
      observation('trace-2', 'trace-syn', { address: V6, role: 'target' }),
      observation('trace-3', 'trace-syn', { address: V4, role: 'reference' }),
      observation('trace-4', 'trace-syn', { address: V4, role: 'reference' }, null),
      observation('ping-1', 'ping', { address: V4 }),
    ];
    const known = {
      'tcp.outcome': 'timeout',
      'path.target.lastHop': 3,
      'path.reference.lastHop': 5,
      'ping.replies': false,
      'answer.workedBefore': true,
    };
    const { causes } = look([both], view(V4, known, observations));
    expect(causes[0]?.because).toEqual([
      { evidence: ['trace-1', 'trace-3'], text: 'Stops at hop 3, the control goes to 5.' },
      { evidence: ['answer-2'], text: 'It worked before.' },
    ]);
    expect(causes[0]?.against).toEqual([{ evidence: ['ping-1'], text: 'Ping is silent, too.' }]);
  });

  test('a cause that only its gate speaks for says so', () => {
    const observations = [observation('tcp-1', 'tcp-connect', { address: V4, role: 'target' })];
    const bare = { ...drop, evidence: [] };
    const { causes } = look([bare], view(V4, { 'tcp.outcome': 'timeout' }, observations));
    expect(causes[0]?.because).toEqual([
      { evidence: ['tcp-1'], text: expect.stringContaining('What was measured fits') },
    ]);
  });

  test('a comparison host counts for every address', () => {
    const table = {
      ...TABLE,
      'control.open': { type: 'boolean', meaning: 'x.', from: ['tcp-connect:reference-host'] },
    } as const;
    const egress = rule({ id: 'egress', prior: 2, when: { 'control.open': false }, evidence: [] });
    const observations = [
      observation('tcp-9', 'tcp-connect', { address: '198.51.100.1', role: 'reference-host' }),
    ];
    const { causes } = judge([egress], [view(V4, { 'control.open': false }, observations)], table);
    expect(causes[0]?.because[0]?.evidence).toEqual(['tcp-9']);
  });

  test('the words and the number of a likelihood agree', () => {
    const { causes } = look(
      [rule({ id: 'a', prior: 1.3863 }), rule({ id: 'b', when: { port: 1 } })],
      silent(V4),
    );
    expect(causes.map((c) => [c.confidence, c.likelihood])).toEqual([[0.8, 'very likely']]);
  });

  test('a cause below two in a hundred is not worth a line', () => {
    expect(shares([rule({ id: 'faint', prior: -4 })], silent(V4))).toEqual({});
  });

  test('what was read carries no share and takes none; it stands first, each of it', () => {
    const expired = rule({ id: 'expired', prior: 3, observed: true });
    const named = rule({ id: 'named', prior: 5, observed: true });
    const guessed = rule({ id: 'guessed', prior: 0 });
    const { causes } = look([guessed, expired, named], silent(V4));
    expect(causes.map(({ id, confidence, observed }) => [id, confidence, observed])).toEqual([
      ['named', 0.99, true],
      ['expired', 0.99, true],
      ['guessed', 0.5, undefined],
    ]);
    // A likelier cause that explains it still hides it; one that is less likely does not.
    const deeper = (prior: number) => rule({ id: 'deeper', prior, supersedes: ['expired'] });
    expect(shares([expired, deeper(4)], silent(V4))).toEqual({ deeper: 0.982 });
    expect(Object.keys(shares([expired, deeper(2)], silent(V4)))).toEqual(['expired', 'deeper']);
  });

  test('a fix of one system says so; on the own machine only what runs there is given', () => {
    const nft = { who: 'you', system: 'nftables', do: 'Allow {port}.', run: 'nft {host}' } as const;
    const ios = { who: 'network-admin', system: 'cisco-ios', do: 'Look.' } as const;
    const all = { who: 'you', do: 'Allow it.' } as const;
    const fixes = (os: string | null, more: Record<string, string> = {}) =>
      look([rule({ id: 'a', prior: 2, fix: [nft, ios, all] })], silent(V4, { 'vantage.os': os, ...more }))
        .causes[0]!.fixes;
    const given = (tasks: ReturnType<typeof fixes>) => tasks.map(({ who, system }) => [who, system]);
    expect(given(fixes('linux'))).toEqual([
      ['you', 'nftables'],
      ['network-admin', 'cisco-ios'],
      ['you', undefined],
    ]);
    expect(given(fixes('win32'))).toEqual([
      ['network-admin', 'cisco-ios'],
      ['you', undefined],
    ]);
    expect(given(fixes(null))).toHaveLength(3);
    // A target on this machine: everything is the reader's, and for the reader's system.
    expect(given(fixes('linux', { 'local.route': 'local' }))).toEqual([
      ['you', 'nftables'],
      ['you', undefined],
    ]);
  });

  test('the place is the first that holds and can be filled in', () => {
    const where = (place: Rule['place']) =>
      look([rule({ id: 'a', prior: 2, place })], silent(V4)).causes[0]?.where;
    expect(where([{ if: { 'ping.replies': true }, at: 'this-machine' }, { at: 'target' }])).toMatchObject({
      kind: 'target',
    });
    expect(where([{ at: 'stop' }, { at: 'this-machine' }])).toEqual({ kind: 'this-machine' });
    expect(where([{ at: 'nowhere' }, { at: 'target' }])).toBeNull();
    expect(where([])).toBeNull();
  });
});

describe('one cause, not its symptoms', () => {
  const deep = (prior: number, supersedes: string[]) => rule({ id: 'deep', prior, supersedes });
  const symptom = rule({ id: 'symptom', prior: 1 });

  test('the deeper cause takes over the share and lists what it explains', () => {
    const { causes } = look([deep(1, ['symptom']), symptom], silent(V4));
    expect(causes).toHaveLength(1);
    expect(causes[0]).toMatchObject({
      id: 'deep',
      explains: [{ id: 'symptom', title: 'The cause symptom', address: V4 }],
    });
    expect(causes[0]?.confidence).toBeCloseTo((2 * Math.E) / (2 * Math.E + 1), 2);
  });

  test('a faint suspicion hides nothing', () => {
    const { causes } = look([deep(0, ['symptom']), symptom], silent(V4));
    expect(causes.map((c) => c.id)).toEqual(['symptom', 'deep']);
    expect(causes.flatMap((c) => c.explains)).toEqual([]);
  });

  test('what a symptom explains is explained with it', () => {
    const chain = [deep(3, ['middle']), rule({ id: 'middle', prior: 2, supersedes: ['symptom'] }), symptom];
    const { causes } = look(chain, silent(V4));
    expect(causes.map((c) => [c.id, c.explains.map((e) => e.id)])).toEqual([['deep', ['middle', 'symptom']]]);
  });

  test('two that name each other end with one', () => {
    const circle = [
      rule({ id: 'a', prior: 1, supersedes: ['b'] }),
      rule({ id: 'b', prior: 1, supersedes: ['a'] }),
    ];
    expect(look(circle, silent(V4)).causes.map((c) => c.id)).toEqual(['a']);
  });

  test('an equal that stands already is taken over with its own symptoms', () => {
    const rules = [
      rule({ id: 'a', prior: 2, supersedes: ['c'] }),
      rule({ id: 'b', prior: 2, supersedes: ['a'] }),
      rule({ id: 'c', prior: 1 }),
    ];
    const { causes } = look(rules, silent(V4));
    expect(causes.map((c) => [c.id, c.explains.map((e) => e.id)])).toEqual([['b', ['a', 'c']]]);
  });

  test('a symptom that would not have been shown is no finding', () => {
    const { causes } = look([deep(4, ['faint']), rule({ id: 'faint', prior: -3 })], silent(V4));
    expect(causes[0]?.explains).toEqual([]);
  });
});

describe('several addresses', () => {
  test('that agree are one cause, about the first address, with the other one named', () => {
    const { causes } = look([drop, closed], silent(V4), silent(V6));
    expect(causes).toHaveLength(1);
    expect(causes[0]).toMatchObject({ id: 'drop', address: V4, confidence: 0.952 });
    expect(causes[0]?.because.at(-1)?.text).toBe(`The same is seen at ${V6}.`);
  });

  test('that differ for certain have a fault each, and the first one leads', () => {
    const { causes } = look([drop, closed], silent(V4), refused(V6));
    expect(causes.map((c) => [c.id, c.address, c.confidence])).toEqual([
      ['drop', V4, 0.5],
      ['closed', V6, 0.5],
    ]);
  });

  test('that may differ share, and the first one leads', () => {
    const [perhaps, maybe] = [drop, closed].map((one) => rule({ ...one, prior: 1 }));
    const { causes } = look([perhaps!, maybe!], silent(V4), refused(V6));
    expect(causes.map((c) => [c.id, c.address])).toEqual([
      ['drop', V4],
      ['closed', V6],
    ]);
    expect(causes[0]!.confidence + causes[1]!.confidence).toBeLessThanOrEqual(1);
  });

  test('the first one leads also where the other is clearer, which then claims no more', () => {
    const { causes } = look([rule({ ...drop, prior: -0.5 }), closed], silent(V4), refused(V6));
    expect(causes.map((c) => c.id)).toEqual(['drop', 'closed']);
    expect(causes[1]!.confidence).toBeLessThanOrEqual(causes[0]!.confidence);
  });

  test('one that works takes nothing from one that does not', () => {
    expect(shares([drop], open(V4), silent(V6))).toEqual({ drop: 0.952 });
    expect(look([drop], open(V4), silent(V6)).causes[0]?.address).toBe(V6);
  });

  test('a cause of the whole target is one finding without address and hides the symptoms at each', () => {
    const family = rule({
      id: 'family',
      scope: 'target',
      prior: 4,
      when: { port: 5432 },
      supersedes: ['drop'],
      evidence: [{ if: { 'tcp.outcome': 'timeout' }, weight: 1, say: 'Silent.' }],
    });
    const observations = [
      observation('tcp-1', 'tcp-connect', { address: V4, role: 'target' }),
      observation('tcp-2', 'tcp-connect', { address: V6, role: 'target' }),
    ];
    const views = [open(V4), silent(V6)].map((v) => ({ ...v, observations }));
    const { causes } = look([drop, family], ...views);
    expect(causes).toMatchObject([
      {
        id: 'family',
        address: null,
        explains: [{ id: 'drop', address: V6 }],
        because: [{ evidence: ['tcp-1', 'tcp-2'] }],
      },
    ]);
    expect(look([drop, family], silent(V4), silent(V6)).causes[0]?.explains.map((e) => e.address)).toEqual([
      V4,
      V6,
    ]);
  });

  test('a faint cause of the whole target does not lead over a clear one of the first address', () => {
    const family = rule({ id: 'family', scope: 'target', prior: 0, when: { port: 5432 } });
    expect(look([drop, family], silent(V4), refused(V6)).causes[0]?.id).toBe('drop');
  });

  test('names are about all addresses without saying so', () => {
    const name = rule({ id: 'name', layer: 'dns', prior: 3, when: { port: 5432 } });
    const { causes } = look([name], open(V4), open(V6));
    expect(causes).toMatchObject([{ id: 'name', address: null, confidence: 0.952 }]);
    expect(causes[0]?.because).toHaveLength(1);
  });

  test('without an address there is one view', () => {
    const name = rule({ id: 'name', layer: 'dns', prior: 3, when: { port: 5432 } });
    expect(look([name, drop], view(null, {})).causes.map((c) => [c.id, c.address])).toEqual([['name', null]]);
  });
});

describe('what it is not', () => {
  const down = rule({
    id: 'down',
    when: { 'tcp.outcome': 'timeout' },
    ruledOut: [{ if: { 'ping.replies': true }, say: '{target.address} answers ping.' }],
  });

  test('is said with the proof', () => {
    expect(look([drop, down], silent(V4, { 'ping.replies': true })).ruledOut).toEqual([
      { id: 'down', text: `${V4} answers ping.` },
    ]);
  });
  test('is not said for want of evidence', () => {
    expect(look([drop, down], silent(V4)).ruledOut).toEqual([]);
    expect(look([drop, down], silent(V4, { 'ping.replies': false })).ruledOut).toEqual([]);
  });
  test("is not said of all addresses on one address's proof", () => {
    expect(look([drop, down], silent(V4, { 'ping.replies': true }), silent(V6)).ruledOut).toEqual([]);
    expect(look([drop, down], silent(V4, { 'ping.replies': true }), open(V6)).ruledOut).toHaveLength(1);
  });
});

describe('what cannot be told apart', () => {
  const ask = { say: 'Both are silent from here.', decidedBy: 'tcpdump on the server.' };
  const one = rule({ id: 'one', prior: 2, confusedWith: [{ id: 'two', ...ask }] });
  const two = rule({
    id: 'two',
    prior: 1,
    confusedWith: [{ id: 'one', say: 'The same, said by two.', decidedBy: 'x' }],
  });

  test('is said once for a pair, in the words of the likelier', () => {
    expect(look([two, one], silent(V4)).cannotTell).toEqual([
      { text: 'Both are silent from here.', decidedBy: 'tcpdump on the server.' },
    ]);
  });
  test('is not said of a cause that hardly stands', () => {
    expect(look([rule({ ...one, prior: 5 }), two], silent(V4)).cannotTell).toEqual([]);
    expect(look([one], silent(V4)).cannotTell).toEqual([]);
  });
  test('is said of a cause that did not match where the rule knows that it may be', () => {
    const known = rule({ ...one, confusedWith: [{ id: 'two', if: { 'ping.replies': false }, ...ask }] });
    expect(look([known], silent(V4, { 'ping.replies': false })).cannotTell).toHaveLength(1);
    expect(look([known], silent(V4)).cannotTell).toEqual([]);
    const clear = rule({ id: 'clear', prior: 3 });
    expect(look([clear, known], silent(V4, { 'ping.replies': false })).cannotTell).toEqual([]);
    const proven = rule({ ...two, ruledOut: [{ if: { 'ping.replies': false }, say: 'It is not.' }] });
    expect(look([known, proven], silent(V4, { 'ping.replies': false })).cannotTell).toEqual([]);
  });

  const watch = {
    who: 'server-admin',
    do: 'Watch.',
    run: 'sudo tcpdump -ni any port {port}',
    expect: 'Nothing.',
  } as const;
  const other = { who: 'you', do: 'Look at it.', expect: 'It is whole.' } as const;
  const checks = (lead: Partial<Rule>, second: Partial<Rule> = {}) =>
    look([rule({ ...one, ...lead }), rule({ ...two, ...second })], silent(V4)).causes[0]?.verify.map(
      (v) => v.do,
    );

  test("the lead's check that splits it from the runner-up comes first", () => {
    expect(checks({ verify: [other, { ...watch, splits: ['two'] }] })).toEqual(['Watch.', 'Look at it.']);
    expect(
      checks({ verify: [other, { ...watch, splits: ['three'] }], confusedWith: [] }, { confusedWith: [] }),
    ).toEqual(['Look at it.', 'Watch.']);
  });
  test("else the runner-up's check that does", () => {
    expect(checks({ verify: [other] }, { verify: [{ ...watch, splits: ['one'] }] })).toEqual([
      'Watch.',
      'Look at it.',
    ]);
  });
  test('else the check that decidedBy names', () => {
    expect(checks({ verify: [other, watch] })).toEqual(['Watch.', 'Look at it.']);
  });
  test('else decidedBy itself', () => {
    const { causes } = look([rule({ ...one, verify: [other] }), two], silent(V4));
    expect(causes[0]?.verify[0]).toEqual({
      who: 'network-admin',
      do: 'tcpdump on the server.',
      run: null,
      expect: 'It tells "The cause one" from "The cause two".',
    });
  });
  test('without a runner-up the order is that of the rule', () => {
    const { causes } = look([rule({ ...one, verify: [other, { ...watch, splits: ['two'] }] })], silent(V4));
    expect(causes[0]?.verify.map((v) => v.run)).toEqual([null, 'sudo tcpdump -ni any port 5432']);
  });
});

describe('no claim beyond what is known', () => {
  const timeout = { if: { 'tcp.outcome': 'timeout' }, weight: 0.1, say: 'Silent.' };
  const equal = { say: 'They look the same.', decidedBy: 'tcpdump.' };

  test('a cause that only fits is no answer, however high its prior', () => {
    expect(shares([rule({ id: 'fits', prior: 6, evidence: [] })], silent(V4))).toEqual({ fits: 0.19 });
    expect(shares([rule({ id: 'speaks', prior: 6, evidence: [timeout] })], silent(V4))).toEqual({
      speaks: 0.99,
    });
  });

  const leads = (confusedWith: object[]) =>
    rule({ id: 'leads', prior: 4, evidence: [timeout], confusedWith: confusedWith as never });
  const other = (prior: number) => rule({ id: 'other', prior, evidence: [timeout] });

  test('a cause that names an equal without a share of its own is not very likely', () => {
    const named = leads([{ ...equal, id: 'other', if: { 'tcp.outcome': 'timeout' } }]);
    expect(shares([named, other(-4)], silent(V4)).leads).toBe(0.79);
  });

  test('an equal has a share of its own from 0.1 on', () => {
    const named = leads([{ ...equal, id: 'other', if: { 'tcp.outcome': 'timeout' } }]);
    const around = Array.from({ length: 80 }, (_, i) => 1 + i / 50).map((prior) => ({
      share: shares([leads([]), other(prior)], silent(V4)).other!,
      claims: shares([named, other(prior)], silent(V4)).leads!,
    }));
    const below = around.filter(({ share }) => share > 0.09 && share < 0.0995);
    const above = around.filter(({ share }) => share > 0.1005 && share < 0.11);
    expect(Math.min(below.length, above.length)).toBeGreaterThan(0);
    expect(below.map(({ claims }) => claims)).toEqual(below.map(() => 0.79));
    expect(Math.min(...above.map(({ claims }) => claims))).toBeGreaterThan(0.8);
  });

  test('it claims what it has where the equal is ruled out, not considered, has its share, or is named for another case', () => {
    const named = leads([{ ...equal, id: 'other', if: { 'tcp.outcome': 'timeout' } }]);
    const elsewhere = leads([{ ...equal, id: 'other', if: { 'tcp.outcome': 'refused' } }]);
    const out = { ...other(-4), ruledOut: [{ if: { 'ping.replies': true }, say: 'Ping works.' }] } as Rule;
    expect(shares([named, out], silent(V4, { 'ping.replies': true })).leads).toBeGreaterThan(0.9);
    expect(shares([named], silent(V4)).leads).toBeGreaterThan(0.9);
    expect(shares([named, other(2)], silent(V4)).leads).toBeGreaterThan(0.8);
    expect(shares([elsewhere, other(-4)], silent(V4)).leads).toBeGreaterThan(0.9);
  });

  test('equals that are about as likely are tied; one that is far behind, or no equal, is not', () => {
    const ties = (...rules: Rule[]) =>
      look(rules, silent(V4))
        .causes.filter(({ tie }) => tie === true)
        .map(({ id }) => id);
    const named = leads([{ ...equal, id: 'other' }]);
    expect(ties(named, other(3.8))).toEqual(['leads', 'other']);
    expect(ties(named, other(2))).toEqual([]);
    expect(ties(leads([]), other(3.8))).toEqual([]);
  });
});

describe('where no address serves', () => {
  const hung = rule({ id: 'hung', prior: 3, when: { 'tcp.outcome': 'open' } });
  const TABLE_TOO = {
    ...TABLE,
    'service.noAddressServes': { type: 'boolean', meaning: 'None serves.', from: [] },
  } as const;
  const lead = (served: boolean | null) => {
    const known = { 'service.noAddressServes': served };
    const views = [
      view(V6, { 'tcp.outcome': 'refused', ...known }),
      view(V4, { 'tcp.outcome': 'open', ...known }),
    ];
    return judge([closed, hung], views, TABLE_TOO).causes.map(({ id }) => id);
  };

  test('the fault of the one that accepts comes first, for programs stay there', () => {
    expect(lead(true)).toEqual(['hung', 'closed']);
  });

  test('else the order of the addresses decides', () => {
    expect(lead(false)).toEqual(['closed', 'hung']);
    expect(lead(null)).toEqual(['closed', 'hung']);
  });
});
