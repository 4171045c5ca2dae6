import type { ManyReport, TargetResult } from '../../model/many.ts';
import {
  administratorLines,
  countsSentence,
  resultWords,
  sharedHeadline,
  sharedSentences,
  whyNot,
} from './words.ts';

/** Workflow commands of GitHub Actions: the shared causes first, then a line for each target that is not as expected. */
export function renderGithub(report: ManyReport): string {
  const lines = [
    ...report.shared.map((one) =>
      command('error', sharedHeadline(one, report), sharedSentences(one, report)),
    ),
    ...report.targets.flatMap((result) => {
      switch (result.verdict) {
        case 'held':
          return [];
        case 'failed':
          return command('error', titleOf(result), administratorLines(result).join('\n'));
        case 'unknown':
        case 'not-tested':
          return command('warning', titleOf(result), whyNot(result));
        default:
          return result.verdict satisfies never;
      }
    }),
    command('notice', 'reachdoctor', countsSentence(report)),
  ];
  return `${lines.join('\n')}\n`;
}

const titleOf = (result: TargetResult): string => `${result.target}: ${resultWords(result)}`;

function command(name: 'error' | 'warning' | 'notice', title: string, message: string): string {
  return `::${name} title=${escapedProperty(title)}::${escapedData(message)}`;
}

const escapedData = (text: string): string =>
  text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
const escapedProperty = (text: string): string =>
  escapedData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
