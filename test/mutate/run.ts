/**
 * `npm run mutate -- [--only WORDS] [--tests WORDS,WORDS] [--again OUTPUT] [--sample N --seed S] [--tries N]
 * [--minutes N] [--write]`: flips constants and conditions in src/judge and
 * src/gather/plan, one at a time, and tells which of them no test notices. `--write` puts the score into test/README.md.
 */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import ts from 'typescript';
import { instrument, type Mutant } from './mutants.ts';
import type { Line } from './runner.ts';
import { summaryOf, writeSummary } from './summary.ts';

export interface Plan {
  mutants: Mutant[];
  /** Those that are tried. */
  ids: number[];
  /** File -> itself and the files that import it. */
  users: Record<string, string[]>;
  /** A test that takes more CPU than this by itself is not repeated for every mutant, ms. */
  slowMs: number;
  /** What survived so many tests of a file is not held against its others; the same for a file that tests another folder. */
  tries: number;
  triesAfar: number;
  log: string;
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const SRC = join(ROOT, 'src');
/** Build step: it has no test of its own that runs in this process. */
const LEFT_OUT = ['judge/rules/compile.ts'];

export function mutatedFiles(): string[] {
  return ['judge', 'gather/plan']
    .flatMap((folder) =>
      readdirSync(join(SRC, folder), { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file)),
    )
    .filter((file) => file.endsWith('.ts') && !LEFT_OUT.includes(file))
    .sort();
}

/** Every mutant of every file, with ids that the instrumented code uses. */
export function allMutants(): Map<string, { code: string; mutants: Mutant[] }> {
  const all = new Map<string, { code: string; mutants: Mutant[] }>();
  let next = 1;
  for (const file of mutatedFiles()) {
    const made = instrument(file, readFileSync(join(SRC, file), 'utf8'), next);
    next += made.mutants.length;
    all.set(file, made);
  }
  return all;
}

function usersOf(files: string[]): Record<string, string[]> {
  const users: Record<string, string[]> = Object.fromEntries(files.map((file) => [file, [file]]));
  for (const file of files) {
    for (const { fileName } of ts.preProcessFile(readFileSync(join(SRC, file), 'utf8')).importedFiles) {
      users[relative(SRC, join(SRC, dirname(file), fileName))]?.push(file);
    }
  }
  return users;
}

const lineOf = ({ file, line, from, to }: Mutant): string =>
  `${file}:${line}: ${from} -> ${to || '(left out)'}`;

function main(): void {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', default: '' },
      tests: { type: 'string', default: '' },
      sample: { type: 'string' },
      seed: { type: 'string' },
      tries: { type: 'string', default: '40' },
      minutes: { type: 'string', default: '120' },
      again: { type: 'string' },
      write: { type: 'boolean', default: false },
    },
  });
  const startedMs = Date.now();
  const files = mutatedFiles();
  const mutants = [...allMutants().values()].flatMap((one) => one.mutants);
  let ids = mutants.filter(({ file }) => file.includes(values.only)).map(({ id }) => id);
  if (values.again !== undefined) {
    const survivors = new Set(readFileSync(values.again, 'utf8').split('\n'));
    ids = ids.filter((id) => survivors.has(lineOf(mutants[id - 1]!)));
  }
  if (values.sample !== undefined) {
    const seed = Number(values.seed ?? Date.now() % 1_000_000);
    console.log(`a sample of ${values.sample} of ${ids.length} mutants, --seed ${seed}`);
    const size = Math.min(Number(values.sample), ids.length);
    ids = fc.sample(fc.shuffledSubarray(ids, { minLength: size, maxLength: size }), { seed, numRuns: 1 })[0]!;
  }
  const work = mkdtempSync(join(tmpdir(), 'reachdoctor-mutate-'));
  try {
    const plan: Plan = {
      mutants,
      ids,
      users: usersOf(files),
      slowMs: 300,
      tries: Number(values.tries),
      triesAfar: 3,
      log: join(work, 'killed'),
    };
    writeFileSync(join(work, 'plan.json'), JSON.stringify(plan));
    const vitest = spawnSync(
      'npx',
      [
        'vitest',
        'run',
        '--config',
        'test/mutate/vitest.config.ts',
        '--silent=true',
        ...values.tests.split(','),
      ],
      {
        cwd: ROOT,
        encoding: 'utf8',
        maxBuffer: 1 << 30,
        timeout: Number(values.minutes) * 60_000,
        env: { ...process.env, MUTATE_PLAN: join(work, 'plan.json'), SEED: '1', CI: 'true' },
      },
    );
    const lines = readdirSync(work)
      .filter((file) => file.startsWith('killed.'))
      .flatMap((file) => readFileSync(join(work, file), 'utf8').trim().split('\n'))
      .map((line) => JSON.parse(line) as Line);
    if (lines.length === 0) {
      console.error(vitest.stdout.slice(-5000), vitest.stderr.slice(-5000));
      process.exitCode = 2;
      return;
    }
    if (vitest.status === null)
      console.log(`Stopped after ${values.minutes} minutes: not every test was asked.`);
    else if (vitest.status !== 0) {
      console.log(vitest.stdout.match(/^.*FAIL.*$/gm)?.join('\n'));
      console.log('These fail without any mutant, and have killed none.');
      process.exitCode = 1;
    }
    const summary = summaryOf(
      mutants.filter(({ id }) => ids.includes(id)),
      lines,
      Date.now() - startedMs,
    );
    console.log(summary.text);
    for (const one of summary.survivors) console.log(lineOf(one));
    if (values.write) writeSummary(join(ROOT, 'test/README.md'), summary, ids.length === mutants.length);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main();
