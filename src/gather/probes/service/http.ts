import type { FindingOf } from '../../../model/probes.ts';
import type { Probe } from '../probe.ts';
import { askHttp } from './http-exchange.ts';
import { MAX_BYTES, notConnected } from './not-connected.ts';
import { patiently } from './patience.ts';
import { SILENT_HTTP } from './silence.ts';

/** Connection, request, and one for a packet that has to be sent again. */
const ROUND_TRIPS = 4;
/** The rest of a page follows its head at once; a retransmission, and those of a path that loses one. */
const PAGE_MS = 1000;
const PAGE_ROUND_TRIPS = 3;

/**
 * The beginning of a page over plain HTTP, by one GET: its head tells how the service does, and its first large packets
 * whether such come back.
 */
export const http: Probe<'http'> = async (input, { doors, signal, partial }): Promise<FindingOf<'http'>> => {
  const { address, port, host, path, timeoutMs, roundTripMs = 0, patienceMs = 0, startMs = 0 } = input;
  if (startMs > 0) await doors.clock.sleep(startMs, signal);
  if (signal.aborted) return { outcome: 'cancelled', reason: null, data: null };
  const quietMs = timeoutMs + ROUND_TRIPS * roundTripMs;
  const totalMs = Math.max(quietMs, patienceMs);
  let soFar: FindingOf<'http'> | null = null;
  let hasHead = false;
  const page = {
    timeoutMs: PAGE_MS + PAGE_ROUND_TRIPS * roundTripMs,
    onHead: () => {
      hasHead = true;
    },
  };
  const spoken = await patiently(
    doors.speak({ address, port, maxBytes: MAX_BYTES, timeoutMs: totalMs, signal }, async (conversation) => ({
      connectMs: conversation.connectMs,
      http: await askHttp(conversation, doors.clock.now, {
        method: 'GET',
        host,
        path,
        timeoutMs: totalMs,
        page,
      }),
    })),
    quietMs,
    doors.clock,
    () => {
      if (hasHead || signal.aborted) return;
      soFar = {
        outcome: 'stalled',
        reason: null,
        data: { connectMs: null, http: { ...SILENT_HTTP, method: 'GET' } },
      };
      partial(soFar);
    },
  );
  if (signal.aborted) return soFar ?? { outcome: 'cancelled', reason: null, data: null };
  if (!spoken.connected) return notConnected(spoken);
  const data = spoken.value;
  const { ended, status } = data.http;
  if (status !== null) return { outcome: 'ok', reason: null, data };
  return { outcome: ended === 'answered' ? 'not-http' : ended, reason: null, data };
};
