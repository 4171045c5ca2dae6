import { fileURLToPath, pathToFileURL } from 'node:url';
import { FACT_TABLE } from '../../src/judge/facts/index.ts';
import { loadRules, problemText } from '../../src/judge/rules/load.ts';
import { allScenarios } from '../lab/scenarios.ts';
import { layOut } from '../lab/topology.ts';
import { type CaseFile, isNearMiss, readCases, showsLead } from './rule-cases.ts';

/** What tests a cause: lab scenarios that end with it, rule cases where it leads, near misses. */
export interface Coverage {
  id: string;
  /** False for what only a scenario or a file of cases names. */
  rule: boolean;
  scenarios: number;
  leads: number;
  nearMisses: number;
}

/** Every id that a rule, a scenario or a file of cases names; a rule is covered when it has scenarios and both kinds of cases. */
export function coverageOf(
  ruleIds: readonly string[],
  truths: readonly string[][],
  files: readonly CaseFile[],
): Coverage[] {
  return [...new Set([...ruleIds, ...truths.flat(), ...files.map(({ id }) => id)])].map((id) => {
    const cases = files.find((file) => file.id === id)?.cases ?? [];
    return {
      id,
      rule: ruleIds.includes(id),
      scenarios: truths.filter((causes) => causes.includes(id)).length,
      leads: cases.filter((one) => showsLead(id, one)).length,
      nearMisses: cases.filter((one) => isNearMiss(id, one)).length,
    };
  });
}

export const isCovered = (row: Coverage): boolean =>
  row.rule && row.scenarios > 0 && row.leads > 0 && row.nearMisses > 0;

export function coverageTable(rows: readonly Coverage[]): string {
  const wide = Math.max(...rows.map((row) => row.id.length));
  const line = (id: string, ...cells: string[]) =>
    `${id.padEnd(wide)}  ${cells.map((cell) => cell.padStart(9)).join('  ')}`.trimEnd();
  const number = (n: number) => (n === 0 ? '-' : String(n));
  return [
    line('cause', 'scenarios', 'leads', 'near miss', ''),
    ...rows.map((row) =>
      line(
        row.id,
        number(row.scenarios),
        number(row.leads),
        number(row.nearMisses),
        row.rule ? (isCovered(row) ? '' : 'NOT COVERED') : 'NO RULE',
      ),
    ),
  ].join('\n');
}

/** The causes that each lab scenario accepts as first, or wants to be found beside it. */
async function scenarioCauses(): Promise<string[][]> {
  return (await allScenarios()).map((scenario) => {
    const truth = scenario.truth(layOut(scenario.topology).at);
    return (Array.isArray(truth) ? truth : [truth]).flatMap(({ causes, alsoFinds = [] }) => [
      ...causes,
      ...alsoFinds,
    ]);
  });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { rules, problems } = await loadRules(
    fileURLToPath(new URL('../../rules', import.meta.url)),
    FACT_TABLE,
  );
  for (const problem of problems) console.error(problemText(problem));
  const rows = coverageOf(
    rules.map((rule) => rule.id),
    await scenarioCauses(),
    await readCases(),
  );
  console.log(coverageTable(rows));
  const without = rows.filter((row) => !isCovered(row)).length;
  console.log(`\n${rules.length} rules, ${without} not covered`);
  if (problems.length > 0 || without > 0) process.exitCode = 1;
}
