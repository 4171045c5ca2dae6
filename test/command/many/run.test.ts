import { describe, expect, it } from 'vitest';
import { type RunDeps, runMany } from '../../../src/command/many/run.ts';
import { type Entry, EXPECT_REACHABLE } from '../../../src/command/many/target-list.ts';
import { manyReportOf } from '../../../src/command/many/whole-report.ts';
import type { Doors, NativeJob } from '../../../src/doors/types.ts';
import { diagnose } from '../../../src/gather/gather.ts';
import { FACT_TABLE } from '../../../src/judge/facts/index.ts';
import { builtInRules } from '../../../src/judge/rules/load.ts';
import type { TargetResult } from '../../../src/model/many.ts';
import type { Sight, View } from '../../../src/model/views.ts';
import { replies, request, vantage } from '../../evidence.ts';
import { virtualClock } from '../../virtual-clock.ts';

const rules = await builtInRules(FACT_TABLE);

interface World {
  /** The last router that answers a sweep of the port, by address; absent = 198.51.100.9 at hop 3. */
  stops?: Record<string, string>;
  open?: readonly string[];
  refused?: readonly string[];
}

/** A network in which addresses are silent behind a router unless the world says otherwise, on a clock of its own. */
function world({ stops = {}, open = [], refused = [] }: World = {}) {
  const clock = virtualClock();
  const jobs: NativeJob[] = [];
  const connects: { address: string; atMs: number }[] = [];
  const doors: Doors = {
    platform: 'linux',
    clock,
    connectTcp: async (address, port, { timeoutMs, signal }) => {
      const begun = clock.elapsed();
      connects.push({ address, atMs: begun });
      const isTarget = port === 5432;
      const outcome =
        isTarget && open.includes(address)
          ? 'open'
          : isTarget && refused.includes(address)
            ? 'refused'
            : null;
      if (outcome === null) await clock.sleep(timeoutMs, signal);
      else await clock.sleep(3);
      const ended = outcome ?? (signal.aborted ? 'cancelled' : 'timeout');
      return {
        outcome: ended,
        code: outcome === 'refused' ? 'ECONNREFUSED' : null,
        local: false,
        elapsedMs: clock.elapsed() - begun,
      };
    },
    runCommand: async ({ file }) => ({
      status: 'missing',
      exitCode: null,
      stdout: '',
      stderr: '',
      commandLine: file,
    }),
    readText: async () => null,
    lookup: async () => [],
    dnsQuery: async () => {
      throw new Error('no name is asked for');
    },
    native: async (job, signal) => {
      jobs.push(job);
      if (job.job !== 'sweep') return { status: 'unavailable', reason: 'linux-only', enable: null };
      await clock.sleep(job.holdMs, signal);
      if (signal.aborted) return { status: 'cancelled' };
      const stop = stops[job.address] ?? '198.51.100.9';
      const hops = ['10.0.0.1', '203.0.113.1', stop, '*', '*', '*'];
      return {
        status: 'swept',
        trace: {
          method: job.protocol === 'tcp' ? 'tcp-syn' : job.protocol,
          protocol: job.protocol,
          port: job.protocol === 'icmp' ? null : job.port,
          address: job.address,
          replies: replies(job.address, hops),
          counters: null,
        },
      };
    },
    speak: async () => ({ connected: false, outcome: 'timeout', code: null }),
  };
  const sweeps = () =>
    jobs.flatMap((job) =>
      job.job === 'sweep' && job.protocol === 'tcp' && job.port === 5432 ? [job.address] : [],
    );
  return { clock, doors, jobs, sweeps, connects };
}

const entry = (host: string, more: Partial<Entry['expected']> = {}): Entry => ({
  target: { input: `${host}:5432`, host, port: 5432, service: null, serviceNamed: false, path: '/' },
  expected: { ...EXPECT_REACHABLE, ...more },
});
const many = (count: number, net = '192.0.2') =>
  Array.from({ length: count }, (_, i) => entry(`${net}.${i + 1}`));

async function run(
  { clock, doors }: Pick<ReturnType<typeof world>, 'clock' | 'doors'>,
  entries: Entry[],
  more: Partial<RunDeps> = {},
) {
  const ended: number[] = [];
  let atWork = 0;
  let most = 0;
  const results = await runMany({
    entries,
    requestOf: ({ target }) => ({ ...request(), target }),
    diagnose: (asked, deps) =>
      diagnose(asked, { doors, rules, version: 'test', vantage: vantage(), ...deps }),
    broken: (_, bug) => {
      throw bug;
    },
    lookFrom: async () => {
      throw new Error('nobody looks from elsewhere');
    },
    redact: null,
    clock,
    signal: new AbortController().signal,
    jobs: 64,
    wholeAtOnce: 4,
    onStart: () => {
      most = Math.max(most, ++atWork);
    },
    onResult: async ({ n, depth }) => {
      if (depth !== null) atWork--;
      ended.push(n);
    },
    ...more,
  });
  return { results, ended, most };
}
const depths = (results: TargetResult[]) => {
  const count = (depth: TargetResult['depth']) => results.filter((one) => one.depth === depth).length;
  return { whole: count('whole'), sweep: count('sweep'), connections: count('connections') };
};
const reportOf = (targets: TargetResult[]) =>
  manyReportOf(targets, { startedAt: '2026-01-01T00:00:00Z', durationMs: 0, endedBy: null, version: 'test' });

describe('many silent targets', () => {
  it('one diagnosis, two sweeps that agree, and then one in ten', async () => {
    const net = world();
    const { results } = await run(net, many(23));
    expect(depths(results)).toEqual({ whole: 1, sweep: 4, connections: 18 });
    expect(new Set(net.sweeps()).size).toBe(5);
    const { shared } = reportOf(results);
    expect(shared.map(({ targets, notSwept }) => [targets.length, notSwept])).toEqual([[23, 18]]);
    expect(shared[0]?.cause.where).toMatchObject({ hop: 3, address: '198.51.100.9' });
  });

  it('who is stopped elsewhere is diagnosed as a whole, and has its own place', async () => {
    const net = world({ stops: { '192.0.2.2': '198.51.100.77' } });
    const { results } = await run(net, many(8));
    const odd = results[1];
    expect(odd?.depth).toBe('whole');
    expect(odd?.cause?.where).toMatchObject({ address: '198.51.100.77' });
    expect(
      results
        .filter(({ depth }) => depth === 'connections')
        .every(
          ({ cause }) =>
            cause?.where != null && 'address' in cause.where && cause.where.address === '198.51.100.9',
        ),
    ).toBe(true);
  });

  it('where every one stops at a place of its own, each is diagnosed as a whole', async () => {
    const stops = Object.fromEntries(
      many(6).map(({ target: { host } }, i) => [host, `198.51.100.${i + 20}`]),
    );
    const { results } = await run(world({ stops }), many(6));
    expect(depths(results)).toEqual({ whole: 6, sweep: 0, connections: 0 });
  });
});

describe('a run', () => {
  it('results stand in the order of the list, and are told in the order in which they end', async () => {
    const net = world({ open: ['192.0.2.3'] });
    const { results, ended } = await run(net, many(3));
    expect(results.map(({ n }) => n)).toEqual([1, 2, 3]);
    expect(ended[0]).toBe(3);
  });

  it('one conversation a service, whoever names it how often; each has its own expectation', async () => {
    const net = world({ refused: ['192.0.2.1'] });
    const { results } = await run(net, [entry('192.0.2.1'), entry('192.0.2.1', { state: 'refused' })]);
    expect(results.map(({ verdict, missed }) => [verdict, missed])).toEqual([
      ['failed', 'state'],
      ['held', null],
    ]);
    const { results: alone } = await run(world({ refused: ['192.0.2.1'] }), many(1));
    expect(results[0]?.syns).toBe(alone[0]?.syns);
  });

  it('redacted, no address of a router is told, whole or taken from others', async () => {
    const redact: RunDeps['redact'] = async (report) => {
      const text = JSON.stringify(report).replaceAll('198.51.100.9', 'address-1');
      return JSON.parse(text) as typeof report;
    };
    const { results } = await run(world(), many(8), { redact });
    expect(JSON.stringify(reportOf(results))).not.toContain('198.51.100.9');
    expect(reportOf(results).shared).toHaveLength(1);
  });

  it('no more than so many are at work at once', async () => {
    expect((await run(world(), many(12), { jobs: 3 })).most).toBe(3);
    expect((await run(world(), many(12), { jobs: 1 })).most).toBe(1);
  });

  it('ports of one host and hosts of one network begin apart', async () => {
    const net = world();
    const port = (n: number): Entry => ({
      ...entry('192.0.2.9'),
      target: { ...entry('192.0.2.9').target, port: n },
    });
    await run(net, [port(1), port(2), entry('192.0.2.10'), entry('203.0.113.5')]);
    const first = (address: string, nth = 0) =>
      net.connects.filter((one) => one.address === address)[nth]?.atMs ?? Number.NaN;
    expect(first('203.0.113.5')).toBe(0);
    expect(first('192.0.2.10')).toBe(20);
    expect(first('192.0.2.9', 3)).toBeGreaterThanOrEqual(300);
  });

  it('ended half-way: what is finished is known, and the rest is named', async () => {
    const net = world({ open: ['192.0.2.1'] });
    const stop = new AbortController();
    void net.clock.sleep(1000).then(() => stop.abort('SIGINT'));
    const { results } = await run(net, many(5), { signal: stop.signal, jobs: 2 });
    expect(results.map(({ verdict }) => verdict)).toEqual([
      'held',
      'not-tested',
      'not-tested',
      'not-tested',
      'not-tested',
    ]);
    expect(reportOf(results).counts).toEqual({ held: 1, failed: 0, unknown: 0, 'not-tested': 4 });
  });
});

describe('a place that the list names', () => {
  const asSeen =
    (outcome: 'open' | 'refused' | 'timeout' | 'pending' | 'local-error' | null): RunDeps['lookFrom'] =>
    async (seen, from) => {
      const view = { name: 'from-1', kind: 'vantage', by: from, ok: outcome !== null, reason: null } as View;
      const target =
        outcome === null ? null : { port: 5432, outcome, code: null, elapsedMs: 1, sender: null };
      const sight = { view: 'from-1', address: '192.0.2.1', target, proves: outcome !== null } as Sight;
      return { ...seen, report: { ...seen.report, views: [view], sights: [sight] } };
    };

  it.each([
    ['open', 'reachable', 'held', 'reachable'],
    ['open', 'filtered', 'failed', 'reachable'],
    ['refused', 'refused', 'held', 'refused'],
    ['timeout', 'filtered', 'held', 'filtered'],
    ['timeout', 'reachable', 'failed', 'filtered'],
    // Not connected, and a refusal is not told from silence there.
    ['pending', 'unreachable', 'held', 'unreachable'],
    ['pending', 'filtered', 'failed', 'unreachable'],
    // The place could not even send.
    ['local-error', 'reachable', 'unknown', null],
    [null, 'reachable', 'unknown', null],
  ] as const)('sees it %s where it is to be %s: %s', async (outcome, wanted, verdict, state) => {
    const from = 'ssh:web1';
    const { results } = await run(world(), [entry('192.0.2.1', { state: wanted, from })], {
      lookFrom: asSeen(outcome),
    });
    expect(results[0]).toMatchObject({ verdict, state });
    // What stops this machine is no cause for a place that gets there.
    if (outcome === 'open') expect(results[0]?.cause).toBeNull();
  });

  it('is asked beside this machine where both are in the list', async () => {
    const asked: string[] = [];
    const { results } = await run(
      world({ open: ['192.0.2.1'] }),
      [entry('192.0.2.1'), entry('192.0.2.1', { from: 'netns:dmz', state: 'filtered' })],
      {
        lookFrom: async (seen, from) => {
          asked.push(from);
          return asSeen('timeout')(seen, from);
        },
      },
    );
    expect(results.map(({ verdict }) => verdict)).toEqual(['held', 'held']);
    expect(asked).toEqual(['netns:dmz']);
  });
});
