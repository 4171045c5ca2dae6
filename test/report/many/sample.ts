import { manyReportOf } from '../../../src/command/many/whole-report.ts';
import type { ManyCause, ManyReport, TargetResult } from '../../../src/model/many.ts';

/** What strangers may have put into a title or a name: whatever some format gives a meaning to. */
export const HOSTILE =
  '=HYPERLINK("http://x","y") ]]></failure> & <b> % ::error::x\n::stop-commands::t\r# SKIP | ` \\ " \u0000\u001b[31m \ud800 \u202e { } 1..9\nBail out!';

export const DROP: ManyCause = {
  id: 'network-firewall-drop',
  title: 'A firewall on the way silently drops TCP 5432',
  owner: 'network-admin',
  confidence: 0.91,
  observed: false,
  where: { kind: 'between', hop: 3, address: '198.51.100.9', next: { hop: 4, address: null } },
  stop: { hop: 3, address: '198.51.100.9' },
  rival: null,
};

export function result(n: number, more: Partial<TargetResult> = {}): TargetResult {
  const host = `db${n}.example.com`;
  return {
    n,
    target: `${host}:5432`,
    host,
    port: 5432,
    service: 'postgresql',
    expected: { state: 'reachable', cause: null, withinMs: null, from: null },
    verdict: 'held',
    missed: null,
    outcome: 'reachable',
    state: 'reachable',
    headline: `TCP 5432 on ${host} accepted the connection in 2 ms.`,
    cause: null,
    depth: 'whole',
    phases: { name: 0.012, connection: 0.002, tls: null, answer: 0.004 },
    startedAt: '2026-11-20T12:00:00.000Z',
    durationMs: 412,
    syns: 1,
    text: [],
    ...more,
  };
}

export const dropped = (n: number, more: Partial<TargetResult> = {}): TargetResult =>
  result(n, {
    verdict: 'failed',
    missed: 'state',
    outcome: 'unreachable',
    state: 'filtered',
    headline: `db${n}.example.com:5432: A firewall on the way silently drops TCP 5432.`,
    cause: DROP,
    phases: { name: null, connection: null, tls: null, answer: null },
    text: ['TCP 5432 cannot be used from this client.', 'Please: Allow it.'],
    ...more,
  });

export const notRun = (n: number): TargetResult =>
  result(n, {
    verdict: 'not-tested',
    outcome: null,
    state: null,
    headline: null,
    depth: null,
    startedAt: null,
    durationMs: 0,
    syns: 0,
    phases: { name: null, connection: null, tls: null, answer: null },
  });

/** One of each kind, and one whose words are a stranger's. */
export const MIXED: ManyReport = manyReportOf(
  [
    result(1),
    dropped(2),
    dropped(3, { depth: 'connections' }),
    dropped(4, {
      verdict: 'held',
      missed: null,
      expected: { state: 'filtered', cause: null, withinMs: null, from: null },
    }),
    result(5, {
      verdict: 'unknown',
      outcome: 'undetermined',
      state: null,
      headline: 'Nothing was measured.',
    }),
    dropped(6, {
      target: 'db6.example.com:5432',
      headline: HOSTILE,
      cause: { ...DROP, title: HOSTILE, where: { kind: 'target', address: HOSTILE } },
      text: [HOSTILE, HOSTILE],
    }),
    notRun(7),
  ],
  { startedAt: '2026-11-20T12:00:00.000Z', durationMs: 4012, endedBy: null, version: '0.1.0' },
);
