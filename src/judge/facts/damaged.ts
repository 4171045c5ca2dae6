import type { FactsOf, FactTable } from '../../model/facts.ts';
import type { Readings } from '../readings/index.ts';

export const DAMAGED_FACTS = {
  'local.badChecksums': {
    type: 'number',
    meaning:
      'TCP packets with a wrong checksum that arrived here, and were thrown away by this kernel, while the port was asked, whoever sent them; null where it was answered or nobody counted.',
    from: ['trace-syn:target', 'counted-connect', 'tcp-connect:target', 'tcp-connect:sample'],
  },
} as const satisfies FactTable;

export function damagedFacts({ here, traces, connects }: Readings): FactsOf<typeof DAMAGED_FACTS> {
  const counts = [
    traces.target?.trace.counters?.badChecksums,
    here['counted-connect'].at(-1)?.data.whole.badChecksums,
  ].filter((count) => count != null);
  const count = connects.outcome !== 'timeout' || counts.length === 0 ? null : Math.max(...counts);
  return { 'local.badChecksums': count };
}
