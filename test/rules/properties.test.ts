import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { judgeCondition } from '../../src/judge/rules/condition.ts';
import { judge } from '../../src/judge/rules/judge.ts';
import { parseRule } from '../../src/judge/rules/load.ts';
import { matchRules } from '../../src/judge/rules/match.ts';
import { sharesOf } from '../../src/judge/rules/rank.ts';
import { commandLine, sentence } from '../../src/judge/rules/template.ts';
import type { FactDefinition, Facts, FactValue } from '../../src/model/facts.ts';
import type { Condition, Rule } from '../../src/model/rule.ts';
import { anySign } from '../any-sign.ts';
import { rule, TABLE, view } from './small.ts';

// Small worlds, so that a few hundred of them meet most of what can happen.
const RUNS = { numRuns: 300 };

const NAMES = Object.keys(TABLE) as (keyof typeof TABLE)[];
const anyValueOf = (fact: FactDefinition): fc.Arbitrary<FactValue> =>
  fact.type === 'boolean'
    ? fc.boolean()
    : fact.type === 'number'
      ? fc.integer({ min: 0, max: 4 })
      : fc.constantFrom(...(fact.values ?? ['a', 'b']));

const factsArbitrary: fc.Arbitrary<Facts> = fc.record(
  Object.fromEntries(NAMES.map((name) => [name, fc.option(anyValueOf(TABLE[name]), { nil: null, freq: 3 })])),
);

const oneFact: fc.Arbitrary<Condition> = fc.oneof(
  ...NAMES.map((name) => {
    const fact: FactDefinition = TABLE[name];
    const value = anyValueOf(fact);
    const number = fc.integer({ min: 0, max: 4 });
    const others = NAMES.filter((other) => TABLE[other].type === fact.type);
    const tests: fc.Arbitrary<Condition[string]>[] = [
      value,
      fc.record({ not: value }),
      fc.record({ in: fc.array(value, { minLength: 1, maxLength: 3 }) }),
      fc.record({ equals: fc.constantFrom(...others) }),
    ];
    if (fact.type === 'number') {
      tests.push(
        fc.record({ above: number, below: number }),
        fc.record({ atLeast: number }),
        fc.record({ atMost: number }),
        fc.record({ moreThan: fc.constantFrom(...others) }),
        fc.record({ lessThan: fc.constantFrom(...others) }),
      );
    }
    return fc.oneof(...tests).map((test) => ({ [name]: test }));
  }),
);
/** Conditions without `measured`, which is the one test that looks at ignorance itself. */
const { condition } = fc.letrec<{ condition: Condition }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    oneFact,
    fc.tuple(oneFact, oneFact).map(([a, b]) => ({ ...a, ...b })),
    ...(['all', 'any', 'none'] as const).map((group) =>
      fc.array(tie('condition'), { minLength: 1, maxLength: 3 }).map((parts) => ({ [group]: parts })),
    ),
  ),
}));

const IDS = ['a', 'b', 'c', 'd', 'e'];
const rulesArbitrary: fc.Arbitrary<Rule[]> = fc.tuple(
  ...IDS.map((id) =>
    fc
      .record({
        when: condition,
        prior: fc.integer({ min: -4, max: 4 }),
        scope: fc.constantFrom('address' as const, 'target' as const),
        evidence: fc.array(
          fc.record({
            if: condition,
            weight: fc.constantFrom(-5, -1, 1, 5),
            say: fc.constantFrom('one', 'two'),
          }),
          { maxLength: 3 },
        ),
        ruledOut: fc.array(fc.record({ if: condition, say: fc.constant('no') }), { maxLength: 1 }),
        supersedes: fc.subarray(IDS),
        confusedWith: fc
          .subarray(IDS, { maxLength: 2 })
          .map((ids) => ids.map((other) => ({ id: other, say: `${id} or ${other}`, decidedBy: 'x' }))),
      })
      .map((part) => rule({ id, ...part })),
  ),
);
const viewsArbitrary = fc
  .array(factsArbitrary, { minLength: 1, maxLength: 3 })
  .map((all) => all.map((known, i) => view(`192.0.2.${i}`, known)));

/** The same facts with some of them forgotten. */
const forgetting = fc
  .tuple(factsArbitrary, fc.subarray(NAMES as string[]))
  .map(
    ([known, gone]) =>
      [known, { ...known, ...Object.fromEntries(gone.map((name) => [name, null])) }] as const,
  );

describe('what was not measured', () => {
  test('never turns true into false or false into true', () => {
    fc.assert(
      fc.property(condition, forgetting, (one, [known, less]) => {
        const before = judgeCondition(one, known).truth;
        const after = judgeCondition(one, less).truth;
        return after === before || after === null;
      }),
      { numRuns: 3000 },
    );
  });

  test('speaks for nothing, against nothing, and rules nothing out', () => {
    fc.assert(
      fc.property(rulesArbitrary, forgetting, (rules, [known, less]) => {
        const gateless = rules.map((r) => ({ ...r, when: { host: 'db.example' }, ruledOut: [] }));
        const matched = (facts: Facts) =>
          matchRules(gateless, view(null, { ...facts, host: 'db.example' }), TABLE);
        const [more, fewer] = [matched(known), matched(less)];
        fewer.forEach(({ because, against }, i) => {
          const weights = gateless[i]!.evidence;
          const said = (text: string, list: { text: string }[]) => list.filter((s) => s.text === text).length;
          for (const { say } of weights) {
            expect(said(say, because)).toBeLessThanOrEqual(said(say, more[i]!.because));
            expect(said(say, against)).toBeLessThanOrEqual(said(say, more[i]!.against));
          }
        });
        const out = (facts: Facts) =>
          rules.filter((r) => r.ruledOut.some((entry) => judgeCondition(entry.if, facts).truth === true));
        expect(out(known)).toEqual(expect.arrayContaining(out(less)));
      }),
      RUNS,
    );
  });

  test('when nothing was measured, nothing is concluded', () => {
    fc.assert(
      fc.property(rulesArbitrary, (rules) => {
        const nothing = Object.fromEntries(NAMES.map((name) => [name, null]));
        expect(judge(rules, [{ address: null, facts: nothing, observations: [] }], TABLE)).toEqual({
          causes: [],
          ruledOut: [],
          cannotTell: [],
        });
      }),
      RUNS,
    );
  });

  test('only facts that are null are named by what is unknown, and only known ones otherwise', () => {
    fc.assert(
      fc.property(condition, factsArbitrary, (one, known) => {
        const { truth, used } = judgeCondition(one, known);
        if (truth === null) expect(used.some((name) => known[name] === null)).toBe(true);
        else for (const name of used) expect(known[name]).not.toBeNull();
      }),
      RUNS,
    );
  });
});

describe('a judgement', () => {
  const judged = fc.tuple(rulesArbitrary, viewsArbitrary).map(([rules, views]) => ({
    rules,
    views,
    ...judge(rules, views, TABLE),
  }));

  test('claims at most one whole, best first, nobody twice', () => {
    fc.assert(
      fc.property(judged, ({ causes }) => {
        const sumOf = (some: typeof causes): number => some.reduce((sum, c) => sum + c.confidence, 0);
        expect(sumOf(causes)).toBeLessThanOrEqual(1 + 1e-9);
        expect(causes.map((c) => c.confidence)).toEqual(
          causes.map((c) => c.confidence).sort((a, b) => b - a),
        );
        expect(new Set(causes.map((c) => c.id)).size).toBe(causes.length);
        for (const cause of causes) expect(cause.confidence).toBeGreaterThanOrEqual(0.02);
      }),
      RUNS,
    );
  });

  test('never both names a cause and rules it out', () => {
    fc.assert(
      fc.property(judged, ({ causes, ruledOut }) => {
        const named = causes.flatMap((c) => [c.id, ...c.explains.map((e) => e.id)]);
        for (const { id } of ruledOut) expect(named).not.toContain(id);
      }),
      RUNS,
    );
  });

  test('is the same whatever the order of the rules', () => {
    fc.assert(
      fc.property(judged, fc.integer({ min: 1, max: 4 }), ({ rules, views, causes, cannotTell }, by) => {
        const turned = judge([...rules.slice(by), ...rules.slice(0, by)], views, TABLE);
        expect(turned.causes).toEqual(causes);
        expect(turned.cannotTell).toEqual(cannotTell);
      }),
      RUNS,
    );
  });

  test('says each pair that cannot be told apart once', () => {
    fc.assert(
      fc.property(judged, ({ cannotTell }) => {
        const pairs = cannotTell.map(({ text }) => text.split(' or ').sort().join());
        expect(new Set(pairs).size).toBe(pairs.length);
      }),
      RUNS,
    );
  });
});

test('shares of one whole: each within 0 and 1, together at most 1, in the order of the log-odds', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { maxLength: 12 }), (logOdds) => {
      const shares = sharesOf(logOdds);
      expect(shares.reduce((sum, x) => sum + x, 0)).toBeLessThanOrEqual(1 + 1e-9);
      expect(shares.filter((share) => !(share >= 0 && share < 1))).toEqual([]);
      const turned = logOdds.flatMap((x, i) =>
        logOdds.flatMap((y, j) => (x > y && !(shares[i]! >= shares[j]!) ? [[x, y]] : [])),
      );
      expect(turned).toEqual([]);
    }),
    RUNS,
  );
});

describe('text from a stranger', () => {
  test('in a command is at most one plain word', () => {
    fc.assert(
      fc.property(fc.string({ unit: anySign }), (host) => {
        expect(commandLine('ping {host}', { host })).toMatch(
          /^ping ([A-Za-z0-9_.:/@%+][A-Za-z0-9_.:/@%+-]*)$/,
        );
      }),
      RUNS,
    );
  });
  test('in a sentence stays what it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: anySign }), (host) => {
        expect(sentence('<{host}>', { host })).toBe(`<${host}>`);
      }),
      RUNS,
    );
  });
});

test('whatever a rule file holds, it is a rule or a list of problems, never a throw', async () => {
  const words = fc.constantFrom(
    'id',
    'when',
    'all',
    'not',
    'tcp.outcome',
    '{',
    '}',
    '[',
    ']',
    ':',
    '- ',
    '\n',
    '  ',
    '|',
    '&a',
    '*a',
    '!!x',
    '"',
    '{port}',
    '<<',
    '0',
    'null',
  );
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        fc.string({ unit: anySign }),
        fc.array(words).map((w) => w.join('')),
      ),
      async (text) => {
        const { rule: made, problems } = await parseRule(text, 'rules/x.yaml', TABLE);
        expect(made === null).toBe(problems.length > 0);
      },
    ),
    { numRuns: 500 },
  );
});
