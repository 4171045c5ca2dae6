import { cell, markdownTable, putIntoDocs } from '../../command/docs-block.ts';
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
  { words, file, concurrency }: { words: string[]; file: string | null; concurrency: number },
  signal: AbortSignal,
): Promise<number> {
  const chosen = SERVICES.filter(({ service }) => words.every((word) => service.includes(word)));
  const results = new Map<string, AftermathResult>();
  const queue = [...chosen];
  const worker = async (): Promise<void> => {
    for (let next = queue.shift(); next && !signal.aborted; next = queue.shift()) {
      try {
        const result = await aftermathOf(lab, next);
        results.set(next.service, result);
        console.log(`${result.worse.length === 0 ? 'ok  ' : 'FAIL'} ${next.service}`);
        for (const line of result.worse) console.log(`       ${line}`);
      } catch (error) {
        // Without both measurements there is nothing to compare: the others go on.
        console.log(`FAIL ${next.service}\n       the lab broke: ${String(error)}`);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, queue.length) }, worker));
  const measured = chosen.flatMap(({ service }) => results.get(service) ?? []);
  const table = aftermathTable(measured);
  console.log(`\n${table}`);
  const whole = measured.length === SERVICES.length;
  if (file && whole) await putIntoDocs(file, 'aftermath', table);
  if (file && !whole) console.log(`${file} is left as it is: not every service was measured`);
  const passed = measured.filter(({ worse }) => worse.length === 0).length;
  console.log(`${passed} passed, ${chosen.length - passed} failed`);
  return passed < chosen.length || signal.aborted ? 1 : 0;
}
