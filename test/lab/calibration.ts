/**
 * Are the confidences honest on faults that the weights have not seen? Every family of faults is judged with priors and
 * weights that were fitted to other families only, and the fit starts at, and is held near, what the rules say.
 *
 * Fitting uses a smooth stand-in for the product's ranking (softmax, causes counted with those that supersede them);
 * judging uses the product itself: `reportOf` with the fitted rules on the saved evidence, then the lab's judge.
 */

import { FACT_TABLE } from '../../src/judge/facts/index.ts';
import { reportOf, viewsOf } from '../../src/judge/report-of.ts';
import { isTrue } from '../../src/judge/rules/condition.ts';
import { matchRules } from '../../src/judge/rules/match.ts';
import { MOST_SHARE, sharesOf } from '../../src/judge/rules/rank.ts';
import type { Evidence } from '../../src/model/evidence.ts';
import type { Rule } from '../../src/model/rule.ts';
import { judge, truthFor, type Verdict } from './judge.ts';
import type { Truth } from './scenario.ts';

/** One run of the lab, kept so that it can be judged again with other weights. */
export interface Case {
  name: string;
  family: string;
  evidence: Evidence;
  truths: Truth | Truth[];
}

/** How far a weight is expected to be off, in log-odds: the fit pays (move / this)^2 / 2 for moving one. */
const EXPECTED_ERROR = 0.5;
/** What a claim of 0.1 above the scenario's limit costs, in units of log-loss. */
const COST_OF_OVERCLAIM = 0.5;
const ROUNDS = 150;
const RATE = 0.05;

/** A number of a rule: its prior (`at` null) or the weight of one piece of evidence. */
export interface Parameter {
  id: string;
  at: number | null;
}

/** One address of one run, as the fit sees it. */
interface View {
  part: number;
  /** Indices of the parameters that add up to each matching cause's log-odds. */
  terms: number[][];
  /** Whether the cause, or one that supersedes it, is acceptable. */
  right: boolean[];
  /** For each cause: itself and those that it would take over. */
  covers: number[][];
}
interface Sample {
  family: string;
  views: View[];
  limit: number;
  healthy: boolean;
}

interface Model {
  parameters: Parameter[];
  start: Float64Array;
  samples: Sample[];
}

export function parametersOf(rules: readonly Rule[]): Parameter[] {
  return rules.flatMap(({ id, evidence }) => [
    { id, at: null },
    ...evidence.map((_, at): Parameter => ({ id, at })),
  ]);
}

function modelOf(rules: readonly Rule[], cases: readonly Case[]): Model {
  const parameters = parametersOf(rules);
  const index = new Map(parameters.map(({ id, at }, i) => [`${id} ${at}`, i]));
  const byId = new Map(rules.map((rule) => [rule.id, rule]));
  const handSet = ({ id, at }: Parameter) => {
    const rule = byId.get(id);
    return (at === null ? rule?.prior : rule?.evidence[at]?.weight) ?? 0;
  };
  const samples = cases.map((one): Sample => {
    const truth = truthFor(judgedWith(rules, one), one.truths);
    const all = viewsOf(one.evidence).map((view) => ({ view, matches: matchRules(rules, view, FACT_TABLE) }));
    const failing = all.filter(({ matches }) => matches.length > 0);
    const views = failing.map(({ view, matches }, nth): View => {
      const covers = matches.map(({ rule }) => {
        const ids = supersededBy(
          rule,
          matches.map((match) => match.rule),
        );
        return matches.flatMap((other, i) => (other.rule === rule || ids.has(other.rule.id) ? [i] : []));
      });
      const acceptable = matches.map(({ rule }) => truth.causes.includes(rule.id));
      return {
        part: failing.length === 1 ? 1 : (nth === 0 ? 2 : 1) / (failing.length + 1),
        terms: matches.map(({ rule }) => [
          index.get(`${rule.id} null`) ?? 0,
          ...rule.evidence.flatMap((item, at) =>
            isTrue(item.if, view.facts) ? [index.get(`${rule.id} ${at}`) ?? 0] : [],
          ),
        ]),
        right: matches.map((_, i) => matches.some((_, j) => acceptable[j] && covers[j]?.includes(i))),
        covers,
      };
    });
    return {
      family: one.family,
      views,
      limit: Math.min(truth.maxConfidence ?? MOST_SHARE, MOST_SHARE),
      healthy: truth.causes.length === 0,
    };
  });
  return { parameters, start: Float64Array.from(parameters, handSet), samples };
}

function supersededBy(rule: Rule, among: readonly Rule[]): Set<string> {
  const covered = new Set<string>();
  const open = [...rule.supersedes];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (covered.has(id)) continue;
    covered.add(id);
    open.push(...(among.find((other) => other.id === id)?.supersedes ?? []));
  }
  return covered;
}

/** Log-loss of the acceptable causes plus the cost of claims above the limit; adds its gradient to `slope`. */
function lossOf(sample: Sample, weights: Float64Array, slope: Float64Array): void {
  const shares = sample.views.map(({ terms }) =>
    sharesOf(terms.map((at) => at.reduce((sum, i) => sum + (weights[i] ?? 0), 0))),
  );
  const massOf = (view: View, of: number[]) =>
    sample.healthy
      ? 1 - of.reduce((sum, share) => sum + share, 0)
      : of.reduce((sum, share, i) => sum + (view.right[i] ? share : 0), 0);
  const masses = sample.views.map((view, v) => massOf(view, shares[v] ?? []));
  const mass = Math.max(
    1e-6,
    sample.views.reduce((sum, { part }, v) => sum + part * (masses[v] ?? 0), 0),
  );
  sample.views.forEach((view, v) => {
    const of = shares[v] ?? [];
    const mine = masses[v] ?? 0;
    const push = (cause: number, amount: number) => {
      for (const i of view.terms[cause] ?? []) slope[i] = (slope[i] ?? 0) + amount;
    };
    of.forEach((share, i) => {
      const gain = sample.healthy ? -share * mine : share * ((view.right[i] ? 1 : 0) - mine);
      push(i, (-view.part * gain) / mass);
    });
    // The claim of the acceptable cause that claims most, with all that it takes over.
    const claims = view.covers.map((covered) => covered.reduce((sum, i) => sum + (of[i] ?? 0), 0));
    const lead = claims.reduce(
      (best, claim, i) => (view.right[i] && claim > (claims[best] ?? 0) ? i : best),
      0,
    );
    const over = (claims[lead] ?? 0) - sample.limit;
    if (over <= 0) return;
    const cost = (COST_OF_OVERCLAIM / 0.01) * 2 * over * view.part;
    of.forEach((share, i) => {
      const inside = view.covers[lead]?.includes(i) ? 1 : 0;
      push(i, cost * share * (inside - (claims[lead] ?? 0)));
    });
  });
}

/** Adam's method: a fixed number of rounds from the same start gives the same weights each time. */
function fittedTo(model: Model, without: ReadonlySet<string>): Float64Array {
  const weights = model.start.slice();
  const samples = model.samples.filter(({ family }) => !without.has(family));
  const slope = new Float64Array(weights.length);
  const mean = new Float64Array(weights.length);
  const spread = new Float64Array(weights.length);
  for (let round = 1; round <= ROUNDS; round++) {
    weights.forEach((weight, i) => {
      slope[i] = (weight - (model.start[i] ?? 0)) / EXPECTED_ERROR ** 2;
    });
    for (const sample of samples) lossOf(sample, weights, slope);
    weights.forEach((weight, i) => {
      const g = slope[i] ?? 0;
      if (g === 0) return;
      mean[i] = 0.9 * (mean[i] ?? 0) + 0.1 * g;
      spread[i] = 0.99 * (spread[i] ?? 0) + 0.01 * g * g;
      const step =
        (mean[i] ?? 0) / (1 - 0.9 ** round) / (Math.sqrt((spread[i] ?? 0) / (1 - 0.99 ** round)) + 1e-8);
      weights[i] = weight - RATE * (1 - round / (ROUNDS + 1)) * step;
    });
  }
  return weights;
}

function withWeights(rules: readonly Rule[], weights: Float64Array): Rule[] {
  let next = 0;
  const take = () => weights[next++] ?? 0;
  return rules.map((rule) => ({
    ...rule,
    prior: take(),
    evidence: rule.evidence.map((item) => ({ ...item, weight: take() })),
  }));
}

const judgedWith = (rules: readonly Rule[], { evidence }: Case) =>
  reportOf(evidence, rules, { version: '0', durationMs: 0 });

export interface Judged extends Case {
  verdict: Verdict;
}

/** The cases as the product judges them with these rules. */
export function judgeAll(rules: readonly Rule[], cases: readonly Case[]): Judged[] {
  const EXIT = { reachable: 0, impaired: 1, unreachable: 1, undetermined: 3 };
  return cases.map((one) => {
    const report = judgedWith(rules, one);
    return { ...one, verdict: judge(report, EXIT[report.outcome], one.truths) };
  });
}

/** So many fits: each leaves out a tenth of the families, which is judged with it. */
const FOLDS = 10;

/** Each case as judged with weights that its own family had no part in. */
export function crossValidate(rules: readonly Rule[], cases: readonly Case[]): Judged[] {
  const model = modelOf(rules, cases);
  const families = [...new Set(cases.map(({ family }) => family))].sort();
  const folds = Array.from({ length: Math.min(FOLDS, families.length) }, (_, fold) =>
    families.filter((_family, i) => i % FOLDS === fold),
  );
  return folds.flatMap((fold) =>
    judgeAll(
      withWeights(rules, fittedTo(model, new Set(fold))),
      cases.filter(({ family }) => fold.includes(family)),
    ),
  );
}

export interface Move extends Parameter {
  from: number;
  to: number;
  /** In how many families it speaks. */
  families: number;
}

/** Where the whole lab would put the weights, largest move first. */
export function movesOf(rules: readonly Rule[], cases: readonly Case[]): { moves: Move[]; fitted: Rule[] } {
  const model = modelOf(rules, cases);
  const weights = fittedTo(model, new Set());
  const seenIn = model.parameters.map((_, i) => {
    const speaking = model.samples.filter(({ views }) => views.some(({ terms }) => terms.flat().includes(i)));
    return new Set(speaking.map(({ family }) => family)).size;
  });
  const moves = model.parameters.map((parameter, i) => ({
    ...parameter,
    from: model.start[i] ?? 0,
    to: weights[i] ?? 0,
    families: seenIn[i] ?? 0,
  }));
  return {
    moves: moves.sort((a, b) => Math.abs(b.to - b.from) - Math.abs(a.to - a.from)),
    fitted: withWeights(rules, weights),
  };
}
