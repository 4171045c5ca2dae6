import { because } from '../../model/reasons.ts';
import type { Probe } from './probe.ts';

/** What another machine says is asked of a person, or by a carrier, and never by the plan. */
export const otherEnd: Probe<'other-end'> = async () => ({
  outcome: 'not-available',
  reason: because('asked-otherwise'),
  data: null,
});
