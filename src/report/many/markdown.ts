import type { ManyReport } from '../../model/many.ts';
import { escapeCell, escapeMarkdown, markdownCode, safe } from '../sanitize.ts';
import { administratorLines, causeWords, countsSentence, resultWords, sharedSentences } from './words.ts';

const SIGN = { held: '✅', failed: '❌', unknown: '❔', 'not-tested': '➖' } as const;

/** As Markdown: for the job summary, and for a report file. */
export function renderMarkdown(report: ManyReport): string {
  const { shared, targets } = report;
  const failing = targets.filter(
    ({ verdict, text, depth }) => verdict === 'failed' && text.length > 0 && depth === 'whole',
  );
  return [
    '# Targets',
    '',
    escapeMarkdown(countsSentence(report)),
    '',
    ...shared.map((one) => `- ${escapeMarkdown(safe(sharedSentences(one, report)))}`),
    ...(shared.length > 0 ? [''] : []),
    '|  | Target | Result | Cause |',
    '| --- | --- | --- | --- |',
    ...targets.map((result) => {
      const cells = [
        SIGN[result.verdict],
        markdownCode(result.target),
        escapeMarkdown(resultWords(result)),
        escapeMarkdown(safe(causeWords(result))),
      ];
      return `| ${cells.map(escapeCell).join(' | ')} |`;
    }),
    '',
    ...failing.flatMap((result) => [
      `## ${escapeMarkdown(result.target)}`,
      '',
      ...administratorLines(result).map((line) => `${escapeMarkdown(safe(line))}  `),
      '',
    ]),
  ].join('\n');
}
