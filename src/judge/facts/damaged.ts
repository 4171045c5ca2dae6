import type { FactsOf, FactTable } from '../../model/facts.ts';
import type { Readings } from '../readings/index.ts';

const FROM = ['trace-syn:target', 'counted-connect'] as const;

export const DAMAGED_FACTS = {
  'local.badChecksums': {
    type: 'number',
    meaning:
      'TCP packets with a wrong checksum that arrived here, and were thrown away by this kernel, while the port was asked, whoever sent them; null where it was answered or nobody counted.',
    from: [...FROM, 'tcp-connect:target', 'tcp-connect:sample'],
  },
  'local.answersFate': {
    type: 'string',
    meaning:
      'What becomes of the answers, in words, where three or more such packets arrived; null otherwise.',
    from: [...FROM, 'tcp-connect:target', 'tcp-connect:sample'],
  },
} as const satisfies FactTable;

/** Hardly a packet gets through the checks of a link and fails that of TCP: one may be anybody's, three while a port is asked are no chance. */
const LEAST_DAMAGED = 3;

export function damagedFacts({ here, traces, connects }: Readings): FactsOf<typeof DAMAGED_FACTS> {
  const counts = [
    traces.target?.trace.counters?.badChecksums,
    here['counted-connect'].at(-1)?.data.whole.badChecksums,
  ].filter((count) => count != null);
  const count = connects.outcome !== 'timeout' || counts.length === 0 ? null : Math.max(...counts);
  return {
    'local.badChecksums': count,
    'local.answersFate':
      count !== null && count >= LEAST_DAMAGED
        ? 'arrive damaged (wrong TCP checksum), and this machine throws them away'
        : null,
  };
}
