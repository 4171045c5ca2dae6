import { readFileSync, writeFileSync } from 'node:fs';
import type { Mutant } from './mutants.ts';
import type { Line } from './runner.ts';

export interface Summary {
  text: string;
  survivors: Mutant[];
}

function groupsBy<T>(all: T[], keyOf: (one: T) => string): [key: string, some: T[]][] {
  const groups = new Map<string, T[]>();
  for (const one of all) groups.set(keyOf(one), [...(groups.get(keyOf(one)) ?? []), one]);
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1));
}

const percent = (part: number, whole: number): string =>
  whole === 0 ? '-' : `${((100 * part) / whole).toFixed(1)} %`;

/** Killed, survived and never reached, by kind and by folder, as Markdown tables. */
export function summaryOf(tried: Mutant[], lines: Line[], tookMs: number): Summary {
  const killed = new Set(lines.flatMap((line) => ('killed' in line ? [line.killed] : [])));
  const reached = new Set(lines.flatMap((line) => ('reached' in line ? [line.reached] : [])));
  const slow = new Set(lines.flatMap((line) => ('slow' in line ? [line.slow] : [])));
  const row = (name: string, some: Mutant[]): string => {
    const dead = some.filter(({ id }) => killed.has(id)).length;
    const unseen = some.filter(({ id }) => !killed.has(id) && !reached.has(id)).length;
    return `| ${name} | ${some.length} | ${dead} | ${some.length - dead - unseen} | ${unseen} | ${percent(dead, some.length)} |`;
  };
  const groups = (keyOf: (mutant: Mutant) => string): string[] =>
    groupsBy(tried, keyOf).map(([key, some]) => row(key, some));
  const head = (what: string): string[] => [
    `| ${what} | mutants | killed | survived | not reached | score |`,
    '| --- | --: | --: | --: | --: | --: |',
  ];
  const folderOf = ({ file }: Mutant): string => file.slice(0, file.lastIndexOf('/'));
  return {
    text: [
      `${tried.length} mutants in ${Math.round(tookMs / 1000)} s; ${slow.size} tests were too slow to be repeated.`,
      '',
      ...head('kind'),
      ...groups(({ kind }) => kind),
      row('**all**', tried),
      '',
      ...head('folder'),
      ...groups(folderOf),
    ].join('\n'),
    survivors: tried.filter(({ id }) => !killed.has(id)),
  };
}

const FROM = '<!-- written by npm run mutate -- --write -->';
const TO = '<!-- end -->';

/** Puts the tables and the survivors between two marks of a Markdown file. */
export function writeSummary(file: string, summary: Summary, isWhole: boolean): void {
  const old = readFileSync(file, 'utf8');
  const [before, rest] = old.split(FROM);
  const after = rest?.split(TO)[1];
  if (before === undefined || after === undefined) throw new Error(`${file} has no place for the score`);
  const list = groupsBy(summary.survivors, ({ file }) => file).map(
    ([name, some]) =>
      `- ${name}: ${some.map(({ line, from, to }) => `${line} \`${code(from)}\` -> ${to === '' ? 'left out' : `\`${code(to)}\``}`).join('; ')}`,
  );
  const what = isWhole ? 'A whole run: every mutant.' : 'A sample, not a whole run.';
  writeFileSync(
    file,
    `${before}${FROM}\n\n${what} ${summary.text}\n\n<details><summary>The ${summary.survivors.length} survivors, by line</summary>\n\n${list.join('\n')}\n\n</details>\n\n${TO}${after}`,
  );
}

const code = (text: string): string => text.replaceAll('`', "'");
