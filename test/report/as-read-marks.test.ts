import { describe, expect, test } from 'vitest';
import type { Observation, ObservationOf } from '../../src/model/probes.ts';
import type { Path, Report, Where } from '../../src/model/report.ts';
import { render } from '../../src/report/index.ts';
import { pathTables } from '../../src/report/paths.ts';
import { picturesOf } from '../../src/report/picture/picture.ts';
import { headlineOf } from '../../src/report/wording.ts';
import { dropped, hop, lead, path } from './changed.ts';

/** Mark, words and what is asked of whom agree where the port is open. */

const PLAIN = { color: false, unicode: true, verbose: false, width: 80 };
const open = (report: Report): void => {
  report.outcome = 'reachable';
  report.headline = 'TCP 5432 accepted the connection in 9 ms and speaks PostgreSQL.';
  report.target.addresses = [{ address: '192.0.2.7', family: 4, source: 'dns', outcome: 'open' }];
};
const opened = (change: (report: Report) => void): Report =>
  dropped((one) => {
    open(one);
    change(one);
  });
const screen = async (change: (report: Report) => void): Promise<string[]> =>
  (await render('terminal', opened(change), PLAIN)).trimEnd().split('\n');
const answering = (status: number, reason: string) => (report: Report) => {
  report.observations.push({
    id: 'http-1',
    probe: 'http',
    input: {},
    outcome: 'ok',
    data: { connectMs: 1, http: { status, reason } },
  } as unknown as Observation);
};

describe('a target that is reachable', () => {
  test('with a fault has no mark of health', async () => {
    const [first] = await screen(() => {});
    expect(first).toMatch(/^! .* is reachable\.$/);
  });
  test('that answers with an error is said to', async () => {
    const [first] = await screen(answering(503, 'Service Unavailable'));
    expect(first).toMatch(/^! .* is reachable and answers 503 Service Unavailable\.$/);
  });
  test('that answers something else than a page is well', async () => {
    const [first] = await screen((one) => {
      answering(404, 'Not Found')(one);
      Object.assign(lead(one), { observed: true, title: 'The web server answers 404 Not Found' });
    });
    expect(first).toMatch(/^✓ .* is reachable\.$/);
  });
  test('that was read to be at a limit has no mark of health', async () => {
    const [first] = await screen((one) => {
      answering(429, 'Too Many Requests')(one);
      Object.assign(lead(one), { observed: true, title: 'The service has reached a limit' });
    });
    expect(first).toMatch(/^! .* is reachable and answers 429 Too Many Requests\.$/);
  });
  test('where only the reader may act is well', async () => {
    const [first] = await screen((one) => {
      lead(one).fixes = [{ who: 'you', do: 'Nothing has to be done.', run: null }];
    });
    expect(first).toMatch(/^✓ /);
  });

  const faint = (one: Report): void => {
    Object.assign(lead(one), { confidence: 0.07, likelihood: 'possible' });
    one.ruledOut = [{ id: 'port-closed', text: 'TCP 5432 accepts connections.' }];
  };
  test('with no more than a suspicion is well in two lines', async () => {
    const lines = await screen(faint);
    expect(lines[0]).toMatch(/^✓ .* is reachable\.$/);
    expect(lines[1]).toBe('  TCP 5432 accepted the connection in 9 ms and speaks PostgreSQL.');
    expect(lines.join('\n')).not.toMatch(/Who|Next|not clear/);
  });
  test('with no more than a suspicion asks nobody, and rules nothing out', async () => {
    const text = await render('markdown', opened(faint));
    expect(text).not.toMatch(/## Ticket|## What to run|## What to do|## Ruled out/);
    expect(text).toContain('## Other causes considered');
  });
  test('what was seen beside it is in the headline, and is no claim', () => {
    const report = opened(faint);
    expect(headlineOf(report, 'TCP 5432 accepted the connection')).toBe(
      `TCP 5432 accepted the connection. Also seen: ${lead(report).because[0]!.text}`,
    );
  });
});

describe('a device in the picture', () => {
  const drawn = (hops: Path['hops'], where: Where, outcome: 'unreachable' | 'timeout' = 'unreachable') =>
    picturesOf(
      dropped((one) => {
        one.target.addresses = [{ address: '192.0.2.7', family: 4, source: 'dns', outcome }];
        one.paths = [path('192.0.2.7', hops)];
        lead(one).where = where;
      }),
    )[0]!;

  test('that rejects every larger TTL stands there once', () => {
    const rejects = [
      hop(1, '192.0.2.1', 'time-exceeded'),
      hop(2, '198.51.100.9', 'time-exceeded'),
      hop(3, '198.51.100.9', 'unreachable'),
    ];
    const { stops, refusedBy } = drawn(rejects, { kind: 'hop', hop: 2, address: '198.51.100.9' });
    expect(stops.map(({ address }) => address)).toEqual(['192.0.2.1', '198.51.100.9', '192.0.2.7']);
    expect(refusedBy).toBe(1);
  });
  test('that is the host and passes on what is for it stands there once', () => {
    const passes = [
      hop(1, '192.0.2.1', 'time-exceeded'),
      hop(2, '192.0.2.7', 'time-exceeded'),
      hop(3, '192.0.2.7', 'unreachable'),
    ];
    const { stops, refusedBy } = drawn(passes, { kind: 'target', address: '192.0.2.7' });
    expect(stops.map(({ address }) => address)).toEqual(['192.0.2.1', '192.0.2.7']);
    expect(refusedBy).toBe(1);
  });
  test('that is the host and loses what it passes on has the break behind it', () => {
    const loses = [hop(1, '192.0.2.1', 'time-exceeded'), hop(2, '192.0.2.7', 'time-exceeded')];
    const { stops, broken } = drawn(
      loses,
      {
        kind: 'between',
        hop: 2,
        address: '192.0.2.7',
        next: { hop: 3, address: null },
      },
      'timeout',
    );
    expect(stops.map(({ address, inside }) => inside ?? address)).toEqual([
      '192.0.2.1',
      '192.0.2.7',
      'TCP 5432',
    ]);
    expect(broken).toEqual({ after: 1, before: 2, kind: 'silence' });
  });
  test('that shares its address with every other one is no loop', () => {
    const alike = [1, 2, 3].map((number) => hop(number, '198.51.100.9', 'time-exceeded'));
    const where = {
      kind: 'between',
      hop: 3,
      address: '198.51.100.9',
      next: { hop: 4, address: null },
    } as const;
    expect(drawn(alike, where, 'timeout').broken?.kind).toBe('silence');
  });
});

test('what arrived at the host, by the word of the other end, does not end before it', () => {
  const report = dropped((one) => {
    one.otherEnds = [{ address: '192.0.2.7', arrived: 4 } as NonNullable<Report['otherEnds']>[number]];
  });
  expect(pathTables(dropped())[0]!.partText).not.toBeNull();
  expect(pathTables(report)[0]!.partText).toBeNull();
});

test('what this machine itself accepts is not said of a router', () => {
  const accepting = (where: Report['causes'][number]['where']) =>
    pathTables(
      dropped((one) => {
        one.target.addresses = one.target.addresses.map((tried) => ({ ...tried, outcome: 'open' as const }));
        one.causes = [{ ...one.causes[0]!, where }];
        const first = one.paths.find(({ port }) => port === one.target.port)!;
        first.hops = [{ ...first.hops[0]!, hop: 1, answer: 'syn-ack' }];
      }),
    )[0]!.rows[0]!.cells[0]!.text;
  expect(accepting({ kind: 'this-machine' })).toMatch(/^connects on this machine/);
  expect(accepting({ kind: 'target', address: '192.0.2.7' })).not.toContain('this machine');
});

test('the ports that are told are those of the address in question', async () => {
  const text = await render(
    'markdown',
    dropped((one) => {
      const attempts = one.observations.flatMap((o) =>
        o.probe === 'tcp-connect' ? ((o as ObservationOf<'tcp-connect'>).data?.attempts ?? []) : [],
      );
      for (const [index, attempt] of attempts.entries()) attempt.sourcePort = 51_000 + index;
      const other = structuredClone(one.observations.find(({ probe }) => probe === 'tcp-connect')!);
      Object.assign(other, { id: 'tcp-9', input: { ...other.input, address: '192.0.2.8' } });
      const { data } = other as ObservationOf<'tcp-connect'>;
      for (const attempt of data?.attempts ?? []) attempt.sourcePort = 52_000;
      one.observations.push(other);
    }),
  );
  expect(text).toMatch(/\| as sent \| 10\.0\.0\.5, ports? 51\d+/);
  expect(text).not.toMatch(/\| as sent \|.*52000/);
  expect(text).toContain('52000');
});
