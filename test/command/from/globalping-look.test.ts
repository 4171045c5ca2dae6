/** Public probes by the Globalping API, against a service that obeys its document, or does not. */
import { afterEach, describe, expect, it } from 'vitest';
import { lookFromProbes } from '../../../src/command/from/globalping/look.ts';
import type { Errand, Look, Sighted } from '../../../src/command/from/source.ts';
import { clock } from '../../../src/doors/clock.ts';
import { error, type FakeProbe, type FakeService, type Fault, fakeGlobalping } from './fake-globalping.ts';

const TARGET = '9.9.9.9';
const ERRAND: Errand = {
  caseId: '0'.repeat(32),
  host: null,
  addresses: [TARGET],
  port: 443,
  reference: null,
  control: null,
  family: null,
  ttlProbe: true,
};
const PATH = ['100.64.0.1', '62.1.1.1', '62.2.2.2'];

const probe = (sees: FakeProbe['sees'], more: Partial<FakeProbe> = {}): FakeProbe => ({
  country: 'DE',
  city: 'Falkenstein',
  asn: 24940,
  network: 'Hetzner Online GmbH',
  sees,
  ...more,
});
const far = (sees: FakeProbe['sees'], more: Partial<FakeProbe> = {}): FakeProbe =>
  probe(sees, { city: 'Berlin', asn: 3320, network: 'Deutsche Telekom AG', ...more });

const running: FakeService[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((one) => one.close()));
});
async function service(options: Parameters<typeof fakeGlobalping>[0]): Promise<FakeService> {
  const one = await fakeGlobalping(options);
  running.push(one);
  return one;
}

/** The end of a connection takes its time to arrive; one that stays is an end by the test's own time. */
async function allClosed(fake: FakeService): Promise<void> {
  while (fake.open() > 0) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** Twenty times as fast, so that nobody waits for polls. */
const hurried = {
  now: clock.now,
  elapsed: () => clock.elapsed() * 20,
  sleep: (ms: number, signal?: AbortSignal) => clock.sleep(ms / 20, signal),
};

const look = (
  { url }: FakeService,
  errand: Partial<Errand> = {},
  {
    probes = 1,
    location = 'DE',
    signal = new AbortController().signal,
    token = null as string | null,
    pace = hurried,
  } = {},
): Promise<Look[]> =>
  lookFromProbes(
    { by: `globalping:${location},${probes}`, location, probes },
    { ...ERRAND, ...errand },
    { signal, globalping: { url, token } },
    pace,
  );

const seenBy = (one: Look | undefined): Sighted[] => (one?.ok === true ? one.observations : []);
const connects = (one: Look | undefined) =>
  seenBy(one).flatMap((o) => (o.probe === 'tcp-connect' ? [[o.input.role, o.input.address, o.outcome]] : []));
const asked = ({ heard }: FakeService) =>
  heard.flatMap(({ body }) => (body === null ? [] : [`${body.type} ${body.target}`]));

describe('what a probe saw', () => {
  it('an open port takes one measurement, and its time is the connection', async () => {
    const fake = await service({ probes: [probe({ [`${TARGET} 443`]: { is: 'open', path: PATH } })] });
    const [one] = await look(fake);
    expect(one).toMatchObject({
      ok: true,
      place: 'Falkenstein, DE, AS24940',
      notChecked: ['errno', 'sender', 'route'],
      given: { what: ['address', 'port'], to: 'public-service', at: new URL(fake.url).host },
    });
    expect(connects(one)).toEqual([['target', TARGET, 'open']]);
    expect(seenBy(one)[0]).toMatchObject({ data: { attempts: [{ elapsedMs: 20 }, { elapsedMs: 21 }] } });
    expect(asked(fake)).toEqual([`ping ${TARGET}`]);
    expect(fake.heard[0]?.body).toMatchObject({
      locations: [{ magic: 'DE', limit: 1 }],
      measurementOptions: { protocol: 'TCP', port: 443, packets: 2 },
    });
  });

  it.each([
    [
      'no reply, and SYNs of the same probe are answered at the address',
      { is: 'refused', path: PATH },
      'refused',
      'reached',
    ],
    ['no reply, and SYNs end after a router', { is: 'dropped', path: PATH }, 'timeout', 'stopped'],
    [
      'no reply, and a router rejects',
      { is: 'rejected', path: PATH, letter: 'X' },
      'unreachable',
      'rejected',
    ],
  ] as const)('%s', async (_, is, outcome, path) => {
    const fake = await service({ probes: [probe({ [`${TARGET} 443`]: { ...is, path: [...is.path] } })] });
    const [one] = await look(fake);
    expect(connects(one)).toEqual([['target', TARGET, outcome]]);
    const trace = seenBy(one).find((o) => o.probe === 'trace-command');
    expect(trace).toMatchObject({ outcome: path, data: { method: 'globalping', port: 443 } });
    expect(fake.heard.filter(({ body }) => body?.type === 'traceroute')[0]?.body).toMatchObject({
      locations: 'fake0Measurement',
      measurementOptions: { protocol: 'TCP', port: 443 },
    });
  });

  it('a rejection keeps its sender, its place and what it says', async () => {
    const rejected = { is: 'rejected', path: PATH, letter: 'X' } as const;
    const fake = await service({ probes: [probe({ [`${TARGET} 443`]: rejected })] });
    const [one] = await look(fake);
    const trace = seenBy(one).find((o) => o.probe === 'trace-command');
    expect(trace?.data).toMatchObject({
      replies: [{}, {}, { ttl: 3, answer: 'unreachable', from: '62.2.2.2', icmpType: 3, icmpCode: 13 }],
    });
  });

  it('each probe is a place of its own', async () => {
    const fake = await service({
      probes: [
        probe({ [`${TARGET} 443`]: { is: 'open', path: PATH } }),
        far({ [`${TARGET} 443`]: { is: 'refused', path: PATH } }),
      ],
    });
    const looks = await look(fake, {}, { probes: 2 });
    expect(looks.map(({ by }) => by)).toEqual(['globalping:DE,2#1', 'globalping:DE,2#2']);
    expect(looks.map(connects)).toEqual([[['target', TARGET, 'open']], [['target', TARGET, 'refused']]]);
  });

  it('the reference port and the reference host are compared where the port does not answer', async () => {
    const fake = await service({
      probes: [
        probe({ [`${TARGET} 22`]: { is: 'open', path: PATH }, '1.1.1.1 443': { is: 'open', path: PATH } }),
      ],
    });
    const control = { host: 'other.example.com', address: '1.1.1.1' };
    const [one] = await look(fake, { reference: 22, control });
    expect(connects(one)).toEqual([
      ['target', TARGET, 'timeout'],
      ['reference-port', TARGET, 'open'],
      ['reference-host', '1.1.1.1', 'open'],
    ]);
    expect(one?.given?.what).toEqual(['address', 'port', 'reference', 'control']);
  });

  it('a reference that gets no reply is neither refused nor silent', async () => {
    const fake = await service({ probes: [probe({})] });
    const [one] = await look(fake, { reference: 22 });
    expect(connects(one)).toContainEqual(['reference-port', TARGET, 'pending']);
  });

  it('without packets with a short TTL a missing reply stays unexplained', async () => {
    const fake = await service({ probes: [probe({ [`${TARGET} 443`]: { is: 'refused', path: PATH } })] });
    const [one] = await look(fake, { ttlProbe: false });
    expect(connects(one)).toEqual([['target', TARGET, 'pending']]);
    expect(one).toMatchObject({ notChecked: ['errno', 'sender', 'sweep', 'route'] });
    expect(asked(fake)).toEqual([`ping ${TARGET}`]);
  });

  it('on a way of more than 20 routers nothing is said of where it ends', async () => {
    const path = Array.from({ length: 20 }, (_, i) => `62.0.0.${i + 1}`);
    const fake = await service({ probes: [probe({ [`${TARGET} 443`]: { is: 'dropped', path } })] });
    const [one] = await look(fake);
    expect(connects(one)).toEqual([['target', TARGET, 'pending']]);
    expect(seenBy(one).find((o) => o.probe === 'trace-command')).toMatchObject({ data: null });
  });

  it('IPv6', async () => {
    const address = '2606:4700::1111';
    const fake = await service({
      probes: [probe({ [`${address} 443`]: { is: 'refused', path: ['2a01::1', '2a02::1'] } })],
    });
    const [one] = await look(fake, { addresses: [address] });
    expect(connects(one)).toEqual([['target', address, 'refused']]);
  });
});

describe('names', () => {
  const NAMED = { host: 'db.example.com', addresses: [TARGET] };

  it('what the name leads to there is asked, and addresses that it has only there are tried', async () => {
    const fake = await service({
      probes: [
        probe(
          { '8.8.4.4 443': { is: 'open', path: PATH } },
          { names: { 'db.example.com': ['8.8.4.4', '10.0.0.1'] } },
        ),
      ],
    });
    const [one] = await look(fake, NAMED);
    expect(seenBy(one).find((o) => o.probe === 'system-resolve')).toMatchObject({
      input: { host: 'db.example.com' },
      outcome: 'resolved',
      data: {
        addresses: [
          { address: '8.8.4.4', family: 4 },
          { address: '10.0.0.1', family: 4 },
        ],
      },
    });
    expect(connects(one)).toEqual([
      ['target', TARGET, 'timeout'],
      ['target', '8.8.4.4', 'open'],
    ]);
    expect(asked(fake).some((one) => one.includes('10.0.0.1'))).toBe(false);
    expect(one?.given?.what).toEqual(['name', 'address', 'port']);
  });

  it('a name that does not exist there, and no address here', async () => {
    const fake = await service({ probes: [probe({})] });
    const [one] = await look(fake, { host: 'db.example.com', addresses: [] });
    expect(seenBy(one)).toMatchObject([{ probe: 'system-resolve', outcome: 'not-found' }]);
    expect(one?.given?.what).toEqual(['name']);
    expect(asked(fake)).toEqual(['dns db.example.com', 'dns db.example.com']);
  });

  it('a name that only others know leads to its addresses', async () => {
    const fake = await service({
      probes: [
        probe({ '8.8.4.4 443': { is: 'open', path: PATH } }, { names: { 'db.example.com': ['8.8.4.4'] } }),
      ],
    });
    const [one] = await look(fake, { host: 'db.example.com', addresses: [] });
    expect(connects(one)).toEqual([['target', '8.8.4.4', 'open']]);
  });
});

describe('nothing is sent about what is not public', () => {
  it.each([
    [{ addresses: ['10.0.0.5'] }, '10.0.0.5 is no public address'],
    [{ addresses: ['127.0.0.1'] }, '127.0.0.1'],
    [{ addresses: ['169.254.169.254'] }, '169.254.169.254'],
    [{ addresses: ['203.0.113.9'] }, '203.0.113.9'],
    [{ addresses: ['fd00::1'] }, 'fd00::1'],
    [{ addresses: ['2001:db8::1'] }, '2001:db8::1'],
    [{ addresses: ['::ffff:192.168.0.1'] }, '::ffff:192.168.0.1'],
    [{ host: 'db.example.com', addresses: [TARGET, '10.1.1.1'] }, 'db.example.com leads to 10.1.1.1'],
    [{ host: 'printer', addresses: [] }, 'printer is no name of the public DNS'],
    [{ host: 'db.corp', addresses: [TARGET] }, 'db.corp'],
    [{ host: 'localhost', addresses: [TARGET] }, 'localhost'],
  ])('%j', async (errand, words) => {
    const fake = await service({ probes: [probe({})] });
    const looks = await look(fake, errand);
    expect(looks).toMatchObject([{ ok: false }]);
    expect(looks[0]).not.toHaveProperty('given');
    expect((looks[0] as { reason: string }).reason).toContain(words);
    expect(fake.heard).toEqual([]);
  });

  it('not about a reference host that is private', async () => {
    const fake = await service({ probes: [probe({})] });
    const control = { host: 'other', address: '192.168.1.1' };
    const [one] = await look(fake, { control });
    expect(one?.ok).toBe(true);
    expect(asked(fake).join()).not.toContain('192.168');
    expect(one?.given?.what).toEqual(['address', 'port']);
  });
});

const post: Fault['when'] = ({ method }) => method === 'POST';
const poll: Fault['when'] = ({ method }) => method === 'GET';
const says =
  (status: number, body: unknown, headers = {}): Fault['answer'] =>
  (response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  };

describe('a service that fails is told and counts for nothing', () => {
  it.each<[string, Fault['when'], Fault['answer'], string]>([
    [
      'no probe there',
      post,
      says(422, error('no_probes_found', 'No suitable probes found.')),
      'it has no probe there now',
    ],
    [
      '422 of another kind',
      post,
      says(422, error('other', 'Target is blocked.')),
      'it cannot do that: Target is blocked.',
    ],
    [
      'bad request',
      post,
      says(400, error('validation_error', 'Parameter validation failed.')),
      'HTTP status 400: Parameter validation failed.',
    ],
    [
      'not let in',
      post,
      says(401, error('unauthorized', 'Unauthorized.')),
      'it wants somebody that it knows: Unauthorized.',
    ],
    [
      'quota',
      post,
      says(429, error('too_many_probes', 'Too Many Probes Requested'), {
        'x-ratelimit-limit': '250',
        'x-ratelimit-remaining': '0',
        'x-ratelimit-reset': '1380',
      }),
      'its 250 tests an hour are used up; it has new ones in 23 min; with GLOBALPING_TOKEN it has more',
    ],
    [
      'quota without numbers',
      post,
      says(429, 'x', { 'x-ratelimit-limit': '1e9', 'x-ratelimit-reset': '-5' }),
      'its limit of tests is used up; with GLOBALPING_TOKEN it has more',
    ],
    ['broken inside', post, says(500, error('api_error', 'Internal Server Error')), 'HTTP status 500'],
    ['a proxy in between', post, says(502, '<html>Bad gateway</html>'), 'HTTP status 502'],
    [
      'an id that is a path',
      post,
      says(202, { id: '../../v1/limits', probesCount: 1 }),
      'is not what its API promises',
    ],
    [
      'more probes than asked for',
      post,
      says(202, { id: 'a', probesCount: 1e9 }),
      'is not what its API promises',
    ],
    ['a flood', post, (response) => response.end('x'.repeat(4 * 1024 * 1024)), 'longer than any answer'],
    ['deep nesting', post, says(202, '['.repeat(1_000_000)), 'is not what its API promises'],
    ['cut', post, (response) => response.socket?.destroy(), 'broke off'],
    [
      'another measurement',
      poll,
      says(200, { id: 'other', type: 'ping', status: 'finished', results: [] }),
      'is not what its API promises',
    ],
    ['gone', poll, says(404, error('not_found', 'Gone.')), 'HTTP status 404: Gone.'],
    ['escape codes', poll, says(500, error('x', 'a\u001b[31mb\u202e')), 'a\\x1b[31mb\\u{202e}'],
  ])('%s', async (_, when, answer, words) => {
    const fake = await service({ probes: [probe({})], faults: [{ when, answer }] });
    const looks = await look(fake);
    expect(looks).toMatchObject([{ ok: false, given: { what: ['address', 'port'] } }]);
    expect((looks[0] as { reason: string }).reason).toContain(words);
    await allClosed(fake);
  });

  it('nobody listens: nothing left', async () => {
    const fake = await service({ probes: [] });
    await fake.close();
    const looks = await look(fake);
    expect(looks).toEqual([{ ok: false, reason: 'it cannot be reached (ECONNREFUSED)' }]);
  });

  it('a redirect is not followed, and the token goes nowhere else', async () => {
    const thief = await service({ probes: [probe({})] });
    const answer = says(307, '', { location: `${thief.url}/v1/measurements` });
    const fake = await service({ probes: [], faults: [{ when: () => true, answer }] });
    const looks = await look(fake, {}, { token: 'secret-token' });
    expect(looks).toMatchObject([{ ok: false, reason: 'it sends elsewhere, and is not followed' }]);
    expect(thief.heard).toEqual([]);
    expect(fake.heard[0]?.headers.authorization).toBe('Bearer secret-token');
  });

  it('a token that is sent back is in no answer', async () => {
    const answer = says(400, error('x', 'Bearer secret-token is odd'));
    const fake = await service({ probes: [], faults: [{ when: post, answer }] });
    expect(JSON.stringify(await look(fake, {}, { token: 'secret-token' }))).not.toContain('secret-token');
  });

  it('a poll that fails once is made again', async () => {
    let failures = 0;
    const when: Fault['when'] = ({ method }) => method === 'GET' && failures++ === 0;
    const fake = await service({
      probes: [probe({ [`${TARGET} 443`]: { is: 'open', path: PATH } })],
      faults: [{ when, answer: says(503, '') }],
    });
    expect(connects((await look(fake))[0])).toEqual([['target', TARGET, 'open']]);
  });

  it('an abort between two measurements keeps what the first one brought', async () => {
    const stop = new AbortController();
    const when: Fault['when'] = ({ body }) => body?.type === 'traceroute';
    const fake = await service({ probes: [probe({})], faults: [{ when, answer: () => stop.abort() }] });
    const [one] = await look(fake, {}, { signal: stop.signal });
    expect(connects(one)).toEqual([['target', TARGET, 'pending']]);
    expect(seenBy(one).find((o) => o.probe === 'trace-command')).toMatchObject({
      data: null,
      reason: 'it was stopped',
    });
  });

  it('an abort ends a request that hangs, and leaves no connection', async () => {
    const fake = await service({ probes: [], faults: [{ when: () => true, answer: () => {} }] });
    const stop = new AbortController();
    const looking = look(fake, {}, { signal: stop.signal });
    while (fake.heard.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    stop.abort();
    expect(await looking).toMatchObject([
      { ok: false, reason: 'it was stopped', given: { what: ['address', 'port'] } },
    ]);
    await allClosed(fake);
  });
});

describe('what comes in part is used in part', () => {
  const refused = { [`${TARGET} 443`]: { is: 'refused' as const, path: PATH } };

  it.each([
    ['offline', 'the probe is offline'],
    ['failed', 'the probe could not do it'],
  ] as const)('a probe that is %s', async (end, reason) => {
    const fake = await service({
      probes: [probe(refused, { ends: { ping: end, traceroute: end } }), far(refused)],
    });
    const looks = await look(fake, {}, { probes: 2 });
    expect(looks[0]).toMatchObject({ ok: false, reason, by: 'globalping:DE,2#1' });
    expect(connects(looks[1])).toEqual([['target', TARGET, 'refused']]);
  });

  it('a path without a connection is a path', async () => {
    const fake = await service({ probes: [probe(refused, { ends: { ping: 'failed' } })] });
    const [one] = await look(fake);
    expect(connects(one)).toEqual([['target', TARGET, 'not-available']]);
    expect(seenBy(one).find((o) => o.probe === 'trace-command')).toMatchObject({ outcome: 'reached' });
  });

  it('a quota that ends between two measurements', async () => {
    const fake = await service({ probes: [probe(refused)], limit: 1 });
    const [one] = await look(fake);
    expect(connects(one)).toEqual([['target', TARGET, 'pending']]);
    const trace = seenBy(one).find((o) => o.probe === 'trace-command');
    expect(trace).toMatchObject({ outcome: 'not-available', data: null });
    expect(trace?.reason).toContain('its 1 tests an hour are used up');
    expect(one).toMatchObject({ ok: true, notChecked: ['errno', 'sender', 'sweep', 'route'] });
  });

  it("the path of another probe is nobody's", async () => {
    const answer: Fault['answer'] = (response) =>
      says(200, {
        id: 'fake1Measurement',
        type: 'traceroute',
        status: 'finished',
        results: [
          {
            probe: far({}),
            result: { status: 'finished', rawOutput: '', resolvedAddress: TARGET, hops: [] },
          },
        ],
      })(response, {} as never);
    const when: Fault['when'] = ({ path }) => path.endsWith('/fake1Measurement');
    const fake = await service({ probes: [probe(refused)], faults: [{ when, answer }] });
    const [one] = await look(fake);
    expect(connects(one)).toEqual([['target', TARGET, 'pending']]);
  });

  it.each([
    ['more replies than packets', { stats: { total: 2, rcv: 3 } }],
    ['about another address', { resolvedAddress: '1.2.3.4' }],
    ['no address', { resolvedAddress: 'x; rm -rf /' }],
    ['a time without end', { timings: [{ rtt: 1e300 }] }],
    ['no numbers', { stats: { total: 'many', rcv: null } }],
  ])('a result that is %s counts for nothing', async (_, wrong) => {
    const result = {
      status: 'finished',
      rawOutput: '',
      resolvedAddress: TARGET,
      timings: [],
      stats: { total: 2, rcv: 2 },
      ...wrong,
    };
    const answer = says(200, {
      id: 'fake0Measurement',
      type: 'ping',
      status: 'finished',
      results: [{ probe: probe({}), result }],
    });
    const when: Fault['when'] = ({ path }) => path.endsWith('/fake0Measurement');
    const fake = await service({ probes: [probe({})], faults: [{ when, answer }] });
    const [one] = await look(fake, { ttlProbe: false });
    expect(one).toMatchObject({ ok: false, reason: 'the answer is not what the API promises' });
  });
});

it('a measurement is asked about at most every half second', async () => {
  const fake = await service({ probes: [probe({})], busyPolls: 3 });
  await look(fake, { ttlProbe: false }, { pace: clock });
  const polls = fake.heard.filter(({ method }) => method === 'GET').map(({ at }) => at);
  expect(polls.length).toBe(4);
  // What arrives may have been late on its way, so the gaps are taken together.
  expect((polls.at(-1) ?? 0) - (fake.heard[0]?.at ?? 0)).toBeGreaterThan(4 * 450);
});
