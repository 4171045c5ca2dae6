import { describe, expect, test } from 'vitest';
import type { Cause, Report, Where } from '../../src/model/report.ts';
import { judge } from './judge.ts';
import type { Truth } from './scenario.ts';
import { layOut } from './topology.ts';

const where: Where = { kind: 'between', hop: 2, address: '100.64.1.2', next: { hop: 3, address: null } };
const cause = (id: string, confidence: number): Cause => ({
  id,
  title: id,
  confidence,
  likelihood: 'likely',
  layer: 'path',
  owner: 'network-admin',
  address: null,
  where,
  because: [],
  against: [],
  fixes: [],
  verify: [],
  explains: [],
});
const report = (outcome: Report['outcome'], causes: Cause[]): Report => ({
  schema: 'reachdoctor.report/1',
  tool: { name: 'reachdoctor', version: '0' },
  startedAt: '2026-11-20T12:00:00.000Z',
  durationMs: 1,
  target: { input: 'x:1', host: 'x', port: 1, service: null, addresses: [] },
  outcome,
  headline: '',
  causes,
  ruledOut: [],
  cannotTell: [],
  notChecked: [],
  paths: [],
  observations: [],
  vantage: { os: 'linux', addresses: [], resolvers: [], privileges: 'user' },
});
const truth: Truth = {
  outcome: 'unreachable',
  causes: ['host-firewall-drop', 'network-firewall-drop'],
  where: [{ kind: 'between', hop: 2 }],
  maxConfidence: 0.75,
};

describe('the judge', () => {
  test('lets a right diagnosis pass', () => {
    const verdict = judge(
      report('unreachable', [cause('network-firewall-drop', 0.6), cause('host-firewall-drop', 0.3)]),
      1,
      truth,
    );
    expect(verdict.complaints).toEqual([]);
    expect(verdict.forecast).toEqual({ probability: 0.8999999999999999, right: true });
  });

  test('counts a wrong first cause with the confidence that it claimed', () => {
    const verdict = judge(
      report('unreachable', [cause('host-down', 0.6), cause('host-firewall-drop', 0.3)]),
      1,
      truth,
    );
    expect(verdict.causeRight).toBe(false);
    expect(verdict.forecast).toEqual({ probability: 0.6, right: false });
  });

  test('does not let a claim pass that is bolder than the evidence', () => {
    const verdict = judge(report('unreachable', [cause('host-firewall-drop', 0.9)]), 1, truth);
    expect(verdict.causeRight).toBe(true);
    expect(verdict.overclaimed).toBe(0.75);
    expect(verdict.complaints).toEqual(['claims 0.90, the evidence allows 0.75']);
  });

  test('wants the place, the outcome and the exit code too', () => {
    const misplaced = { ...cause('host-firewall-drop', 0.5), where: null };
    const verdict = judge(report('impaired', [misplaced]), 0, truth);
    expect([verdict.causeRight, verdict.whereRight, verdict.outcomeRight, verdict.exitRight]).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });

  test('wants no finding where nothing is wrong', () => {
    const well: Truth = { outcome: 'reachable', causes: [] };
    expect(judge(report('reachable', []), 0, well).complaints).toEqual([]);
    expect(judge(report('reachable', [cause('path-loss', 0.4)]), 0, well).causeRight).toBe(false);
  });

  test('takes a null place for a place only where the truth says so', () => {
    const nowhere: Truth = { ...truth, where: [null] };
    const placeless = { ...cause('host-firewall-drop', 0.5), where: null };
    expect(judge(report('unreachable', [placeless]), 1, nowhere).whereRight).toBe(true);
    expect(judge(report('unreachable', [cause('host-firewall-drop', 0.5)]), 1, nowhere).whereRight).toBe(
      false,
    );
  });

  test('judges by the alternative whose outcome happened', () => {
    const lottery: Truth[] = [
      { outcome: 'impaired', causes: ['path-loss'] },
      { outcome: 'reachable', causes: [] },
    ];
    expect(judge(report('reachable', []), 0, lottery).complaints).toEqual([]);
    expect(judge(report('reachable', [cause('path-loss', 0.5)]), 0, lottery).causeRight).toBe(false);
    expect(judge(report('impaired', [cause('path-loss', 0.5)]), 1, lottery).complaints).toEqual([]);
  });
});

describe('a topology', () => {
  test('gives every host a route to every other network on the path', () => {
    const { hosts, at } = layOut({ routers: 3, plan: 'home', families: 4 });
    expect(at.hop(1)).toBe('192.168.178.1');
    expect(at.hop(3)).toBe('100.64.2.2');
    expect(hosts.find((host) => host.name === 'r2')?.routes).toEqual([
      '192.168.178.0/24 via 100.64.1.1',
      '203.0.113.0/24 via 100.64.2.2',
    ]);
  });

  test('keeps both families apart and numbers hosts alike', () => {
    const { at, cables } = layOut({ routers: 1, plan: 'campus', families: 'both', sibling: true });
    expect([at.server4, at.server6, at.sibling4]).toEqual([
      '172.24.9.208',
      '2001:db8:b:9::50',
      '172.24.9.209',
    ]);
    expect(cables).toHaveLength(3);
  });
});
