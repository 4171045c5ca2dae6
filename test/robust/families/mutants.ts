import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { wrongPlace } from '../../../src/command/evidence-schema.ts';
import { FACT_TABLE } from '../../../src/judge/facts/index.ts';
import { reportOf } from '../../../src/judge/report-of.ts';
import { loadRules, parseRule } from '../../../src/judge/rules/load.ts';
import type { Evidence } from '../../../src/model/evidence.ts';
import type { Rule } from '../../../src/model/rule.ts';
import { render } from '../../../src/report/index.ts';
import { redactReport } from '../../../src/report/redact.ts';
import {
  type Family,
  many,
  type Result,
  ROOT,
  randomOf,
  runCli,
  textOf,
  together,
  wrongWithReport,
  wrongWithSentence,
} from '../family.ts';

const EVIDENCE = 1500;
const RULES = 600;
/** Through the program itself: each costs a start of it. */
const WHOLE = 40;

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

const STRANGE: Json[] = [
  null,
  true,
  -1,
  0,
  1e308,
  65536,
  1.5,
  '',
  'x'.repeat(20_000),
  '\u001b[2J',
  '__proto__',
  '2026-99-99T99:99:99Z',
  [],
  {},
  [null],
  { constructor: 1 },
  '999.999.999.999',
  ':::',
];

/** Changes `count` places of a JSON value: a field gone, another's value, something strange, a list repeated. */
function mutated(value: Json, random: () => number, count: number): Json {
  const copy = structuredClone(value);
  const places: { holder: Json[] | { [key: string]: Json }; key: string }[] = [];
  const walk = (one: Json) => {
    if (one === null || typeof one !== 'object') return;
    for (const key of Object.keys(one)) {
      places.push({ holder: one, key });
      walk((one as { [key: string]: Json })[key] ?? null);
    }
  };
  walk(copy);
  for (let n = 0; n < count; n++) {
    const at = places[Math.floor(random() * places.length)];
    const other = places[Math.floor(random() * places.length)];
    if (at === undefined || other === undefined) continue;
    const holder = at.holder as { [key: string]: Json };
    const kind = random();
    if (kind < 0.2) delete holder[at.key];
    else if (kind < 0.4)
      holder[at.key] = structuredClone((other.holder as { [key: string]: Json })[other.key] ?? null);
    else if (kind < 0.5 && Array.isArray(holder[at.key]))
      holder[at.key] = Array.from({ length: 200 }, () => (holder[at.key] as Json[])[0] ?? null);
    else holder[at.key] = structuredClone(STRANGE[Math.floor(random() * STRANGE.length)] ?? null);
  }
  return copy;
}

function garbled(text: string, random: () => number): string {
  const at = () => Math.floor(random() * text.length);
  const [a, b] = [at(), at()].sort((x, y) => x - y) as [number, number];
  const kind = random();
  if (kind < 0.25) return text.slice(0, a) + text.slice(Math.min(b, a + 40));
  if (kind < 0.5) return text.slice(0, a) + text.slice(a, Math.min(b, a + 60)).repeat(3) + text.slice(a);
  if (kind < 0.75)
    return text.slice(0, a) + '\u0000:[{]}"\'&*!|>%@`\t-'.charAt(at() % 18) + text.slice(a + 1);
  return text.slice(0, a);
}

export const mutants: Family = {
  name: 'mutated evidence and rules',
  what: `${EVIDENCE} mutants of saved evidence judged and written in five formats, ${RULES} mutants of rules read, ${WHOLE} of each through the program: a report, or one sentence and exit code 2, and never a stack trace`,
  run: async (seed) => {
    const random = randomOf(seed);
    const folder = join(ROOT, 'test/scenarios');
    const saved = readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => JSON.parse(textOf(join(folder, entry.name, 'evidence.json'))) as Json);
    const { rules } = await loadRules(join(ROOT, 'rules'), FACT_TABLE);
    const files = readdirSync(join(ROOT, 'rules'), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.yaml'))
      .map((file) => join(ROOT, 'rules', file));
    const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
    const evidence = Array.from({ length: EVIDENCE }, () =>
      mutated(pick(saved), random, 1 + Math.floor(random() * 3)),
    );
    const texts = Array.from({ length: RULES }, () => ({ file: pick(files), text: '' }));
    for (const one of texts) one.text = garbled(textOf(one.file), random);
    return together(
      await judged(evidence, rules),
      await read(texts),
      await through(evidence.slice(0, WHOLE), texts.slice(0, WHOLE)),
    );
  },
};

const complaint = (what: string, error: unknown): string =>
  `${what}: ${error instanceof Error ? (error.stack ?? '').split('\n').slice(0, 3).join(' ') : String(error)}`;

function judged(cases: readonly Json[], rules: Rule[]): Promise<Result> {
  return many(cases, 1, async (one) => {
    try {
      if (wrongPlace(one) !== null) return null;
      const report = reportOf(one as unknown as Evidence, rules, { version: '0', durationMs: 1 });
      for (const format of ['json', 'terminal', 'text', 'markdown', 'html'] as const)
        await render(format, report);
      redactReport(report);
      return null;
    } catch (error) {
      return complaint('evidence', error);
    }
  });
}

function read(cases: readonly { file: string; text: string }[]): Promise<Result> {
  return many(cases, 1, async ({ file, text }) => {
    try {
      await parseRule(text, file, FACT_TABLE);
      return null;
    } catch (error) {
      return complaint(`rule ${file.slice(ROOT.length)}`, error);
    }
  });
}

async function through(
  evidence: readonly Json[],
  texts: readonly { file: string; text: string }[],
): Promise<Result> {
  const dir = mkdtempSync(join(tmpdir(), 'reachdoctor-mutants-'));
  try {
    const cases = [
      ...evidence.map((one, n) => {
        const file = join(dir, `${n}.json`);
        writeFileSync(file, JSON.stringify(one));
        return { label: `--replay ${n}`, argv: ['--replay', file, '--json'] };
      }),
      ...texts.map(({ file, text }, n) => {
        const folder = mkdtempSync(join(dir, 'rules-'));
        writeFileSync(join(folder, file.split('/').at(-1) ?? 'a.yaml'), text);
        return { label: `--rules ${n}`, argv: ['--list-causes', '--rules', folder] };
      }),
    ];
    return await many(cases, 2, async ({ label, argv }) => {
      const ran = await runCli(argv, { patienceMs: 30_000 });
      if (argv[0] === '--list-causes' && ran.code === 0) return null;
      if (argv[0] === '--list-causes') {
        const told =
          /^reachdoctor: [\s\S]+\n$/.test(ran.stderr) && !/\n\s+at /.test(ran.stderr) && ran.code === 2;
        return told ? null : `${label}: ended with ${ran.code}: ${ran.stderr.slice(0, 200)}`;
      }
      const wrong = ran.code === 2 ? wrongWithSentence(ran, 2) : wrongWithReport(ran);
      return wrong === null ? null : `${label}: ${wrong}`;
    });
  } finally {
    rmSync(dir, { recursive: true });
  }
}
