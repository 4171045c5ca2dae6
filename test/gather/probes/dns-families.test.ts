import { expect, test } from 'vitest';
import { clock } from '../../../src/doors/clock.ts';
import type { DnsReply, Doors } from '../../../src/doors/types.ts';
import { dns } from '../../../src/gather/probes/dns.ts';
import { dnsWords } from '../../../src/report/observation-words.ts';

const REPLY: DnsReply = {
  outcome: 'answered',
  rcode: 'NOERROR',
  addresses: [],
  cnames: [],
  names: [],
  ttlSeconds: null,
  extendedErrors: [],
  transport: 'udp',
  elapsedMs: 1,
  ignored: null,
  authoritative: false,
  code: null,
};

async function asked(a: Partial<DnsReply>, aaaa: Partial<DnsReply>) {
  const doors = {
    clock,
    dnsQuery: async ({ type }: { type: string }) => ({ ...REPLY, ...(type === 'A' ? a : aaaa) }),
  } as unknown as Doors;
  const input = {
    ...{ resolver: '192.0.2.53', port: 53, host: 'db.example.com', configured: true },
    ...{ timeoutMs: 1000, searchDomains: [], ndots: 1 },
  };
  return dns(input, { doors, signal: new AbortController().signal, partial: () => {} });
}

test('a failure names the code of the kind of address that failed', async () => {
  const silent = { outcome: 'timeout', rcode: null } as const;
  const unreachable = { outcome: 'unreachable', rcode: null, code: 'ENETUNREACH' } as const;
  expect((await asked(silent, unreachable)).reason).toBe('query-failed: ENETUNREACH for AAAA');
  expect((await asked({}, unreachable)).reason).toBe('query-failed: ENETUNREACH for AAAA');
  expect((await asked(unreachable, silent)).reason).toBe('query-failed: ENETUNREACH for A');
  expect((await asked(unreachable, unreachable)).reason).toBe('query-failed: ENETUNREACH');
  expect((await asked({}, {})).reason).toBeNull();
});

test('a resolver that no socket could be made for was not asked', async () => {
  const none = { outcome: 'not-asked', rcode: null, code: 'EPERM' } as const;
  expect(await asked(none, none)).toEqual({
    outcome: 'not-available',
    reason: 'no-socket: EPERM',
    data: null,
  });
});

test('a refusal of one kind is not told as the empty answer of the other', async () => {
  const { outcome, data } = await asked({}, { rcode: 'SERVFAIL' });
  expect(dnsWords(outcome, data)).not.toBe(dnsWords('answered', (await asked({}, {})).data));
  expect(dnsWords(outcome, data)).toBe(
    dnsWords('answered', (await asked({ rcode: 'SERVFAIL' }, { rcode: 'SERVFAIL' })).data),
  );
});
