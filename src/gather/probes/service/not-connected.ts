import type { Spoken } from '../../../doors/types.ts';
import { because } from '../../../model/reasons.ts';

/** What we are willing to hear of one service. */
export const MAX_BYTES = 65_536;

/** The port was open a moment ago; what connect() says now is the tcp-connect probe's business. */
export function notConnected(spoken: Extract<Spoken<unknown>, { connected: false }>): {
  outcome: 'not-connected' | 'cancelled';
  reason: string | null;
  data: null;
} {
  if (spoken.outcome === 'cancelled') return { outcome: 'cancelled', reason: null, data: null };
  return {
    outcome: 'not-connected',
    reason: because('not-connected-again', spoken.code ?? spoken.outcome),
    data: null,
  };
}
