import type { Facts, FactTable } from '../../model/facts.ts';
import type { Observation } from '../../model/probes.ts';
import type { FoundRule, Statement } from '../../model/report.ts';
import type { Rule } from '../../model/rule.ts';
import { isVantage } from '../../model/views.ts';
import { FITS_AND_NO_MORE } from '../../report/remarks.ts';
import { isTrue, judgeCondition } from './condition.ts';
import { sentence } from './template.ts';

/** Everything that is known, seen from one address of the target (null before one is known). */
export interface JudgedView {
  address: string | null;
  facts: Facts;
  observations: readonly Observation[];
  /** The packet filter's rule that was found to decide, where one was. */
  rule?: FoundRule | null;
  /** The same of this machine's own packet filter. */
  ownRule?: FoundRule | null;
}

/** A rule that is considered, with what speaks for and against it. */
export interface Match {
  rule: Rule;
  logOdds: number;
  because: Statement[];
  against: Statement[];
  /** The facts that speak for it. */
  facts: string[];
  /** Something that was measured speaks for it in particular; false where it only fits. */
  hasReason: boolean;
}

export type Scope = 'address' | 'target';
/** Names are the same for every address, so what is wrong with them is one finding. */
export const scopeOf = (rule: Rule): Scope => rule.scope ?? (rule.layer === 'dns' ? 'target' : 'address');

/**
 * The rules whose gate is true. One whose gate is unknown is not considered: what was not measured satisfies nothing.
 * One with a proof against it (`ruledOut` is true) is out, whatever else speaks for it.
 */
export function matchRules(rules: readonly Rule[], view: JudgedView, table: FactTable): Match[] {
  return rules
    .filter((rule) => isTrue(rule.when, view.facts) && proofAgainst(rule, view, table) === null)
    .map((rule) => matchRule(rule, view, table));
}

function matchRule(rule: Rule, view: JudgedView, table: FactTable): Match {
  const match: Match = { rule, logOdds: rule.prior, because: [], against: [], facts: [], hasReason: true };
  for (const item of rule.evidence) {
    const { truth, used } = judgeCondition(item.if, view.facts);
    if (truth !== true) continue;
    match.logOdds += item.weight;
    const statement = {
      evidence: evidenceFor(used, rule, view, table),
      text: sentence(item.say, view.facts),
    };
    if (item.weight > 0) match.facts.push(...used);
    (item.weight > 0 ? match.because : match.against).push(statement);
  }
  if (match.because.length === 0) {
    // The gate is all there is, and a cause without any reason would be a riddle.
    match.hasReason = false;
    const gate = judgeCondition(rule.when, view.facts).used;
    match.because.push({
      evidence: evidenceFor(gate, rule, view, table),
      text: FITS_AND_NO_MORE,
    });
  }
  return match;
}

/** The first proof that it is not this cause, or null. */
export function proofAgainst(rule: Rule, view: JudgedView, table: FactTable): Statement | null {
  for (const item of rule.ruledOut) {
    const { truth, used } = judgeCondition(item.if, view.facts);
    if (truth === true) {
      return { evidence: evidenceFor(used, rule, view, table), text: sentence(item.say, view.facts) };
    }
  }
  return null;
}

/** Ids of the observations that the facts were made from, in the order in which they were observed. */
function evidenceFor(facts: readonly string[], rule: Rule, view: JudgedView, table: FactTable): string[] {
  const sources = new Set(facts.flatMap((fact) => (Object.hasOwn(table, fact) ? table[fact]!.from : [])));
  const everyAddress = scopeOf(rule) === 'target';
  return view.observations
    .filter((o) => o.data !== null && (everyAddress || isAbout(o, view.address)) && isFrom(o, sources))
    .map((o) => o.id);
}

type AnyInput = { address?: string; role?: string; question?: string };

function isAbout(observation: Observation, address: string | null): boolean {
  const input = observation.input as AnyInput;
  // Other machines that were asked for comparison: what they showed counts for every address of the target.
  const elsewhere = input.role === 'reference-host' || input.role === 'gateway';
  return input.address === undefined || input.address === address || elsewhere;
}

function isFrom(observation: Observation, sources: ReadonlySet<string>): boolean {
  if (isVantage(observation)) return sources.has('vantage');
  const { role, question } = observation.input as AnyInput;
  return (
    sources.has(observation.probe) ||
    (role !== undefined && sources.has(`${observation.probe}:${role}`)) ||
    (question !== undefined && sources.has(`${observation.probe}:${question}`))
  );
}
