import { execFileSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

declare module 'vitest' {
  interface ProvidedContext {
    seed: number;
  }
}

/** Once a run: its seed, and the program as a user has it where the sources are newer than dist/. */
export default function setup(project: TestProject): void {
  const given = process.env.SEED;
  const seed = given === undefined || given === '' ? randomInt(2 ** 31) : Number(given);
  if (!Number.isInteger(seed)) throw new Error(`SEED=${given} is no whole number: write it as in SEED=42.`);
  console.log(`seed ${seed} (SEED=${seed} npm test gives the same run again)`);
  project.provide('seed', seed);

  // Settings of whoever runs the tests are none of theirs.
  process.env.REACHDOCTOR_CONFIG = '';

  if (newest('src', 'rules') > (changedAt('dist/cli.js') ?? 0)) {
    execFileSync('npm', ['run', '--silent', 'build'], { cwd: ROOT, stdio: 'inherit' });
  }
}

function newest(...folders: string[]): number {
  const files = folders.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file)),
  );
  return Math.max(...files.map((file) => changedAt(file) ?? 0));
}

function changedAt(file: string): number | null {
  return statSync(join(ROOT, file), { throwIfNoEntry: false })?.mtimeMs ?? null;
}
