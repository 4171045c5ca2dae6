import type { HttpData } from '../../../model/measured.ts';
import type { FindingOf, ProbeCatalogue } from '../../../model/probes.ts';
import type { Probe } from '../probe.ts';
import { askHttp, type HttpTalk, headThenGet } from './http-exchange.ts';
import { MAX_BYTES, notConnected } from './not-connected.ts';
import { SILENT_HTTP } from './silence.ts';

type Data = ProbeCatalogue['http']['data'];

/** Connection and HEAD, connection and GET, and one for a packet that has to be sent again. */
const ROUND_TRIPS = 6;
/** The rest of a page follows its head at once; a retransmission, and those of a path that loses one. */
const PAGE_MS = 1000;
const PAGE_ROUND_TRIPS = 3;

/**
 * The beginning of a page over plain HTTP, waited for; or HEAD, and GET on a second connection where HEAD is cut, or brings
 * nothing for a while, with HEAD's connection left open meanwhile.
 */
export const http: Probe<'http'> = async (input, { doors, signal, partial }): Promise<FindingOf<'http'>> => {
  const { roundTripMs = 0, patienceMs = 0 } = input;
  const quietMs = input.timeoutMs + ROUND_TRIPS * roundTripMs;
  const totalMs = Math.max(quietMs, patienceMs);
  let soFar: FindingOf<'http'> | null = null;
  let hasHead = false;
  const page = {
    timeoutMs: PAGE_MS + PAGE_ROUND_TRIPS * roundTripMs,
    onHead: () => {
      hasHead = true;
    },
  };
  const ask = (method: HttpData['method'], timeoutMs: number, over: AbortSignal) =>
    doors.speak(
      { address: input.address, port: input.port, maxBytes: MAX_BYTES, timeoutMs, signal: over },
      async (conversation): Promise<Data> => ({
        connectMs: conversation.connectMs,
        http: await askHttp(conversation, doors.clock.now, {
          method,
          host: input.host,
          path: input.path,
          timeoutMs,
          ...(input.page ? { page } : {}),
        }),
      }),
    );
  const talk: HttpTalk<Data> = {
    ask,
    httpOf: ({ http }) => http,
    quietMs,
    totalMs,
    roundTripMs,
    first: input.page ? 'GET' : 'HEAD',
    getToo: () => input.page !== true,
    onQuiet: () => {
      if (hasHead) return;
      soFar = {
        outcome: 'stalled',
        reason: null,
        data: { connectMs: null, http: { ...SILENT_HTTP, method: input.page ? 'GET' : 'HEAD' } },
      };
      partial(soFar);
    },
    forgetTimes: ({ http }) => {
      http.firstByteMs = null;
    },
  };
  const spoken = await headThenGet(talk, doors.clock, signal);
  if (signal.aborted) return soFar ?? { outcome: 'cancelled', reason: null, data: null };
  if (!spoken.connected) return notConnected(spoken);
  const data = spoken.value;
  const { ended, status } = data.http;
  if (status !== null) return { outcome: 'ok', reason: null, data };
  return { outcome: ended === 'answered' ? 'not-http' : ended, reason: null, data };
};
