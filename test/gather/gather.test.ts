import { describe, expect, it } from 'vitest';
import type { ConnectResult, Doors, SweepJob } from '../../src/doors/types.ts';
import { type DiagnoseDeps, diagnose, gather, type RunEvent } from '../../src/gather/gather.ts';
import { SEARCH_MS } from '../../src/gather/plan/seekers.ts';
import { FACT_TABLE } from '../../src/judge/facts/index.ts';
import { reportOf } from '../../src/judge/report-of.ts';
import { builtInRules } from '../../src/judge/rules/load.ts';
import type { Trace } from '../../src/model/measured.ts';
import type { Observation } from '../../src/model/probes.ts';
import type { Request } from '../../src/model/request.ts';
import {
  HOST,
  type Hop,
  QUIET,
  replies,
  request,
  traceData,
  udpArrives,
  vantage,
  type Wish,
} from '../evidence.ts';
import { virtualClock } from '../virtual-clock.ts';

const rules = await builtInRules(FACT_TABLE);

const clock = virtualClock();

const never = new Promise<never>(() => {});
type Answer = ConnectResult['outcome'] | 'silent';
const CODE: Partial<Record<Answer, string>> = { refused: 'ECONNREFUSED', unreachable: 'EHOSTUNREACH' };

/** A machine without any tool, on which ports answer as the table says; the others are silent. */
function doors(ports: Record<number, Answer>, more: Partial<Doors> = {}): Doors {
  return {
    platform: 'linux',
    clock,
    connectTcp: async (_, port, { timeoutMs, signal }) => {
      const begun = clock.elapsed();
      const answer = ports[port] ?? 'silent';
      if (answer === 'silent') await clock.sleep(timeoutMs, signal);
      const outcome = answer !== 'silent' ? answer : signal.aborted ? 'cancelled' : 'timeout';
      return { outcome, code: CODE[answer] ?? null, local: false, elapsedMs: clock.elapsed() - begun };
    },
    runCommand: async ({ file }) => ({
      status: 'missing',
      exitCode: null,
      stdout: '',
      stderr: '',
      commandLine: file,
    }),
    readText: async () => null,
    lookup: async () => [{ address: HOST, family: 4 }],
    dnsQuery: async ({ name, signal }) => {
      await clock.sleep(60_000, signal);
      return {
        outcome: 'cancelled',
        rcode: null,
        addresses: [],
        cnames: [],
        names: [],
        ttlSeconds: null,
        extendedErrors: [],
        transport: 'udp',
        elapsedMs: 0,
        ignored: name,
        authoritative: false,
        code: null,
      };
    },
    native: async () => ({
      status: 'unavailable',
      reason: 'koffi is not installed',
      enable: 'npm install koffi',
    }),
    speak: async () => ({ connected: false, outcome: 'timeout', code: null }),
    ...more,
  };
}

interface Run {
  wish?: Wish;
  ports?: Record<number, Answer>;
  doors?: Partial<Doors>;
  signal?: AbortSignal;
  onEvent?: (event: RunEvent) => void;
}
function deps(run: Run): [Request, DiagnoseDeps] {
  const { wish = {}, ports = {}, signal = new AbortController().signal, onEvent } = run;
  return [
    request(wish),
    {
      doors: doors(ports, run.doors),
      rules,
      version: '0.0.0',
      vantage: vantage(wish.vantage),
      signal,
      ...(onEvent === undefined ? {} : { onEvent }),
    },
  ];
}
const run = (how: Run) => diagnose(...deps(how));
const byId = (observations: Observation[], id: string) => observations.find((one) => one.id === id);

describe('the engine', () => {
  it('asks until the plan has nothing more to ask, then judges', async () => {
    const { report, evidence } = await run({ ports: { 5432: 'refused', 443: 'refused' } });
    expect(report).toMatchObject({
      outcome: 'unreachable',
      schema: 'reachdoctor.report/1',
      tool: { version: '0.0.0' },
    });
    expect(evidence.observations.map(({ id }) => id)).toEqual(
      expect.arrayContaining(['tcp-1', 'local-network-1', 'trace-syn-target-1', 'alternate-ports-1']),
    );
    expect(report.observations).toEqual(evidence.observations);
  });

  it('goes on from an earlier run: nothing is asked twice, and an answer that was changed is told anew', async () => {
    const [wish, how] = deps({ ports: { 5432: 'refused' } });
    const before = (await diagnose({ ...wish, answers: { 'worked-before': 'no' } }, how)).evidence;
    const started: string[] = [];
    const { evidence } = await diagnose(
      { ...wish, answers: { 'worked-before': 'yes' } },
      { ...how, before, onEvent: (event) => event.kind === 'started' && started.push(event.step.id) },
    );
    expect(started).toEqual(['answer-worked-before']);
    expect(evidence.startedAt).toBe(before.startedAt);
    expect(evidence.observations.map(({ id }) => id).sort()).toEqual(
      before.observations.map(({ id }) => id).sort(),
    );
    expect(byId(evidence.observations, 'answer-worked-before')?.data).toEqual({ value: 'yes' });
  });

  it('starts each step once, and every start ends in an observation', async () => {
    const events: RunEvent[] = [];
    const { evidence } = await run({ ports: { 5432: 'refused' }, onEvent: (event) => events.push(event) });
    const started = events.flatMap((event) => (event.kind === 'started' ? [event.step.id] : []));
    expect(new Set(started).size).toBe(started.length);
    expect(evidence.observations.map(({ id }) => id).sort()).toEqual([...started].sort());
  });

  it('escalates while the first attempt still waits', async () => {
    const events: string[] = [];
    await run({
      onEvent: (event) =>
        events.push(
          event.kind !== 'observed'
            ? `${event.kind === 'started' ? 'start' : event.kind} ${event.step.id}`
            : `${event.observation.id} ${event.observation.outcome}`,
        ),
    });
    const at = (event: string) => events.indexOf(event);
    expect(at('tcp-1 pending')).toBeGreaterThanOrEqual(0);
    for (const step of ['ping-1', 'alternate-ports-1', 'trace-syn-target-1']) {
      expect(at(`start ${step}`)).toBeGreaterThan(at('tcp-1 pending'));
      expect(at(`start ${step}`)).toBeLessThan(at('tcp-1 timeout'));
    }
  });

  it('an observation that is made step by step is replaced, not repeated', async () => {
    const { evidence } = await run({});
    expect(evidence.observations.filter(({ id }) => id === 'tcp-1')).toEqual([
      expect.objectContaining({ outcome: 'timeout', final: true }),
    ]);
  });

  it('follows an answer: a reference that refuses is traced', async () => {
    const native: Doors['native'] = async (job) =>
      job.job !== 'sweep'
        ? { status: 'cancelled' }
        : {
            status: 'swept',
            trace: {
              method: 'tcp-syn',
              protocol: job.protocol,
              port: job.port,
              address: job.address,
              replies: replies(
                job.address,
                job.port === 5432 ? ['10.0.0.1', '*', '*'] : ['10.0.0.1', '10.0.1.1', 'rst'],
              ),
              counters: null,
            },
          };
    const { report, evidence } = await run({ ports: { 443: 'refused' }, doors: { native } });
    expect(byId(evidence.observations, 'trace-syn-reference-1')).toMatchObject({
      outcome: 'reached',
      input: { port: 443 },
    });
    expect(report.causes[0]).toMatchObject({
      id: 'network-firewall-drop',
      where: { kind: 'between', hop: 1 },
    });
  });
});

describe('our own bugs', () => {
  const broken: Partial<Doors> = {
    runCommand: () => {
      throw new TypeError('no such thing');
    },
  };

  it('a probe that found no descriptor left is no bug, and says how to help it', async () => {
    const lack = Object.assign(new Error('EMFILE: too many open files'), { code: 'EMFILE' });
    const { report } = await run({
      ports: { 5432: 'refused' },
      doors: {
        runCommand: async () => {
          throw lack;
        },
      },
    });
    expect(report.notChecked).toContainEqual({
      probe: 'ping',
      reason: 'no file descriptor was left for it (EMFILE)',
      enable: 'ulimit -n 1024',
    });
  });

  it('a probe that throws is failed, and the run goes on', async () => {
    const { report, evidence } = await run({ ports: { 5432: 'refused' }, doors: broken });
    expect(evidence.observations.filter(({ outcome }) => outcome === 'failed')).toContainEqual(
      expect.objectContaining({ reason: 'fault: TypeError: no such thing', data: null, final: true }),
    );
    expect(report.outcome).toBe('unreachable');
    expect(report.notChecked).toContainEqual(expect.objectContaining({ reason: 'TypeError: no such thing' }));
  });

  it('the very first probe broken: undetermined, and no cause is claimed', async () => {
    const { report } = await run({
      doors: {
        connectTcp: () => {
          throw new Error('broken');
        },
      },
    });
    expect(report).toMatchObject({ outcome: 'undetermined', causes: [] });
    expect(report.target.addresses).toEqual([
      expect.objectContaining({ address: HOST, outcome: 'not-tried' }),
    ]);
  });
});

describe('what is not possible here', () => {
  it('is named, with how to enable it', async () => {
    const { report } = await run({ ports: { 5432: 'refused' } });
    expect(report.notChecked).toContainEqual({
      probe: 'trace-syn',
      reason: 'koffi is not installed',
      enable: 'npm install koffi',
    });
  });
});

describe('an interrupt', () => {
  it('ends the run, and what was gathered is diagnosed', async () => {
    const stop = new AbortController();
    const { report, evidence } = await run({
      signal: stop.signal,
      ports: { 443: 'refused' },
      onEvent: (event) => {
        if (event.kind === 'observed' && event.observation.id === 'alternate-ports-1') stop.abort('SIGINT');
      },
    });
    expect(byId(evidence.observations, 'alternate-ports-1')?.outcome).toBe('some-answered');
    expect(byId(evidence.observations, 'tcp-1')?.outcome).toBe('cancelled');
    expect(report.outcome).toBe('undetermined');
    expect(report.target.addresses).toEqual([expect.objectContaining({ outcome: 'pending' })]);
  });

  it('before anything was asked leaves nothing, and nothing is claimed', async () => {
    const { report, evidence } = await run({ signal: AbortSignal.abort('SIGINT') });
    expect(evidence.observations).toEqual([]);
    expect(report).toMatchObject({ outcome: 'undetermined', causes: [] });
  });

  it('a probe that does not listen to it does not hold the report', async () => {
    const stop = new AbortController();
    const { evidence } = await run({
      wish: { target: { host: 'db.example.com' } },
      signal: stop.signal,
      doors: { lookup: () => never },
      onEvent: (event) => {
        if (event.kind === 'observed' && event.observation.id === 'hosts-file') stop.abort('SIGINT');
      },
    });
    expect(byId(evidence.observations, 'hosts-file')).toBeDefined();
  });
});

describe('the deadline', () => {
  it('ends everything that is still at work', async () => {
    const { report, evidence } = await run({ wish: { maxTimeMs: 1000 } });
    expect(byId(evidence.observations, 'tcp-1')).toMatchObject({ outcome: 'cancelled' });
    expect(report.outcome).toBe('undetermined');
  });
});

describe('what was skipped for time', () => {
  const untilAbort: Doors['lookup'] = (_, signal) =>
    new Promise((_resolve, reject) => {
      signal?.addEventListener('abort', () =>
        reject(Object.assign(new Error('getent was stopped'), { code: 'NOT_ASKED' })),
      );
    });

  it('is said, with the time that it would take, and proves nothing', async () => {
    const { report, evidence } = await run({
      wish: { target: { host: 'db.example.com' }, maxTimeMs: 1000 },
      doors: { lookup: untilAbort },
    });
    expect(byId(evidence.observations, 'resolve')).toMatchObject({
      outcome: 'not-available',
      reason: 'run-over: 1',
      enable: 'reachdoctor --max-time 2',
    });
    expect(report).toMatchObject({ outcome: 'undetermined', causes: [] });
  });
});

describe('enough', () => {
  const NAME: Wish = { target: { host: 'db.example.com' }, vantage: { resolvers: ['10.0.0.1', '10.0.0.2'] } };

  it('a dead second resolver does not delay "connection refused"', async () => {
    const silent = doors({}).dnsQuery;
    const dnsQuery: Doors['dnsQuery'] = async (asked) =>
      asked.resolver === '10.0.0.2'
        ? silent(asked)
        : {
            outcome: 'answered',
            rcode: 'NOERROR',
            addresses: asked.type === 'A' ? [HOST] : [],
            cnames: [],
            names: [],
            ttlSeconds: 60,
            extendedErrors: [],
            transport: 'udp',
            elapsedMs: 1,
            ignored: null,
            authoritative: false,
            code: null,
          };
    const { report, evidence } = await run({ wish: NAME, ports: { 5432: 'refused' }, doors: { dnsQuery } });
    expect(report.outcome).toBe('unreachable');
    expect(byId(evidence.observations, 'dns-1')?.outcome).toBe('answered');
    expect(byId(evidence.observations, 'dns-2')?.outcome).toBe('cancelled');
  });

  it('nor an open port', async () => {
    const { report, evidence } = await run({ wish: { ...NAME, ttlProbe: false }, ports: { 5432: 'open' } });
    expect(report).toMatchObject({ outcome: 'reachable', causes: [] });
    expect(byId(evidence.observations, 'dns-1')?.outcome).toBe('cancelled');
  });
});

describe('a silent port', () => {
  const NEAR = '10.0.0.1';
  const sweptTo = (hops: Hop[], job: SweepJob): Trace => ({
    ...traceData(hops, { protocol: job.protocol, port: job.port, counters: QUIET }),
    address: job.address,
  });
  /** One router, and a host that refuses other ports; `port` is what the sweep of the port is told, halfway and in the end. */
  const sweeps =
    (port: Hop[]): Doors['native'] =>
    async (job, signal, news) => {
      if (job.job !== 'sweep') return { status: 'unavailable', reason: 'not-built', enable: null };
      const isOfPort = job.protocol === 'tcp' && job.port === 5432;
      if (!isOfPort)
        return {
          status: 'swept',
          trace: sweptTo([NEAR, job.protocol === 'tcp' ? 'rst' : udpArrives()], job),
        };
      await clock.sleep(1200, signal);
      news?.soFar?.(sweptTo(port, job));
      await clock.sleep(job.holdMs - 1200, signal);
      return signal.aborted ? { status: 'cancelled' } : { status: 'swept', trace: sweptTo(port, job) };
    };
  const lasts = async (port: Hop[]) => {
    const { evidence } = await run({ ports: { 22: 'refused' }, doors: { native: sweeps(port) } });
    return byId(evidence.observations, 'tcp-1')!;
  };

  it('is not waited for once nobody can be looking for anybody, although nothing arrives at that moment', async () => {
    const decided = await lasts([NEAR, '*', '*', '*']);
    expect(decided).toMatchObject({ outcome: 'timeout', final: true });
    expect(decided.durationMs).toBeLessThan(SEARCH_MS);
  });

  it('is waited for until every search is over where the host hands it on', async () => {
    const waited = await lasts([NEAR, HOST, '*', '*']);
    expect(waited).toMatchObject({ outcome: 'timeout', final: true });
    expect(waited.durationMs).toBeGreaterThan(SEARCH_MS);
  });
});

describe('the native child', () => {
  const warmed = async (wish: Wish): Promise<boolean> => {
    let warm = false;
    const warmNative = () => {
      warm = true;
    };
    await gather(...deps({ wish, ports: { 5432: 'refused' }, doors: { warmNative } }));
    return warm;
  };

  it('is started ahead of its first job, and only where it will have one', async () => {
    expect(await warmed({})).toBe(true);
    expect(await warmed({ ttlProbe: false })).toBe(false);
    expect(await warmed({ target: { host: '127.0.0.1' } })).toBe(false);
  });
});

it('evidence that was saved and read again gives the same report', async () => {
  const { report, evidence } = await run({ ports: { 443: 'refused' } });
  const read = JSON.parse(JSON.stringify(evidence));
  expect(reportOf(read, rules, { version: '0.0.0', durationMs: report.durationMs })).toEqual(
    JSON.parse(JSON.stringify(report)),
  );
});
