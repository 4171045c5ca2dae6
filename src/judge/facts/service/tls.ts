import { earlyWords, expiredWords, validWords } from '../../../ground/dates.ts';
import type { FactsOf, FactTable } from '../../../model/facts.ts';
import type { TlsData } from '../../../model/measured.ts';
import type { Readings } from '../../readings/index.ts';
import { certificatesAgain } from '../../readings/talk-again.ts';
import { alertName } from './alerts.ts';

const TLS = ['tls', 'greeting'] as const;

export const TLS_FACTS = {
  'tls.works': { type: 'boolean', meaning: 'A TLS handshake with this port was completed.', from: TLS },
  'tls.version': { type: 'string', meaning: 'TLSv1.2 or TLSv1.3, as negotiated.', from: TLS },
  'tls.cipher': { type: 'string', meaning: 'Cipher suite, as negotiated.', from: TLS },
  'tls.sni': { type: 'string', meaning: 'The server name that was sent; null when none was.', from: TLS },
  'tls.handshakeMs': { type: 'number', meaning: 'Time of the handshake after TCP.', from: TLS },
  'tls.subject': { type: 'string', meaning: 'Subject of the certificate.', from: TLS },
  'tls.issuer': { type: 'string', meaning: 'Issuer of the certificate.', from: TLS },
  'tls.lastIssuer': {
    type: 'string',
    meaning: 'Issuer of the last certificate of the chain: the one that is not known.',
    from: TLS,
  },
  'tls.names': { type: 'string', meaning: 'Names that the certificate has; the first five.', from: TLS },
  'tls.expectedName': {
    type: 'string',
    meaning: 'The name or address that the certificate should have.',
    from: TLS,
  },
  'tls.nameMatches': {
    type: 'boolean',
    meaning: 'The certificate is for the expected name; null when there is none to compare with.',
    from: TLS,
  },
  'tls.notBefore': {
    type: 'string',
    meaning:
      'Start of validity (ISO 8601) of the certificate of the chain that is out of its dates, else of the first.',
    from: TLS,
  },
  'tls.datesWords': {
    type: 'string',
    meaning:
      'How the certificate of tls.datedSubject stands to the clock of this machine, in words: "expired 3 days ago (18 Nov 2026)".',
    from: TLS,
  },
  'tls.notAfter': { type: 'string', meaning: 'End of validity of the same.', from: TLS },
  'tls.datedSubject': {
    type: 'string',
    meaning: 'Subject of the same; null when the certificate that is out of its dates is not in the chain.',
    from: TLS,
  },
  'tls.intermediateOutOfDates': {
    type: 'boolean',
    meaning: "A certificate of the chain is out of its dates, and the server's own is not.",
    from: TLS,
  },
  'tls.daysLeft': {
    type: 'number',
    meaning: 'Days until the end of validity; negative once expired.',
    from: TLS,
  },
  'tls.expired': {
    type: 'boolean',
    meaning: 'A certificate of the chain has expired by the clock of this machine.',
    from: TLS,
  },
  'tls.notYetValid': {
    type: 'boolean',
    meaning: 'A certificate of the chain is not valid yet by the clock of this machine.',
    from: TLS,
  },
  'tls.datesFitServerClock': {
    type: 'boolean',
    meaning:
      "By the server's own clock (HTTP Date) the dates would be right; null when that clock is not known or within a minute of ours.",
    from: [...TLS, 'http'],
  },
  'tls.trusted': {
    type: 'boolean',
    meaning:
      'The chain leads to an authority of the built-in store, the system store or --ca; null when its dates hide that.',
    from: TLS,
  },
  'tls.trustProblem': {
    type: 'string',
    values: [
      'self-signed',
      'private-authority',
      'incomplete-chain',
      'unknown-issuer',
      'unusable-issuer',
      'other',
    ],
    meaning:
      'Why not: signed by itself; the chain ends in an authority that is not trusted; the intermediate is missing; the issuer is not known (either of these two); a certificate of the issuer was sent and does not serve as one; anything else.',
    from: TLS,
  },
  'tls.trustCode': { type: 'string', meaning: "OpenSSL's word for it.", from: TLS },
  'tls.chainLength': {
    type: 'number',
    meaning: 'Certificates in the chain, as far as it is known.',
    from: TLS,
  },
  'tls.weakness': {
    type: 'string',
    meaning:
      'What current clients refuse in the chain: a short RSA key, a signature by SHA-1 or MD5; null = nothing.',
    from: TLS,
  },
  'tls.weakExchange': {
    type: 'string',
    meaning:
      'What current clients refuse in the key exchange, which this one took: a short Diffie-Hellman key; null = nothing.',
    from: TLS,
  },
  'tls.weakSubject': { type: 'string', meaning: 'Subject of the certificate with that weakness.', from: TLS },
  'tls.nameNotServed': {
    type: 'boolean',
    meaning:
      'The server refuses the name that was asked for: its alert says so (unrecognized_name), or without a name the handshake succeeds.',
    from: TLS,
  },
  'tls.alert': { type: 'number', meaning: 'Alert that the server sent.', from: TLS },
  'tls.alertName': { type: 'string', meaning: 'Its name in RFC 8446.', from: TLS },
  'tls.localError': { type: 'string', meaning: 'Why our own side gave up the handshake.', from: TLS },
  'tls.certificateRequested': {
    type: 'boolean',
    meaning: 'The server asked for a client certificate.',
    from: TLS,
  },
  'tls.legacyAsked': {
    type: 'boolean',
    meaning: 'After a refusal a handshake of an old client (TLS 1.0, weak ciphers) was tried, too.',
    from: ['tls'],
  },
  'tls.legacyVersion': {
    type: 'string',
    meaning: 'What the server accepts from an old client; null when nothing or not asked.',
    from: ['tls'],
  },
  'tls.legacyCipher': { type: 'string', meaning: 'The cipher of that.', from: ['tls'] },
  'tls.askedAgain': {
    type: 'number',
    meaning: 'Handshakes that were made once more, because somebody sees it come and go.',
    from: ['tls'],
  },
  'tls.againBad': {
    type: 'number',
    meaning:
      'How many of these were shown a certificate that is bad (expired, not trusted, for another name), where the first one was good; the other tls facts are then about that certificate.',
    from: ['tls'],
  },
  'tls.failed': {
    type: 'boolean',
    meaning: 'A TLS handshake was begun, TLS answered, and it failed.',
    from: TLS,
  },
} as const satisfies FactTable;

type TlsFacts = FactsOf<typeof TLS_FACTS>;

const DATES = new Set(['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID']);
const DAY_MS = 86_400_000;
/** A server's clock that differs by less is taken to be right. */
export const CLOCK_TOLERANCE_MS = 60_000;

export function tlsFacts({ talks, here }: Readings): TlsFacts {
  const again = certificatesAgain(talks, here);
  const { handshake, exchange } = talks;
  const tls = handshake?.data ?? null;
  const works = tls === null ? null : tls.ended === null;
  const now = Date.parse(handshake?.startedAt ?? '');
  const chain = tls?.chain ?? [];
  const dated = works === true && chain.length > 0 && !Number.isNaN(now) && handshake?.counts !== false;
  const isExpired = (at: number) => (one: { notAfter: string | null }) =>
    one.notAfter !== null && Date.parse(one.notAfter) < at;
  const isEarly = (at: number) => (one: { notBefore: string | null }) =>
    one.notBefore !== null && Date.parse(one.notBefore) > at;
  // A root in the trust store that has expired does no harm where OpenSSL found another way: its word counts.
  const byCode = tls?.trustCode ?? null;
  // A verdict that was told without its certificates stands for itself; that none was told proves nothing.
  const said = works === true && chain.length === 0 ? byCode : null;
  const expired = dated
    ? isExpired(now)(chain[0]!) || byCode === 'CERT_HAS_EXPIRED'
    : said === 'CERT_HAS_EXPIRED' || null;
  const early = dated
    ? isEarly(now)(chain[0]!) || byCode === 'CERT_NOT_YET_VALID'
    : said === 'CERT_NOT_YET_VALID' || null;
  const blamed = expired ? chain.find(isExpired(now)) : early ? chain.find(isEarly(now)) : chain[0];
  const offset = exchange?.clockOffsetMs ?? null;
  const datesFit =
    !dated || offset === null || Math.abs(offset) < CLOCK_TOLERANCE_MS
      ? null
      : !chain.some(isExpired(now + offset)) && !chain.some(isEarly(now + offset));
  const weak = dated ? chain.find(({ weakness }) => weakness != null) : undefined;
  const judged = dated ? byCode : said;
  const trusted = judged === null ? (dated ? true : null) : DATES.has(judged) ? null : false;
  return {
    'tls.works': works,
    'tls.version': tls?.version ?? null,
    'tls.cipher': tls?.cipher ?? null,
    'tls.sni': tls?.sni ?? null,
    'tls.handshakeMs': tls?.handshakeMs ?? null,
    'tls.subject': chain[0]?.subject ?? null,
    'tls.issuer': chain[0]?.issuer ?? null,
    'tls.lastIssuer': chain.at(-1)?.issuer ?? null,
    'tls.names': chain[0] === undefined ? null : namesOf(chain[0].names),
    'tls.expectedName': tls?.expectedName ?? null,
    'tls.nameMatches': handshake?.counts === false ? null : (tls?.nameMatches ?? null),
    'tls.notBefore': blamed?.notBefore ?? null,
    'tls.datesWords': blamed === undefined || !dated ? null : datesWords(blamed, expired, early, now),
    'tls.notAfter': blamed?.notAfter ?? null,
    'tls.datedSubject': blamed?.subject ?? null,
    'tls.intermediateOutOfDates': dated
      ? (expired || early) === true && blamed !== undefined && blamed !== chain[0]
      : null,
    'tls.daysLeft':
      dated && blamed?.notAfter != null ? Math.floor((Date.parse(blamed.notAfter) - now) / DAY_MS) : null,
    'tls.expired': expired,
    'tls.notYetValid': early,
    'tls.datesFitServerClock': datesFit,
    'tls.trusted': trusted,
    'tls.trustProblem': tls !== null && trusted === false ? trustProblemOf(tls) : null,
    'tls.trustCode': byCode,
    'tls.chainLength': works === true ? chain.length : null,
    'tls.weakness': weak?.weakness ?? null,
    'tls.weakExchange': tls?.weakExchange ?? null,
    'tls.weakSubject': weak?.subject ?? null,
    'tls.nameNotServed':
      tls === null ? null : tls.alert === 112 || (tls.sni !== null && tls.withoutName === true),
    'tls.alert': tls?.alert ?? null,
    'tls.alertName': tls?.alert == null ? null : alertName(tls.alert),
    'tls.localError': tls?.localError ?? null,
    'tls.certificateRequested': tls?.certificateRequested ?? null,
    'tls.legacyAsked': tls?.legacyAsked ?? null,
    'tls.legacyVersion': tls?.legacy?.version ?? null,
    'tls.legacyCipher': tls?.legacy?.cipher ?? null,
    'tls.askedAgain': again?.asked ?? null,
    'tls.againBad': again?.bad ?? null,
    'tls.failed':
      tls === null
        ? null
        : tls.plainText === null &&
          ((tls.ended !== null && (tls.alert !== null || tls.localError !== null)) ||
            (tls.ended === null && tls.alert !== null)),
  };
}

function namesOf(names: readonly string[]): string | null {
  if (names.length === 0) return null;
  return names.slice(0, 5).join(', ') + (names.length > 5 ? ` and ${names.length - 5} more` : '');
}

function trustProblemOf(tls: TlsData): TlsFacts['tls.trustProblem'] {
  switch (tls.trustCode) {
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
      return 'self-signed';
    case 'SELF_SIGNED_CERT_IN_CHAIN':
      return 'private-authority';
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
      if (tls.issuerSent === true) return 'unusable-issuer';
      if (tls.issuerKnown === true) return 'incomplete-chain';
      // With an intermediate sent, what is missing is the authority itself, which servers do not have to send.
      return tls.chain.length > 1 ? 'private-authority' : 'unknown-issuer';
    default:
      return 'other';
  }
}

function datesWords(
  { notAfter, notBefore }: { notAfter: string | null; notBefore: string | null },
  expired: boolean | null,
  early: boolean | null,
  now: number,
): string | null {
  if (expired === true && notAfter !== null) return expiredWords(Date.parse(notAfter), now);
  if (early === true && notBefore !== null) return earlyWords(Date.parse(notBefore), now);
  return notAfter === null ? null : validWords(Date.parse(notAfter), now);
}
