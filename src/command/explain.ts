import { nearest } from '../ground/nearest.ts';
import { viewsOf } from '../judge/report-of.ts';
import { isTrue } from '../judge/rules/condition.ts';
import { commandLine, inGeneral, placeholdersOf, sentence } from '../judge/rules/template.ts';
import type { Evidence } from '../model/evidence.ts';
import type { Facts } from '../model/facts.ts';
import type { Comparison, Condition, Rule } from '../model/rule.ts';
import { LAYER, OWNER_HEADING } from '../report/names.ts';
import { safe, safeBlock } from '../report/sanitize.ts';
import { wrap } from '../report/width.ts';
import { shown, type UsageError } from './usage-error.ts';

/** Every cause, one line each, by layer. */
export function listCauses(rules: readonly Rule[]): string {
  const layers = ['local', 'dns', 'path', 'host', 'service'] as const;
  const wide = Math.max(0, ...rules.map((rule) => rule.id.length));
  const blocks = layers
    .map((layer) => ({ layer, of: rules.filter((rule) => rule.layer === layer) }))
    .filter(({ of }) => of.length > 0)
    .map(({ layer, of }) =>
      [
        `${LAYER[layer]}:`,
        ...of.map((rule) => `  ${rule.id.padEnd(wide)}  ${safe(inGeneral(rule.title))}`),
      ].join('\n'),
    );
  return `${blocks.join('\n\n')}\n\nreachdoctor --explain CAUSE tells more about one of them.\n`;
}

/**
 * The same about a run: its values in the sentences and commands, and what was seen of it parted from what was not.
 * @returns a usage error where there is no such cause.
 */
export function explainInCase(
  id: string,
  rules: readonly Rule[],
  evidence: Evidence,
  columns = 80,
): string | UsageError {
  const rule = ruleNamed(id, rules);
  const views = viewsOf(evidence);
  // The address at which most of it was seen: the others may be well.
  const score = (facts: Facts): number =>
    rule === undefined
      ? 0
      : Number(isTrue(rule.when, facts)) * 1000 +
        rule.evidence.filter((one) => isTrue(one.if, facts)).reduce((sum, { weight }) => sum + weight, 0);
  const [facts = null] = views.map((view) => view.facts).sort((a, b) => score(b) - score(a));
  return explainCause(id, rules, columns, { facts });
}

const ruleNamed = (id: string, rules: readonly Rule[]): Rule | undefined =>
  rules.find((one) => one.id === id.trim().toLowerCase());

/** Whether a part of a rule is for this case; without one it is told of all. */
const holds = (condition: Condition | undefined, facts: Facts | null): boolean =>
  condition === undefined || facts === null || isTrue(condition, facts);

/**
 * What a cause is, how it is recognised, what it is confused with, who fixes it and how: from the rule alone, or with a
 * run's facts in their places. `gate` adds when the rule is considered, in the words of the facts.
 */
export function explainCause(
  id: string,
  rules: readonly Rule[],
  columns = 80,
  { facts = null, gate = false }: { facts?: Facts | null; gate?: boolean } = {},
): string | UsageError {
  const rule = ruleNamed(id, rules);
  if (rule === undefined) {
    const guess =
      nearest(
        id,
        rules.map((one) => one.id),
      ) ?? rules[0]?.id;
    const instead = guess === undefined ? '' : `write reachdoctor --explain ${guess}, or `;
    return {
      error: `There is no cause ${shown(id)}: ${instead}see reachdoctor --list-causes.`,
    };
  }
  const width = Math.min(Math.max(columns, 40), 100);
  const text = (template: string) => safe(facts === null ? inGeneral(template) : sentence(template, facts));
  const line = (template: string) =>
    safeBlock(facts === null ? inGeneral(template) : commandLine(template, facts));
  const paragraph = (words: string, indent = '') =>
    wrap(words, width - indent.length).map((line) => `${indent}${line}`);
  const bullet = (words: string, indent = '  ') => {
    const [first = '', ...rest] = wrap(words, width - indent.length - 2);
    return [`${indent}- ${first}`, ...rest.map((line) => `${indent}  ${line}`)];
  };
  const command = (run: string | undefined) =>
    run === undefined
      ? []
      : line(run)
          .split('\n')
          .map((line) => `      ${line}`);
  const section = (title: string, lines: string[]) => (lines.length === 0 ? [] : ['', title, ...lines]);

  const speaksFor = rule.evidence.filter((one) => one.weight > 0).sort((a, b) => b.weight - a.weight);
  const speaksAgainst = rule.evidence.filter((one) => one.weight < 0).sort((a, b) => a.weight - b.weight);
  // Of a run only what was seen is filled in; the rest stands in general words, as it was not.
  const spoken = (title: string, items: readonly { if?: Condition; say: string }[]): string[] => {
    if (facts === null)
      return section(
        title,
        items.flatMap((one) => bullet(text(one.say))),
      );
    const seen = items.filter((one) => holds(one.if, facts));
    const unseen = items.filter((one) => !holds(one.if, facts));
    return [
      ...section(
        `${title} here`,
        seen.flatMap((one) => bullet(text(one.say))),
      ),
      ...section(
        `${title}, and was not seen here`,
        unseen.flatMap((one) => bullet(safe(sentence(one.say, { ...stands(one.say), ...known(facts) })))),
      ),
    ];
  };
  const fixes = rule.fix
    .filter((fix) => holds(fix.if, facts))
    .map((fix) => ({ ...fix, label: fix.system === undefined ? '' : `${fix.system}: ` }));

  return `${[
    `${rule.id}: ${text(rule.title)}`,
    `${LAYER[rule.layer]}; to be fixed by: ${OWNER_HEADING[rule.owner].toLowerCase()}`,
    ...section('What it is', paragraph(text(rule.about.trim().replaceAll(/\s+/g, ' ')))),
    ...(gate ? section('It is considered when', bullet(conditionWords(rule.when))) : []),
    ...(facts !== null && !isTrue(rule.when, facts)
      ? section('In this run', bullet('It was not considered: what was measured does not fit it.'))
      : []),
    ...spoken('What speaks for it', speaksFor),
    ...spoken('What speaks against it', speaksAgainst),
    ...spoken('What rules it out', rule.ruledOut),
    ...section(
      'What it is confused with',
      rule.confusedWith.flatMap((one) => [
        ...bullet(`${one.id}: ${text(one.say)}`),
        ...paragraph(`To find out: ${text(one.decidedBy)}`, '    '),
      ]),
    ),
    ...section(
      'How to fix it',
      fixes.flatMap((fix) => [
        ...bullet(`${OWNER_HEADING[fix.who]}: ${fix.label}${text(fix.do)}`),
        ...command(fix.run),
      ]),
    ),
    ...section(
      'How to check',
      rule.verify
        .filter((check) => holds(check.if, facts))
        .flatMap((check) => [
          ...bullet(`${OWNER_HEADING[check.who]}: ${text(check.do)}`),
          ...command(check.run),
          ...paragraph(`Expect: ${text(check.expect)}`, '    '),
        ]),
    ),
  ].join('\n')}\n`;
}

const known = (facts: Facts): Facts =>
  Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== null));

/** For what was not measured: the placeholder as a word in capitals. */
const stands = (template: string): Facts =>
  Object.fromEntries(placeholdersOf(template).map(({ name }) => [name, inGeneral(`{${name}}`)]));

/** A condition in the words of the facts, which rules/README.md explains one by one. */
export function conditionWords(condition: Condition): string {
  const tests = Object.entries(condition);
  return tests
    .map(([name, wanted]) => {
      if (!Array.isArray(wanted)) return `${name} ${comparisonWords(wanted)}`;
      if (name === 'none') return `none of (${joined(wanted, '; ')})`;
      const words = joined(wanted, name === 'any' ? ' or ' : ' and ');
      return tests.length > 1 && wanted.length > 1 ? `(${words})` : words;
    })
    .join(' and ');
}

function joined(conditions: Condition[], by: string): string {
  return conditions
    .map((one) =>
      conditions.length > 1 && ('any' in one || 'all' in one)
        ? `(${conditionWords(one)})`
        : conditionWords(one),
    )
    .join(by);
}

const COMPARISON: Record<Exclude<keyof Comparison, 'measured'>, string> = {
  not: 'is not',
  notKnownToBe: 'is not known to be',
  above: 'is above',
  below: 'is below',
  atLeast: 'is at least',
  atMost: 'is at most',
  in: 'is one of',
  equals: 'is the same as',
  moreThan: 'is more than',
  lessThan: 'is less than',
};

function comparisonWords(wanted: Comparison | string | number | boolean | null): string {
  if (typeof wanted !== 'object' || wanted === null) return `is ${String(wanted)}`;
  return (Object.entries(wanted) as [keyof Comparison, unknown][])
    .map(([key, value]) => {
      if (key === 'measured') return value === true ? 'is measured' : 'is not measured';
      const words = Array.isArray(value)
        ? value.join(', ')
        : value === true
          ? 'yes'
          : value === false
            ? 'no'
            : String(value);
      return `${COMPARISON[key]} ${words}`;
    })
    .join(' and ');
}
