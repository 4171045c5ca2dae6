import type { Doors } from '../../../doors/types.ts';
import type { HttpData, TlsData } from '../../../model/measured.ts';
import type { FindingOf, ProbeCatalogue } from '../../../model/probes.ts';
import type { Probe } from '../probe.ts';
import { shakeHands } from './handshake.ts';
import { askHttp } from './http-exchange.ts';
import { MAX_BYTES, notConnected } from './not-connected.ts';

type Input = ProbeCatalogue['tls']['input'];

/** A handshake that takes longer than this is looked into; what is left of the time belongs to HTTP. */
const HANDSHAKE_MS = 2000;
/** Web servers answer HEAD within a few handshakes; those that know no HEAD say nothing at all, and are asked with GET. */
const HEAD_MS = 60;
const HEAD_HANDSHAKES = 6;
/** A handshake that is slow because the path is long tells nothing about the server: GET must have its time, too. */
const HEAD_MOST_MS = 600;
/** Two flights of TLS 1.2 (one of 1.3 and a second hello), and one for a packet that has to be sent again. */
const HANDSHAKE_ROUND_TRIPS = 3;
const ANSWER_ROUND_TRIPS = 2;
/** Connection, handshake and HEAD; connection, handshake and GET; the spare ones are not needed every time. */
const ROUND_TRIPS = 10;
/** Where nobody said that it is a web server, GET is not tried. */
const GUESSED_HEAD_MS = 150;

/** handshake_failure, protocol_version, insufficient_security: an older client might get further. */
const REFUSALS = new Set([40, 70, 71, 47]);

/**
 * One TLS handshake and, where the service is HTTP, one HEAD on the same connection. After a refusal a second
 * handshake asks what an old client would get. Sends no client certificate, no credentials.
 */
export const tls: Probe<'tls'> = async (input, { doors, signal }): Promise<FindingOf<'tls'>> => {
  const { roundTripMs = 0 } = input;
  const deadline = doors.clock.elapsed() + input.timeoutMs + ROUND_TRIPS * roundTripMs;
  const remaining = (): number => Math.max(0, deadline - doors.clock.elapsed());
  const to = { address: input.address, port: input.port, maxBytes: MAX_BYTES, signal };
  const attempt = (alpn: string[], method: HttpData['method'] = 'HEAD') =>
    doors.speak({ ...to, timeoutMs: remaining() }, async (conversation) => {
      const { tls, ok } = await shakeHands(conversation, doors, {
        ...input,
        alpn,
        timeoutMs: Math.min(remaining(), HANDSHAKE_MS + HANDSHAKE_ROUND_TRIPS * roundTripMs),
      });
      let http: HttpData | null = null;
      if (ok && input.httpPath !== null && tls.alpn !== 'h2') {
        const leastMs = input.httpExpected ? HEAD_MS : GUESSED_HEAD_MS;
        const headMs = Math.max(leastMs, Math.min(HEAD_HANDSHAKES * (tls.handshakeMs ?? 0), HEAD_MOST_MS));
        const timeoutMs =
          method === 'GET' ? remaining() : Math.min(remaining(), headMs + ANSWER_ROUND_TRIPS * roundTripMs);
        const request = { method, host: input.httpHost, path: input.httpPath, timeoutMs };
        http = await askHttp(conversation, doors.clock.now, request);
      } else if (ok && tls.certificateRequested === true && tls.version === 'TLSv1.3') {
        // TLS 1.3 servers refuse a missing client certificate only after our handshake is over.
        await conversation.hear(() => true, Math.min(500, Math.max(100, (tls.handshakeMs ?? 0) * 3)));
      }
      tls.alert ??= conversation.lateAlert();
      return { connectMs: conversation.connectMs, tls, http };
    });

  let spoken = await attempt(input.httpPath === null ? [] : ['http/1.1']);
  // no_application_protocol: it speaks only HTTP/2, which is enough to know that TLS works.
  if (spoken.connected && spoken.value.tls.alert === 120) spoken = await attempt(['h2']);
  if (signal.aborted) return { outcome: 'cancelled', reason: null, data: null };
  if (!spoken.connected) return notConnected(spoken);
  if (
    isWithoutAnswer(spoken.value.http) &&
    spoken.value.tls.alert === null &&
    input.httpExpected &&
    remaining() > 0
  ) {
    // Some servers know no HEAD and just wait, or close.
    const second = await attempt(['http/1.1'], 'GET');
    if (second.connected && second.value.tls.ended === null) spoken = second;
  }
  if (signal.aborted) return { outcome: 'cancelled', reason: null, data: null };
  const data = spoken.value;
  // Nobody said that HTTP is spoken behind the TLS: then no answer is no fault.
  if (!input.httpExpected && isWithoutAnswer(data.http) && data.tls.certificateRequested !== true)
    data.http = null;
  if (isRefusal(data.tls)) {
    data.tls.legacy = await askAsOldClient(input, doors, signal, remaining());
    data.tls.legacyAsked = true;
  }
  return { outcome: outcomeOf(data.tls), reason: null, data };
};

const isWithoutAnswer = (http: HttpData | null): boolean =>
  http !== null && http.status === null && http.otherText === null;

function isRefusal(tls: TlsData): boolean {
  if (tls.ended === null || tls.plainText !== null) return false;
  if (tls.certificateRequested === true) return false;
  return (tls.alert !== null && REFUSALS.has(tls.alert)) || tls.localError !== null;
}

async function askAsOldClient(
  input: Input,
  doors: Doors,
  signal: AbortSignal,
  timeoutMs: number,
): Promise<TlsData['legacy']> {
  const to = { address: input.address, port: input.port, maxBytes: MAX_BYTES, signal, timeoutMs };
  const spoken = await doors.speak(to, (conversation) =>
    conversation.startTls({
      serverName: input.serverName,
      alpn: [],
      extraAuthorities: [],
      legacy: true,
      timeoutMs,
    }),
  );
  if (!spoken.connected || spoken.value.version === null) return null;
  return { version: spoken.value.version, cipher: spoken.value.cipher ?? 'unknown' };
}

function outcomeOf(tls: TlsData): ProbeCatalogue['tls']['outcome'] {
  if (tls.ended !== null) {
    if (tls.plainText !== null) return 'not-tls';
    if (tls.alert !== null) return 'alert';
    return tls.ended === 'answered' ? 'refused-locally' : tls.ended;
  }
  if (tls.alert !== null && tls.alert !== 0) return 'alert';
  if (tls.trustCode !== null) return 'untrusted';
  return tls.nameMatches === false ? 'wrong-name' : 'ok';
}
