import type { Conversation, Doors, TlsResult } from '../../../doors/types.ts';
import { isAddress } from '../../../ground/address.ts';
import type { CertificateData, TalkEnd, TlsData } from '../../../model/measured.ts';
import { printable, protocolOf } from '../../../parsers/first-words.ts';
import { certificateRequested, parseTlsRecords, plainAlert } from '../../../parsers/tls-record.ts';

export interface HandshakeInput {
  serverName: string | null;
  expectedAddress: string | null;
  /** A bare address that was connected to: held against a certificate that names addresses alone. */
  bareAddress?: string;
  caPem: string | null;
  alpn: string[];
  timeoutMs: number;
}

/** Where Debian, Fedora, Alpine and macOS keep the system's authorities in one file. */
const SYSTEM_BUNDLES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/cert.pem',
];

const UNKNOWN_ISSUER = new Set([
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
]);

/** One TLS handshake in a conversation, and what its certificate is worth. */
export async function shakeHands(
  conversation: Conversation,
  doors: Doors,
  input: HandshakeInput,
): Promise<{ tls: TlsData; ok: boolean }> {
  const result = await conversation.startTls({
    serverName: input.serverName,
    alpn: input.alpn,
    extraAuthorities: input.caPem === null ? [] : [input.caPem],
    legacy: false,
    timeoutMs: input.timeoutMs,
  });
  const expectedName = input.serverName ?? input.expectedAddress ?? bareAddressFor(result, input);
  const ok = result.ended === 'ok';
  const isTls = parseTlsRecords(result.received) !== null;
  const words = !ok && !isTls && result.received.length > 0;
  const trust = ok ? await trustOf(result, doors, input.caPem) : null;
  const issuerSent = trust?.issuerKnown == null ? null : result.issuerSent();
  const alert = result.alert ?? plainAlert(result.received);
  return {
    ok,
    tls: {
      sni: input.serverName,
      ended: ok ? null : endOf(result, words || isTls),
      version: result.version,
      cipher: result.cipher,
      alpn: result.alpn,
      chain: result.chain.map(certificateData),
      trustCode: trust === null ? null : trust.code,
      trustedBy: trust === null ? null : trust.by,
      issuerKnown: trust === null ? null : trust.issuerKnown,
      ...(issuerSent === null ? {} : { issuerSent }),
      expectedName,
      nameMatches:
        ok && expectedName !== null && result.chain.length > 0 ? result.matches(expectedName) : null,
      alert: ok ? null : alert,
      localError: !ok && alert === null && !words ? result.code : null,
      certificateRequested: certificateRequested(result.sent, result.received, result.version),
      legacy: null,
      legacyAsked: false,
      plainText: words ? printable(result.received) : null,
      plainProtocol: words ? protocolOf(result.received) : null,
      handshakeMs: ok ? result.elapsedMs : null,
      ...(result.weakExchange === null ? {} : { weakExchange: result.weakExchange }),
    },
  };
}

/** One that names hosts has its port by its name, and one address of several; where it names addresses alone ours is among them. */
function bareAddressFor({ chain }: TlsResult, { bareAddress }: HandshakeInput): string | null {
  const names = chain[0]?.names ?? [];
  return bareAddress !== undefined && names.length > 0 && names.every(isAddress) ? bareAddress : null;
}

function endOf(result: TlsResult, heardSomething: boolean): TalkEnd {
  if (result.ended === 'failed' || result.ended === 'ok') return 'answered';
  // OpenSSL waits for the rest of a record that never comes, when what came is no TLS at all.
  return heardSomething && result.ended === 'stalled' && parseTlsRecords(result.received) === null
    ? 'answered'
    : result.ended;
}

async function trustOf(
  result: TlsResult,
  doors: Doors,
  caPem: string | null,
): Promise<{ code: string | null; by: TlsData['trustedBy']; issuerKnown: boolean | null }> {
  if (result.trustCode === null) return { code: null, by: 'built-in', issuerKnown: null };
  if (!UNKNOWN_ISSUER.has(result.trustCode)) return { code: result.trustCode, by: null, issuerKnown: null };
  const bundles = caPem === null ? [] : [caPem];
  for (const path of SYSTEM_BUNDLES) {
    const text = await doors.readText(path);
    if (text === null) continue;
    bundles.push(text);
    break;
  }
  const { vouched, issuerKnown } = result.lookAgain(bundles);
  if (!vouched) return { code: result.trustCode, by: null, issuerKnown };
  const now = doors.clock.now();
  const expired = result.chain.some((one) => one.notAfter !== null && Date.parse(one.notAfter) < now);
  return { code: expired ? 'CERT_HAS_EXPIRED' : null, by: 'system', issuerKnown };
}

function certificateData(one: TlsResult['chain'][number]): CertificateData {
  return {
    subject: printable(one.subject, 300),
    issuer: printable(one.issuer, 300),
    names: one.names.map((name) => printable(name, 253)),
    notBefore: one.notBefore,
    notAfter: one.notAfter,
    selfSigned: one.selfSigned,
    weakness: one.weakness,
  };
}
