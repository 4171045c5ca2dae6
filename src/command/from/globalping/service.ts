import * as v from 'valibot';
import { askJson, type JsonAnswer } from '../../../doors/json-service.ts';
import type { Clock } from '../../../doors/types.ts';
import type { GlobalpingService } from '../source.ts';
import { CREATED, ERROR, MEASUREMENT } from './answers.ts';

/** As often as the API wants to be asked at most. */
const POLL_MS = 500;
const REQUEST_MS = 8000;
/** A poll that fails is made again, later each time; so many in a row are the end. */
const MOST_FAILURES = 3;

export interface MeasurementRequest {
  type: 'ping' | 'traceroute' | 'dns';
  target: string;
  /** Where from, or the id of an earlier measurement: from the same probes, in the same order. */
  locations: [{ magic: string; limit: number }] | string;
  measurementOptions: Record<string, unknown>;
}

export interface Failed {
  ok: false;
  /** The end of a sentence about the service. */
  why: string;
  /** False: the request did not leave this machine. */
  sent: boolean;
}
export type Started = { ok: true; id: string; type: MeasurementRequest['type'] } | Failed;
type Measurement = v.InferOutput<typeof MEASUREMENT>;
/** A test a probe; those that are still `in-progress` were not done when the time was up. */
export type Results = { ok: true; results: Measurement['results'] } | Failed;

interface How {
  service: GlobalpingService;
  signal: AbortSignal;
  clock: Pick<Clock, 'elapsed' | 'sleep'>;
  /** On that clock: when everything ends. */
  until: number;
}

const NOT_AS_PROMISED = 'its answer is not what its API promises';

/** Asks for a measurement, which then runs by itself. Never rejects. */
export async function start(request: MeasurementRequest, how: How): Promise<Started> {
  const answer = await ask('/v1/measurements', request, how);
  if (!answer.ok) return { ok: false, why: brokenWords(answer), sent: answer.sent };
  if (answer.status !== 202) return { ok: false, why: refusalWords(answer, how.service), sent: true };
  const created = v.safeParse(CREATED, answer.body);
  return created.success
    ? { ok: true, id: created.output.id, type: request.type }
    : { ok: false, why: NOT_AS_PROMISED, sent: true };
}

/** Waits for a measurement; when the time is up, what there is by then. Never rejects. */
export async function resultsOf(started: Extract<Started, { ok: true }>, how: How): Promise<Results> {
  let latest: Results = { ok: false, why: 'it did not answer in time', sent: true };
  for (let failures = 0; failures < MOST_FAILURES; ) {
    await how.clock.sleep(Math.min(POLL_MS * (failures + 1), left(how)), how.signal);
    if (how.signal.aborted || left(how) <= 0) return latest;
    const answer = await ask(`/v1/measurements/${started.id}`, null, how);
    const read = v.safeParse(MEASUREMENT, answer.ok && answer.status === 200 ? answer.body : null);
    if (read.success && read.output.id === started.id && read.output.type === started.type) {
      const { status, results } = read.output;
      latest = { ok: true, results };
      if (status !== 'in-progress') return latest;
      failures = 0;
      continue;
    }
    failures++;
    if (latest.ok) continue;
    latest = { ok: false, why: failureWords(answer, how.service), sent: true };
  }
  return latest;
}

const left = ({ until, clock }: How): number => Math.max(0, until - clock.elapsed());

const ask = (path: string, body: MeasurementRequest | null, how: How): Promise<JsonAnswer> =>
  askJson(`${how.service.url}${path}`, {
    body,
    token: how.service.token,
    timeoutMs: Math.min(REQUEST_MS, Math.max(1, left(how))),
    signal: how.signal,
  });

function failureWords(answer: JsonAnswer, service: GlobalpingService): string {
  if (!answer.ok) return brokenWords(answer);
  return answer.status === 200 ? NOT_AS_PROMISED : refusalWords(answer, service);
}

function brokenWords({ why, code }: Extract<JsonAnswer, { ok: false }>): string {
  const because = code === null ? '' : ` (${code})`;
  const words: Record<typeof why, string> = {
    cancelled: 'it was stopped',
    'timed-out': 'it did not answer in time',
    'not-connected': `it cannot be reached${because}`,
    'broken-off': `the connection to it broke off${because}`,
    redirected: 'it sends elsewhere, and is not followed',
    'too-long': 'its answer is longer than any answer is',
  };
  return words[why];
}

function refusalWords(
  { status, body, header }: Extract<JsonAnswer, { ok: true }>,
  { token }: GlobalpingService,
): string {
  const read = v.safeParse(ERROR, body);
  const said = read.success && read.output.error.message !== '' ? `: ${read.output.error.message}` : '';
  const type = read.success ? read.output.error.type : null;
  switch (status) {
    case 401:
    case 403:
      return token === null ? `it wants somebody that it knows${said}` : 'it does not take GLOBALPING_TOKEN';
    case 422:
      return type === 'no_probes_found' ? 'it has no probe there now' : `it cannot do that${said}`;
    case 429:
      return quotaWords(header, token !== null);
    default:
      return `it answered with HTTP status ${status}${said}`;
  }
}

/** X-RateLimit-Limit counts tests, one a probe and measurement; X-RateLimit-Reset, seconds. */
function quotaWords(header: (name: string) => string | null, isKnown: boolean): string {
  const number = (name: string): number | null => {
    const text = header(name) ?? '';
    return /^\d{1,7}$/.test(text) ? Number(text) : null;
  };
  const limit = number('x-ratelimit-limit');
  const reset = number('x-ratelimit-reset') ?? number('retry-after');
  const quota = limit === null ? 'its limit of tests is used up' : `its ${limit} tests an hour are used up`;
  const when = reset === null ? '' : `; it has new ones in ${Math.max(1, Math.ceil(reset / 60))} min`;
  return `${quota}${when}${isKnown ? '' : '; with GLOBALPING_TOKEN it has more'}`;
}
