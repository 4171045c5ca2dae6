import { cell, markdownTable, putIntoReadme } from '../../command/readme-block.ts';
import type { Lab } from '../laboratory.ts';
import type { AftermathResult, Measured } from './aftermath.ts';
import { aftermathOf } from './measure.ts';
import { SERVICES } from './services.ts';

const counted = ({ more, served }: Measured): string =>
  [
    ...Object.entries(more).map(([what, count]) => `${what} ${count}`),
    ...(served ? [] : ['locked out']),
  ].join(', ') || 'nothing';

export function aftermathTable(results: AftermathResult[]): string {
  return markdownTable(
    ['Service', 'Connections of one diagnosis', 'Ten careful connections leave', 'Ten diagnoses leave', ''],
    results.map(({ service, careful, diagnosed, worse }) => [
      cell(service),
      (diagnosed.connections / 10).toFixed(1).replace(/\.0$/, ''),
      cell(counted(careful)),
      cell(counted(diagnosed)),
      worse.length === 0 ? 'nothing more' : 'more',
    ]),
  );
}

/** Measures the services whose names have all words, prints them, and puts the table into `file`. The exit code. */
export async function measureAftermaths(
  lab: Lab,
  words: string[],
  file: string | null,
  signal: AbortSignal,
): Promise<number> {
  const results: AftermathResult[] = [];
  const broken: string[] = [];
  for (const aftermath of SERVICES.filter(({ service }) => words.every((word) => service.includes(word)))) {
    if (signal.aborted) break;
    try {
      const result = await aftermathOf(lab, aftermath);
      results.push(result);
      console.log(
        `${result.worse.length === 0 ? 'ok  ' : 'FAIL'} ${aftermath.service} (${result.diagnosed.connections} connections)`,
      );
      for (const line of result.worse) console.log(`       ${line}`);
    } catch (error) {
      broken.push(aftermath.service);
      console.log(`FAIL ${aftermath.service}\n       the lab broke: ${String(error)}`);
    }
  }
  console.log(`\n${aftermathTable(results)}`);
  if (file && broken.length === 0 && !signal.aborted)
    await putIntoReadme('aftermath', aftermathTable(results), file);
  const failed = broken.length + results.filter(({ worse }) => worse.length > 0).length;
  console.log(`${results.length + broken.length - failed} passed, ${failed} failed`);
  return failed > 0 || signal.aborted ? 1 : 0;
}
