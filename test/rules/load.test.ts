import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadRules, mergeRules, parseRule, problemText } from '../../src/judge/rules/load.ts';
import { rule, TABLE } from './small.ts';

const GOOD = `id: a-cause
title: TCP {port} of {host}
layer: path
owner: network-admin
about: What it is.
when: { tcp.outcome: timeout }
prior: -1
priorReason: Seldom.
place:
  - { if: { ping.replies: true }, at: stop }
  - at: nowhere
evidence:
  - if: { path.target.lastHop: { lessThan: path.reference.lastHop } }
    weight: 3
    say: Last seen at hop {path.target.lastHop}.
    reason: Measured.
fix:
  - who: network-admin
    do: Allow TCP {port}.
    run: nft add rule {port}
  - { who: server-admin, system: ufw, do: Allow it., run: "ufw allow {port}/tcp" }
verify:
  - who: server-admin
    do: Watch.
    run: tcpdump port {port}
    expect: No packets.
    splits: [host-down]
ruledOut:
  - if: { tcp.outcome: open }
    say: It is open.
confusedWith:
  - { id: host-down, say: Both are silent., decidedBy: Ask. }
supersedes: [path-loss]
`;

const OTHERS = ['host-down', 'path-loss'];
const others = { rules: OTHERS.map((id) => rule({ id })), shared: { conditions: {}, proofs: {} } };

const load = (text: string, file = 'rules/path/a-cause.yaml', ids?: string[]) =>
  parseRule(text, file, TABLE, ids === undefined ? {} : { knownIds: [...OTHERS, ...ids] });
const messages = async (text: string, file?: string, ids?: string[]) =>
  (await load(text, file, ids)).problems.map(problemText);

test('a whole rule loads', async () => {
  const { rule, problems } = await load(GOOD, undefined, []);
  expect(problems).toEqual([]);
  expect(rule).toMatchObject({
    id: 'a-cause',
    when: { 'tcp.outcome': 'timeout' },
    place: [{ if: { 'ping.replies': true }, at: 'stop' }, { at: 'nowhere' }],
    evidence: [{ if: { 'path.target.lastHop': { lessThan: 'path.reference.lastHop' } }, weight: 3 }],
    fix: [{ run: 'nft add rule {port}' }, { system: 'ufw' }],
    verify: [{ splits: ['host-down'] }],
    confusedWith: [{ id: 'host-down', say: 'Both are silent.', decidedBy: 'Ask.' }],
    supersedes: ['path-loss'],
  });
});

test('a rule without the optional keys has empty lists', async () => {
  const { rule } = await load(GOOD.slice(0, GOOD.indexOf('ruledOut:')));
  expect(rule).toMatchObject({ ruledOut: [], confusedWith: [], supersedes: [] });
  expect(rule).not.toHaveProperty('scope');
});

describe('what must not load, and what is said', () => {
  // § stands before the place that the next message points at; a message with a place of its own has it in front.
  const bad: [name: string, from: string, to: string, ...messages: string[]][] = [
    [
      'an unknown key',
      'prior: -1',
      '§piror: -1',
      'a rule has no key "piror"; the nearest known is "prior"',
      '1:1: a rule lacks "prior"',
    ],
    [
      'an unknown key of evidence',
      '- if: { path.target.lastHop: { lessThan: path.reference.lastHop } }\n    weight: 3',
      '- if: { port: 1 }\n    §wieght: 3',
      'evidence has no key "wieght"; the nearest known is "weight"',
      '13:5: evidence lacks "weight"',
    ],
    [
      'an unknown fact',
      '{ tcp.outcome: timeout }',
      '{ §tcp.outcom: timeout }',
      'unknown fact "tcp.outcom"; the nearest known is "tcp.outcome"',
    ],
    [
      'a fact without its beginning',
      '{ tcp.outcome: timeout }',
      '{ §reference.lastHop: 3 }',
      'unknown fact "reference.lastHop"; the nearest known is "path.reference.lastHop"',
    ],
    [
      'a fact that only Object.prototype knows',
      '{ tcp.outcome: timeout }',
      '{ §__proto__: 1, §toString: 2 }',
      'unknown fact "__proto__"',
      'unknown fact "toString"',
    ],
    [
      'a word that the fact never is',
      'tcp.outcome: timeout',
      'tcp.outcome: §timedout',
      'tcp.outcome is never "timedout"; the nearest known is "timeout" (one of open, refused, timeout)',
    ],
    [
      'such a word in a list',
      'tcp.outcome: timeout',
      'tcp.outcome: { in: [timeout, §opne] }',
      'tcp.outcome is never "opne"; the nearest known is "open" (one of open, refused, timeout)',
    ],
    [
      'such a word under not',
      'tcp.outcome: timeout',
      'tcp.outcome: { not: §shut }',
      'tcp.outcome is never "shut" (one of open, refused, timeout)',
    ],
    [
      'text where a number is',
      'ping.replies: true',
      'port: §"443"',
      'port is a number, not the string "443"',
    ],
    [
      'a number where text is',
      'ping.replies: true',
      'host: §1.10',
      'host is a string, not the number 1.1: write "1.10"',
    ],
    [
      'the word yes, which YAML 1.2 reads as text',
      'ping.replies: true',
      'ping.replies: §yes',
      'ping.replies is a boolean, not the string "yes"',
    ],
    [
      'a comparison with nothing',
      'ping.replies: true',
      'ping.replies: §null',
      'nothing equals "not measured": write `ping.replies: { measured: false }`',
    ],
    [
      'an unknown comparison',
      '{ lessThan: path.reference.lastHop }',
      '{ §lesThan: path.reference.lastHop }',
      'unknown comparison "lesThan"; the nearest known is "lessThan" (one of not, notKnownToBe, in, measured, above, below, atLeast, atMost, equals, moreThan, lessThan)',
    ],
    [
      'a comparison with an unknown fact',
      'lessThan: path.reference.lastHop',
      'lessThan: §path.referense.lastHop',
      '"lessThan" needs the name of a fact; unknown fact "path.referense.lastHop"; the nearest known is "path.reference.lastHop"',
    ],
    [
      'a comparison of two kinds',
      'lessThan: path.reference.lastHop',
      'equals: §host',
      'path.target.lastHop is a number and host is a string: they are never equal',
    ],
    [
      'an order of words',
      '{ tcp.outcome: timeout }',
      '{ tcp.outcome: { §above: 3 } }',
      '"above" compares numbers, and tcp.outcome is a string',
    ],
    [
      'a number test without a number',
      '{ lessThan: path.reference.lastHop }',
      '{ above: §many, below: §.inf }',
      '"above" needs a number, not the string "many"',
      '"below" needs a number, not the number Infinity',
    ],
    [
      'measured of something else',
      '{ lessThan: path.reference.lastHop }',
      '{ measured: §3 }',
      '"measured" is true or false, not the number 3',
    ],
    [
      'a group that is no list',
      '{ tcp.outcome: timeout }',
      '{ all: §{ ping.replies: true } }',
      'expected a list (lines that begin with "- "), not a map',
    ],
    ['a group of nothing', '{ tcp.outcome: timeout }', '{ none: §[] }', '"none" of nothing'],
    [
      'a group under a name that is none',
      '{ tcp.outcome: timeout }',
      '{ §al: [{ ping.replies: true }] }',
      'unknown fact "al"; the nearest known is "all"',
    ],
    ['an empty condition', '{ tcp.outcome: timeout }', '§{}', 'an empty condition would always be true'],
    [
      'an empty comparison',
      'tcp.outcome: timeout',
      'tcp.outcome: §{}',
      'an empty comparison would always be true',
    ],
    [
      'a condition that is a word',
      '{ tcp.outcome: timeout }',
      '§timeout',
      'a condition is a map (`fact: value`, all, any, none, is), not the string "timeout"',
    ],
    [
      'a condition without end',
      '{ tcp.outcome: timeout }',
      `${'{ all: ['.repeat(9)}§{ port: 1 }${'] }'.repeat(9)}`,
      'this condition is too deeply nested',
    ],
    [
      'an unknown placeholder, at its place in the text',
      'Last seen at hop {path.target.lastHop}.',
      'Seen at §{path.target.lasthop}.',
      'unknown placeholder "path.target.lasthop"; the nearest known is "path.target.lastHop"',
    ],
    [
      'an unknown placeholder with words for the unknown',
      'Allow TCP {port}.',
      'Allow {port} §{prot|it}.',
      'unknown placeholder "prot"; the nearest known is "port"',
    ],
    [
      'an unknown place',
      'at: stop',
      'at: §stp',
      'unknown place "stp"; the nearest known is "stop" (one of this-machine, resolver, silent-resolver, target, stop, refuser, before-host, acceptor, loop, mtu, cut, nowhere)',
    ],
    [
      'an unknown layer',
      'layer: path',
      'layer: §paht',
      'unknown layer "paht"; the nearest known is "path" (one of local, dns, path, host, service)',
    ],
    [
      'an unknown owner',
      'owner: network-admin',
      'owner: §server-admn',
      'unknown owner "server-admn"; the nearest known is "server-admin" (one of you, network-admin, server-admin, dns-admin, service-owner)',
    ],
    [
      'an unknown scope',
      'owner: network-admin',
      'owner: network-admin\nscope: §targets',
      'unknown scope "targets"; the nearest known is "target" (one of address, target)',
    ],
    [
      'another id than the file',
      'id: a-cause',
      'id: §another',
      'the file is named "a-cause.yaml", so the id must be "a-cause"',
    ],
    [
      'an id with capitals',
      'id: a-cause',
      'id: §A_Cause',
      'an id is lower-case words with hyphens, not "A_Cause"',
      '1:5: the file is named "a-cause.yaml", so the id must be "a-cause"',
    ],
    [
      'a cause that names itself',
      'supersedes: [path-loss]',
      'supersedes: [§a-cause]',
      'a cause cannot name itself here',
    ],
    [
      'an unknown cause to supersede',
      'supersedes: [path-loss]',
      'supersedes: [§path-los]',
      'unknown cause "path-los"; the nearest known is "path-loss"',
    ],
    [
      'an unknown cause to be confused with',
      '{ id: host-down',
      '{ id: §host-dwon',
      'unknown cause "host-dwon"; the nearest known is "host-down"',
    ],
    [
      'an unknown cause to split from',
      'splits: [host-down]',
      'splits: [§host-dwon]',
      'unknown cause "host-dwon"; the nearest known is "host-down"',
    ],
    [
      'a weight without bounds',
      'weight: 3',
      'weight: §30',
      'expected log-odds between -10 and 10, not the number 30',
    ],
    [
      'a weight that is no number',
      'weight: 3',
      'weight: §.nan',
      'expected log-odds between -10 and 10, not the number NaN',
    ],
    [
      'a weight of nothing',
      'weight: 3',
      'weight: §0',
      'a weight of 0 says nothing: leave this evidence out, or weigh it',
    ],
    [
      'a cause twice in a list',
      'supersedes: [path-loss]',
      'supersedes: [path-loss, §path-loss]',
      'this stands here twice, first in line 33',
    ],
    [
      'a condition twice in a group, its keys in another order',
      '{ tcp.outcome: timeout }',
      '{ any: [{ port: 1, ping.replies: true }, §{ ping.replies: true, port: 1 }] }',
      'this stands here twice, first in line 6',
    ],
    [
      'a condition beside a group and in it',
      '{ tcp.outcome: timeout }',
      '§{ tcp.outcome: timeout, all: [{ tcp.outcome: timeout }] }',
      '"tcp.outcome" is asked twice: beside "all" and in it',
    ],
    [
      'evidence twice, with other words',
      '    reason: Measured.',
      '    reason: Measured.\n  - §if: { path.target.lastHop: { lessThan: path.reference.lastHop } }\n    weight: 1\n    say: Again.',
      'this stands here twice, first in line 13',
    ],
    [
      'a proof twice',
      '    say: It is open.',
      '    say: It is open.\n  - §if: { tcp.outcome: open }\n    say: It accepts.',
      'this stands here twice, first in line 29',
    ],
    ['an unknown named condition', '{ tcp.outcome: timeout }', '{ is: §silnt }', 'unknown condition "silnt"'],
    [
      'an unknown proof',
      '  - if: { tcp.outcome: open }\n    say: It is open.',
      '  - proof: §port-opn',
      'unknown proof "port-opn"',
    ],
    ['an empty text', 'priorReason: Seldom.', 'priorReason: §""', 'this text is empty'],
    ['a key without value', 'priorReason: Seldom.', 'priorReason: §', 'expected a text, not nothing'],
    [
      'a list that is a text',
      'supersedes: [path-loss]',
      'supersedes: §path-loss',
      'expected a list (lines that begin with "- "), not the string "path-loss"',
    ],
    ['a key twice', 'prior: -1', 'prior: -1\n§prior: -2', 'this key is there twice'],
    ['a tab', 'prior: -1', 'prior:\n§\t- 1', 'Tabs are not allowed as indentation'],
    ['an anchor', 'prior: -1', 'prior: &p §-1', 'anchors (&name) are not allowed in rules'],
    [
      'an alias',
      'evidence:\n',
      'evidence:\n  - &e §{ if: { ping.replies: true }, weight: 1, say: x }\n  - §*e\n',
      'anchors (&name) are not allowed in rules',
      'aliases (*name) are not allowed in rules',
    ],
    ['a tag', 'prior: -1', 'prior: §!!js/function -1', 'Unresolved tag'],
    [
      'a second document',
      'supersedes: [path-loss]',
      'supersedes: []\n§---\nid: b',
      'one rule a file: a second document starts here',
    ],
  ];
  test.each(bad)('%s', async (_, from, to, ...expected) => {
    expect(GOOD).toContain(from);
    const marked = GOOD.replace(from, to);
    const places = [...marked.matchAll(/§/g)].map((match) => {
      const lines = marked.slice(0, match.index).replaceAll('§', '').split('\n');
      return `${lines.length}:${lines.at(-1)!.length + 1}: `;
    });
    const said = await messages(marked.replaceAll('§', ''), undefined, []);
    expect(said).toEqual(
      expected.map((message) => {
        const place = /^\d+:\d+: /.test(message) ? '' : places.shift();
        return `rules/path/a-cause.yaml:${place}${message}`;
      }),
    );
  });

  test('a rule with a mistake of its own is not made; one that names an unknown cause is', async () => {
    expect((await load(GOOD.replace('weight: 3', 'weight: x'))).rule).toBeNull();
    expect((await load(GOOD.replace('path-loss', 'nonsense'), undefined, [])).rule).not.toBeNull();
  });

  test('a text that is no map', async () => {
    expect(await messages('')).toEqual([
      expect.stringMatching(/^rules\/path\/a-cause\.yaml:1:1: a rule is a map of keys \(id, /),
    ]);
    expect(await messages('- a\n')).toEqual([expect.stringContaining('not a list')]);
  });
});

describe('hostile text costs a sentence', () => {
  test('more than 256 KiB', async () => {
    expect(await messages('#'.repeat(256 * 1024 + 1))).toEqual([
      'rules/path/a-cause.yaml: the file is larger than 256 KiB',
    ]);
  });
  test.each([
    ['lists', 100_000, '[', ''],
    ['maps', 50_000, '{a: ', ''],
    ['closed lists', 1000, '[', ']'],
  ])('deeply nested %s', async (_, depth, open, close) => {
    const said = await messages(open.repeat(depth) + close.repeat(depth));
    expect(said.length).toBeGreaterThan(0);
    expect(said.at(0)).toMatch(/too deeply nested/);
  });
  test('many small mistakes are all told, once each', async () => {
    const said = await messages(GOOD.replace('evidence:\n', `evidence:\n${'  - {}\n'.repeat(100)}`));
    expect(said).toHaveLength(100);
  });
});

describe('a folder of rules', () => {
  let dir: string;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'reachdoctor-rules-'));
    await mkdir(join(dir, 'path/deeper'), { recursive: true });
    await mkdir(join(dir, 'host'));
    const named = (id: string) =>
      GOOD.replace('id: a-cause', `id: ${id}`).replace('[path-loss]', '[b-cause]');
    await writeFile(join(dir, 'path/deeper/b-cause.yaml'), named('b-cause').replace('[b-cause]', '[]'));
    await writeFile(join(dir, 'path/a-cause.yaml'), named('a-cause'));
    await writeFile(join(dir, 'host/a-cause.yaml'), named('a-cause'));
    await writeFile(
      join(dir, 'host/c-cause.yaml'),
      named('c-cause').replace('[b-cause]', '[d-cause, nonsense]'),
    );
    await writeFile(join(dir, 'host/e-cause.yml'), named('e-cause'));
    await writeFile(join(dir, 'README.md'), 'no rule');
  });
  afterAll(() => rm(dir, { recursive: true }));

  test('is read below, sorted by id, with every problem of every file', async () => {
    const { rules, problems } = await loadRules(dir, TABLE, others);
    expect(rules.map((r) => r.id)).toEqual(['a-cause', 'b-cause', 'c-cause']);
    expect(problems.map(problemText).map((text) => text.replaceAll(dir, 'DIR'))).toEqual([
      'DIR/host/e-cause.yml: rule files end in .yaml, so this one would be ignored',
      'DIR/path/a-cause.yaml: the cause "a-cause" is already in DIR/host/a-cause.yaml',
      'DIR/host/c-cause.yaml:33:14: unknown cause "d-cause"; the nearest known is "a-cause"',
      'DIR/host/c-cause.yaml:33:23: unknown cause "nonsense"',
    ]);
  });

  test('may name the causes of the built-in rules', async () => {
    const { problems } = await loadRules(dir, TABLE, {
      ...others,
      rules: [...others.rules, rule({ id: 'd-cause' }), rule({ id: 'nonsense' })],
    });
    expect(problems.filter(({ message }) => message.startsWith('unknown cause'))).toEqual([]);
  });

  test('that is not there is a problem, not an empty folder', async () => {
    const { problems } = await loadRules(join(dir, 'nowhere'), TABLE);
    expect(problems.map(problemText)).toEqual([`${dir}/nowhere: cannot read this folder of rules (ENOENT)`]);
  });
});

test("a user's rule replaces the built-in one of its id, others are added", () => {
  const builtIn = [rule({ id: 'a' }), rule({ id: 'b' })];
  const own = [rule({ id: 'c' }), rule({ id: 'b', title: 'Mine' })];
  expect(mergeRules(builtIn, own).map((r) => `${r.id}: ${r.title}`)).toEqual([
    'a: The cause a',
    'b: Mine',
    'c: The cause c',
  ]);
});
