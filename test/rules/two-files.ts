/**
 * `npm run rules:two-files` proves that a cause is two files: it copies what git knows of this checkout, adds one rule
 * and its cases, touches nothing else, and runs the tests of rules, scenarios, reports and --explain there.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Its gate opens in many scenarios and it shares a proof with others: the hardest kind to add. */
const RULE = `id: sixth-sense
title: A cause that was added to TCP {port}
layer: host
owner: server-admin
about: A cause of two files.
when: { is: connect-failed }
prior: -7
priorReason: It is a test.
place: [{ at: target }]
evidence:
  - if: { http.status: 299 }
    weight: 9.9
    say: The status is {http.status}.
    reason: Nothing else says so.
  - if: { host.openPort: 1, host.refusedPort: 2 }
    weight: 3
    say: Ports 1 and 2 answer.
    reason: It is a test.
fix: [{ who: server-admin, do: Take it away. }]
verify: [{ who: server-admin, do: Look for it., expect: It is gone. }]
ruledOut:
  - proof: port-accepts
  - proof: host-is-up
`;

const CASES = `- name: its own sign
  facts: { tcp.outcome: timeout, http.status: 299 }
  expect: { first: sixth-sense }
- name: near miss, the port is open
  facts: { tcp.outcome: open, http.status: 299 }
  expect: { not: [sixth-sense], ruledOut: sixth-sense }
`;

const copy = mkdtempSync(join(tmpdir(), 'reachdoctor-two-files-'));
try {
  const known = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  for (const file of known.split('\0').filter((name) => name !== '' && existsSync(join(ROOT, name)))) {
    mkdirSync(dirname(join(copy, file)), { recursive: true });
    copyFileSync(join(ROOT, file), join(copy, file));
  }
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
  const added = { 'rules/host/sixth-sense.yaml': RULE, 'test/rules/cases/sixth-sense.yaml': CASES };
  for (const [file, text] of Object.entries(added)) writeFileSync(join(copy, file), text);
  const tests = ['test/rules', 'test/scenarios', 'test/report', 'test/command/cli.test.ts'];
  const { status } = spawnSync('npx', ['vitest', 'run', ...tests], { cwd: copy, stdio: 'inherit' });
  console.log(
    `${Object.keys(added).length} files added, nothing else touched: ${status === 0 ? 'green' : 'NOT green'}`,
  );
  process.exitCode = status === 0 ? 0 : 1;
} finally {
  rmSync(copy, { recursive: true, force: true });
}
