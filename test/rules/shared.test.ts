import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadRules, parseRule, parseShared, problemText } from '../../src/judge/rules/load.ts';
import type { Shared } from '../../src/model/rule.ts';
import { TABLE } from './small.ts';

const shared = async (text: string, known?: Shared) => {
  const read = await parseShared(
    text,
    'conditions.yaml',
    TABLE,
    known === undefined ? {} : { shared: known },
  );
  return { ...read, said: read.problems.map(problemText) };
};

const RULE = (when: string, more = '') => `id: mine
title: Mine
layer: path
owner: you
about: A cause.
when: ${when}
prior: 0
priorReason: None.
place: [{ at: nowhere }]
evidence: [{ if: { is: silent, ping.replies: true }, weight: 1, say: Silent., reason: So. }]
fix: [{ who: you, do: Mend it. }]
verify: [{ who: you, do: Look., expect: Whole. }]
${more}`;

const BOTH = `
conditions:
  near: { is: silent, path.target.lastHop: { atMost: 2 } }
  silent: { tcp.outcome: timeout }
proofs:
  answered:
    if: { none: [{ is: silent }] }
    say: TCP {port} was answered.
`;

test('conditions stand on each other, in any order, and proofs on them', async () => {
  const { shared: read, said } = await shared(BOTH);
  expect(said).toEqual([]);
  expect(read.conditions).toEqual({
    silent: { 'tcp.outcome': 'timeout' },
    near: { 'path.target.lastHop': { atMost: 2 }, all: [{ 'tcp.outcome': 'timeout' }] },
  });
  expect(read.proofs.answered).toEqual({
    if: { none: [{ 'tcp.outcome': 'timeout' }] },
    say: 'TCP {port} was answered.',
  });
});

test('a rule that uses them holds what stands there', async () => {
  const { shared: read } = await shared(BOTH);
  const { rule, problems } = await parseRule(
    RULE('{ is: [near, silent] }', 'ruledOut: [{ proof: answered, if: { port: 22 } }]'),
    'mine.yaml',
    TABLE,
    { shared: read },
  );
  expect(problems).toEqual([]);
  expect(rule?.when).toEqual({ all: [read.conditions.near, read.conditions.silent] });
  expect(rule?.evidence[0]?.if).toEqual({ 'ping.replies': true, all: [{ 'tcp.outcome': 'timeout' }] });
  expect(rule?.ruledOut).toEqual([
    { if: { all: [read.proofs.answered!.if, { port: 22 }] }, say: 'TCP {port} was answered.' },
  ]);
});

describe('what must not load, and what is said', () => {
  test.each<[string, string, string[]]>([
    [
      'a circle',
      'conditions:\n  a: { is: b }\n  b: { any: [{ is: c }, { port: 1 }] }\n  c: { is: a }\n',
      ['conditions.yaml:4:12: the condition "a" stands on itself: a -> b -> c -> a'],
    ],
    [
      'a condition of itself',
      'conditions:\n  a: { port: 1, is: a }\n',
      ['conditions.yaml:2:21: the condition "a" stands on itself: a -> a'],
    ],
    [
      'an unknown name',
      'conditions:\n  silent: { tcp.outcome: timeout }\n  b: { is: silnt }\n',
      ['conditions.yaml:3:12: unknown condition "silnt"; the nearest known is "silent"'],
    ],
    [
      'an unknown fact',
      'conditions:\n  a: { tcp.outcom: timeout }\n',
      ['conditions.yaml:2:8: unknown fact "tcp.outcom"; the nearest known is "tcp.outcome"'],
    ],
    [
      'a name that is no name',
      'conditions:\n  __proto__: { port: 1 }\n',
      ['conditions.yaml:2:3: a name is lower-case words with hyphens, not "__proto__"'],
    ],
    [
      'another key',
      'condition: {}\n',
      ['conditions.yaml:1:1: conditions.yaml has no key "condition"; the nearest known is "conditions"'],
    ],
    ['a list', 'conditions: [a]\n', ['conditions.yaml:1:13: "conditions" is a map of names, not a list']],
  ])('%s', async (_, text, expected) => {
    expect((await shared(text)).said).toEqual(expected);
  });

  test('conditions that grow without end', async () => {
    const text = Array.from(
      { length: 20 },
      (_, i) => `  c${i + 1}: { any: [{ is: c${i} }, { all: [{ is: c${i} }, { port: ${i} }] }] }\n`,
    ).join('');
    const { said } = await shared(`conditions:\n  c0: { port: 1 }\n${text}`);
    expect(said[0]).toContain('is too large: more than 200 tests');
  });
});

test("a user's rules may use the built-in conditions, and replace them for themselves", async () => {
  const dir = await mkdtemp(join(tmpdir(), 'reachdoctor-shared-'));
  const builtIn = { rules: [], shared: (await shared(BOTH)).shared };
  await mkdir(join(dir, 'path'));
  await writeFile(join(dir, 'path/mine.yaml'), RULE('{ is: near }'));
  const first = await loadRules(dir, TABLE, builtIn);
  expect(first.problems).toEqual([]);
  expect(first.rules[0]?.when).toEqual(builtIn.shared.conditions.near);

  await writeFile(join(dir, 'conditions.yaml'), 'conditions:\n  near: { port: 1 }\n');
  const second = await loadRules(dir, TABLE, builtIn);
  expect(second.problems).toEqual([]);
  expect(second.rules.map(({ id, when }) => [id, when])).toEqual([['mine', { port: 1 }]]);
  expect(builtIn.shared.conditions.near).not.toEqual({ port: 1 });

  await writeFile(join(dir, 'path/mine.yaml'), RULE('{ is: nera }'));
  const third = await loadRules(dir, TABLE, builtIn);
  expect(third.problems.map(problemText)).toEqual([
    `${dir}/path/mine.yaml:6:13: unknown condition "nera"; the nearest known is "near"`,
  ]);
  await rm(dir, { recursive: true });
});

describe('old names', () => {
  const oldNames = {
    facts: { 'tcp.result': 'tcp.outcome', gone: 'not.there' },
    words: { anywhere: 'nowhere' },
  };
  const read = (text: string) =>
    parseRule(text, 'mine.yaml', TABLE, {
      oldNames,
      shared: { conditions: { silent: { port: 1 } }, proofs: {} },
    });

  test('of facts and words work, with a notice at their place', async () => {
    const text = RULE('{ tcp.result: timeout }')
      .replace('say: Silent.', 'say: "It is {tcp.result|unknown}, {tcp.result}."')
      .replace('at: nowhere', 'at: anywhere');
    const { rule, problems, notices } = await read(text);
    expect(problems).toEqual([]);
    expect(rule?.when).toEqual({ 'tcp.outcome': 'timeout' });
    expect(rule?.evidence[0]?.say).toBe('It is {tcp.outcome|unknown}, {tcp.outcome}.');
    expect(rule?.place).toEqual([{ at: 'nowhere' }]);
    expect(notices.map(problemText)).toEqual([
      'mine.yaml:6:9: "tcp.result" is called "tcp.outcome" now; the old name works in this release for the last time',
      'mine.yaml:9:15: "anywhere" is called "nowhere" now; the old name works in this release for the last time',
      'mine.yaml:10:77: "tcp.result" is called "tcp.outcome" now; the old name works in this release for the last time',
    ]);
  });

  test('one whose new name is not there either is unknown', async () => {
    const { problems } = await read(RULE('{ gone: 1 }'));
    expect(problems.map(problemText)).toEqual([
      'mine.yaml:6:9: unknown fact "gone"; the nearest known is "none"',
    ]);
  });
});
