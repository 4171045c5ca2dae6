import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { FACT_TABLE } from '../../src/judge/facts/index.ts';
import { factsNamedIn } from '../../src/judge/rules/condition.ts';
import { builtInBook, builtInRules } from '../../src/judge/rules/load.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const rules = await builtInRules(FACT_TABLE);

describe.each(rules)('$id', (rule) => {
  test('lies in the folder of its layer', () => {
    expect(rule.file).toContain(`/rules/${rule.layer}/`);
  });
  test('has a reason for each weight, something to do and something to look at', () => {
    expect(rule.evidence.filter((one) => one.reason === undefined).map((one) => one.say)).toEqual([]);
    expect(rule.evidence.length).toBeGreaterThan(0);
    expect(rule.fix.length).toBeGreaterThan(0);
    expect(rule.verify.length).toBeGreaterThan(0);
  });
  test('has a gate that something measured must open', () => {
    const measured = factsNamedIn(rule.when).filter((fact) => FACT_TABLE[fact]!.from.length > 0);
    expect(measured).not.toEqual([]);
  });
});

describe('conditions.yaml', async () => {
  const { conditions, proofs } = (await builtInBook(FACT_TABLE)).shared;
  const texts = await Promise.all(
    [...rules.map((rule) => rule.file!), join(root, 'rules/conditions.yaml')].map((file) =>
      readFile(file, 'utf8'),
    ),
  );
  const uses = (pattern: RegExp) => texts.flatMap((text) => [...text.matchAll(pattern)]).length;
  test.each(Object.keys(conditions))('%s is used in two places', (name) => {
    expect(uses(new RegExp(`\\bis: ${name}\\b`, 'g'))).toBeGreaterThan(1);
  });
  test.each(Object.keys(proofs))('the proof %s is shared by two causes', (name) => {
    expect(uses(new RegExp(`proof: ${name}\\b`, 'g'))).toBeGreaterThan(1);
  });
  test('a proof that two causes have stands there', () => {
    const own = rules.flatMap((rule) => rule.ruledOut.map((one) => JSON.stringify(one.if)));
    const shared = new Set(Object.values(proofs).map((one) => JSON.stringify(one.if)));
    expect(own.filter((one, i) => own.indexOf(one) !== i && !shared.has(one))).toEqual([]);
  });
});

describe('the build step', () => {
  const compile = (from: string, to: string) =>
    promisify(execFile)(process.execPath, ['--import', 'tsx', 'src/judge/rules/compile.ts', from, to], {
      cwd: root,
    });

  test('has written the rules as JSON', async () => {
    const compiled = JSON.parse(await readFile(join(root, 'dist/rules.json'), 'utf8'));
    expect(compiled.rules.map((rule: { id: string }) => rule.id)).toEqual(rules.map((rule) => rule.id));
    expect(compiled.rules.map((rule: { file: string }) => ({ ...rule, file: '' }))).toEqual(
      rules.map((rule) => ({ ...rule, file: '' })),
    );
  });

  test('fails with every message and writes nothing', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'reachdoctor-compile-'));
    await writeFile(join(dir, 'one.yaml'), 'id: one\n');
    await writeFile(join(dir, 'two.yaml'), '[]\n');
    const failure = await compile(dir, join(dir, 'rules.json')).then(
      () => null,
      (error: { code: number; stderr: string }) => error,
    );
    expect(failure?.code).toBe(1);
    expect(failure?.stderr).toContain(`${dir}/one.yaml:1:1: a rule lacks "title"`);
    expect(failure?.stderr).toContain(`${dir}/two.yaml:1:1: a rule is a map of keys`);
    await expect(readFile(join(dir, 'rules.json'))).rejects.toThrow('ENOENT');
    await rm(dir, { recursive: true });
  });
});
