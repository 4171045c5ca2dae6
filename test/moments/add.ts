/**
 * `npx tsx test/moments/add.ts NAME EVIDENCE.json [up-to|without N]`: keeps a run of the lab (`npm run lab -- --keep-reports DIR`), without
 * what nobody reads, and adds a moment of it: the whole run where nothing more is said.
 */
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import type { Evidence } from '../../src/model/evidence.ts';
import { HERE, linesOf, trimmed, wordsOf } from './moments.ts';

const [run, file, how, n] = process.argv.slice(2);
if (run === undefined || file === undefined) throw new Error('NAME EVIDENCE.json [up-to|without N]');
const evidence = JSON.parse(readFileSync(file, 'utf8')) as Evidence;
writeFileSync(`${HERE}runs/${run}.jsonl`, trimmed(evidence));
const moments = linesOf('moments.txt');
const words = wordsOf({
  id: String(moments.length + 1),
  run,
  how: how === 'without' ? 'without' : 'up to',
  n: Number(n ?? evidence.observations.length),
});
appendFileSync(`${HERE}moments.txt`, `${words}\n`);
