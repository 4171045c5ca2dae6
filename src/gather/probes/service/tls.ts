import type { Doors } from '../../../doors/types.ts';
import type { HttpData, SpokenData, TlsData } from '../../../model/measured.ts';
import type { FindingOf, ProbeCatalogue } from '../../../model/probes.ts';
import type { Probe } from '../probe.ts';
import { converse } from './converse.ts';
import { shakeHands } from './handshake.ts';
import { askHttp, type HttpTalk, headThenGet, isWithoutAnswer } from './http-exchange.ts';
import { MAX_BYTES, notConnected } from './not-connected.ts';
import { SILENT, SILENT_HTTP, SILENT_TLS } from './silence.ts';

type Input = ProbeCatalogue['tls']['input'];
type Data = ProbeCatalogue['tls']['data'];

/** Connection, handshake (two flights of TLS 1.2, one of 1.3 and a second hello), HEAD; connection, handshake and GET. */
const ROUND_TRIPS = 10;
/** TLS 1.3 servers refuse a missing client certificate only after our handshake is over. */
const LATE_ALERT_MS = { least: 100, most: 500, handshakes: 3 };
/** Where one server has many names: for which of its refusals the name may be the reason. */
const NAME_ALERTS = new Set([112, 40, 80, 49]);
/** handshake_failure, protocol_version, insufficient_security: an older client might get further. */
const REFUSALS = new Set([40, 70, 71, 47]);

/**
 * One TLS handshake and, on the same connection, one HEAD or the question of the service behind it. After a refusal further
 * handshakes ask what no name, or an old client, would get. Sends no client certificate, no credentials.
 */
export const tls: Probe<'tls'> = async (input, { doors, signal, partial }): Promise<FindingOf<'tls'>> => {
  const { roundTripMs = 0, patienceMs = 0, startMs = 0 } = input;
  if (startMs > 0) await doors.clock.sleep(startMs, signal);
  if (signal.aborted) return { outcome: 'cancelled', reason: null, data: null };
  const quietMs = input.timeoutMs + ROUND_TRIPS * roundTripMs;
  const totalMs = Math.max(quietMs, patienceMs);
  const zero = doors.clock.elapsed();
  const remaining = (): number => Math.max(0, quietMs - (doors.clock.elapsed() - zero));
  let soFar: FindingOf<'tls'> | null = null;
  let handshake: TlsData | null = null;
  let connectMs: number | null = null;
  const onQuiet = (inside: SpokenData | null = null): void => {
    const data: Data = {
      connectMs,
      tls: handshake ?? { ...SILENT_TLS, sni: input.serverName },
      http: handshake !== null && input.httpPath !== null ? SILENT_HTTP : null,
      inside,
    };
    soFar = { outcome: handshake === null ? 'stalled' : outcomeOf(handshake), reason: null, data };
    partial(soFar);
  };

  const attempt = (alpn: string[], method: HttpData['method'], timeoutMs: number, over: AbortSignal) =>
    doors.speak(
      { address: input.address, port: input.port, maxBytes: MAX_BYTES, timeoutMs, signal: over },
      async (conversation): Promise<Data> => {
        connectMs ??= conversation.connectMs;
        const { tls, ok } = await shakeHands(conversation, doors, {
          ...input,
          ...(input.serverName === null ? { bareAddress: input.address } : {}),
          alpn,
          timeoutMs,
        });
        if (ok) handshake ??= tls;
        if (ok && tls.certificateRequested === true && tls.version === 'TLSv1.3') {
          const { least, most, handshakes } = LATE_ALERT_MS;
          const lateMs = Math.min(most, Math.max(least, (tls.handshakeMs ?? 0) * handshakes));
          const late = await conversation.stirs(lateMs);
          if (late === 'closed' || late === 'reset') tls.alert ??= conversation.lateAlert();
        }
        const refused = tls.alert !== null && tls.alert !== 0;
        let http: HttpData | null = null;
        let inside: SpokenData | null = null;
        if (ok && !refused && input.httpPath !== null && tls.alpn !== 'h2') {
          const request = { method, host: input.httpHost, path: input.httpPath, timeoutMs };
          http = await askHttp(conversation, doors.clock.now, request);
        } else if (ok && !refused && input.inside != null) {
          const said = await converse(conversation, {
            service: input.inside,
            secure: true,
            clock: doors.clock,
            remaining,
            patienceMs: totalMs,
            onQuiet: () => onQuiet(SILENT),
          });
          inside = said.spoken;
        }
        tls.alert ??= conversation.lateAlert();
        return { connectMs: conversation.connectMs, tls, http, inside };
      },
    );

  const talkWith = (alpn: string[]): HttpTalk<Data> => ({
    ask: (method, timeoutMs, over) => attempt(alpn, method, timeoutMs, over),
    // Refused after the handshake: GET would be, too.
    httpOf: ({ http, tls }) => (tls.alert === null ? http : null),
    quietMs,
    totalMs,
    roundTripMs,
    getToo: () => input.httpExpected && handshake !== null && input.httpPath !== null,
    onQuiet,
    forgetTimes: ({ tls, http }) => {
      tls.handshakeMs = null;
      if (http !== null) http.firstByteMs = null;
    },
  });
  let spoken = await headThenGet(talkWith(input.httpPath === null ? [] : ['http/1.1']), doors.clock, signal);
  // no_application_protocol: it speaks only HTTP/2, which is enough to know that TLS works.
  if (spoken.connected && spoken.value.tls.alert === 120)
    spoken = await attempt(['h2'], 'HEAD', quietMs, signal);
  if (signal.aborted) return soFar ?? { outcome: 'cancelled', reason: null, data: null };
  if (!spoken.connected) return notConnected(spoken);
  const data = spoken.value;
  // Nobody said that HTTP is spoken behind the TLS: then no answer is no fault.
  if (!input.httpExpected && isWithoutAnswer(data.http) && data.tls.certificateRequested !== true)
    data.http = null;
  await askFurther(data.tls, input, doors, signal);
  return { outcome: outcomeOf(data.tls), reason: null, data };
};

/** What another hello would get, where the server refused ours. */
async function askFurther(tls: TlsData, input: Input, doors: Doors, signal: AbortSignal): Promise<void> {
  if (tls.ended === null || tls.plainText !== null || tls.certificateRequested === true) return;
  if (input.serverName !== null && tls.alert !== null && NAME_ALERTS.has(tls.alert)) {
    const other = await hello({ ...input, serverName: null }, doors, signal, false);
    tls.withoutName = other !== null;
    if (other !== null) return;
  }
  if ((tls.alert === null || !REFUSALS.has(tls.alert)) && tls.localError === null) return;
  tls.legacy = await hello(input, doors, signal, true);
  tls.legacyAsked = true;
}

async function hello(
  { address, port, serverName, timeoutMs }: Input,
  doors: Doors,
  signal: AbortSignal,
  legacy: boolean,
): Promise<TlsData['legacy']> {
  const spoken = await doors.speak(
    { address, port, maxBytes: MAX_BYTES, signal, timeoutMs },
    (conversation) =>
      conversation.startTls({ serverName, alpn: [], extraAuthorities: [], legacy, timeoutMs }),
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
