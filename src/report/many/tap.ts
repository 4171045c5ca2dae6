import type { ManyReport, TargetResult } from '../../model/many.ts';
import { administratorLines, countsSentence, resultWords, sharedSentences } from './words.ts';

/** TAP version 14: a test a target, with a YAML block for what is not as expected. What was not tested ends in `Bail out!`. */
export function renderTap(report: ManyReport): string {
  const { targets, shared, endedBy } = report;
  const comments = [countsSentence(report), ...shared.map((one) => sharedSentences(one, report))];
  return [
    'TAP version 14',
    `1..${targets.length}`,
    ...comments.map((line) => `# ${oneLine(line)}`),
    ...targets.flatMap(testLines),
    ...(endedBy === null ? [] : [`Bail out! ended by ${endedBy}`]),
    '',
  ].join('\n');
}

function testLines(result: TargetResult): string[] {
  const { n, target, verdict, cause } = result;
  const words = escaped(oneLine(`${target}: ${resultWords(result)}`));
  if (verdict === 'held') return [`ok ${n} - ${words}`];
  if (verdict === 'not-tested') return [`not ok ${n} - ${words}`];
  const lines = administratorLines(result).map(oneLine);
  const about = {
    verdict,
    cause: cause?.id ?? null,
    owner: cause?.owner ?? null,
    where: cause?.where ?? null,
  };
  return [
    `not ok ${n} - ${words}`,
    '  ---',
    // JSON is YAML, and nothing in a string of it acts.
    ...Object.entries(about).map(([name, value]) => `  ${name}: ${JSON.stringify(value)}`),
    '  message:',
    ...lines.map((line) => `    - ${JSON.stringify(line)}`),
    '  ...',
  ];
}

/** A # would begin a directive. */
const escaped = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('#', '\\#');
const oneLine = (text: string): string => text.replaceAll(/\s*[\r\n\u2028\u2029]+\s*/g, ' ');
