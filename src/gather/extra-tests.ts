import { FACT_TABLE } from '../judge/facts/index.ts';
import { viewsOf } from '../judge/report-of.ts';
import { factsNamedIn, judgeCondition } from '../judge/rules/condition.ts';
import type { Evidence } from '../model/evidence.ts';
import type { Facts } from '../model/facts.ts';
import type { Report } from '../model/report.ts';
import type { Rule } from '../model/rule.ts';

/** A test that needs something of the user: another host, another resolver, root's rights, the other end. */
export const EXTRA_TESTS = ['reference-host', 'resolver', 'root', 'other-end'] as const;
export type ExtraTest = (typeof EXTRA_TESTS)[number];

/** What each brings. */
const BRINGS: Record<ExtraTest, (source: string) => boolean> = {
  'reference-host': (source) => source.endsWith(':reference-host'),
  resolver: (source) => source === 'dns',
  root: (source) => source === 'ping' || source.startsWith('trace-command'),
  'other-end': (source) => source === 'other-end',
};
/** From this share on a cause is one that is to be told apart. */
const CLOSE_SHARE = 0.1;

/**
 * The test that would part the leading causes best, or null where nothing is to be parted: by the weights that their
 * rules give to facts which the test would bring and which are not known. Pure.
 */
export function extraTestOf(evidence: Evidence, report: Report, rules: readonly Rule[]): ExtraTest | null {
  const { request } = evidence;
  const close = report.causes.filter(
    ({ confidence, observed }) => confidence >= CLOSE_SHARE && observed !== true,
  );
  if (close.length < 2) return null;
  const ids = new Set(close.map(({ id }) => id));
  const [seen = {}] = viewsOf(evidence).map((view) => view.facts);
  // That no reference host was given is known, and is what the test would change.
  const facts: Facts = request.controlHost === null ? { ...seen, 'referenceHost.given': null } : seen;
  const brought = (test: ExtraTest) => (name: string) =>
    (facts[name] ?? null) === null &&
    ((test === 'reference-host' && name === 'referenceHost.given') ||
      FACT_TABLE[name]?.from.some(BRINGS[test]) === true);
  const worth = (test: ExtraTest): number =>
    rules
      .filter(({ id }) => ids.has(id))
      .flatMap((rule) => [
        ...rule.evidence.map((one) => ({ when: one.if, weight: Math.abs(one.weight) })),
        ...rule.ruledOut.map((one) => ({ when: one.if, weight: PROOF })),
      ])
      .filter(({ when }) => factsNamedIn(when).some(brought(test)))
      .reduce((sum, { weight }) => sum + weight, 0) +
    // A cause that is not considered only because nobody has looked yet.
    PROOF *
      rules.filter(
        ({ when }) => judgeCondition(when, facts).truth === null && factsNamedIn(when).some(brought(test)),
      ).length;
  const ranked = EXTRA_TESTS.filter((test) => isPossible(test, evidence, report))
    .map((test) => ({ test, worth: worth(test) }))
    .filter((one) => one.worth > 0)
    .sort((a, b) => b.worth - a.worth);
  // The other end knows everything, and costs a colleague's time: it comes last.
  return (ranked.find(({ test }) => test !== 'other-end') ?? ranked[0])?.test ?? null;
}
/** A proof against a cause counts as a heavy weight. */
const PROOF = 5;

function isPossible(test: ExtraTest, { request, vantage }: Evidence, report: Report): boolean {
  switch (test) {
    case 'reference-host':
      return request.controlHost === null;
    case 'resolver':
      return request.resolvers.length === 0 && report.causes[0]?.layer === 'dns';
    case 'root':
      return (
        vantage.privileges === 'user' &&
        report.notChecked.some(({ probe }) => probe === 'ping' || probe.startsWith('trace'))
      );
    case 'other-end':
      // Nobody else has to be asked about this machine.
      return report.case !== undefined && report.causes[0]?.owner !== 'you';
    default:
      return test satisfies never;
  }
}
