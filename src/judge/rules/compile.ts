import { writeFile } from 'node:fs/promises';
import { FACT_TABLE } from '../facts/index.ts';
import { loadRules, problemText } from './load.ts';

// Build step: `node build/judge/rules/compile.js rules dist/rules.json`. The built-in rules are read and checked once, here,
// so that no run pays for reading YAML.
const [from, to] = process.argv.slice(2);
if (from === undefined || to === undefined) {
  console.error('usage: compile.js RULES_FOLDER OUTPUT.json');
  process.exitCode = 2;
} else {
  const { rules, shared, problems, notices } = await loadRules(from, FACT_TABLE);
  // Our own rules have no excuse for an old name.
  problems.push(...notices);
  for (const problem of problems) console.error(problemText(problem));
  if (problems.length > 0) process.exitCode = 1;
  else await writeFile(to, `${JSON.stringify({ rules, shared })}\n`);
}
