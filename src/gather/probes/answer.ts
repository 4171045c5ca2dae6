import type { Probe } from './probe.ts';

/** What the user said is an observation like any other: quoted in the report, used by rules. */
export const answer: Probe<'answer'> = async ({ value }) => ({
  outcome: 'answered',
  reason: null,
  data: { value },
});
