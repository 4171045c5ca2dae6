import type { ObservationOf } from '../../model/probes.ts';
import type { Report } from '../../model/report.ts';
import { isFromHere } from '../../model/views.ts';
import { listed } from '../units.ts';

/** One SYN, or one sweep of SYNs, of this run: what an administrator looks for in a log. */
export interface Attempt {
  /** ms since the epoch. */
  at: number;
  sourcePort: string;
  to: string;
  result: string;
}

const MOST = 12;
/** What stands for an attempt that nobody answered. */
export const NO_ANSWER = 'none';

const RESULT = {
  open: 'accepted',
  refused: 'refused',
  unreachable: 'reported unreachable',
  timeout: NO_ANSWER,
  pending: 'none yet',
  'local-error': 'not sent',
} as const;

/** Attempts at the port, by time; at most twelve, and how many more there were. */
export function attemptsOf(report: Report): { shown: Attempt[]; more: number } {
  const { port } = report.target;
  const found: Attempt[] = [];
  for (const observation of report.observations.filter(isFromHere)) {
    if (observation.probe === 'tcp-connect')
      found.push(...connects(observation as ObservationOf<'tcp-connect'>, port));
    if (observation.probe === 'trace-syn')
      found.push(...sweep(observation as ObservationOf<'trace-syn'>, port));
  }
  found.sort((a, b) => a.at - b.at);
  return { shown: found.slice(0, MOST), more: Math.max(0, found.length - MOST) };
}

function connects({ input, data, startedAt }: ObservationOf<'tcp-connect'>, port: number): Attempt[] {
  if (input.port !== port) return [];
  return (data?.attempts ?? []).map(({ startMs, outcome, sourcePort }) => ({
    at: Date.parse(startedAt) + startMs,
    sourcePort: sourcePort === undefined || sourcePort === null ? 'not recorded' : String(sourcePort),
    to: input.address,
    result: RESULT[outcome],
  }));
}

/** Each SYN of a sweep has a source port of its own; what answered says how far each got. */
function sweep({ input, data, startedAt }: ObservationOf<'trace-syn'>, port: number): Attempt[] {
  if (data === null || data.port !== port || data.protocol !== 'tcp') return [];
  const ttls = data.replies.map(({ ttl }) => ttl);
  const passed = data.replies
    .filter(({ answer }) => answer === 'time-exceeded')
    .map(({ ttl }) => String(ttl));
  const ends = data.replies.filter(
    ({ answer }) => answer === 'syn-ack' || answer === 'rst' || answer === 'unreachable',
  );
  const end = ends[0];
  const words = [
    passed.length === 0
      ? null
      : `time exceeded from ${passed.length === 1 ? 'hop' : 'hops'} ${listed(passed, 30)}`,
    end === undefined ? null : `${END[end.answer as keyof typeof END]} at TTL ${end.ttl}`,
  ].filter((word) => word !== null);
  return [
    {
      at: Date.parse(startedAt),
      sourcePort:
        ttls.length === 1
          ? `another (TTL ${ttls[0]})`
          : `one each (TTL ${Math.min(...ttls)} to ${Math.max(...ttls)})`,
      to: input.address,
      result: words.length === 0 ? 'none' : words.join('; '),
    },
  ];
}

const END = { 'syn-ack': 'accepted', rst: 'refused', unreachable: 'rejected' } as const;

/** `13:52:00.617`, UTC. */
export const timeOfDay = (at: number): string => new Date(at).toISOString().slice(11, 23);

/** `2026-11-20 13:52:00-13:52:04 UTC`. */
export function windowWords(report: Report): string {
  const from = new Date(report.startedAt).toISOString();
  const to = new Date(Date.parse(report.startedAt) + report.durationMs).toISOString();
  const [start, end] = [from.slice(11, 19), to.slice(11, 19)];
  return `${from.slice(0, 10)} ${start === end ? start : `${start}-${end}`} UTC`;
}
