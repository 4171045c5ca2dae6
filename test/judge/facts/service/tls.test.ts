import { describe, expect, it } from 'vitest';
import { tlsFacts } from '../../../../src/judge/facts/service/tls.ts';

/** What is read from one handshake, given by hand. */
const NOW = '2026-11-20T12:00:00.000Z';
const at = (ms: number): string => new Date(Date.parse(NOW) + ms).toISOString();
const DAY = 86_400_000;
const leaf = (more: object = {}) => ({
  subject: 'CN=leaf',
  issuer: 'CN=R1',
  names: ['a'],
  notBefore: at(-DAY),
  notAfter: at(9 * DAY),
  weakness: null,
  ...more,
});
const above = (more: object = {}) => leaf({ subject: 'CN=R1', issuer: 'CN=Root', ...more });
interface Told {
  tls?: object;
  chain?: object[];
  counts?: boolean;
  clockOffsetMs?: number | null;
  startedAt?: string;
}
const seen = ({ tls = {}, chain = [leaf()], counts, clockOffsetMs, startedAt = NOW }: Told) =>
  tlsFacts({
    here: { tls: [] },
    talks: {
      tls: null,
      handshake: {
        startedAt,
        ...(counts === undefined ? {} : { counts }),
        data: {
          ended: null,
          version: 'TLSv1.3',
          cipher: 'AES',
          sni: 'a',
          handshakeMs: 9,
          chain,
          expectedName: 'a',
          nameMatches: true,
          trustCode: null,
          issuerKnown: null,
          alert: null,
          localError: null,
          plainText: null,
          withoutName: null,
          certificateRequested: false,
          legacyAsked: false,
          legacy: null,
          ...tls,
        },
      },
      exchange: clockOffsetMs === undefined ? null : { clockOffsetMs },
    },
  } as never);
const nothing = tlsFacts({
  here: { tls: [] },
  talks: { tls: null, handshake: null, exchange: null },
} as never);

it('no handshake, no facts', () => {
  expect(Object.values(nothing).every((value) => value === null)).toBe(true);
});

describe('the dates, by the clock of this machine', () => {
  it.each<[string, Told, boolean | null, boolean | null]>([
    ['in its dates', {}, false, false],
    ['it ends this very moment', { chain: [leaf({ notAfter: NOW })] }, false, false],
    ['it ended a moment ago', { chain: [leaf({ notAfter: at(-1) })] }, true, false],
    ['it begins this very moment', { chain: [leaf({ notBefore: NOW })] }, false, false],
    ['it begins in a moment', { chain: [leaf({ notBefore: at(1) })] }, false, true],
    ['no dates were told', { chain: [leaf({ notBefore: null, notAfter: null })] }, false, false],
    [
      'one above has ended, and OpenSSL minds',
      { chain: [leaf(), above({ notAfter: at(-1) })], tls: { trustCode: 'CERT_HAS_EXPIRED' } },
      true,
      false,
    ],
    [
      'one above has ended, and OpenSSL found another way',
      { chain: [leaf(), above({ notAfter: at(-1) })] },
      false,
      false,
    ],
    [
      'one above begins later, and OpenSSL minds',
      { chain: [leaf(), above({ notBefore: at(1) })], tls: { trustCode: 'CERT_NOT_YET_VALID' } },
      false,
      true,
    ],
    ['only the verdict was told', { chain: [], tls: { trustCode: 'CERT_HAS_EXPIRED' } }, true, null],
    ['only that it is early was told', { chain: [], tls: { trustCode: 'CERT_NOT_YET_VALID' } }, null, true],
    ['no certificate and no verdict', { chain: [] }, null, null],
    ['the handshake failed', { tls: { ended: 'reset' }, chain: [leaf({ notAfter: at(-1) })] }, null, null],
    ['it does not count', { counts: false, chain: [leaf({ notAfter: at(-1) })] }, null, null],
    ['when it was is not known', { startedAt: 'x', chain: [leaf({ notAfter: at(-1) })] }, null, null],
  ])('%s', (_, told, expired, early) => {
    expect(seen(told)).toMatchObject({ 'tls.expired': expired, 'tls.notYetValid': early });
  });

  it('which certificate is meant', () => {
    const intermediate = seen({
      chain: [leaf(), above({ notAfter: at(-DAY) })],
      tls: { trustCode: 'CERT_HAS_EXPIRED' },
    });
    expect(intermediate).toMatchObject({
      'tls.intermediateOutOfDates': true,
      'tls.datedSubject': 'CN=R1',
      'tls.notAfter': at(-DAY),
      'tls.daysLeft': -1,
    });
    expect(intermediate['tls.datesWords']).toMatch(/^expired/);
    const own = seen({ chain: [leaf({ notAfter: at(-DAY) }), above()] });
    expect(own).toMatchObject({ 'tls.intermediateOutOfDates': false, 'tls.datedSubject': 'CN=leaf' });
    // OpenSSL minds one that was not sent.
    expect(seen({ tls: { trustCode: 'CERT_HAS_EXPIRED' } })).toMatchObject({
      'tls.intermediateOutOfDates': false,
      'tls.datedSubject': null,
      'tls.datesWords': null,
      'tls.daysLeft': null,
    });
    expect(
      seen({ chain: [leaf(), above({ notBefore: at(DAY) })], tls: { trustCode: 'CERT_NOT_YET_VALID' } }),
    ).toMatchObject({ 'tls.intermediateOutOfDates': true, 'tls.notBefore': at(DAY) });
    expect(
      seen({ chain: [], tls: { trustCode: 'CERT_HAS_EXPIRED' } })['tls.intermediateOutOfDates'],
    ).toBeNull();
  });

  it('in words and days', () => {
    expect(seen({})).toMatchObject({
      'tls.daysLeft': 9,
      'tls.notBefore': at(-DAY),
      'tls.notAfter': at(9 * DAY),
    });
    expect(seen({})['tls.datesWords']).toMatch(/^is valid for another 9 days/);
    expect(seen({ chain: [leaf({ notBefore: at(DAY) })] })['tls.datesWords']).toMatch(
      /not valid (yet|before)|valid from|in 1 day/i,
    );
    expect(seen({ chain: [leaf({ notAfter: null })] })).toMatchObject({
      'tls.datesWords': null,
      'tls.daysLeft': null,
    });
    expect(seen({ counts: false })['tls.datesWords']).toBeNull();
    expect(seen({ chain: [leaf({ notAfter: at(9 * DAY - 1) })] })['tls.daysLeft']).toBe(8);
  });

  it.each<[string, Told, boolean | null]>([
    ['is not known', { chain: [leaf({ notAfter: at(-DAY) })] }, null],
    ['is not told', { clockOffsetMs: null }, null],
    ['is less than a minute off', { clockOffsetMs: 59_999 }, null],
    ['is a minute off', { clockOffsetMs: 60_000 }, true],
    ['is a minute behind', { clockOffsetMs: -60_000 }, true],
    ['makes it right', { chain: [leaf({ notAfter: at(-DAY) })], clockOffsetMs: -2 * DAY + 1 }, false],
    [
      'makes it right again',
      { chain: [leaf({ notBefore: at(-9 * DAY), notAfter: at(-DAY) })], clockOffsetMs: -2 * DAY },
      true,
    ],
    ['makes it wrong', { clockOffsetMs: 10 * DAY }, false],
    ['makes it early', { clockOffsetMs: -2 * DAY }, false],
    [
      'makes one above wrong',
      {
        chain: [leaf({ notBefore: null, notAfter: null }), above({ notAfter: at(DAY) })],
        clockOffsetMs: 2 * DAY,
      },
      false,
    ],
  ])('the server’s clock %s', (_, told, fits) => {
    expect(seen(told)['tls.datesFitServerClock']).toBe(fits);
  });
});

describe('trust', () => {
  it.each<[string, Told, boolean | null, string | null]>([
    ['none to complain of', {}, true, null],
    ['dates hide it', { tls: { trustCode: 'CERT_HAS_EXPIRED' } }, null, null],
    ['dates to come hide it', { tls: { trustCode: 'CERT_NOT_YET_VALID' } }, null, null],
    ['signed by itself', { tls: { trustCode: 'DEPTH_ZERO_SELF_SIGNED_CERT' } }, false, 'self-signed'],
    [
      'an authority of its own',
      { tls: { trustCode: 'SELF_SIGNED_CERT_IN_CHAIN' } },
      false,
      'private-authority',
    ],
    ...[
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
      'UNABLE_TO_GET_ISSUER_CERT',
      'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
    ].flatMap((trustCode): [string, Told, boolean, string][] => [
      [
        `${trustCode}: the issuer is known`,
        { tls: { trustCode, issuerKnown: true } },
        false,
        'incomplete-chain',
      ],
      [
        `${trustCode}: the issuer is not known`,
        { tls: { trustCode, issuerKnown: false } },
        false,
        'unknown-issuer',
      ],
      [
        `${trustCode}: a certificate of the issuer was sent, and is none of an authority`,
        { tls: { trustCode, issuerKnown: true, issuerSent: true } },
        false,
        'unusable-issuer',
      ],
      [
        `${trustCode}: an intermediate was sent`,
        { chain: [leaf(), above()], tls: { trustCode, issuerKnown: false } },
        false,
        'private-authority',
      ],
    ]),
    ['anything else', { tls: { trustCode: 'CERT_REVOKED' } }, false, 'other'],
    ['only the verdict was told', { chain: [], tls: { trustCode: 'CERT_REVOKED' } }, false, 'other'],
    ['nothing was told', { chain: [] }, null, null],
    ['it does not count', { counts: false }, null, null],
    ['the handshake failed', { tls: { ended: 'reset', trustCode: 'CERT_REVOKED' } }, null, null],
  ])('%s', (_, told, trusted, problem) => {
    expect(seen(told)).toMatchObject({ 'tls.trusted': trusted, 'tls.trustProblem': problem });
  });

  it('weakness anywhere in the chain', () => {
    expect(seen({ chain: [leaf(), above({ weakness: 'SHA-1' })] })).toMatchObject({
      'tls.weakness': 'SHA-1',
      'tls.weakSubject': 'CN=R1',
    });
    expect(seen({})).toMatchObject({ 'tls.weakness': null, 'tls.weakSubject': null });
    expect(seen({ counts: false, chain: [leaf({ weakness: 'SHA-1' })] })['tls.weakness']).toBeNull();
  });
});

describe('names', () => {
  const names = (count: number) =>
    seen({ chain: [leaf({ names: Array.from({ length: count }, (_, i) => `n${i}`) })] })['tls.names'];
  it.each([
    [0, null],
    [1, 'n0'],
    [5, 'n0, n1, n2, n3, n4'],
    [6, 'n0, n1, n2, n3, n4 and 1 more'],
    [8, 'n0, n1, n2, n3, n4 and 3 more'],
  ])('%i of them', (count, words) => {
    expect(names(count)).toBe(words);
  });
  it('do they match', () => {
    expect(seen({})['tls.nameMatches']).toBe(true);
    expect(seen({ tls: { nameMatches: null } })['tls.nameMatches']).toBeNull();
    expect(seen({ counts: false })['tls.nameMatches']).toBeNull();
    expect(seen({ counts: true })['tls.nameMatches']).toBe(true);
    expect(seen({ chain: [] })['tls.names']).toBeNull();
  });
  it.each<[string, object, boolean]>([
    ['the alert says so', { alert: 112 }, true],
    ['another alert', { alert: 111 }, false],
    ['it works without a name', { withoutName: true }, true],
    ['it does not work without a name', { withoutName: false }, false],
    ['nobody tried without', { withoutName: null }, false],
    ['no name was sent', { sni: null, withoutName: true }, false],
  ])('the name is not served: %s', (_, tls, notServed) => {
    expect(seen({ tls })['tls.nameNotServed']).toBe(notServed);
  });
});

describe('a handshake', () => {
  it.each<[string, object, boolean, boolean]>([
    ['was completed', {}, true, false],
    ['was completed, and an alert followed', { alert: 42 }, true, true],
    ['was ended by an alert', { ended: 'closed', alert: 40 }, false, true],
    ['was given up here', { ended: 'closed', localError: 'ERR' }, false, true],
    ['was completed, and something was wrong here', { localError: 'ERR' }, true, false],
    ['was cut', { ended: 'reset' }, false, false],
    ['was answered in plain text', { ended: 'closed', alert: 40, plainText: 'HTTP' }, false, false],
  ])('%s', (_, tls, works, failed) => {
    expect(seen({ tls })).toMatchObject({ 'tls.works': works, 'tls.failed': failed });
  });
  it('tells of itself', () => {
    expect(
      seen({
        chain: [leaf(), above()],
        tls: {
          alert: 40,
          certificateRequested: true,
          legacyAsked: true,
          legacy: { version: 'TLSv1', cipher: 'RC4' },
        },
      }),
    ).toMatchObject({
      'tls.version': 'TLSv1.3',
      'tls.cipher': 'AES',
      'tls.sni': 'a',
      'tls.handshakeMs': 9,
      'tls.subject': 'CN=leaf',
      'tls.issuer': 'CN=R1',
      'tls.lastIssuer': 'CN=Root',
      'tls.chainLength': 2,
      'tls.alert': 40,
      'tls.alertName': 'handshake_failure',
      'tls.certificateRequested': true,
      'tls.legacyAsked': true,
      'tls.legacyVersion': 'TLSv1',
      'tls.legacyCipher': 'RC4',
    });
    expect(seen({})).toMatchObject({ 'tls.alert': null, 'tls.alertName': null, 'tls.legacyVersion': null });
    expect(seen({ tls: { ended: 'reset' } })['tls.chainLength']).toBeNull();
  });
});
