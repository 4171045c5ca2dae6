import type { Observation } from '../../model/probes.ts';

/**
 * Runs that were saved before an observation had a `code` tell the want of descriptors in the words of `reason` alone.
 * Nothing else reads words.
 */
export function withCode(observation: Observation): Observation {
  const { code, data, outcome, reason } = observation;
  if (code !== undefined || data !== null || (outcome !== 'not-available' && outcome !== 'failed'))
    return observation;
  const told = /\b(EMFILE|ENFILE)\b/.exec(reason ?? '')?.[1];
  return told === undefined ? observation : { ...observation, code: told };
}
