/**
 * `npm run robust -- [--family NAME]... [--json FILE] [--seed N] [--write] [--again-alone]`: the program in ruins and under attack. Needs
 * a build, and root for most of it. Each family runs in a process of its own, two at a time. With --write
 * docs/robustness.md is made from what was counted, each family's row by its last run.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
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

/** Those that take longest come first. */
const FAMILIES = [shims, signals, mutants, limits, files, documents, nodeVersions, canaries, time];
/** Measured while nothing else runs. */
const ALONE = [time];
const AT_A_TIME = 2;
/** For one family; far more than any takes. */
const MOST_MS = 600_000;
const DEFAULT_SEED = 20261127;

const { values } = parseArgs({
  options: {
    family: { type: 'string', multiple: true },
    json: { type: 'string' },
    seed: { type: 'string' },
    write: { type: 'boolean' },
    // Families that complained are run once more, with nothing beside them, and that counts.
    'again-alone': { type: 'boolean' },
    // Of one family, into this file: how a run asks its own processes.
    result: { type: 'string' },
  },
});
const seed = Number(values.seed ?? DEFAULT_SEED);
const wanted = values.family ?? [];
const chosen = FAMILIES.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
const [first] = chosen;
if (first === undefined) {
  console.error(`There is no such family: ${FAMILIES.map(({ name }) => name).join(', ')}.`);
  process.exit(2);
}
if (values.result !== undefined) {
  // Who asked is gone.
  process.stdin.once('end', () => process.exit(1)).resume();
  writeFileSync(values.result, JSON.stringify(await first.run(seed)));
  process.exit(0);
}

console.log(`seed ${seed}`);
const done: { family: Family; result: Result }[] = [];
const queue = chosen.filter((family) => !ALONE.includes(family));
await Promise.all(
  Array.from({ length: AT_A_TIME }, async () => {
    for (let family = queue.shift(); family !== undefined; family = queue.shift()) await runOne(family);
  }),
);
for (const family of chosen.filter((one) => ALONE.includes(one))) await runOne(family);

if (values['again-alone'] === true)
  for (const one of done.filter(({ result }) => result.complaints.length > 0)) {
    console.log(`once more, alone: ${one.family.name}`);
    done.splice(done.indexOf(one), 1);
    await runOne(one.family);
  }

const tried = done.reduce((sum, { result }) => sum + result.tried, 0);
const failed = done.reduce((sum, { result }) => sum + result.complaints.length, 0);
console.log(`${tried} tried, ${tried - failed} survived`);
if (values.json !== undefined) writeFileSync(values.json, JSON.stringify({ passed: tried - failed, failed }));
if (values.write === true) {
  const file = join(ROOT, 'docs/robustness.md');
  writeFileSync(file, page(existsSync(file) ? readFileSync(file, 'utf8').split('\n') : []));
}
process.exitCode = failed === 0 ? 0 : 1;

async function runOne(family: Family): Promise<void> {
  const begun = Date.now();
  const result = await inProcess(family);
  done.push({ family, result });
  const survived = result.tried - result.complaints.length;
  const seconds = Math.round((Date.now() - begun) / 1000);
  console.log(`${family.name}: tried ${result.tried}, survived ${survived} (${seconds} s)`);
  for (const why of new Set(result.skipped)) console.log(`  skipped: ${why}`);
  for (const complaint of result.complaints.slice(0, 20)) console.log(`  ${complaint}`);
}

/** A family that throws, crashes or does not end is one thing that was tried and not survived; the others run all the same. */
async function inProcess({ name }: Family): Promise<Result> {
  const dir = mkdtempSync(join(tmpdir(), 'reachdoctor-family-'));
  const file = join(dir, 'result.json');
  const args = [fileURLToPath(import.meta.url), '--family', name, '--seed', String(seed), '--result', file];
  let said = '';
  const child = spawn(process.execPath, [...process.execArgv, ...args], {
    stdio: ['pipe', 'inherit', 'pipe'],
    detached: true,
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-2000);
  });
  const timer = setTimeout(() => process.kill(-(child.pid ?? 0), 'SIGKILL'), MOST_MS);
  const how = await new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(String(error)));
    child.once('exit', (code, signal) => resolve(`ended with ${code ?? signal}`));
  });
  clearTimeout(timer);
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Result;
  } catch {
    return { tried: 1, complaints: [`the family ${how}: ${said.trim()}`], skipped: [] };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
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
    'Written by `npm run robust -- --write` (test/robust/); continuous integration runs the same. Nothing here is written by',
    'hand; each row is of the last run of its family.',
    `The last of all: Node ${process.version}, ${process.platform} ${process.arch}, seed ${seed}.`,
    '',
    '| family | what is done, and what must come of it | tried | survived |',
    '| --- | --- | ---: | ---: |',
    ...rows,
    ...(left.length === 0 ? [] : ['', 'Not tried:', '', ...left]),
    '',
  ].join('\n');
}
