import dgram from 'node:dgram';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import net from 'node:net';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, vi } from 'vitest';
import { exitCodeOf } from '../../src/command/exit-code.ts';
import { main } from '../../src/command/main.ts';
import { realParts } from '../../src/command/real-engine.ts';
import { FACT_TABLE } from '../../src/judge/facts/index.ts';
import { reportOf, viewsOf } from '../../src/judge/report-of.ts';
import { builtInRules } from '../../src/judge/rules/load.ts';
import type { Evidence } from '../../src/model/evidence.ts';
import type { Report } from '../../src/model/report.ts';
import type { Rule } from '../../src/model/rule.ts';
import { render } from '../../src/report/index.ts';
import { fakeIo } from '../command/fake-run.ts';
import { judge } from '../lab/judge.ts';
import { allScenarios } from '../lab/scenarios.ts';
import { layOut } from '../lab/topology.ts';
import { FROM_THE_LAB } from './from-the-lab.ts';

/**
 * Every NAME/evidence.json, as --save-evidence writes it, is judged again; each stage is compared with the golden
 * beside it. A bug report becomes a test by dropping its file into a new folder. `npx vitest run test/scenarios -u`
 * writes the goldens; what they say is for a person to read.
 */
const HERE = fileURLToPath(new URL('.', import.meta.url));

const names = readdirSync(HERE).filter((name) => existsSync(`${HERE}${name}/evidence.json`));
const rules = await builtInRules(FACT_TABLE);
const lab = await allScenarios();

/**
 * The rules that the goldens of a scenario are made with: those that its diagnosis.json names. A cause that is added
 * says nothing there, so the goldens of others stay as they are; that all rules together find the truth is a test of
 * its own below. Take diagnosis.json away to have every rule heard again.
 */
function rulesOf(name: string): Rule[] {
  const golden = `${HERE}${name}/diagnosis.json`;
  const { causes, ruledOut } = existsSync(golden)
    ? (JSON.parse(readFileSync(golden, 'utf8')) as ReturnType<typeof conclusions>)
    : conclusions(judgedWith(rules, name));
  const named = new Set([
    ...causes.flatMap(({ id, explains }) => [id, ...explains]),
    ...ruledOut.map(({ id }) => id),
  ]);
  return rules.filter(({ id }) => named.has(id));
}

const judgedWith = (some: readonly Rule[], name: string): Report =>
  reportOf(evidenceOf(name), some, { version: '0.0.0', durationMs: 4000 });

const evidenceOf = (name: string): Evidence =>
  JSON.parse(readFileSync(`${HERE}${name}/evidence.json`, 'utf8')) as Evidence;
const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** What was concluded, without the wording around it: a change of layout leaves this golden alone. */
const conclusions = ({ outcome, headline, causes, ruledOut, cannotTell }: Report) => ({
  outcome,
  headline,
  causes: causes.map(({ id, confidence, where, address, because, against, explains }) => ({
    id,
    confidence,
    address,
    where,
    because: because.map(({ text }) => text),
    against: against.map(({ text }) => text),
    explains: explains.map((hidden) => hidden.id),
  })),
  ruledOut,
  cannotTell,
});

it('the folders of the table are here, and their scenarios are in the lab', () => {
  expect(names).toEqual(expect.arrayContaining(Object.keys(FROM_THE_LAB)));
  expect(lab.map((one) => one.name)).toEqual(expect.arrayContaining(Object.values(FROM_THE_LAB)));
});

describe.each(names)('%s', (name) => {
  const evidence = evidenceOf(name);
  const report = judgedWith(rules, name);
  const own = judgedWith(rulesOf(name), name);

  it('facts, those that were measured', async () => {
    const measured = viewsOf(evidence).map(({ address, facts }) => [
      address ?? 'no address',
      Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== null)),
    ]);
    await expect(json(Object.fromEntries(measured))).toMatchFileSnapshot(`${name}/facts.json`);
  });

  it('diagnosis', async () => {
    await expect(json(conclusions(own))).toMatchFileSnapshot(`${name}/diagnosis.json`);
  });

  it('terminal of 80 columns', async () => {
    const text = await render('terminal', own, { width: 80, color: false });
    await expect(text).toMatchFileSnapshot(`${name}/terminal.txt`);
  });

  it('Markdown', async () => {
    await expect(await render('markdown', own)).toMatchFileSnapshot(`${name}/report.md`);
  });

  const scenario = lab.find((one) => one.name === FROM_THE_LAB[name]);
  it.skipIf(scenario === undefined)('is still the diagnosis that is true in the lab', () => {
    const truth = scenario!.truth(layOut(scenario!.topology).at);
    expect(
      judge(report, exitCodeOf(report.outcome, { stoppedBy: null, allWritten: true }), truth).complaints,
    ).toEqual([]);
  });

  it('--replay concludes the same, and nothing is sent', async () => {
    const sockets = [vi.spyOn(net.Socket.prototype, 'connect'), vi.spyOn(dgram, 'createSocket')];
    const io = fakeIo();
    const parts = realParts({ version: '0.0.0', env: {}, isRoot: false });
    const code = await main(['--replay', `${HERE}${name}/evidence.json`, '--json'], io, {
      ...parts,
      // The only part that makes doors.
      diagnose: () => Promise.reject(new Error('a replay must not run probes')),
    });
    expect(io.stderr.text).toBe('');
    expect(code).toBe(exitCodeOf(report.outcome, { stoppedBy: null, allWritten: true }));
    expect(conclusions(JSON.parse(io.stdout.text) as Report)).toEqual(conclusions(report));
    for (const socket of sockets) expect(socket).not.toHaveBeenCalled();
    vi.restoreAllMocks();
  });
});
