import { describe, expect, it } from 'vitest';
import { differenceFrom } from '../../../src/judge/readings/difference.ts';
import { readingsOf } from '../../../src/judge/readings/index.ts';
import type { Verdict } from '../../../src/judge/readings/verdicts.ts';
import type { DnsAnswer } from '../../../src/model/measured.ts';
import { evidence, observation, resolved } from '../../evidence.ts';

/** What resolvers and the system say about a name, where a number decides. */
const NAME = 'db.example.com';

describe('the only resolver, whose answer to us was owed when the run was over', () => {
  interface Given {
    ms?: number;
    addresses?: string[];
    resolvers?: string[];
    listed?: number;
  }
  const silence: Partial<DnsAnswer> = {
    name: NAME,
    outcome: 'timeout',
    code: null,
    addresses: [],
    cnames: [],
  };
  const verdicts = ({
    ms = 1000,
    addresses = ['192.0.2.7'],
    resolvers = ['10.0.0.1'],
    listed = 0,
  }: Given): string[] => {
    const lookup = { ...resolved(...addresses), durationMs: ms };
    const asked = observation(
      'dns',
      'dns-1',
      {
        resolver: '10.0.0.1',
        port: 53,
        host: NAME,
        configured: true,
        timeoutMs: 1,
        searchDomains: [],
        ndots: 1,
      },
      'timeout',
      { answers: [{ ...silence, extendedErrors: [], ignored: null, elapsedMs: 900 } as never] },
    );
    const entries = Array.from({ length: listed }, (_, i) => ({ address: '192.0.2.7', line: i + 1 }));
    const file = observation('hosts-file', 'hosts-file', { host: NAME }, 'listed', {
      path: '/etc/hosts',
      entries,
    });
    const wish = { target: { host: NAME }, vantage: { resolvers } };
    return (readingsOf(evidence(wish, lookup, file, asked)).names?.verdicts ?? []).map(({ kind }) => kind);
  };
  it.each<[string, Given, string[]]>([
    ['answered the system after a second: it is slow', {}, []],
    ['is no slower than a cache', { ms: 999 }, ['silent']],
    ['answered the system with several addresses', { addresses: ['192.0.2.7', '192.0.2.8'] }, []],
    ['gave the system none', { addresses: [] }, ['silent']],
    ['is one of two', { resolvers: ['10.0.0.1', '10.0.0.2'] }, ['silent']],
    ['is not known to be the only one', { resolvers: [] }, ['silent']],
    ['was not needed, where the hosts file has the name', { listed: 1 }, ['silent']],
  ])('%s', (_, given, kinds) => {
    expect(verdicts(given)).toEqual(kinds);
  });
});

describe('resolvers that give other addresses', () => {
  const says = (addresses: string[], more: Partial<Verdict> = {}): Verdict =>
    ({
      resolver: '10.0.0.1',
      configured: true,
      kind: 'addresses',
      name: NAME,
      addresses,
      cnames: [],
      ttlSeconds: 300,
      ...more,
    }) as Verdict;
  const kind = (systemAddresses: string[], verdicts: Verdict[], address: string | null = null) => {
    const difference = differenceFrom({
      verdicts,
      deciding: verdicts[0] ?? null,
      systemAddresses,
      unresolved: false,
      systemMissed: false,
      address,
    });
    return difference?.disagree === true ? difference.kind : (difference?.disagree ?? null);
  };

  it.each([
    [60, false],
    [61, 'network'],
  ])('of which each comes with a lifetime of %i s: %s', (ttlSeconds, expected) => {
    expect(kind(['192.0.2.7'], [says(['198.51.100.1'], { ttlSeconds })], '192.0.2.7')).toBe(expected);
  });

  it.each<[string, string[], string[], string | null, string]>([
    ['IPv4 first', ['192.0.2.7', '2001:db8::7'], ['192.0.2.8', '2001:db9::8'], null, 'neighbours'],
    ['IPv6 where that is all', ['2001:db8::7'], ['192.0.2.8', '2001:db9::8'], null, 'network'],
    [
      'of the address in question',
      ['192.0.2.7', '2001:db8::7'],
      ['192.0.2.8', '2001:db9::8'],
      '2001:db8::7',
      'network',
    ],
  ])('are compared within one family: %s', (_, here, there, address, expected) => {
    expect(kind(here, [says(there)], address)).toBe(expected);
  });
});
