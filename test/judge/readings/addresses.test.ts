import { describe, expect, it } from 'vitest';
import { addressesOf, isAddressLiteral, MOST_ADDRESSES } from '../../../src/judge/readings/addresses.ts';
import type { Observation } from '../../../src/model/probes.ts';
import { evidence, observation, resolved, type Wish } from '../../evidence.ts';

const NAME: Wish = { target: { host: 'db.example.com' } };
const addresses = (wish: Wish, ...seen: Observation[]) => addressesOf(evidence(wish, ...seen));
const listed = (...entries: string[]) =>
  observation('hosts-file', 'hosts-file', { host: 'db.example.com' }, 'listed', {
    path: '/etc/hosts',
    entries: entries.map((address, i) => ({ address, line: i + 1 })),
  });
const answered = observation(
  'dns',
  'dns-1',
  {
    resolver: '10.0.0.1',
    port: 53,
    host: 'db.example.com',
    configured: true,
    timeoutMs: 1,
    searchDomains: [],
    ndots: 1,
  },
  'answered',
  { answers: [] },
);

it('a literal is its own and only address', () => {
  expect(addresses({})).toEqual([{ address: '192.0.2.7', family: 4, source: 'literal' }]);
  expect(addresses({ target: { host: '2001:db8::7' } })).toEqual([
    { address: '2001:db8::7', family: 6, source: 'literal' },
  ]);
});

it('a name that looks like numbers is no literal', () => {
  expect(isAddressLiteral('1.2.3.4.example')).toBe(false);
  expect(isAddressLiteral('1.2.3')).toBe(false);
});

it('a name has none until the system has told', () => {
  expect(addresses(NAME)).toEqual([]);
  expect(addresses(NAME, resolved())).toEqual([]);
});

it("the reference host's addresses are not the target's", () => {
  const reference = observation(
    'system-resolve',
    'resolve-reference',
    { host: 'other.example' },
    'resolved',
    {
      addresses: [{ address: '198.51.100.1', family: 4 }],
      code: null,
    },
  );
  expect(addresses(NAME, reference)).toEqual([]);
});

describe('the source', () => {
  it.each([
    [
      'the hosts file where it lists the address',
      [resolved('192.0.2.7'), listed('192.0.2.7'), answered],
      'hosts-file',
    ],
    ['DNS where a resolver answered', [resolved('192.0.2.7'), listed('198.51.100.1'), answered], 'dns'],
    ['the system where nobody else says', [resolved('192.0.2.7')], 'system'],
  ] as const)('is %s', (_, seen, source) => {
    expect(addresses(NAME, ...seen).map((a) => a.source)).toEqual([source]);
  });
});

it("the system's order is kept, and an address that is given twice is tried once", () => {
  const seen = addresses(NAME, resolved('2001:db8::7', '192.0.2.7', '2001:db8::7'));
  expect(seen.map(({ address }) => address)).toEqual(['2001:db8::7', '192.0.2.7']);
});

it('-4 and -6 leave one family', () => {
  const seen = resolved('2001:db8::7', '192.0.2.7');
  expect(addresses({ ...NAME, family: 4 }, seen).map(({ family }) => family)).toEqual([4]);
  expect(addresses({ ...NAME, family: 6 }, seen).map(({ family }) => family)).toEqual([6]);
  expect(addresses({ family: 6 })).toEqual([]);
});

describe('of many addresses', () => {
  const many = (family: 4 | 6) =>
    Array.from({ length: 10 }, (_, i) => (family === 4 ? `192.0.2.${i}` : `2001:db8::${i + 1}`));

  it(`${MOST_ADDRESSES} are tried`, () => {
    expect(addresses(NAME, resolved(...many(4)))).toHaveLength(MOST_ADDRESSES);
  });

  it('both families stay represented, the preferred one first', () => {
    expect(addresses(NAME, resolved(...many(6), ...many(4))).map(({ family }) => family)).toEqual([
      6, 6, 6, 4, 4, 4,
    ]);
  });

  it('none is left out while there is room', () => {
    expect(addresses(NAME, resolved(...many(6), '192.0.2.1')).map(({ family }) => family)).toEqual([
      6, 6, 6, 6, 6, 4,
    ]);
    expect(addresses(NAME, resolved('2001:db8::1', ...many(4))).map(({ family }) => family)).toEqual([
      6, 4, 4, 4, 4, 4,
    ]);
    expect(addresses(NAME, resolved(...many(6).slice(0, 4), '192.0.2.1'))).toHaveLength(5);
  });
});

describe('beside a dead resolver', () => {
  const asked = (id: string, outcome: 'answered' | 'timeout', addresses: string[]) =>
    observation(
      'dns',
      id,
      {
        resolver: id,
        port: 53,
        host: 'db.example.com',
        configured: true,
        timeoutMs: 1,
        searchDomains: [],
        ndots: 1,
      },
      outcome,
      {
        answers: [
          {
            type: 'A' as const,
            name: 'db.example.com',
            outcome,
            rcode: outcome === 'answered' ? 'NOERROR' : null,
            addresses,
            cnames: [],
            ttlSeconds: null,
            extendedErrors: [],
            transport: 'udp' as const,
            elapsedMs: 1,
            ignored: null,
            authoritative: false,
          },
        ],
      },
    );
  const unlisted = observation('hosts-file', 'hosts-file', { host: 'db.example.com' }, 'not-listed', {
    path: '/etc/hosts',
    entries: [],
  });
  const cancelled = observation('system-resolve', 'resolve', { host: 'db.example.com' }, 'cancelled', null);
  const found = [{ address: '192.0.2.7', family: 4, source: 'dns' }];

  it("the live one's answer is taken while the system still waits, and after it was stopped", () => {
    const both = [unlisted, asked('dns-1', 'timeout', []), asked('dns-2', 'answered', ['192.0.2.7'])];
    expect(addresses(NAME, ...both)).toEqual(found);
    expect(addresses(NAME, ...both, cancelled)).toEqual(found);
  });

  it('nothing is taken while every resolver answers: the system will have its own word', () => {
    expect(addresses(NAME, unlisted, asked('dns-1', 'answered', ['192.0.2.7']))).toEqual([]);
  });

  it('nor is one waited for that answers about one kind of address only', () => {
    const half = asked('dns-1', 'answered', ['192.0.2.7']) as Extract<Observation, { probe: 'dns' }>;
    const [a] = half.data!.answers;
    half.data!.answers.push({ ...a!, type: 'AAAA', outcome: 'timeout', rcode: null, addresses: [] });
    expect(addresses(NAME, unlisted, { ...half, final: false })).toEqual(found);
  });

  it("where the system's patience is longer than ours, the resolver's word is taken", () => {
    const late = observation('system-resolve', 'resolve', { host: 'db.example.com' }, 'timeout', {
      addresses: [],
      code: null,
    });
    expect(addresses(NAME, unlisted, asked('dns-1', 'answered', ['192.0.2.7']), late)).toEqual(found);
  });
});
