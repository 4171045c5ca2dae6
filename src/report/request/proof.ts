import type { Report } from '../../model/report.ts';
import { tried } from '../answers.ts';
import { CONNECT, sourceWords, TRIED } from '../names.ts';
import { pathTables } from '../paths.ts';
import { leadOf } from '../tasks.ts';
import { type Block, heading, type Line, list, paragraph } from './document.ts';

/** Why it is so: what speaks for the cause and against it, what answers and what does not, and the way there. */
export function proofOf(report: Report): Block[] {
  const cause = leadOf(report);
  const blocks: Block[] = [heading(cause === null ? 'What was seen' : 'Proof')];
  if (cause !== null && cause.because.length > 0) blocks.push(list(cause.because.map(({ text }) => text)));
  if (cause !== null && cause.against.length > 0)
    blocks.push(paragraph('What speaks against it:'), list(cause.against.map(({ text }) => text)));
  blocks.push({ kind: 'picture' }, ...seen(report));
  for (const table of pathTables(report))
    blocks.push(heading(['Path to ', { code: table.address }], 3), { kind: 'path', table });
  return blocks;
}

function seen(report: Report): Block[] {
  const { answers, fails } = tried(report);
  const addresses = report.target.addresses.map(
    ({ address, source, outcome }): Line => [
      { code: address },
      ` (${sourceWords(source)}): ${CONNECT[outcome]}`,
    ],
  );
  const rows = Array.from({ length: Math.max(answers.length, fails.length) }, (_, row) => [
    answers[row] ?? '',
    fails[row] ?? '',
  ]);
  return [
    addresses.length === 0 ? paragraph('No address was found for the name.') : list(addresses),
    ...(answers.length > 0 && fails.length > 0
      ? [{ kind: 'table', head: [TRIED.answers, TRIED.fails], rows } as const]
      : rows.length > 0
        ? [list([...answers, ...fails])]
        : []),
  ];
}
