import { readFile } from 'node:fs/promises';

const FILE = new URL('./open-defects.txt', import.meta.url);

/**
 * Scenarios that the product is known to judge wrongly today: a name a line, `#` begins a remark. They are run, printed and
 * counted in every number of the scorecard; only whether the run as a whole has failed leaves them out. The list gets
 * shorter, by facts and not by weights; one that is judged rightly is to be struck off.
 */
export async function openDefects(): Promise<Set<string>> {
  const text = await readFile(FILE, 'utf8');
  return new Set(
    text
      .split('\n')
      .map((line) => line.replace(/#.*/, '').trim())
      .filter((line) => line !== ''),
  );
}
