import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadRules, parseRule, parseShared } from '../../../src/judge/rules/load.ts';
import { outcomesOf } from '../../../src/judge/rules/outcomes.ts';
import { sentence } from '../../../src/judge/rules/template.ts';
import { TABLE } from '../../rules/small.ts';

/** How much of everything a file of rules may hold, and how numbers stand in sentences: both sides of each limit. */
const text = ({ id = 'mine', when = '{ tcp.outcome: timeout }' }) => `id: ${id}
title: Mine
layer: path
owner: you
about: A cause.
when: ${when}
prior: 0
priorReason: None.
place: [{ at: nowhere }]
evidence: [{ if: { ping.replies: true }, weight: 1, say: Silent., reason: So. }]
fix: [{ who: you, do: Mend it. }]
verify: [{ who: you, do: Look., expect: Whole. }]
`;
const problems = async (given: Parameters<typeof text>[0]) =>
  (await parseRule(text(given), `${given.id ?? 'mine'}.yaml`, TABLE)).problems.map(({ message }) => message);

describe('a rule may have', () => {
  it.each([
    [64, 0],
    [65, 1],
  ])('an id of %i letters: %i problems', async (letters, many) => {
    expect(await problems({ id: 'a'.repeat(letters) })).toHaveLength(many);
  });
  it.each([
    ['[timeout]', []],
    ['[]', ['"in" an empty list is never true']],
  ])('a fact in a list: %s', async (list, said) => {
    expect(await problems({ when: `{ tcp.outcome: { in: ${list} } }` })).toEqual(said);
  });
  const nested = (groups: number) => `${'{ all: ['.repeat(groups)}{ port: 1 }${'] }'.repeat(groups)}`;
  it.each([
    [8, []],
    [9, ['this condition is too deeply nested']],
  ])('%i groups in each other', async (groups, said) => {
    expect(await problems({ when: nested(groups) })).toEqual(said);
  });
});

describe('a shared condition may have', () => {
  const tests = (many: number) => Array.from({ length: many }, (_, i) => `{ port: ${i} }`).join(', ');
  const said = async (condition: string) =>
    (await parseShared(`conditions: { mine: ${condition} }`, 'conditions.yaml', TABLE)).problems.map(
      ({ message }) => message,
    );
  const tooLarge = 'the condition "mine" is too large: more than 200 tests';
  it.each([
    [200, []],
    [201, [tooLarge]],
  ])('%i tests, those of its groups counted', async (many, expected) => {
    expect(await said(`{ any: [${tests(many)}] }`)).toEqual(expected);
    expect(await said(`{ host: here, any: [${tests(many - 1)}] }`)).toEqual(expected);
  });
  it('no text that is no YAML, which is one problem and changes nothing', async () => {
    const known = { conditions: { mine: { port: 1 } }, proofs: {} };
    const read = await parseShared('conditions: "mine', 'conditions.yaml', TABLE, { shared: known });
    expect([read.problems.length, read.shared]).toEqual([1, known]);
  });
});

describe('a folder of rules may have', () => {
  const folder = async (files: Record<string, string>) => {
    const dir = await mkdtemp(join(tmpdir(), 'reachdoctor-rules-'));
    try {
      for (const [path, content] of Object.entries(files)) {
        await mkdir(join(dir, path, '..'), { recursive: true });
        await writeFile(join(dir, path), content);
      }
      const read = await loadRules(dir, TABLE);
      return [read.rules.map(({ id }) => id), read.problems.map(({ message }) => message)];
    } finally {
      await rm(dir, { recursive: true });
    }
  };
  it('folders in it, six deep', async () => {
    expect(await folder({ '1/2/3/4/5/6/mine.yaml': text({}) })).toEqual([['mine'], []]);
    expect(await folder({ '1/2/3/4/5/6/7/mine.yaml': text({}) })).toEqual([
      [],
      ['this folder is too deep for rules'],
    ]);
  });
  it('its rules in any order: they stand by their ids, and the first file has the cause', async () => {
    const [ids, said] = await folder({
      'path/a.yaml': text({ id: 'a' }),
      'dns/c.yaml': text({ id: 'c' }),
      'host/b.yaml': text({ id: 'b' }),
      'service/a.yaml': text({ id: 'a' }),
    });
    expect(ids).toEqual(['a', 'b', 'c']);
    expect(said).toEqual([expect.stringMatching(/the cause "a" is already in .*\/path\/a\.yaml/)]);
  });
});

it.each([
  ['Silence: it is dropped.', null],
  [
    'Silence: it is dropped. Answers: it is open.',
    [
      { see: 'Silence', means: 'it is dropped' },
      { see: 'Answers', means: 'it is open' },
    ],
  ],
])('what may be seen is a table from two rows on: %s', (expected, rows) => {
  expect(outcomesOf({ who: 'you', do: 'Look.', expect: expected })).toEqual(rows);
});

it.each([
  [0.994, '0.99'],
  [1.26, '1.3'],
  [95.44, '95.4'],
  [99.94, '99.9'],
  [100.4, '100'],
  [104.4, '104'],
  [-0.126, '-0.13'],
  [7, '7'],
])('%d stands as %s in a sentence', (value, words) => {
  expect(sentence('{rtt.ms}', { 'rtt.ms': value })).toBe(words);
});
