/**
 * `tsx test/scenarios/record.ts [--dist DIR] [FOLDER ...]` records evidence.json anew in the lab: every folder of the
 * table, or those that are named. A bug report needs no entry here, only its file; see replay.test.ts.
 */

import { copyFile, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { prepareLab, runScenario } from '../lab/laboratory.ts';
import { allScenarios } from '../lab/scenarios.ts';
import { FROM_THE_LAB } from './from-the-lab.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { dist: { type: 'string' } },
});

const scenarios = await allScenarios();
const lab = await prepareLab(values.dist);
if ('impossible' in lab) {
  console.error(lab.impossible);
  process.exit(2);
}
const kept = await mkdtemp(join(tmpdir(), 'reachdoctor-record-'));
try {
  for (const folder of positionals.length > 0 ? positionals : Object.keys(FROM_THE_LAB)) {
    const scenario = scenarios.find(({ name }) => name === FROM_THE_LAB[folder]);
    if (scenario === undefined) throw new Error(`${folder}: no such entry in the table, or no such scenario`);
    const keepIn = join(kept, folder);
    const { complaints } = await runScenario(lab, scenario, {
      hide: scenario.hide ?? [],
      as: scenario.as ?? 'user',
      keepIn,
    });
    // A run that the lab finds wrong must not become what is right.
    if (complaints.length > 0) {
      console.error(`FAIL ${folder}: ${complaints.join('; ')}`);
      process.exitCode = 1;
      continue;
    }
    const [slug] = await readdir(keepIn);
    const to = fileURLToPath(new URL(`./${folder}/`, import.meta.url));
    await mkdir(to, { recursive: true });
    await copyFile(join(keepIn, slug ?? '', 'evidence.json'), join(to, 'evidence.json'));
    console.log(`ok   ${folder}`);
  }
} finally {
  await rm(kept, { recursive: true, force: true });
  await lab.close();
}
