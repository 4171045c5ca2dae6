import type { FactSource, FactsOf, FactTable } from '../../model/facts.ts';
import type { Readings } from '../readings/index.ts';
import { PHASES, phasesOf, slowestOf } from '../readings/times.ts';

const TIMED = [
  'system-resolve',
  'tcp-connect',
  'alternate-ports',
  'ping',
  'trace-syn',
  'tls',
  'ssh',
  'http',
  'greeting',
] as const satisfies readonly FactSource[];

export const TIMES_FACTS = {
  'time.slowest': {
    type: 'string',
    values: [...PHASES, 'none'],
    meaning:
      'The phase that takes the longest beyond its reference, from a quarter of a second on: the lookup against that of the reference host, the connection against the quickest other answer, TLS and answer against the round trips that they need. `none` where no phase does; null where the port was not accepted.',
    from: TIMED,
  },
  'time.slowestS': { type: 'number', meaning: 'Seconds that this phase took, one decimal.', from: TIMED },
} as const satisfies FactTable;

export function timesFacts(readings: Readings): FactsOf<typeof TIMES_FACTS> {
  const phases = phasesOf({ ...readings, host: readings.request.target.host });
  const slowest = slowestOf(phases);
  return {
    'time.slowest': phases.length === 0 ? null : (slowest?.phase ?? 'none'),
    'time.slowestS': slowest === null ? null : Math.round(slowest.ms / 100) / 10,
  };
}
