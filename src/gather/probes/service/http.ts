import type { HttpData } from '../../../model/measured.ts';
import type { FindingOf } from '../../../model/probes.ts';
import type { Probe } from '../probe.ts';
import { askHttp } from './http-exchange.ts';
import { MAX_BYTES, notConnected } from './not-connected.ts';

/** Request and answer, and one for a packet that has to be sent again. */
const ANSWER_ROUND_TRIPS = 2;
/** Connection and HEAD, connection and GET. */
const ROUND_TRIPS = 2 * (1 + ANSWER_ROUND_TRIPS);

/** HEAD over plain HTTP; GET on a second connection where HEAD brings nothing. */
export const http: Probe<'http'> = async (input, { doors, signal }): Promise<FindingOf<'http'>> => {
  const { roundTripMs = 0 } = input;
  const deadline = doors.clock.elapsed() + input.timeoutMs + ROUND_TRIPS * roundTripMs;
  const remaining = (): number => Math.max(0, deadline - doors.clock.elapsed());
  const ask = (method: HttpData['method'], timeoutMs: number) =>
    doors.speak(
      { address: input.address, port: input.port, maxBytes: MAX_BYTES, timeoutMs: remaining(), signal },
      async (conversation) => ({
        connectMs: conversation.connectMs,
        http: await askHttp(conversation, doors.clock.now, { ...input, method, timeoutMs }),
      }),
    );
  let spoken = await ask('HEAD', input.timeoutMs / 3 + ANSWER_ROUND_TRIPS * roundTripMs);
  if (
    spoken.connected &&
    spoken.value.http.status === null &&
    spoken.value.http.otherText === null &&
    !signal.aborted
  ) {
    const second = await ask('GET', remaining());
    if (second.connected) spoken = second;
  }
  if (signal.aborted) return { outcome: 'cancelled', reason: null, data: null };
  if (!spoken.connected) return notConnected(spoken);
  const data = spoken.value;
  const { ended, status } = data.http;
  if (status !== null) return { outcome: 'ok', reason: null, data };
  return { outcome: ended === 'answered' ? 'not-http' : ended, reason: null, data };
};
