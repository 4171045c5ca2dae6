import { describe, expect, it } from 'vitest';
import { tellingError } from '../../../src/judge/facts/dns/extended-errors.ts';
import type { DnsAnswer } from '../../../src/model/measured.ts';
import { facts, observation, resolved } from '../../evidence.ts';

/** What a resolver says, word by word: the first and the last of what it lists. */
const NAME = 'db.example.com';
const said = (more: Partial<DnsAnswer>): DnsAnswer => ({
  type: 'A',
  name: NAME,
  outcome: 'answered',
  rcode: 'NOERROR',
  addresses: [],
  cnames: [],
  ttlSeconds: 60,
  extendedErrors: [],
  transport: 'udp',
  elapsedMs: 12,
  ignored: null,
  authoritative: false,
  code: null,
  ...more,
});
const asked = (id: string, more: object, ...answers: DnsAnswer[]) =>
  observation(
    'dns',
    id,
    { resolver: '10.0.0.1', port: 53, host: NAME, configured: true, ...more } as never,
    'answered',
    { answers } as never,
  );
const seen = (...observations: Parameters<typeof facts>[1][]) =>
  facts({ target: { host: NAME } }, ...observations);

it.each([
  [[], NAME],
  [['gone.example.net'], 'gone.example.net'],
  [['a.example.net', 'gone.example.net'], 'gone.example.net'],
])('of the aliases %j the last is the name that does not exist', (cnames, missing) => {
  const answers = (['A', 'AAAA'] as const).map((type) => said({ type, rcode: 'NXDOMAIN', cnames }));
  expect(seen(resolved(), asked('dns-1', {}, ...answers))['dns.missingName']).toBe(missing);
});

it.each([
  [['cdn.example.net'], true],
  [['other.example.net'], false],
  [[], false],
])('two resolvers share an alias, where the other gives %j: %s', (cnames, same) => {
  const answer = (address: string, aliases: string[]) => said({ addresses: [address], cnames: aliases });
  const other = { resolver: '198.51.100.53', configured: false };
  expect(
    seen(
      resolved('192.0.2.7'),
      asked('dns-1', {}, answer('192.0.2.7', ['cdn.example.net'])),
      asked('dns-2', other, answer('203.0.113.9', cnames)),
    ),
  ).toMatchObject({ 'dns.resolversDisagree': true, 'dns.sameAlias': same });
});

it('one answer about a name that nobody made is enough to name it', () => {
  const made = { host: 'nobody-1.example.com.', nonsense: true };
  const wildcard = (...answers: DnsAnswer[]) =>
    facts(
      { target: { host: NAME } },
      resolved('192.0.2.7'),
      asked('dns-1', {}, said({ addresses: ['192.0.2.7'] })),
      asked('dns-9', made, ...answers),
    )['dns.wildcardName'];
  expect(wildcard(said({ name: 'nobody-1.example.com' }))).toBe('nobody-1.example.com');
  expect(wildcard(said({ outcome: 'timeout' }))).toBeNull();
});

describe('the words of an extended error', () => {
  it.each([
    [120, 120],
    [121, 120],
  ])('of %i signs are quoted to %i', (given, quoted) => {
    const text = 'x'.repeat(given);
    expect(tellingError([{ code: 15, text }])?.words).toBe(`15 Blocked: ${'x'.repeat(quoted)}`);
  });
});

it('a hosts file that could not be read is told, one that was is not', () => {
  const hosts = (outcome: 'unreadable' | 'not-listed') =>
    observation(
      'hosts-file',
      'hosts-file',
      { host: NAME },
      outcome,
      outcome === 'unreadable' ? null : { path: '/etc/hosts', entries: [] },
    );
  const unread = (...some: Parameters<typeof facts>[1][]) => seen(...some)['dns.hostsUnread'];
  expect([unread(hosts('unreadable')), unread(hosts('not-listed')), unread()]).toEqual([true, false, null]);
});
