import { nearest } from '../ground/nearest.ts';
import { commandLine, inGeneral, sentence } from '../judge/rules/template.ts';
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
 * What a cause is, how it is recognised, what it is confused with, who fixes it and how: from the rule alone, or with the
 * values of a case where its `facts` are given.
 */
export function explainCause(
  id: string,
  rules: readonly Rule[],
  columns = 80,
  facts: Facts | null = null,
): string | UsageError {
  const rule = rules.find((one) => one.id === id.trim().toLowerCase());
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
  const paragraph = (words: string, indent = '') =>
    wrap(words, width - indent.length).map((line) => `${indent}${line}`);
  const bullet = (words: string, indent = '  ') => {
    const [first = '', ...rest] = wrap(words, width - indent.length - 2);
    return [`${indent}- ${first}`, ...rest.map((line) => `${indent}  ${line}`)];
  };
  const command = (run: string | undefined) =>
    run === undefined
      ? []
      : (facts === null ? text(run) : safeBlock(commandLine(run, facts)))
          .split('\n')
          .map((line) => `      ${line}`);
  const section = (title: string, lines: string[]) => (lines.length === 0 ? [] : ['', title, ...lines]);

  const speaksFor = rule.evidence.filter((one) => one.weight > 0).sort((a, b) => b.weight - a.weight);
  const speaksAgainst = rule.evidence.filter((one) => one.weight < 0).sort((a, b) => a.weight - b.weight);
  const fixes = rule.fix.map((fix) => ({ ...fix, label: fix.system === undefined ? '' : `${fix.system}: ` }));

  return `${[
    `${rule.id}: ${text(rule.title)}`,
    `${LAYER[rule.layer]}; to be fixed by: ${OWNER_HEADING[rule.owner].toLowerCase()}`,
    ...section('What it is', paragraph(text(rule.about.trim().replaceAll(/\s+/g, ' ')))),
    ...section('It is considered when', bullet(conditionWords(rule.when))),
    ...section(
      'What speaks for it',
      speaksFor.flatMap((one) => bullet(text(one.say))),
    ),
    ...section(
      'What speaks against it',
      speaksAgainst.flatMap((one) => bullet(text(one.say))),
    ),
    ...section(
      'What rules it out',
      rule.ruledOut.flatMap((one) => bullet(text(one.say))),
    ),
    ...section(
      'What it is confused with',
      rule.confusedWith.flatMap((one) => [
        ...bullet(`${one.id}: ${text(one.say)}`),
        ...paragraph(`Decided by: ${text(one.decidedBy)}`, '    '),
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
      rule.verify.flatMap((check) => [
        ...bullet(`${OWNER_HEADING[check.who]}: ${text(check.do)}`),
        ...command(check.run),
        ...paragraph(`Expect: ${text(check.expect)}`, '    '),
      ]),
    ),
  ].join('\n')}\n`;
}

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
