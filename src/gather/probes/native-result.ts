import type { NativeResult } from '../../doors/types.ts';
import type { CommonOutcome } from '../../model/probes.ts';
import { because } from '../../model/reasons.ts';

/** What a probe says of a native child that did not bring what it was asked for. */
export function withoutResult(result: NativeResult): {
  outcome: CommonOutcome;
  reason: string | null;
  data: null;
  enable?: string | null;
  code?: string;
} {
  switch (result.status) {
    case 'unavailable': {
      const { reason, enable, code } = result;
      return {
        outcome: 'not-available',
        reason,
        data: null,
        enable,
        ...(code === undefined ? {} : { code }),
      };
    }
    case 'cancelled':
      return { outcome: 'cancelled', reason: null, data: null };
    case 'failed':
      return { outcome: 'failed', reason: result.reason, data: null };
    default:
      return { outcome: 'failed', reason: because('other-question', result.status), data: null };
  }
}
