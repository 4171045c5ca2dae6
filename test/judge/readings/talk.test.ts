import { describe, expect, it } from 'vitest';
import {
  isAnsweredOnlyAs,
  isTlsWell,
  plainProtocolOf,
  type Talk,
  type Talks,
  talksOf,
  variantsTried,
} from '../../../src/judge/readings/talk.ts';

/** One conversation of each kind, and what is read from it. */
const input = { role: undefined, serverName: null, caPem: null, service: null };
const talks = (service: string | null, here: Record<string, object[]>, observations: object[] = []): Talks =>
  talksOf(
    { input: 'x', host: 'h', port: service === null ? 9999 : 443, service, serviceNamed: true, path: '/' },
    { tls: [], ssh: [], http: [], greeting: [], stall: [], ...here } as never,
    observations as never,
  );
const first = (service: string, probe: string, data: object, more: object = {}): Talk =>
  talks(service, { [probe]: [{ input, outcome: 'ok', durationMs: 1234, startedAt: 't', data, ...more }] })
    .first!;

const TLS = {
  ended: null,
  chain: [],
  alert: null,
  localError: null,
  plainText: null,
  plainProtocol: null,
  handshakeMs: 20,
  trustCode: null,
  nameMatches: true,
  certificateRequested: false,
};
const HTTP = {
  ended: 'answered',
  status: 200,
  reason: 'OK',
  firstByteMs: 30,
  otherProtocol: null,
  otherText: null,
};
const tls = (more: object = {}, http: object | null = HTTP, inside?: object): Talk =>
  first('https', 'tls', {
    connectMs: 5,
    tls: { ...TLS, ...more },
    http,
    ...(inside === undefined ? {} : { inside }),
  });

describe('HTTPS', () => {
  it('that answers is well', () => {
    expect(tls()).toMatchObject({
      ended: 'answered',
      heard: 'tls',
      well: true,
      word: null,
      words: null,
      refuses: null,
      connectMs: 5,
      firstByteMs: 30,
      lastedS: 1.2,
    });
  });
  it.each<[string, Talk, Partial<Talk>]>([
    ['a weak certificate', tls({ chain: [{ weakness: 'SHA-1' }] }), { well: false }],
    ['no HTTP was tried', tls({}, null), { well: true, ended: 'answered', firstByteMs: 20 }],
    [
      'HTTP without a status',
      tls({}, { ...HTTP, status: null, ended: 'reset' }),
      { well: false, ended: 'reset' },
    ],
    ['the first octet comes with the handshake', tls({}, { ...HTTP, firstByteMs: 10 }), { firstByteMs: 20 }],
    ['no octet', tls({}, { ...HTTP, firstByteMs: null }), { firstByteMs: 20 }],
    [
      'no handshake',
      tls({ ended: 'closed', alert: 40 }, null),
      { well: true, ended: 'closed', heard: 'tls' },
    ],
    ['given up here', tls({ ended: 'closed', localError: 'x' }, null), { heard: 'tls' }],
    ['cut', tls({ ended: 'reset' }, null), { heard: null, ended: 'reset' }],
    [
      'plain text',
      tls({ ended: 'closed', plainText: '220 hi', plainProtocol: 'smtp' }, null),
      { heard: 'smtp', words: '220 hi' },
    ],
    [
      'too many requests',
      tls({}, { ...HTTP, status: 429, reason: 'Slow down' }),
      { word: { means: 'limit', code: '429', text: 'Slow down' } },
    ],
    [
      'too many requests, without a word',
      tls({}, { ...HTTP, status: 429, reason: '' }),
      { word: { means: 'limit', code: '429', text: 'Too Many Requests' } },
    ],
    ['another status', tls({}, { ...HTTP, status: 503 }), { word: null, well: true }],
  ])('%s', (_, talk, expected) => {
    expect(talk).toMatchObject(expected);
  });
  it.each([
    [200, true, true],
    [400, true, false],
    [400, false, true],
    [401, true, true],
    [494, true, true],
    [495, true, false],
    [496, true, false],
    [497, true, true],
    [399, true, true],
  ])('status %i where a certificate was asked for (%s): well is %s', (status, certificateRequested, well) => {
    expect(tls({ certificateRequested }, { ...HTTP, status }).well).toBe(well);
  });
  it('what did not end well is not', () => {
    expect(first('https', 'tls', { connectMs: 5, tls: TLS, http: HTTP }, { outcome: 'failed' }).well).toBe(
      false,
    );
  });
});

describe('what is spoken inside TLS', () => {
  const inside = (more: object = {}): Talk =>
    first('imaps', 'tls', {
      connectMs: 5,
      tls: TLS,
      http: null,
      inside: { heard: 'imap', ended: 'answered', text: '* OK', word: null, firstByteMs: 40, ...more },
    });
  it.each<[string, object, Partial<Talk>]>([
    ['well', {}, { well: true, refuses: false, words: null, ended: 'answered', firstByteMs: 40 }],
    ['it wants a login', { word: { means: 'login', code: null, text: 'x' } }, { well: true, refuses: false }],
    [
      'it refuses',
      { word: { means: 'limit', code: null, text: 'x' } },
      { well: false, refuses: true, words: '* OK' },
    ],
    ['it was cut', { ended: 'closed' }, { well: false, ended: 'closed', words: '* OK' }],
    ['nothing that is known', { heard: null }, { well: false, words: '* OK' }],
  ])('%s', (_, more, expected) => {
    expect(inside(more)).toMatchObject(expected);
  });
});

describe('HTTP', () => {
  const http = (more: object = {}) => first('http', 'http', { connectMs: 5, http: { ...HTTP, ...more } });
  it.each<[string, object, Partial<Talk>]>([
    ['well', {}, { heard: 'http', well: true, word: null, firstByteMs: 30 }],
    [
      'no status',
      { status: null, otherProtocol: 'tls', otherText: 'x' },
      { heard: 'tls', words: 'x', well: false },
    ],
    ['too many requests', { status: 429, reason: 'x' }, { word: { means: 'limit', code: '429', text: 'x' } }],
    ['one more than that', { status: 430 }, { word: null }],
  ])('%s', (_, more, expected) => {
    expect(http(more)).toMatchObject(expected);
  });
});

describe('SSH', () => {
  const SSH = {
    connectMs: 5,
    firstByteMs: 9,
    identification: 'SSH-2.0-x',
    offerRead: true,
    ended: 'stalled',
    otherText: null,
    otherProtocol: null,
  };
  const ssh = (more: object = {}, outcome = 'ok') => first('ssh', 'ssh', { ...SSH, ...more }, { outcome });
  const words = { identification: null, otherText: 'Exceeded MaxStartups', ended: 'closed' };
  it.each<[string, Talk, Partial<Talk>]>([
    [
      'well',
      ssh(),
      { ended: 'answered', heard: 'ssh', words: null, well: true, refuses: null, saysOther: false },
    ],
    ['its offer did not come', ssh({ offerRead: false }), { ended: 'stalled', heard: 'ssh' }],
    ['silent', ssh({ identification: null }), { ended: 'stalled', heard: null, refuses: null }],
    [
      'it says why, and closes',
      ssh(words),
      { ended: 'closed', words: 'Exceeded MaxStartups', refuses: true },
    ],
    ['it says why, and resets', ssh({ ...words, ended: 'reset' }), { refuses: true }],
    [
      'it says something, and stays',
      ssh({ ...words, ended: 'stalled' }),
      { refuses: null, words: 'Exceeded MaxStartups' },
    ],
    [
      'it says it in another protocol',
      ssh({ ...words, otherProtocol: 'http' }),
      { refuses: null, heard: 'http' },
    ],
    ['it says nothing, and closes', ssh({ ...words, otherText: null }), { refuses: null }],
    [
      'it says who it is, and closes',
      ssh({ ...words, identification: 'SSH-2.0-x' }),
      { refuses: null, words: null, heard: 'ssh' },
    ],
    ['a line of something else', ssh(words, 'not-ssh'), { saysOther: true, well: false }],
  ])('%s', (_, talk, expected) => {
    expect(talk).toMatchObject(expected);
  });
});

describe('a greeting', () => {
  const TEXT = { connectMs: 5, firstByteMs: 9, text: '220 hi', heard: 'smtp', ended: 'stalled', tls: null };
  const greet = (outcome: string, more: object = {}, given: object = {}, service = 'submission') =>
    first(service, 'greeting', { ...TEXT, ...more }, { outcome, input: { ...input, service, ...given } });
  const bad = { tls: { ...TLS, trustCode: 'SELF' } };
  it.each<[string, Talk, Partial<Talk>]>([
    ['well', greet('ok'), { ended: 'answered', well: true, refuses: false, words: '220 hi', heard: 'smtp' }],
    ['refuses', greet('refuses'), { ended: 'answered', well: false, refuses: true }],
    ['another protocol', greet('other-protocol'), { ended: 'answered', refuses: false }],
    ['waits', greet('waits'), { ended: 'stalled' }],
    ['closed after its words', greet('closed', { ended: 'closed' }), { ended: 'closed' }],
    ['no words', greet('ok', { text: null, ended: 'closed' }), { ended: 'closed' }],
    ['nobody asked', greet('ok', {}, { service: null }), { refuses: null }],
    ['nobody asked, and it refuses', greet('refuses', {}, { service: null }), { refuses: true }],
    ['a bad certificate', greet('ok', bad), { well: false }],
    ['a bad certificate among mail servers', greet('ok', bad, {}, 'smtp'), { well: true }],
    [
      'a bad certificate, and a name was given',
      greet('ok', bad, { serverName: 'x' }, 'smtp'),
      { well: false },
    ],
    [
      'a bad certificate, and an authority was given',
      greet('ok', bad, { caPem: 'x' }, 'smtp'),
      { well: false },
    ],
  ])('%s', (_, talk, expected) => {
    expect(talk).toMatchObject(expected);
  });
  it('the certificate of a mail server counts where it is looked at', () => {
    const counts = (given: object, service: string) =>
      talks(service, {
        greeting: [
          {
            input: { ...input, ...given },
            outcome: 'ok',
            durationMs: 1,
            startedAt: 't',
            data: { ...TEXT, tls: TLS },
          },
        ],
      }).handshake?.counts;
    expect([
      counts({}, 'smtp'),
      counts({ serverName: 'x' }, 'smtp'),
      counts({ caPem: 'x' }, 'smtp'),
      counts({}, 'submission'),
    ]).toEqual([false, true, true, true]);
  });
});

describe('of several conversations', () => {
  const of = (id: string, role?: string) => ({
    input: { ...input, role },
    outcome: 'ok',
    durationMs: 1,
    startedAt: id,
    data: {
      connectMs: 1,
      tls: { ...TLS, sni: id },
      http: { ...HTTP, reason: id },
      text: null,
      heard: null,
      ended: id,
    },
  });
  it('the last of its kind counts, and none that followed a redirect', () => {
    const all = talks('https', {
      tls: [of('a'), of('b'), of('c', 'redirect')],
      http: [of('d'), of('e'), of('f', 'redirect')],
      ssh: [of('g'), of('h')],
      greeting: [of('i'), of('j')],
      stall: [of('k'), of('l')],
    });
    expect([all.tls, all.http, all.ssh, all.greeting, all.stall].map((one) => one?.startedAt)).toEqual([
      'b',
      'e',
      'h',
      'j',
      'l',
    ]);
    expect(all.exchange).toMatchObject({ reason: 'e' });
    expect(all.handshake).toMatchObject({ startedAt: 'b', counts: true });
    expect(talks('https', {}).handshake).toBeNull();
    expect(talks('https', {}).first).toBeNull();
  });
  it.each([
    ['tls', true, true],
    ['ssh', true, true],
    ['http', true, true],
    ['greeting', true, true],
    ['tls', false, false],
    ['ping', true, false],
  ])('%s, final: %s: talked is %s', (probe, final, isOver) => {
    expect(talks('https', {}, [{ probe, final }]).isOver).toBe(isOver);
  });
  it.each([
    ['https', 'tls'],
    ['ssh', 'ssh'],
    ['redis', 'redis'],
    [null, null],
  ])('%s lets one expect %s', (service, expected) => {
    expect(talks(service, {}).expected).toBe(expected);
  });
});

describe('TLS is well', () => {
  it.each<[string, object, boolean]>([
    ['as it should be', {}, true],
    ['no name to compare', { nameMatches: null }, true],
    ['not completed', { ended: 'reset' }, false],
    ['not trusted', { trustCode: 'x' }, false],
    ['for another name', { nameMatches: false }, false],
    ['an alert', { alert: 40 }, false],
  ])('%s: %s', (_, more, well) => {
    expect(isTlsWell({ ...TLS, ...more } as never)).toBe(well);
  });
});

describe('other shapes of a request', () => {
  const stall = (...variants: [name: string, ended: string][]) =>
    ({
      data: { variants: variants.map(([name, ended]) => ({ name, ended, protocol: `${name} ${ended}` })) },
    }) as never;
  it.each<[string, [string, string][], boolean | null]>([
    ['nothing was tried', [], null],
    [
      'it alone is answered',
      [
        ['as-is', 'stalled'],
        ['no-name', 'answered'],
      ],
      true,
    ],
    [
      'both are answered',
      [
        ['as-is', 'answered'],
        ['no-name', 'answered'],
      ],
      false,
    ],
    [
      'neither is',
      [
        ['as-is', 'stalled'],
        ['no-name', 'reset'],
      ],
      false,
    ],
    ['the request itself was not tried', [['no-name', 'answered']], null],
    [
      'the request itself is not known',
      [
        ['as-is', 'unknown'],
        ['no-name', 'answered'],
      ],
      null,
    ],
    [
      'the other was not connected',
      [
        ['as-is', 'stalled'],
        ['no-name', 'not-connected'],
      ],
      null,
    ],
  ])('%s', (_, variants, expected) => {
    expect(isAnsweredOnlyAs(stall(...variants), 'no-name')).toBe(expected);
  });
  it('those that were tried to an end, and what answered plain HTTP', () => {
    expect(
      variantsTried(stall(['as-is', 'stalled'], ['no-name', 'unknown'], ['other-name', 'not-connected'])),
    ).toHaveLength(1);
    expect(variantsTried(null)).toEqual([]);
    expect(plainProtocolOf(stall(['as-is', 'stalled'], ['plain-http', 'answered']))).toBe(
      'plain-http answered',
    );
    expect(plainProtocolOf(null)).toBeNull();
  });
  it('a 400 to plain HTTP is no sign that the port does without TLS; another answer is', () => {
    const answer = (request: string, complaint: boolean) =>
      plainProtocolOf({
        input: { request },
        data: { variants: [{ name: 'plain-http', ended: 'answered', protocol: 'http', complaint }] },
      } as never);
    expect(answer('tls', true)).toBeNull();
    expect(answer('tls', false)).toBe('http');
    expect(answer('question', true)).toBe('http');
  });
});
