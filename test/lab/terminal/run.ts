/**
 * `npm run lab:terminal -- [--write] [--columns 60] [words of a name]`: the wizard driven from its first to its last screen in
 * the lab's networks, every screen held against `goldens/`. What differs from run to run (times, references, numbers of
 * ports) is masked; `--write` writes the screens for a person to read. Exits 1 where a screen differs, or something got stuck.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { FROM_THE_LAB } from '../../scenarios/from-the-lab.ts';
import { outputInScenario, prepareLab } from '../laboratory.ts';
import { allScenarios } from '../scenarios.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    write: { type: 'boolean', default: false },
    columns: { type: 'string', default: '80' },
    rows: { type: 'string', default: '24' },
  },
});
const GOLDENS = fileURLToPath(new URL('./goldens/', import.meta.url));
const LIMIT_SECONDS = 110;

interface Driven {
  exit: number | null;
  screens: { name: string; text: string }[];
}

/** What no two runs share. Widths stay. */
const masked = (text: string): string =>
  text
    .replace(/\b\d+(\.\d+)? ?ms\b/g, 'N ms')
    .replace(/\b\d+(\.\d+)? s\b/g, 'N s')
    .replace(/RD-\d{8}-\d{6}-[0-9a-f]{4}/g, 'RD-DATE-TIME-CASE')
    .replace(/\d{4}-\d\d-\d\d[T ][0-9:.]+Z?/g, 'TIME')
    .replace(/\/tmp\/[^\s']+/g, '/tmp/DIR');
/** Of the run in progress no two screens are the same: it is only looked at that nothing is wider or called by an inner name. */
const UNSTABLE = new Set(['measuring']);

function drawn({ exit, screens }: Driven, columns: number): string {
  const rule = '-'.repeat(columns);
  return `${screens
    .filter(({ name }) => !UNSTABLE.has(name))
    .map(({ name, text }) => `${name}\n${rule}\n${masked(text)}\n${rule}\n`)
    .join('\n')}\nexit code ${exit}\n`;
}

const columns = Number(values.columns);
const rows = Number(values.rows);
const all = await allScenarios();
const lab = await prepareLab();
if ('impossible' in lab) {
  console.error(lab.impossible);
  process.exit(2);
}
try {
  await mkdir(GOLDENS, { recursive: true });
  for (const [folder, name] of Object.entries(FROM_THE_LAB)) {
    if (!positionals.every((word) => folder.includes(word))) continue;
    const scenario = all.find((one) => one.name === name);
    if (scenario === undefined) throw new Error(`no scenario is called ${name}`);
    const { text } = await outputInScenario(
      lab,
      scenario,
      (at) => [
        '/run/lab/node',
        `${lab.services}/person.js`,
        String(columns),
        String(rows),
        scenario.target(at),
      ],
      { limitSeconds: LIMIT_SECONDS },
    );
    const driven = JSON.parse(text) as Driven;
    const now = drawn(driven, columns);
    const file = `${GOLDENS}${folder}.${columns}x${rows}.txt`;
    if (values.write) await writeFile(file, now);
    const golden = await readFile(file, 'utf8').catch(() => '');
    const complaints = [
      ...driven.screens.filter(({ name }) => name.startsWith('stuck')).map(({ name }) => name),
      ...(driven.exit === null ? ['it did not end'] : []),
      ...driven.screens
        .filter(({ text }) => text.split('\n').some((line) => [...line].length > columns))
        .map(({ name }) => `${name} is too wide`),
      ...(golden === now ? [] : [`differs from ${file}`]),
    ];
    console.log(
      `${complaints.length === 0 ? 'ok  ' : 'FAIL'} ${folder}${complaints.length === 0 ? '' : `: ${complaints.join('; ')}`}`,
    );
    if (complaints.length > 0) {
      process.exitCode = 1;
      if (golden !== now) console.log(now);
    }
  }
} finally {
  await lab.close();
}
