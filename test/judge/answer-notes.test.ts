import { describe, expect, it } from 'vitest';
import { answerNotes } from '../../src/judge/answer-notes.ts';
import type { Facts } from '../../src/model/facts.ts';
import type { Answers } from '../../src/model/request.ts';

/** What is said beside a diagnosis where the user's words and the run differ; the facts are given by hand. */
const FACTS: Facts = {
  port: 443,
  'tcp.outcome': 'open',
  'target.address': '192.0.2.7',
  'local.device': 'eth0',
  'local.deviceKind': 'ethernet',
  'local.tunnel': null,
};

interface Told {
  attempts?: { outcome: string; startMs?: number; elapsedMs?: number; role?: string }[];
  causes?: { title: string; against: { evidence: string[] }[] }[];
  addresses?: Facts[];
  connection?: { ms: number; pingMs?: number };
}
function notes(
  answers: { [Question in keyof Answers]?: Answers[Question] | undefined },
  facts: Facts,
  { attempts = [], causes = [], addresses, connection }: Told = {},
): string[] {
  const connects = attempts.map(({ role = 'sample', outcome, startMs = 0, elapsedMs = 10 }) => ({
    input: { role },
    data: { attempts: [{ outcome, startMs, elapsedMs }] },
  }));
  const here = {
    'tcp-connect': connects,
    'alternate-ports': [],
    ping: connection?.pingMs === undefined ? [] : [{ data: { minMs: connection.pingMs } }],
    'system-resolve': [],
  };
  const at = (address: string) => ({
    address,
    request: { target: { host: '192.0.2.7' } },
    here,
    all: here,
    connects: {
      attempts: connection === undefined ? [] : [{ outcome: 'open', elapsedMs: connection.ms }],
      roundTripMs: null,
    },
    talks: { handshake: null, first: null },
  });
  const all = addresses ?? [{ ...FACTS, ...facts }];
  const seen = { request: { answers }, perAddress: all.map((_, i) => at(`192.0.2.${7 + i}`)) };
  return answerNotes(seen as never, all, causes as never).map(({ text }) => text);
}
const said = (symptom: Answers['symptom'], facts: Facts = {}, told: Told = {}): string[] =>
  notes({ symptom }, facts, told);

describe('a symptom that this run does not show is said to differ', () => {
  it.each<[Answers['symptom'], Facts, RegExp | null]>([
    [undefined, {}, null],
    ['unknown', {}, null],
    ['refused', {}, /^You see "connection refused"; from here TCP 443 of 192\.0\.2\.7 accepts connections\./],
    ['refused', { 'tcp.outcome': 'refused' }, null],
    ['refused', { 'tcp.refusedToo': 1 }, null],
    ['refused', { 'tcp.refusedToo': 0 }, /accepts connections/],
    ['refused', { 'tcp.outcome': 'timeout' }, /does not answer/],
    ['refused', { 'tcp.outcome': 'unreachable' }, /is reported unreachable/],
    ['refused', { 'tcp.outcome': 'pending' }, null],
    ['refused', { 'tcp.outcome': 'local-error' }, null],
    ['refused', { 'tcp.outcome': null }, null],
    ['hangs', { 'service.healthy': true }, /^You see it hang; .* accepts connections/],
    ['hangs', { 'service.healthy': false }, null],
    ['hangs', { 'service.healthy': null }, null],
    ['hangs', { 'tcp.outcome': 'timeout' }, null],
    ['hangs', { 'tcp.outcome': 'refused' }, /refuses them/],
    [
      'certificate-error',
      { 'tcp.outcome': 'refused' },
      /^You see a complaint about a certificate; .*refuses them/,
    ],
    ['slow', { 'tcp.outcome': 'timeout' }, /^You see it slow; .*does not answer/],
    ['slow', {}, null],
  ])('%s, and %j', (symptom, facts, text) => {
    expect(said(symptom, facts)).toEqual(text === null ? [] : [expect.stringMatching(text)]);
  });
});

describe('a complaint about a certificate', () => {
  const WELL: Facts = {
    'tls.works': true,
    'tls.trusted': true,
    'tls.nameMatches': true,
    'tls.expired': false,
    'tls.notYetValid': false,
    'tls.names': 'www.example.com',
  };
  it.each<[string, Facts, RegExp | null]>([
    ['of one that is well', WELL, /the certificate on TCP 443 \(www\.example\.com\) is trusted/],
    [
      'of one that is well, with no name to compare',
      { ...WELL, 'tls.nameMatches': null, 'tls.names': null },
      /TCP 443 is trusted/,
    ],
    ['of one that is not trusted', { ...WELL, 'tls.trusted': false }, null],
    ['of one of which that is not known', { ...WELL, 'tls.trusted': null }, null],
    ['of one for another name', { ...WELL, 'tls.nameMatches': false }, null],
    ['of one that has expired', { ...WELL, 'tls.expired': true }, null],
    ['of one that is not valid yet', { ...WELL, 'tls.notYetValid': true }, null],
    ['where no TLS is spoken', { 'tls.works': false }, /TCP 443 does not speak TLS from here/],
    ['where TLS was heard', { 'tls.works': false, 'service.heard': 'tls' }, null],
    ['where TLS failed', { 'tls.works': false, 'tls.failed': true }, null],
    ['where nobody asked', { 'tls.works': null }, null],
  ])('%s', (_, facts, text) => {
    expect(said('certificate-error', facts)).toEqual(text === null ? [] : [expect.stringMatching(text)]);
  });
});

describe('what is said to come and go', () => {
  const open = { outcome: 'open' };
  const timeout = { outcome: 'timeout' };
  it.each<[string, NonNullable<Told['attempts']>, string | null]>([
    ['one attempt says nothing', [open], null],
    [
      'two that were accepted',
      [open, open],
      'You see it work at times; all 2 of 2 connections over 1 s were accepted.',
    ],
    [
      'two that were not',
      [timeout, timeout],
      'You see it work at times; none of 2 connections over 1 s was accepted.',
    ],
    ['one of each', [open, timeout], '1 of 2 connections over 1 s were accepted.'],
    ['one that is still being tried does not count', [open, { outcome: 'pending' }], null],
    ['those to other ports do not count', [open, { ...open, role: 'reference-port' }], null],
    [
      'they last until the last one ends',
      [open, { ...open, startMs: 2000, elapsedMs: 600 }],
      'You see it work at times; all 2 of 2 connections over 3 s were accepted.',
    ],
    [
      'rounded',
      [open, { ...open, startMs: 2000, elapsedMs: 400 }],
      'You see it work at times; all 2 of 2 connections over 2 s were accepted.',
    ],
  ])('%s', (_, attempts, text) => {
    expect(said('intermittent', {}, { attempts })).toEqual(text === null ? [] : [text]);
  });
});

it('what is said to be slow is told by its phases', () => {
  expect(said('slow', {}, { connection: { ms: 40 } })).toEqual([
    expect.stringMatching(
      /^You see it slow\. Measured from here: the connection 40 ms\. None of them is slow\.$/,
    ),
  ]);
  expect(said('slow', {}, { connection: { ms: 400, pingMs: 10 } })).toEqual([
    expect.stringMatching(/What takes long is the connection\.$/),
  ]);
});

describe('a VPN that the route knows, or does not', () => {
  it.each<[string, 'yes' | 'no', Facts, RegExp | null]>([
    [
      'said, and not there',
      'yes',
      {},
      /^You say that a VPN or a proxy is in use; packets to 192\.0\.2\.7 leave through eth0/,
    ],
    ['said, and there', 'yes', { 'local.tunnel': 'wireguard' }, null],
    ['said, and there by its interface', 'yes', { 'local.deviceKind': 'vpn' }, null],
    ['denied, and not there', 'no', {}, null],
    [
      'denied, and there',
      'no',
      { 'local.tunnel': 'wireguard' },
      /^You say that no VPN is in use; .* through eth0/,
    ],
    [
      'denied, and there by its interface',
      'no',
      { 'local.deviceKind': 'vpn' },
      /^You say that no VPN is in use/,
    ],
    ['the interface is not known', 'yes', { 'local.device': null }, null],
    ['the address is not known', 'yes', { 'target.address': null }, null],
    ['the target is this machine', 'yes', { 'local.route': 'local' }, null],
  ])('%s', (_, answer, facts, text) => {
    expect(notes({ 'vpn-or-proxy': answer }, facts)).toEqual(
      text === null ? [] : [expect.stringMatching(text)],
    );
  });

  it('is not spoken of where nobody was asked', () => {
    expect(notes({}, { 'local.tunnel': 'wireguard' })).toEqual([]);
  });
});

describe('a proxy that fails where the direct way works', () => {
  const FAILS: Facts = {
    'local.tunnel': 'wireguard',
    'proxy.opens': false,
    'proxy.at': 'proxy.example:3128',
    'proxy.status': 403,
  };
  it.each<[string, Answers['vpn-or-proxy'], Facts, RegExp | null]>([
    ['with its status', 'yes', FAILS, /the proxy proxy\.example:3128, .* declines with status 403/],
    ['without one', 'yes', { ...FAILS, 'proxy.status': null }, /opens no connection/],
    ['nobody speaks of one', undefined, FAILS, null],
    ['it works', 'yes', { ...FAILS, 'proxy.opens': true }, null],
    ['it was not asked', 'yes', { ...FAILS, 'proxy.opens': null }, null],
    ['the direct way fails as well', 'yes', { ...FAILS, 'tcp.outcome': 'timeout' }, null],
    ['there is none', 'yes', { ...FAILS, 'proxy.at': null }, null],
  ])('%s', (_, answer, facts, text) => {
    expect(notes({ 'vpn-or-proxy': answer }, facts)).toEqual(
      text === null ? [] : [expect.stringMatching(text)],
    );
  });
});

describe('an answer that speaks against the lead', () => {
  const lead = (...evidence: string[]) => ({ title: 'a closed port', against: [{ evidence }] });
  const with_ = (answers: Answers, ...causes: NonNullable<Told['causes']>) =>
    notes(answers, { 'local.device': null }, { causes });
  it('is told beside it', () => {
    for (const question of ['worked-before', 'others-can-reach', 'vpn-or-proxy'] as const)
      expect(with_({ [question]: 'yes' }, lead(`answer-${question}`))).toEqual([
        expect.stringMatching(/^You say that .*a closed port/),
      ]);
  });
  it('and not where something else does, or where another cause is spoken against', () => {
    expect(with_({ 'worked-before': 'yes' }, lead('ping-1'))).toEqual([]);
    expect(with_({ 'worked-before': 'yes' }, lead('answer-others-can-reach'))).toEqual([]);
    expect(with_({ 'worked-before': 'yes' }, lead(), lead('answer-worked-before'))).toEqual([]);
    expect(with_({}, lead('answer-worked-before'))).toEqual([]);
    expect(with_({ 'worked-before': 'yes' })).toEqual([]);
  });
});

describe('of several addresses', () => {
  it('the one that accepts connections is spoken of, else the first', () => {
    const at = (outcome: string, address: string): Facts => ({
      ...FACTS,
      'tcp.outcome': outcome,
      'target.address': address,
    });
    const of = (...addresses: Facts[]) => notes({ symptom: 'refused' }, {}, { addresses });
    expect(of(at('timeout', '192.0.2.7'), at('open', '192.0.2.8'))).toEqual([
      expect.stringMatching(/192\.0\.2\.8 accepts/),
    ]);
    expect(of(at('timeout', '192.0.2.7'), at('unreachable', '192.0.2.8'))).toEqual([
      expect.stringMatching(/192\.0\.2\.7 does not answer/),
    ]);
    expect(of()).toEqual([]);
  });
});
