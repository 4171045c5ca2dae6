import type { Report } from '../../model/report.ts';
import { railsOf } from '../picture/rails.ts';
import { sightNotes, sightTable } from '../sight-words.ts';
import { type Block, heading, list } from './document.ts';

/** What other places saw: the rails, the table view x (target, reference), and what was handed to whom. */
export function elsewhereOf(report: Report): Block[] {
  const table = sightTable(report);
  const notes = sightNotes(report);
  const rails = railsOf(report);
  if (table === null && notes.length === 0) return [];
  return [
    heading('Seen from elsewhere'),
    ...(rails === null ? [] : [{ kind: 'rails', rails } as const]),
    ...(table === null ? [] : [{ kind: 'table', ...table } as const]),
    ...(notes.length === 0 ? [] : [list(notes)]),
  ];
}
