/**
 * `npm run robust -- [--family NAME]... [--json FILE] [--seed N] [--write]`: the program in ruins and under attack. Needs
 * a build, and root for most of it. With --write docs/robustness.md is made from what was counted, each family's row by
 * its last run.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { canaries } from './families/canaries.ts';
import { documents } from './families/documents.ts';
import { files } from './families/files.ts';
import { limits } from './families/limits.ts';
import { mutants } from './families/mutants.ts';
import { nodeVersions } from './families/node-versions.ts';
import { shims } from './families/shims.ts';
import { signals } from './families/signals.ts';
import { time } from './families/time.ts';
import { type Family, type Result, ROOT } from './family.ts';

const FAMILIES = [mutants, documents, files, canaries, limits, shims, signals, time, nodeVersions];
const DEFAULT_SEED = 20261127;
/** For one family; far more than any takes. */
const MOST_MS = 600_000;

const { values } = parseArgs({
  options: {
    family: { type: 'string', multiple: true },
    json: { type: 'string' },
    seed: { type: 'string' },
    write: { type: 'boolean' },
  },
});
const seed = Number(values.seed ?? DEFAULT_SEED);
const wanted = values.family ?? [];
const chosen = FAMILIES.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
if (chosen.length === 0) {
  console.error(`There is no such family: ${FAMILIES.map(({ name }) => name).join(', ')}.`);
  process.exit(2);
}

console.log(`seed ${seed}`);
const done: { family: Family; result: Result }[] = [];
for (const family of chosen) {
  const begun = Date.now();
  const result = await endOf(family);
  done.push({ family, result });
  const survived = result.tried - result.complaints.length;
  console.log(
    `${family.name}: tried ${result.tried}, survived ${survived} (${Math.round((Date.now() - begun) / 1000)} s)`,
  );
  for (const why of new Set(result.skipped)) console.log(`  skipped: ${why}`);
  for (const complaint of result.complaints.slice(0, 20)) console.log(`  ${complaint}`);
}

const tried = done.reduce((sum, { result }) => sum + result.tried, 0);
const failed = done.reduce((sum, { result }) => sum + result.complaints.length, 0);
console.log(`${tried} tried, ${tried - failed} survived`);
if (values.json !== undefined) writeFileSync(values.json, JSON.stringify({ passed: tried - failed, failed }));
if (values.write === true) {
  const file = join(ROOT, 'docs/robustness.md');
  writeFileSync(file, page(existsSync(file) ? readFileSync(file, 'utf8').split('\n') : []));
}
// A family that did not end may still hold something.
process.exit(failed === 0 ? 0 : 1);

/** Its result; a family that throws or does not end is one more that was tried and not survived, and the next one runs. */
async function endOf(family: Family): Promise<Result> {
  const complaint = (text: string): Result => ({ tried: 1, complaints: [text], skipped: [] });
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Result>((resolve) => {
    timer = setTimeout(() => resolve(complaint(`the family did not end in ${MOST_MS / 1000} s`)), MOST_MS);
  });
  const running = family
    .run(seed)
    .catch((error) => complaint(`the family threw ${error instanceof Error ? error.stack : String(error)}`));
  const result = await Promise.race([running, late]);
  clearTimeout(timer);
  return result;
}

/** `former`: the lines of the page as it is. */
function page(former: readonly string[]): string {
  const rows = FAMILIES.map(({ name, what }) => {
    const result = done.find(({ family }) => family.name === name)?.result;
    if (result === undefined)
      return former.find((line) => line.startsWith(`| ${name} |`)) ?? `| ${name} | ${what} | not run | |`;
    return `| ${name} | ${what} | ${result.tried} | ${result.tried - result.complaints.length} |`;
  });
  const left = FAMILIES.flatMap(({ name }) => {
    const result = done.find(({ family }) => family.name === name)?.result;
    if (result === undefined) return former.filter((line) => line.startsWith(`- ${name}: `));
    return [...new Set(result.skipped)].map((why) => `- ${name}: ${why}.`);
  });
  return [
    '# In ruins and under attack',
    '',
    'Written by `npm run robust -- --write` (test/robust/); continuous integration runs the same. Nothing here is written by hand; each',
    `row is of the last run of its family. The last of all: Node ${process.version}, ${process.platform} ${process.arch}, seed ${seed}.`,
    '',
    '| family | what is done, and what must come of it | tried | survived |',
    '| --- | --- | ---: | ---: |',
    ...rows,
    ...(left.length === 0 ? [] : ['', 'Not tried:', '', ...left]),
    '',
  ].join('\n');
}
