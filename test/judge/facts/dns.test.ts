import { describe, expect, test } from 'vitest';
import { type DNS_FACTS, dnsFacts } from '../../../src/judge/facts/dns/index.ts';
import { readingsAt } from '../../../src/judge/readings/index.ts';
import type { Evidence } from '../../../src/model/evidence.ts';
import type { FactsOf } from '../../../src/model/facts.ts';
import type { DnsAnswer } from '../../../src/model/measured.ts';
import type { Observation } from '../../../src/model/probes.ts';

// ---------------------------------------------------------------- evidence, in few words

type DnsFacts = FactsOf<typeof DNS_FACTS>;

type Saying = Partial<DnsAnswer> & { rcode?: string | null };
const NOTHING: Omit<DnsAnswer, 'type' | 'name'> = {
  outcome: 'answered',
  rcode: 'NOERROR',
  addresses: [],
  cnames: [],
  ttlSeconds: 3600,
  extendedErrors: [],
  transport: 'udp',
  elapsedMs: 12,
  ignored: null,
  authoritative: false,
};
const v4 = (...addresses: string[]): { a: Saying } => ({ a: { addresses } });
const both = (saying: Saying): { a: Saying; aaaa: Saying } => ({ a: saying, aaaa: saying });
const NXDOMAIN = both({ rcode: 'NXDOMAIN', ttlSeconds: null });
const SERVFAIL = both({ rcode: 'SERVFAIL', ttlSeconds: null });
const EMPTY = both({ ttlSeconds: null });
const silent = (outcome: DnsAnswer['outcome'] = 'timeout', code: string | null = null) =>
  both({ outcome, rcode: null, ttlSeconds: null, code });

type Says = { a?: Saying; aaaa?: Saying; final?: boolean; name?: string };
type World = {
  host?: string;
  address?: string | null;
  system?: string[] | 'not-found' | 'temporary-failure' | 'timeout' | 'error' | null;
  /** How long it took for that, ms. */
  systemMs?: number;
  hosts?: [address: string, line: number][] | null;
  configured?: [resolver: string, ...says: Says[]][];
  others?: [resolver: string, ...says: Says[]][];
  /** Addresses of this machine. */
  own?: string[];
  /** What the first configured resolver says about a name that nobody made. */
  nonsense?: Says;
  connected?: [address: string, outcome: 'open' | 'refused' | 'timeout'][];
};

/** What is known about db.example.com in a world; nothing more than the world says was measured. */
function facts(world: World): DnsFacts {
  const host = world.host ?? 'db.example.com';
  const observations: unknown[] = [];
  const observe = (probe: string, input: object, outcome: string, data: object, final = true) =>
    observations.push({
      durationMs: probe === 'system-resolve' ? (world.systemMs ?? 1) : 1,
      id: `${probe}-${observations.length}`,
      probe,
      input,
      outcome,
      data,
      final,
      reason: null,
    });
  const { system } = world;
  if (system !== undefined && system !== null) {
    const addresses = typeof system === 'string' ? [] : system;
    observe('system-resolve', { host }, typeof system === 'string' ? system : 'resolved', {
      addresses: addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      code: system === 'not-found' ? 'ENOTFOUND' : system === 'temporary-failure' ? 'EAI_AGAIN' : null,
    });
  }
  if (world.hosts !== undefined && world.hosts !== null) {
    const entries = world.hosts.map(([address, line]) => ({ address, line }));
    observe('hosts-file', { host }, entries.length > 0 ? 'listed' : 'not-listed', {
      path: '/etc/hosts',
      entries,
    });
  }
  const resolvers = [
    ...(world.configured ?? []).map((one) => ({ one, configured: true })),
    ...(world.others ?? []).map((one) => ({ one, configured: false })),
  ];
  for (const { one, configured } of resolvers) {
    const [resolver, ...says] = one;
    const answers = says.flatMap((said): DnsAnswer[] => [
      { ...NOTHING, type: 'A', name: said.name ?? host, ...said.a },
      { ...NOTHING, type: 'AAAA', name: said.name ?? host, ...said.aaaa },
    ]);
    const outcome = answers.some((answer) => answer.outcome === 'answered')
      ? 'answered'
      : (answers[0]?.outcome ?? '');
    observe(
      'dns',
      { resolver, port: 53, host, configured, timeoutMs: 1, searchDomains: [], ndots: 1 },
      outcome,
      { answers },
      says[0]?.final ?? true,
    );
  }
  if (world.nonsense !== undefined)
    observe(
      'dns',
      {
        resolver: world.configured?.[0]?.[0],
        host: 'nobody-made-1.example.com.',
        configured: true,
        nonsense: true,
      },
      'answered',
      {
        answers: [
          { ...NOTHING, type: 'A', name: 'nobody-made-1.example.com', ...world.nonsense.a },
          { ...NOTHING, type: 'AAAA', name: 'nobody-made-1.example.com', ...world.nonsense.aaaa },
        ],
      },
    );
  for (const [address, outcome] of world.connected ?? [])
    observe('tcp-connect', { address, port: 5432, role: 'sample' }, outcome, { attempts: [] });
  const evidence = {
    request: { target: { host, port: 5432 } },
    vantage: {
      addresses: world.own ?? ['10.0.0.5'],
      resolvers: (world.configured ?? []).map(([resolver]) => resolver),
    },
    observations: observations as Observation[],
  } as unknown as Evidence;
  const first = Array.isArray(system) ? (system[0] ?? null) : null;
  return dnsFacts(readingsAt(evidence, world.address === undefined ? first : world.address));
}

// ---------------------------------------------------------------- claims

describe('a healthy name', () => {
  const healthy: World = { system: ['192.0.2.7'], hosts: [], configured: [['10.0.0.1', v4('192.0.2.7')]] };

  test('raises nothing', () => {
    expect(facts(healthy)).toMatchObject({
      'dns.asked': true,
      'dns.unresolved': false,
      'dns.systemSource': 'dns',
      'dns.rcode': 'NOERROR',
      'dns.nameNotFound': false,
      'dns.noAddress': false,
      'dns.serverFailure': false,
      'dns.allResolversSilent': false,
      'dns.someResolverSilent': false,
      'dns.silentCount': 0,
      'dns.hostsListed': false,
      'dns.sinkhole': false,
      'dns.filtered': false,
      'dns.resolversDisagree': null,
      'dns.resolver': '10.0.0.1',
    });
  });

  test('may be slow', () => {
    const slow = facts({
      ...healthy,
      configured: [['10.0.0.1', { a: { addresses: ['192.0.2.7'], elapsedMs: 1900 } }]],
    });
    expect(slow).toMatchObject({ 'dns.answerMs': 1900, 'dns.silentCount': 0, 'dns.serverFailure': false });
  });

  test.each<[string, Saying]>([
    ['SERVFAIL', { rcode: 'SERVFAIL' }],
    ['NXDOMAIN', { rcode: 'NXDOMAIN' }],
    ['silence', { outcome: 'timeout', rcode: null }],
  ])('with %s for AAAA alone stays healthy', (_, aaaa) => {
    expect(facts({ ...healthy, configured: [['10.0.0.1', { ...v4('192.0.2.7'), aaaa }]] })).toMatchObject({
      'dns.rcode': 'NOERROR',
      'dns.serverFailure': false,
      'dns.nameNotFound': false,
      'dns.silentCount': 0,
    });
  });
});

test('an address has no facts of names', () => {
  for (const host of ['192.0.2.7', '2001:db8::7', '127.0.0.1']) {
    const { 'dns.asked': asked, ...others } = facts({
      host,
      address: host,
      configured: [['10.0.0.1', NXDOMAIN]],
    });
    expect(asked).toBe(false);
    expect(Object.values(others).every((value) => value === null)).toBe(true);
  }
});

test('nothing measured is nothing known', () => {
  expect(Object.values(facts({})).every((value) => value === null)).toBe(true);
});

describe('a name without addresses', () => {
  test('NXDOMAIN is the word of the first resolver, and the next is not asked for another', () => {
    const said = facts({
      system: 'not-found',
      configured: [
        ['10.0.0.1', NXDOMAIN],
        ['10.0.0.2', NXDOMAIN],
      ],
    });
    expect(said).toMatchObject({
      'dns.unresolved': true,
      'dns.rcode': 'NXDOMAIN',
      'dns.nameNotFound': true,
      'dns.answeredBy': '10.0.0.1',
      'dns.resolversDisagree': false,
    });
  });

  test('NOERROR without records is another thing than NXDOMAIN', () => {
    expect(facts({ system: 'not-found', configured: [['10.0.0.1', EMPTY]] })).toMatchObject({
      'dns.noAddress': true,
      'dns.nameNotFound': false,
    });
  });

  test('one type denied and the other empty is "no address": some servers deny what they only lack', () => {
    expect(
      facts({ system: 'not-found', configured: [['10.0.0.1', { a: {}, aaaa: { rcode: 'NXDOMAIN' } }]] }),
    ).toMatchObject({ 'dns.noAddress': true, 'dns.nameNotFound': false });
  });

  test('one type denied and the other failing is "no such name"', () => {
    expect(
      facts({
        system: 'not-found',
        configured: [['10.0.0.1', { a: { rcode: 'NXDOMAIN' }, aaaa: { outcome: 'timeout', rcode: null } }]],
      }),
    ).toMatchObject({ 'dns.nameNotFound': true });
  });

  test('one type empty and the other unanswered is half an answer, and no verdict about the name', () => {
    expect(
      facts({
        system: 'temporary-failure',
        configured: [['10.0.0.1', { aaaa: {}, a: { outcome: 'timeout', rcode: null } }]],
      }),
    ).toMatchObject({
      'dns.halfAnswered': true,
      'dns.serverFailure': true,
      'dns.noAddress': false,
      'dns.silentCount': 0,
    });
  });

  test('without the system, the resolvers tell', () => {
    expect(facts({ configured: [['10.0.0.1', NXDOMAIN]] })['dns.unresolved']).toBe(true);
    expect(facts({ configured: [['10.0.0.1', v4('192.0.2.7')]] })['dns.unresolved']).toBe(false);
    expect(facts({ hosts: [], configured: [['10.0.0.1', silent()]] })['dns.unresolved']).toBe(true);
    expect(
      facts({ hosts: [['192.0.2.7', 1]], configured: [['10.0.0.1', silent()]] })['dns.unresolved'],
    ).toBeNull();
  });

  test('an answer that is still incomplete says nothing yet', () => {
    expect(facts({ configured: [['10.0.0.1', { ...EMPTY, final: false }]] })['dns.noAddress']).toBeNull();
  });

  test('a dangling alias is named', () => {
    const dangling = both({ rcode: 'NXDOMAIN', cnames: ['a.example.net', 'gone.example.net'] });
    expect(facts({ system: 'not-found', configured: [['10.0.0.1', dangling]] })['dns.alias']).toBe(
      'gone.example.net',
    );
  });
});

describe('the search list', () => {
  test('the name that was found through it is told', () => {
    const said = facts({
      host: 'db',
      system: ['192.0.2.7'],
      configured: [['10.0.0.1', { name: 'db.corp.example', ...v4('192.0.2.7') }]],
    });
    expect(said).toMatchObject({ 'dns.answeredName': 'db.corp.example', 'dns.rcode': 'NOERROR' });
  });

  test('a resolver that refuses the single label does not hide that the full name is missing', () => {
    const said = facts({
      host: 'db',
      system: 'not-found',
      configured: [
        ['10.0.0.1', { name: 'db.corp.example', ...NXDOMAIN }, { name: 'db', ...both({ rcode: 'REFUSED' }) }],
      ],
    });
    expect(said).toMatchObject({ 'dns.nameNotFound': true, 'dns.serverFailure': false });
  });

  test('a full name that is denied stays denied, whatever its search forms are', () => {
    const said = facts({
      system: 'not-found',
      configured: [['10.0.0.1', { ...NXDOMAIN }, { name: 'db.example.com.corp.example', ...SERVFAIL }]],
    });
    expect(said).toMatchObject({ 'dns.nameNotFound': true, 'dns.answeredName': null });
  });
});

describe('resolvers that fail or are silent', () => {
  test('a failure is passed over for the next resolver', () => {
    const said = facts({
      system: ['192.0.2.7'],
      configured: [
        ['10.0.0.1', SERVFAIL],
        ['10.0.0.2', v4('192.0.2.7')],
      ],
    });
    expect(said).toMatchObject({
      'dns.answeredBy': '10.0.0.2',
      'dns.serverFailure': false,
      'dns.unresolved': false,
    });
  });

  test('only failures are a failure, with the reason that the resolver gives', () => {
    const bogus = both({
      rcode: 'SERVFAIL',
      extendedErrors: [
        { code: 22, text: '' },
        { code: 6, text: 'no signature' },
      ],
    });
    expect(facts({ system: 'temporary-failure', configured: [['10.0.0.1', bogus]] })).toMatchObject({
      'dns.serverFailure': true,
      'dns.rcode': 'SERVFAIL',
      'dns.extendedErrorKind': 'dnssec',
      'dns.extendedError': '6 DNSSEC Bogus: no signature',
    });
  });

  test('the only resolver is slow, not silent, where the system has its answer after seconds', () => {
    const world = (systemMs: number): World => ({
      system: ['192.0.2.7'],
      systemMs,
      hosts: [],
      configured: [['10.0.0.1', silent()]],
    });
    expect(facts(world(3015))['dns.allResolversSilent']).toBeNull();
    // Sooner it was a cache.
    expect(facts(world(20))['dns.allResolversSilent']).toBe(true);
    expect(facts({ ...world(3015), system: 'timeout' })['dns.allResolversSilent']).toBe(true);
    expect(facts({ ...world(3015), hosts: [['192.0.2.7', 3]] })['dns.allResolversSilent']).toBe(true);
    const second: World['configured'] = [
      ['10.0.0.1', silent()],
      ['10.0.0.2', silent()],
    ];
    expect(facts({ ...world(3015), configured: second })['dns.allResolversSilent']).toBe(true);
  });

  test('all silent is told from one silent', () => {
    const all = facts({
      system: 'timeout',
      configured: [
        ['10.0.0.1', silent()],
        ['10.0.0.2', silent('port-closed', 'ECONNREFUSED')],
      ],
    });
    expect(all).toMatchObject({
      'dns.allResolversSilent': true,
      'dns.someResolverSilent': false,
      'dns.silentList': '10.0.0.1, 10.0.0.2',
      'dns.silentHow': 'timeout',
      'dns.rcode': null,
      'dns.nameNotFound': null,
      'dns.resolver': '10.0.0.1',
    });
    const one = facts({
      system: ['192.0.2.7'],
      configured: [
        ['10.0.0.1', v4('192.0.2.7')],
        ['10.0.0.2', silent('port-closed', 'ECONNREFUSED')],
      ],
    });
    expect(one).toMatchObject({
      'dns.allResolversSilent': false,
      'dns.someResolverSilent': true,
      'dns.silentFirst': false,
      'dns.silentHow': 'port-closed',
      'dns.silentCode': 'ECONNREFUSED',
      'dns.resolver': '10.0.0.2',
    });
  });

  test('a resolver that was only compared with is never missed', () => {
    const said = facts({
      system: ['192.0.2.7'],
      configured: [['10.0.0.1', v4('192.0.2.7')]],
      others: [['192.0.2.53', silent()]],
    });
    expect(said).toMatchObject({
      'dns.silentCount': 0,
      'dns.someResolverSilent': false,
      'dns.resolversDisagree': null,
    });
  });
});

describe('disagreement', () => {
  const compare = (here: string[], there: Says, more: World = {}) =>
    facts({
      system: here,
      configured: [['10.0.0.1', here.length > 0 ? { a: { addresses: here } } : NXDOMAIN]],
      others: [['192.0.2.53', there]],
      ...more,
    });

  test.each<[string, string[], Says]>([
    ['sets that overlap', ['192.0.2.7', '192.0.2.8'], v4('192.0.2.8', '192.0.2.9')],
    ['the same set in another order', ['192.0.2.7', '192.0.2.8'], v4('192.0.2.8', '192.0.2.7')],
    ['other TTLs', ['192.0.2.7'], { a: { addresses: ['192.0.2.7'], ttlSeconds: 3 } }],
    ['IPv4 here and IPv6 there', ['192.0.2.7'], { aaaa: { addresses: ['2001:db8::7'] } }],
    ['another spelling of one IPv6 address', ['2001:db8::7'], { aaaa: { addresses: ['2001:DB8:0:0::7'] } }],
  ])('is not: %s', (_, here, there) => {
    expect(compare(here, there)['dns.resolversDisagree']).toBe(false);
  });

  test.each<[string, string[], Says, DnsFacts['dns.differKind']]>([
    ['a name that only the other knows', [], v4('192.0.2.7'), 'missing-here'],
    ['a name that only ours knows', ['192.0.2.7'], NXDOMAIN, 'missing-there'],
    ['a private address against a public one', ['10.1.2.3'], v4('198.51.100.7'), 'scope'],
    ['nowhere against somewhere', ['0.0.0.0'], v4('198.51.100.7'), 'scope'],
    ['another network', ['192.0.2.7'], v4('198.51.100.7'), 'network'],
    ['another machine of the same network', ['192.0.2.7'], v4('192.0.2.8'), 'neighbours'],
  ])('is: %s', (_, here, there, kind) => {
    const said = compare(here, there, here.length === 0 ? { system: 'not-found' } : {});
    expect(said).toMatchObject({
      'dns.resolversDisagree': true,
      'dns.differKind': kind,
      'dns.otherResolver': '192.0.2.53',
    });
  });

  test('says both sides in words', () => {
    expect(compare([], v4('192.0.2.7'), { system: 'not-found' })).toMatchObject({
      'dns.hereSays': 'NXDOMAIN',
      'dns.otherSays': '192.0.2.7',
      'dns.otherConfigured': false,
    });
  });

  test('silence and failures are no opinion', () => {
    expect(compare(['192.0.2.7'], silent())['dns.resolversDisagree']).toBeNull();
    expect(compare(['192.0.2.7'], SERVFAIL)['dns.resolversDisagree']).toBeNull();
  });

  test('is found between two configured resolvers as well', () => {
    const said = facts({
      system: 'not-found',
      configured: [
        ['10.0.0.1', NXDOMAIN],
        ['10.0.0.2', v4('192.0.2.7')],
      ],
    });
    expect(said).toMatchObject({
      'dns.differKind': 'missing-here',
      'dns.otherConfigured': true,
      'dns.nameNotFound': true,
    });
  });

  test('an answer that the system remembers and its resolver no longer gives is one', () => {
    const said = facts({ system: ['192.0.2.7'], hosts: [], configured: [['10.0.0.1', v4('198.51.100.7')]] });
    expect(said).toMatchObject({
      'dns.systemSource': 'other',
      'dns.resolversDisagree': true,
      'dns.differKind': 'network',
    });
  });

  test.each([
    [60, false],
    [61, true],
  ])('a resolver that gives another address for %i s disagrees: %s', (ttlSeconds, disagrees) => {
    const rotating = { a: { addresses: ['198.51.100.7'], ttlSeconds } };
    expect(
      facts({ system: ['192.0.2.7'], hosts: [], configured: [['10.0.0.1', rotating]] })[
        'dns.resolversDisagree'
      ],
    ).toBe(disagrees);
  });

  test('a name that the system knows from elsewhere (mDNS) is none', () => {
    expect(
      facts({
        host: 'printer.local',
        system: ['192.168.1.9'],
        hosts: [],
        configured: [['10.0.0.1', NXDOMAIN]],
      }),
    ).toMatchObject({
      'dns.resolversDisagree': false,
      'dns.unresolved': false,
    });
  });

  test('whether the other answer works is known when it was tried', () => {
    const world: World = {
      connected: [
        ['198.51.100.7', 'open'],
        ['192.0.2.7', 'timeout'],
      ],
    };
    expect(compare(['192.0.2.7'], v4('198.51.100.7'), world)['dns.otherAddressOpen']).toBe(true);
    expect(compare(['192.0.2.7'], v4('198.51.100.7'))['dns.otherAddressOpen']).toBeNull();
  });
});

describe('the hosts file', () => {
  const override: World = {
    system: ['192.0.2.99'],
    hosts: [['192.0.2.99', 12]],
    configured: [['10.0.0.1', v4('192.0.2.7')]],
  };

  test('that contradicts DNS is quoted with its line', () => {
    expect(facts(override)).toMatchObject({
      'dns.addressFromHosts': true,
      'dns.hostsDiffersFromDns': true,
      'dns.hostsLine': 12,
      'dns.hostsAddress': '192.0.2.99',
      'dns.realAddresses': '192.0.2.7',
      'dns.realAddressOpen': null,
      'dns.systemSource': 'hosts-file',
      'dns.resolversDisagree': null,
    });
  });

  test('lacks localhost where it has no line for it, and lacks no other name', () => {
    const lacks = (host: string, hosts: NonNullable<World['hosts']> | null) =>
      facts({ host, system: 'error', hosts })['dns.hostsLacksLocalhost'];
    expect([
      lacks('localhost', []),
      lacks('app.localhost.', []),
      lacks('localhost', [['127.0.0.1', 1]]),
      lacks('localhost', null),
      lacks('localhost.example.com', []),
    ]).toEqual([true, true, false, null, null]);
  });

  test('that agrees with DNS is no contradiction, in whatever spelling', () => {
    const said = facts({
      system: ['2001:db8::7'],
      hosts: [['2001:DB8:0::7', 3]],
      configured: [['10.0.0.1', { aaaa: { addresses: ['2001:db8::7', '2001:db8::8'] } }]],
    });
    expect(said).toMatchObject({ 'dns.hostsDiffersFromDns': false, 'dns.realAddresses': null });
  });

  test('with a name that DNS does not have is the only source, and contradicts nothing', () => {
    expect(
      facts({ ...override, configured: [['10.0.0.1', NXDOMAIN]] })['dns.hostsDiffersFromDns'],
    ).toBeNull();
  });

  test('cannot be confirmed by a stub on this machine that reads it, too', () => {
    const echo = v4('192.0.2.99');
    expect(facts({ ...override, configured: [['127.0.0.53', echo]] })['dns.hostsDiffersFromDns']).toBeNull();
    expect(
      facts({ ...override, configured: [['127.0.0.53', echo]], others: [['192.0.2.53', v4('192.0.2.7')]] })[
        'dns.hostsDiffersFromDns'
      ],
    ).toBe(true);
    expect(facts({ ...override, configured: [['10.0.0.1', echo]] })['dns.hostsDiffersFromDns']).toBe(false);
  });

  test('whether the address of DNS works is known when it was tried', () => {
    expect(facts({ ...override, connected: [['192.0.2.7', 'open']] })['dns.realAddressOpen']).toBe(true);
    expect(facts({ ...override, connected: [['192.0.2.7', 'timeout']] })['dns.realAddressOpen']).toBe(false);
  });
});

describe('a sinkhole', () => {
  test.each(['0.0.0.0', '0.1.2.3', '127.0.0.1', '::', '::1', '::ffff:127.0.0.1'])(
    'is a public name at %s',
    (address) => {
      expect(
        facts({ system: [address], hosts: [], configured: [['10.0.0.1', { a: { addresses: [address] } }]] }),
      ).toMatchObject({
        'dns.sinkhole': true,
        'dns.sinkholeAddress': address,
        'dns.sinkholeFrom': 'dns',
      });
    },
  );

  test.each(['localhost', 'app.localhost', 'db', 'db.test', 'nas.home.arpa', 'db.corp', 'printer.local'])(
    'is not %s at 127.0.0.1',
    (host) => {
      expect(facts({ host, system: ['127.0.0.1'], hosts: [['127.0.0.1', 1]] })['dns.sinkhole']).toBe(false);
    },
  );

  test.each(['db', 'db.corp.internal', 'nas.home.arpa'])('is %s at 0.0.0.0: no service has that', (host) => {
    expect(facts({ host, system: ['0.0.0.0'], hosts: [] })['dns.sinkhole']).toBe(true);
    expect(facts({ host, system: ['::'], hosts: [] })['dns.sinkhole']).toBe(true);
  });

  test("is not the machine's own name, which Debian puts at 127.0.1.1", () => {
    expect(facts({ system: ['127.0.1.1'], hosts: [['127.0.1.1', 2]] })['dns.sinkhole']).toBe(false);
  });

  test('from the hosts file says so', () => {
    expect(facts({ system: ['0.0.0.0'], hosts: [['0.0.0.0', 7]] })).toMatchObject({
      'dns.sinkhole': true,
      'dns.sinkholeFrom': 'hosts-file',
    });
  });

  test.each(['192.0.2.7', '10.0.0.9', '2001:db8::1'])('is not %s', (address) => {
    expect(facts({ system: [address] })['dns.sinkhole']).toBe(false);
  });

  test('may announce itself', () => {
    const blocked = { a: { addresses: ['198.51.100.80'], extendedErrors: [{ code: 15, text: 'ads' }] } };
    expect(facts({ system: ['198.51.100.80'], configured: [['10.0.0.1', blocked]] })).toMatchObject({
      'dns.filtered': true,
      'dns.extendedError': '15 Blocked: ads',
      'dns.sinkhole': false,
    });
  });
});

describe("the system's own lookup", () => {
  const knows: World = { system: 'error', hosts: [], configured: [['10.0.0.1', v4('192.0.2.7')]] };

  test('that ends with nothing where its resolver knows the name disagrees with it', () => {
    expect(facts(knows)).toMatchObject({
      'dns.unresolved': true,
      'dns.differKind': 'not-taken',
      'dns.differBetween': 'This machine and its resolver',
      'dns.otherSays': '192.0.2.7',
      'dns.hereSays': 'no address',
    });
  });

  test.each([
    ['the resolver answers in time', 1000, 900, null],
    ['the resolver answers after it had given up', 1000, 1100, '10.0.0.1'],
    // The C library counts in whole seconds: what ended sooner was answered.
    ['it was over long before it could have given up', 949, 1100, null],
    ['it gave up as soon as it can', 950, 1100, '10.0.0.1'],
  ])('that ends with nothing, %s', (_, systemMs, elapsedMs, late) => {
    const answer = { a: { addresses: ['192.0.2.7'], elapsedMs } };
    expect(facts({ ...knows, systemMs, configured: [['10.0.0.1', answer]] })).toMatchObject({
      'dns.lateResolver': late,
      'dns.lateMs': late === null ? null : elapsedMs,
      'dns.gaveUpMs': late === null ? null : systemMs,
      'dns.notInTime': late === null ? null : '10.0.0.1 in time',
      'dns.differKind': late === null ? 'not-taken' : null,
    });
  });

  test('has a reason of its own where a resolver kept it waiting, or the family cannot be used here', () => {
    const waiting = facts({
      ...knows,
      configured: [
        ['10.0.0.2', silent()],
        ['10.0.0.1', v4('192.0.2.7')],
      ],
    });
    expect(waiting['dns.differKind']).toBeNull();
    const half = { ...v4('192.0.2.7'), aaaa: { outcome: 'timeout' as const, rcode: null } };
    expect(facts({ ...knows, configured: [['10.0.0.1', half]] })['dns.differKind']).toBeNull();
    const v6: World = { ...knows, configured: [['10.0.0.1', { aaaa: { addresses: ['2001:db8::7'] } }]] };
    expect(facts(v6)).toMatchObject({ 'dns.differKind': null, 'dns.unusableFamily': 'IPv6' });
    expect(facts({ ...v6, own: ['2001:db8::5'] })).toMatchObject({
      'dns.differKind': 'not-taken',
      'dns.unusableFamily': null,
    });
    expect(facts({ ...v6, own: ['10.0.0.5', 'fe80::5'] })['dns.unusableFamily']).toBe('IPv6');
    expect(facts({ ...v6, own: [] })['dns.unusableFamily']).toBeNull();
  });

  test('that was not waited for to the end has said nothing', () => {
    expect(facts({ ...knows, system: 'timeout' })).toMatchObject({
      'dns.unresolved': false,
      'dns.systemOutcome': 'timeout',
    });
    expect(facts({ ...knows, system: 'timeout', configured: [['10.0.0.1', silent()]] })).toMatchObject({
      'dns.unresolved': true,
    });
  });
});

describe('a name that nobody made', () => {
  const real: World = { system: ['192.0.2.7'], hosts: [], configured: [['10.0.0.1', v4('192.0.2.7')]] };

  test('that leads to the same address shows that answers are made up', () => {
    expect(facts({ ...real, nonsense: v4('192.0.2.7') })).toMatchObject({
      'dns.wildcard': true,
      'dns.wildcardName': 'nobody-made-1.example.com',
      'dns.addressIsResolver': false,
    });
  });

  test('that does not exist, or leads elsewhere, shows nothing of the kind', () => {
    expect(facts({ ...real, nonsense: NXDOMAIN })['dns.wildcard']).toBe(false);
    expect(facts({ ...real, nonsense: v4('192.0.2.8') })['dns.wildcard']).toBe(false);
    expect(facts({ ...real, nonsense: silent() })['dns.wildcard']).toBeNull();
    expect(facts(real)).toMatchObject({ 'dns.wildcard': null, 'dns.wildcardName': null });
  });

  test('is no word about the name that was asked for', () => {
    expect(facts({ ...real, nonsense: NXDOMAIN })).toMatchObject({
      'dns.configuredCount': 1,
      'dns.resolversDisagree': null,
    });
  });

  test("the resolver's own address is told", () => {
    const own: World = { system: ['10.0.0.1'], configured: [['10.0.0.1', v4('10.0.0.1')]] };
    expect(facts(own)['dns.addressIsResolver']).toBe(true);
  });
});

test('how long and over what a silent resolver was asked is told', () => {
  const over = (transport: 'udp' | 'tcp') =>
    facts({
      configured: [['10.0.0.1', both({ outcome: 'timeout', rcode: null, transport, elapsedMs: 5001.4 })]],
    });
  expect(over('udp')).toMatchObject({ 'dns.silentMs': 5001, 'dns.silentTransport': 'udp' });
  expect(over('tcp')).toMatchObject({ 'dns.silentTransport': 'tcp' });
});

test('a query that had no descriptor left is no silence', () => {
  expect(facts({ configured: [['10.0.0.1', silent('connection-failed', 'EMFILE')]] })).toMatchObject({
    'dns.configuredCount': null,
    'dns.allResolversSilent': null,
  });
});

test('the names of a search list are told where there are several', () => {
  const said = facts({
    host: 'dbb',
    configured: [
      ['10.0.0.1', { ...NXDOMAIN, name: 'dbb.a.example.com' }, { ...NXDOMAIN, name: 'dbb.b.example.com' }],
    ],
  });
  expect(said['dns.namesAsked']).toBe('dbb.a.example.com, dbb.b.example.com');
});

test('resolvers speak in the order in which the system asks them, whoever answers first', () => {
  const said = (id: string, resolver: string, addresses: string[]): unknown => ({
    id,
    probe: 'dns',
    input: { resolver, host: 'db.example.com', configured: true },
    outcome: 'answered',
    data: {
      answers: (['A', 'AAAA'] as const).map((type) => ({
        ...NOTHING,
        type,
        name: 'db.example.com',
        rcode: addresses.length > 0 ? 'NOERROR' : 'NXDOMAIN',
        addresses: type === 'A' ? addresses : [],
      })),
    },
    final: true,
  });
  const evidence = {
    request: { target: { host: 'db.example.com', port: 5432 } },
    vantage: { addresses: ['10.0.0.5'], resolvers: [] },
    observations: [said('dns-2', '10.0.0.2', ['192.0.2.7']), said('dns-1', '10.0.0.1', [])],
  } as unknown as Evidence;
  expect(dnsFacts(readingsAt(evidence, null))).toMatchObject({
    'dns.answeredBy': '10.0.0.1',
    'dns.differKind': 'missing-here',
  });
});
