import { performance } from 'node:perf_hooks';
import { afterEach, describe, expect, test } from 'vitest';
import { dnsQuery } from '../../../src/doors/dns/query.ts';
import type { Doors } from '../../../src/doors/types.ts';
import { candidateNames, dns } from '../../../src/gather/probes/dns.ts';
import type { FindingOf, ProbeCatalogue } from '../../../src/model/probes.ts';
import {
  closedPort,
  type FakeResolver,
  fakeResolver,
  questionOf,
  respond,
} from '../../doors/dns/fake-resolver.ts';
import { virtualClock } from '../../virtual-clock.ts';

const clock = {
  elapsed: () => performance.now(),
  sleep: () => new Promise(() => {}),
} as unknown as Doors['clock'];
let open: FakeResolver[] = [];
afterEach(async () => {
  await Promise.all(open.map((resolver) => resolver.close()));
  open = [];
});

/** A resolver that answers by question (`A db.example.com`); rcode for a number, silence for null, NXDOMAIN for what is not listed. */
async function resolver(zone: Record<string, string[] | number | null>): Promise<FakeResolver> {
  const made = await fakeResolver((query) => {
    const answer = Object.hasOwn(zone, questionOf(query)) ? zone[questionOf(query)] : 3;
    if (answer === null || answer === undefined) return null;
    if (typeof answer === 'number') return respond(query, [], { rcode: answer });
    return respond(
      query,
      answer.map((address) => ({ type: address.includes(':') ? 28 : 1, address })),
    );
  });
  open.push(made);
  return made;
}

async function run(
  to: { address: string; port: number },
  more: Partial<ProbeCatalogue['dns']['input']> = {},
  signal = new AbortController().signal,
) {
  const partials: FindingOf<'dns'>[] = [];
  const finding = await dns(
    {
      resolver: to.address,
      port: to.port,
      host: 'db.example.com',
      configured: true,
      timeoutMs: 700,
      searchDomains: [],
      ndots: 1,
      ...more,
    },
    {
      doors: { clock, dnsQuery } as Doors,
      signal,
      partial: (one) => partials.push(one),
    },
  );
  return { ...finding, partials, answers: finding.data?.answers ?? [] };
}

describe('one name', () => {
  test('is asked for A and AAAA, each with its own answer', async () => {
    const to = await resolver({ 'A db.example.com': ['192.0.2.7'], 'AAAA db.example.com': ['2001:db8::7'] });
    const { outcome, answers, reason } = await run(to);
    expect(outcome).toBe('answered');
    expect(reason).toBeNull();
    expect(answers).toMatchObject([
      { type: 'A', name: 'db.example.com', outcome: 'answered', rcode: 'NOERROR', addresses: ['192.0.2.7'] },
      { type: 'AAAA', name: 'db.example.com', addresses: ['2001:db8::7'] },
    ]);
  });

  test('whose AAAA is never answered keeps its A, and tells it early', async () => {
    const to = await resolver({ 'A db.example.com': ['192.0.2.7'], 'AAAA db.example.com': null });
    const { outcome, answers, partials } = await run(to, { timeoutMs: 300 });
    expect(outcome).toBe('answered');
    expect(answers.map((answer) => answer.outcome)).toEqual(['answered', 'timeout']);
    expect(partials[0]).toMatchObject({
      outcome: 'answered',
      data: { answers: [{ addresses: ['192.0.2.7'] }] },
    });
  });

  test('that does not exist is answered: NXDOMAIN is an answer', async () => {
    const to = await resolver({});
    const { outcome, answers, partials } = await run(to);
    expect(outcome).toBe('answered');
    expect(answers.map(({ rcode }) => rcode)).toEqual(['NXDOMAIN', 'NXDOMAIN']);
    expect(partials).toEqual([]);
  });

  test('that DNS cannot carry is not asked', async () => {
    const to = await resolver({});
    expect(await run(to, { host: `${'x'.repeat(64)}.example` })).toMatchObject({
      outcome: 'not-available',
      data: null,
    });
    expect(to.queries).toEqual([]);
  });
});

describe('a resolver without an answer', () => {
  test('is silent', async () => {
    const to = await resolver({ 'A db.example.com': null, 'AAAA db.example.com': null });
    expect(await run(to, { timeoutMs: 200, searchDomains: ['corp.example'] })).toMatchObject({
      outcome: 'timeout',
    });
    expect(new Set(to.queries.map(questionOf))).toEqual(new Set(['A db.example.com', 'AAAA db.example.com']));
  });

  test('is told to be silent so far after 2.5 s, and that is not taken back when the run ends', async () => {
    const clock = virtualClock();
    const to = await resolver({ 'A db.example.com': ['192.0.2.7'] });
    // The A question is asked for real, before time begins to pass; the other one is never answered.
    const answer = await dnsQuery({
      resolver: to.address,
      port: to.port,
      name: 'db.example.com',
      type: 'A',
      timeoutMs: 5000,
      signal: new AbortController().signal,
    });
    const halfSilent: Doors['dnsQuery'] = async ({ type, timeoutMs, signal }) => {
      if (type === 'A') return answer;
      await clock.sleep(timeoutMs, signal);
      return { ...answer, outcome: signal.aborted ? 'cancelled' : 'timeout', rcode: null, addresses: [] };
    };
    const stop = new AbortController();
    const partials: FindingOf<'dns'>[] = [];
    const running = dns(
      {
        resolver: to.address,
        port: to.port,
        host: 'db.example.com',
        configured: true,
        timeoutMs: 5000,
        searchDomains: [],
        ndots: 1,
      },
      {
        doors: { clock, dnsQuery: halfSilent } as Doors,
        signal: stop.signal,
        partial: (one) => partials.push(one),
      },
    );
    await clock.sleep(4000);
    expect(partials.at(-1)?.data?.answers.map(({ type, outcome }) => `${type} ${outcome}`)).toEqual([
      'A answered',
      'AAAA timeout',
    ]);
    stop.abort();
    const { data } = await running;
    expect(data?.answers.map(({ type, outcome }) => `${type} ${outcome}`)).toEqual([
      'A answered',
      'AAAA timeout',
    ]);
  });

  test('has its port closed', async () => {
    const finding = await run({ address: '127.0.0.1', port: await closedPort() });
    expect(finding).toMatchObject({ outcome: 'port-closed', reason: 'query-failed: ECONNREFUSED' });
  });

  test('sends garbage', async () => {
    const to = await fakeResolver((query) =>
      respond(query, [{ type: 1, address: '192.0.2.7' }]).subarray(0, -2),
    );
    open.push(to);
    const finding = await run(to);
    expect(finding.outcome).toBe('malformed');
    expect(finding.reason).toContain('cut off');
  });

  test('echoes what it is sent, which is no answer', async () => {
    const to = await fakeResolver((query) => query);
    open.push(to);
    const finding = await run(to, { timeoutMs: 200 });
    expect(finding.outcome).toBe('timeout');
    expect(finding.reason).toContain('not-a-response');
  });

  test('truncates over UDP and has no TCP', async () => {
    const to = await fakeResolver((query) => respond(query, [], { tc: 1 }));
    open.push(to);
    const finding = await run(to);
    expect(finding.outcome).toBe('port-closed');
    expect(finding.reason).toBe('no-answer-over-tcp: port-closed');
  });

  test('was never waited for when the run was stopped', async () => {
    const to = await resolver({ 'A db.example.com': null, 'AAAA db.example.com': null });
    expect(await run(to, { timeoutMs: 20_000 }, AbortSignal.timeout(60))).toMatchObject({
      outcome: 'cancelled',
      data: null,
    });
  });
});

describe('the search list', () => {
  const search = ['corp.example', 'example.net'];

  test.each<[string, string[], number, string[]]>([
    ['db', search, 1, ['db.corp.example', 'db.example.net', 'db']],
    ['db.eu', search, 1, ['db.eu', 'db.eu.corp.example', 'db.eu.example.net']],
    ['db.eu', search, 5, ['db.eu.corp.example', 'db.eu.example.net', 'db.eu']],
    ['db.', search, 5, ['db']],
    ['db.example.com', [], 1, ['db.example.com']],
    ['db', ['.', 'corp.example.', ''], 1, ['db.corp.example', 'db']],
  ])('%s with %j and ndots %i becomes %j', (host, searchDomains, ndots, names) => {
    expect(candidateNames({ host, searchDomains, ndots })).toEqual(names);
  });

  test('of any length makes few names', () => {
    const searchDomains = Array.from({ length: 50 }, (_, i) => `d${i}.example`);
    expect(candidateNames({ host: 'db', searchDomains, ndots: 1 })).toHaveLength(7);
  });

  test('ends with the first name when that has an address', async () => {
    const to = await resolver({ 'A db.corp.example': ['192.0.2.7'], 'AAAA db.corp.example': [] });
    const { answers } = await run(to, { host: 'db', searchDomains: search });
    expect(answers.map(({ name }) => name)).toEqual(['db.corp.example', 'db.corp.example']);
    expect(to.queries).toHaveLength(2);
  });

  test('goes on when it has none, and keeps the order of the list', async () => {
    const to = await resolver({ 'A db.example.net': ['192.0.2.7'], 'AAAA db.example.net': [] });
    const { answers, outcome } = await run(to, { host: 'db', searchDomains: search });
    expect(outcome).toBe('answered');
    expect(answers.map(({ type, name, rcode }) => `${type} ${name} ${rcode}`)).toEqual([
      'A db.corp.example NXDOMAIN',
      'AAAA db.corp.example NXDOMAIN',
      'A db.example.net NOERROR',
      'AAAA db.example.net NOERROR',
      'A db NXDOMAIN',
      'AAAA db NXDOMAIN',
    ]);
  });
});
