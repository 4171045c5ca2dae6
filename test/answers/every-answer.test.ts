import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { main } from '../../src/command/main.ts';
import { realParts } from '../../src/command/real-engine.ts';
import { withAnswers } from '../../src/gather/answers.ts';
import { extraTestOf } from '../../src/gather/extra-tests.ts';
import { changeBetween, inquiriesOf } from '../../src/gather/inquiries.ts';
import { nextSteps } from '../../src/gather/plan/index.ts';
import { FACT_TABLE } from '../../src/judge/facts/index.ts';
import { readingsOf } from '../../src/judge/readings/index.ts';
import { reportOf } from '../../src/judge/report-of.ts';
import { builtInRules } from '../../src/judge/rules/load.ts';
import type { Evidence } from '../../src/model/evidence.ts';
import { ANSWERS } from '../../src/model/inquiry.ts';
import type { Report } from '../../src/model/report.ts';
import type { Answers } from '../../src/model/request.ts';
import { fakeIo } from '../command/fake-run.ts';

/**
 * What every answer of every question changes, in runs that the lab made (`npm run lab -- --keep-reports DIR NAME`; raw
 * output of tools is left out). `moves`: so much of the whole stands elsewhere afterwards; `leads`: the cause that leads
 * then, where it is another; `measures`: steps that are made because of it; `says`: what the report says of it.
 */
const rules = await builtInRules(FACT_TABLE);
const RUN = { version: '0.0.0', durationMs: 0 };

const evidenceOf = (name: string): Evidence =>
  JSON.parse(readFileSync(new URL(`./${name}.json`, import.meta.url), 'utf8')) as Evidence;

function changed(name: string, answer: Answers) {
  const before = evidenceOf(name);
  const after = withAnswers(before, answer);
  const [was, is] = [reportOf(before, rules, RUN), reportOf(after, rules, RUN)];
  const made = new Set(before.observations.map(({ id }) => id));
  const planned = (evidence: Evidence) =>
    nextSteps(readingsOf(evidence)).flatMap(({ id, probe }) =>
      probe === 'answer' || made.has(id) ? [] : [id],
    );
  const already = planned(before);
  const said = is.cannotTell.filter(({ text }) => !was.cannotTell.some((one) => one.text === text));
  return {
    moves: changeBetween(was.causes, is.causes),
    leads: is.causes[0]?.id === was.causes[0]?.id ? null : (is.causes[0]?.id ?? null),
    measures: planned(after).filter((id) => !already.includes(id)),
    says: said.map(({ text }) => text).join(' '),
  };
}

type Change = { moves?: number; leads?: string; measures?: string[]; says?: string };
const CHANGES: [question: keyof Answers, value: string, scenario: string, change: Change][] = [
  ['symptom', 'refused', 'balancer-one-refuses', { moves: 0.05 }],
  ['symptom', 'refused', 'silent-host', { says: 'You see "connection refused"; from here TCP' }],
  ['symptom', 'hangs', 'full-queue', { moves: 0.05 }],
  ['symptom', 'certificate-error', 'unknown-service', { measures: ['tls-1'] }],
  ['symptom', 'certificate-error', 'silent-host', { says: 'does not answer. The program that complains' }],
  [
    'symptom',
    'intermittent',
    'unknown-service',
    { measures: ['tcp-sample-1', 'ping-over-time-1', 'ping-large-1'] },
  ],
  ['symptom', 'intermittent', 'silent-host', { measures: ['tcp-sample-1'] }],
  ['symptom', 'intermittent', 'full-queue', { moves: 0.04 }],
  [
    'symptom',
    'slow',
    'unknown-service',
    {
      measures: ['ping-over-time-1', 'ping-large-1', 'ping-1', 'alternate-ports-1', 'local-network-1'],
      says: 'None of them is slow.',
    },
  ],
  ['symptom', 'slow', 'slow-web-server', { says: 'What takes long is the first words of the answer.' }],
  ['symptom', 'slow', 'full-queue', { moves: 0.04 }],
  ['worked-before', 'yes', 'silent-host', { moves: 0.05 }],
  ['worked-before', 'no', 'silent-host', { moves: 0.05 }],
  ['others-can-reach', 'yes', 'silent-host', { moves: 0.2 }],
  ['others-can-reach', 'no', 'silent-host', { moves: 0.1, leads: 'host-down' }],
  ['vpn-or-proxy', 'yes', 'private-elsewhere', { moves: 0.05, says: "which is no VPN's interface" }],
  ['vpn-or-proxy', 'yes', 'unknown-service', { measures: ['local-network-1'] }],
  ['vpn-or-proxy', 'no', 'private-elsewhere', { moves: 0.1, leads: 'private-address-elsewhere' }],
];

describe('what an answer changes', () => {
  it.each(CHANGES)('%s=%s in %s', (question, value, scenario, change) => {
    const found = changed(scenario, { [question]: value });
    if (change.moves !== undefined) expect(found.moves).toBeGreaterThanOrEqual(change.moves);
    if (change.leads !== undefined) expect(found.leads).toBe(change.leads);
    if (change.measures !== undefined) expect(found.measures).toEqual(change.measures);
    if (change.says !== undefined) expect(found.says).toContain(change.says);
  });

  it('every answer of every question stands in the table', () => {
    const all = Object.entries(ANSWERS).flatMap(([question, values]) =>
      values.map((value) => `${question}=${value}`),
    );
    const told = new Set(CHANGES.map(([question, value]) => `${question}=${value}`));
    expect(all.filter((one) => !told.has(one))).toEqual([]);
  });

  it('"I don\'t know" changes nothing', () => {
    for (const question of Object.keys(ANSWERS) as (keyof Answers)[])
      expect(changed('silent-host', { [question]: 'unknown' })).toEqual({
        moves: 0,
        leads: null,
        measures: [],
        says: '',
      });
  });
});

describe('what is asked', () => {
  it.each([
    // Whether others can reach it parts a filter from a host that is off; nothing more is worth asking.
    ['silent-host', ['others-can-reach', 'worked-before', 'symptom']],
    ['private-elsewhere', ['vpn-or-proxy', 'symptom']],
    // It works from here, so what is not well is the user's to say.
    ['unknown-service', ['symptom', 'vpn-or-proxy']],
    // Read, or as good as certain.
    ['slow-web-server', []],
  ])('%s: %j', (scenario, questions) => {
    expect(inquiriesOf(evidenceOf(scenario), rules).map(({ question }) => question)).toEqual(questions);
  });

  it('nothing that was answered is asked again', () => {
    const answered = withAnswers(evidenceOf('silent-host'), { 'others-can-reach': 'yes' });
    expect(inquiriesOf(answered, rules).map(({ question }) => question)).not.toContain('others-can-reach');
  });

  it('the worth is the mean over the answers of what moves, and the same every time', () => {
    const [first] = inquiriesOf(evidenceOf('silent-host'), rules);
    expect(first?.effects.map(({ value }) => value)).toEqual(['yes', 'no']);
    const mean = first!.effects.reduce((sum, { change }) => sum + change, 0) / 2;
    expect(first?.worth).toBeCloseTo(mean, 10);
    expect(inquiriesOf(evidenceOf('silent-host'), rules)[0]).toEqual(first);
  });

  it('a change is what stands elsewhere, what is not in the catalogue included', () => {
    const cause = (id: string, confidence: number) => ({ id, confidence }) as never;
    expect(changeBetween([cause('a', 0.6)], [cause('a', 0.6)])).toBe(0);
    expect(changeBetween([cause('a', 0.6)], [cause('b', 0.6)])).toBeCloseTo(0.6);
    expect(changeBetween([cause('a', 0.6)], [])).toBeCloseTo(0.6);
  });
});

describe('--answer with --replay', () => {
  it('judges the saved run as if it had been answered so', async () => {
    const file = fileURLToPath(new URL('./silent-host.json', import.meta.url));
    const told = async (...more: string[]) => {
      const io = fakeIo();
      const parts = realParts({ version: '0.0.0', env: {}, isRoot: false });
      await main(['--replay', file, '--json', ...more], io, parts);
      return JSON.parse(io.stdout.text) as Report;
    };
    const [plain, answered] = [await told(), await told('--answer', 'others-can-reach=yes')];
    expect(changeBetween(plain.causes, answered.causes)).toBeGreaterThan(0.2);
    expect(answered.observations.map(({ id }) => id)).toContain('answer-others-can-reach');
  });
});

describe('one more test', () => {
  const tested = (name: string, change: (evidence: Evidence) => Evidence = (one) => one) => {
    const evidence = change(evidenceOf(name));
    return extraTestOf(evidence, reportOf(evidence, rules, RUN), rules);
  };
  const withCase = (evidence: Evidence): Evidence => ({ ...evidence, case: { id: 'c' } as never });

  it('is the one whose facts the leading causes wait for', () => {
    // Whether this network blocks the port towards everyone is not known until another host was tried.
    expect(tested('silent-host')).toBe('reference-host');
    expect(tested('silent-host', withCase)).toBe('reference-host');
  });

  it('is none where one cause stands alone, and none that was made already', () => {
    expect(tested('slow-web-server', withCase)).toBeNull();
    const asked = (one: Evidence) => ({ ...one, request: { ...one.request, controlHost: '192.0.2.9' } });
    expect(tested('silent-host', asked)).not.toBe('reference-host');
    expect(tested('silent-host', (one) => withCase(asked(one)))).toBe('other-end');
  });
});
