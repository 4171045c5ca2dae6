import { readFile, writeFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { FACT_TABLE } from '../../src/judge/facts/index.ts';
import type { FactDefinition, FactTable } from '../../src/model/facts.ts';

/** `npm run rules:facts`: writes every fact into rules/README.md. */
const README = new URL('../../rules/README.md', import.meta.url);
const START = '<!-- facts -->\n';
const END = '<!-- /facts -->';

export function factsMarkdown(table: FactTable): string {
  const rows = Object.entries(table).map(
    ([name, fact]) =>
      `| \`${name}\` | ${kindOf(fact)} | ${cell(fact.meaning)} | ${[fact.from.join(', ') || 'the user', ...(fact.scaledBy ? [`scaled by ${fact.scaledBy.join(', ')}`] : [])].join('; ')} |`,
  );
  return `${['| fact | values | meaning | from |', '|---|---|---|---|', ...rows].join('\n')}\n`;
}

function kindOf(fact: FactDefinition): string {
  if (fact.values !== undefined) return fact.values.join(', ');
  return { boolean: 'yes/no', number: 'number', string: 'text' }[fact.type];
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

/** The README with its list of facts replaced. */
export function withFacts(readme: string, table: FactTable): string {
  const start = readme.indexOf(START);
  const end = readme.indexOf(END);
  if (start < 0 || end < start)
    throw new Error(`rules/README.md has lost its markers ${START.trim()} and ${END}`);
  return readme.slice(0, start + START.length) + factsMarkdown(table) + readme.slice(end);
}

export const readReadme = (): Promise<string> => readFile(README, 'utf8');

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await writeFile(README, withFacts(await readReadme(), FACT_TABLE));
}
