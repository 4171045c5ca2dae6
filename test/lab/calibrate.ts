/**
 * `npm run lab:calibrate -- DIR ...`: judges runs that `npm run lab -- --keep-reports DIR` kept once more, without the
 * network, with the rules as they are now; then with weights fitted to all other families (calibration.ts). Says which
 * weights the whole lab would move, so that a person can look for the fact behind it. `--wrong` names what is wrong.
 */

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { FACT_TABLE } from '../../src/judge/facts/index.ts';
import { builtInRules } from '../../src/judge/rules/load.ts';
import { type Case, crossValidate, type Judged, judgeAll, movesOf } from './calibration.ts';
import { heldOutOf, printReliability } from './scorecard.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { wrong: { type: 'boolean', default: false }, moves: { type: 'string', default: '20' } },
});

async function kept(dir: string): Promise<Case[]> {
  const names = await readdir(dir);
  return (
    await Promise.all(
      names.map(async (name): Promise<Case[]> => {
        const read = (file: string) => readFile(join(dir, name, file), 'utf8');
        // A run that broke before the tool started has none, one that broke in it an empty one.
        const [lab, evidence] = await Promise.all([read('lab.json'), read('evidence.json').catch(() => '')]);
        if (evidence === '') {
          console.log(`${name}: no evidence`);
          return [];
        }
        const { family, name: scenario, truths } = JSON.parse(lab);
        return [{ name: scenario, family, truths, evidence: JSON.parse(evidence) }];
      }),
    )
  ).flat();
}

function print(words: string, judged: Judged[]): void {
  const { cause, overclaims, brier, reliability } = heldOutOf(judged);
  console.log(
    `\n${words}: cause ${(cause * 100).toFixed(1)} %, over-claims ${overclaims}, Brier ${brier?.toFixed(4) ?? '-'}, ${judged.length} runs`,
  );
  printReliability(reliability, (line) => console.log(line));
  if (!values.wrong) return;
  for (const { name, verdict } of judged)
    for (const complaint of verdict.complaints) console.log(`${name}: ${complaint}`);
}

if (positionals.length === 0) {
  console.error(
    'npm run lab:calibrate -- [--wrong] [--moves N] DIR ...: folders of `npm run lab -- --keep-reports`',
  );
  process.exit(2);
}
const cases = (await Promise.all(positionals.map(kept))).flat();
const rules = await builtInRules(FACT_TABLE);
print('as the rules are', judgeAll(rules, cases));
print('each family judged with weights fitted to all the others', crossValidate(rules, cases));
const { moves, fitted } = movesOf(rules, cases);
print('fitted to everything', judgeAll(fitted, cases));
console.log('\nwhere the whole lab would put the weights:');
for (const { id, at, from, to, families } of moves.slice(0, Number(values.moves))) {
  const what = at === null ? 'prior' : JSON.stringify(rules.find((rule) => rule.id === id)?.evidence[at]?.if);
  console.log(
    `${from.toFixed(1).padStart(5)} -> ${to.toFixed(2).padStart(5)}  in ${String(families).padStart(2)} families  ${id}: ${what}`,
  );
}
