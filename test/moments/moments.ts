import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type RunReadings, readingsOf } from '../../src/judge/readings/index.ts';
import type { Evidence } from '../../src/model/evidence.ts';
import type { Observation } from '../../src/model/probes.ts';

/** Where runs and goldens lie. */
export const HERE = fileURLToPath(new URL('.', import.meta.url));

/** A run of the lab, up to its nth observation, or without that one; a line of moments.txt: `17: dns-drops-2 up to 5` */
export interface Moment {
  id: string;
  run: string;
  how: 'up to' | 'without';
  n: number;
}

export const wordsOf = ({ id, run, how, n }: Moment): string => `${id}: ${run} ${how} ${n}`;

export function momentOf(words: string): Moment {
  const [, id, run, how, n] = /^(\d+): (\S+) (up to|without) (\d+)$/.exec(words) ?? [];
  if (id === undefined || run === undefined) throw new Error(`no moment: ${words}`);
  return { id, run, how: how as Moment['how'], n: Number(n) };
}

export const linesOf = (file: string): string[] =>
  existsSync(HERE + file)
    ? readFileSync(HERE + file, 'utf8')
        .split('\n')
        .filter(Boolean)
    : [];

/** What neither facts nor plan may look at is not kept. */
const LEFT_OUT = { raw: null, command: null, enable: null };

export const trimmed = (evidence: Evidence): string =>
  [
    JSON.stringify({ ...evidence, observations: undefined }),
    ...evidence.observations.map((o) =>
      JSON.stringify({ ...o, raw: undefined, command: undefined, enable: undefined }),
    ),
  ]
    .map((line) => `${line}\n`)
    .join('');

export function evidenceOf({ run, how, n }: Moment): Evidence {
  const [first, ...rest] = linesOf(`runs/${run}.jsonl`).map((line) => JSON.parse(line));
  const observations = rest.map((o) => ({ ...o, ...LEFT_OUT }) as Observation);
  return {
    ...first,
    observations: how === 'up to' ? observations.slice(0, n) : observations.filter((_, i) => i !== n - 1),
  };
}

/** A golden: what was concluded, and below it the moments in which it was. */
export const goldenOf = (all: [id: string, lines: string[]][]): string => {
  const byLine = new Map<string, string[]>();
  for (const [id, lines] of all)
    for (const line of lines) byLine.set(line, [...(byLine.get(line) ?? []), id]);
  return [...byLine]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([line, ids]) => `${line}\n    ${ids.join(' ')}\n`)
    .join('');
};

/** The golden read again: moment -> its lines. */
export function readGolden(file: string): Map<string, string[]> {
  const byMoment = new Map<string, string[]>();
  let line = '';
  for (const text of linesOf(file)) {
    if (!text.startsWith('    ')) line = text;
    else for (const id of text.trim().split(' ')) byMoment.set(id, [...(byMoment.get(id) ?? []), line]);
  }
  return byMoment;
}

export const readAt = (moment: Moment): RunReadings => readingsOf(evidenceOf(moment));
