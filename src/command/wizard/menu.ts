import type { ExtraTest } from '../../gather/extra-tests.ts';
import type { Report } from '../../model/report.ts';
import type { Choice } from '../ask.ts';

export type Next =
  | 'details'
  | 'save'
  | 'question'
  | 'extra'
  | 'again'
  | 'watch'
  | 'explain'
  | 'other'
  | 'quit';

const EXTRA: Record<ExtraTest, string> = {
  'reference-host': 'Compare with a host that works (it tells the likely causes apart)',
  resolver: 'Ask another DNS server (it tells the likely causes apart)',
  root: 'Test as root (it tells the likely causes apart)',
  'other-end': 'Look from the other end (it tells the likely causes apart)',
};

/** What is worth offering of this result, the likeliest wish first. */
export function menuOf({
  report,
  questions,
  extra,
}: {
  report: Report;
  questions: number;
  extra: ExtraTest | null;
}): Choice<Next>[] {
  const found = report.causes.length > 0;
  return [
    { name: found ? 'Details: the evidence and what to do' : 'Details: what was measured', value: 'details' },
    { name: found ? 'Report for whoever is asked' : 'Report', value: 'save' },
    ...(extra === null ? [] : [{ name: EXTRA[extra], value: 'extra' as const }]),
    ...(questions === 0 ? [] : [{ name: 'Answer a question', value: 'question' as const }]),
    { name: 'Test again and compare', value: 'again' },
    { name: 'Keep watching', value: 'watch' },
    { name: found ? 'Explain a cause, with the values of this case' : 'Explain a cause', value: 'explain' },
    { name: 'Another target', value: 'other' },
    { name: 'Quit', value: 'quit' },
  ];
}
