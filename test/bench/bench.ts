/**
 * `tsx test/bench/bench.ts [--runs 10] [--json FILE]`: whole-process wall time of dist/cli.js in the lab's namespaces, against what
 * people run today on the same port (`traceroute -T` as root), and of --version and --help against `node -e 0`.
 */
import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import { prepareLab, timeInScenario } from '../lab/laboratory.ts';
import { forward, hostPort, type Scenario } from '../lab/scenario.ts';
import { company3 } from '../lab/worlds.ts';

const { values } = parseArgs({
  options: { runs: { type: 'string', default: '10' }, json: { type: 'string' } },
});
const runs = Number(values.runs) || 10;

const scenario = (name: string, rest: Partial<Scenario>): Scenario => ({
  name,
  family: 'bench',
  topology: company3,
  fault: () => ({}),
  target: (at) => hostPort(at.server, 8080),
  truth: () => ({ outcome: 'reachable', causes: [] }),
  ...rest,
});
const reachable = scenario('reachable', {});
const refused = scenario('refused', { listen: [22] });
const rejected = scenario('rejected', {
  fault: () => ({ r2: [forward('tcp dport 8080 reject with icmp admin-prohibited')] }),
});
const silent = scenario('silent', { fault: () => ({ r2: [forward('tcp dport 8080 drop')] }) });

interface Row {
  what: string;
  runs: number;
  medianMs: number;
  p95Ms: number;
}
function rowOf(what: string, times: number[]): Row {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (q: number) => sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? Number.NaN;
  return { what, runs: sorted.length, medianMs: at(0.5), p95Ms: at(0.95) };
}

const lab = await prepareLab();
if ('impossible' in lab) {
  console.error(lab.impossible);
  process.exit(2);
}
const rows: Row[] = [];
try {
  for (const one of [reachable, refused, rejected, silent]) {
    const times: number[] = [];
    for (let i = 0; i < runs; i++) times.push(await timeInScenario(lab, one, null));
    rows.push(rowOf(`reachdoctor, ${one.name}`, times));
  }
  if (lab.mode === 'root') {
    const times: number[] = [];
    for (let i = 0; i < Math.min(runs, 5); i++)
      times.push(
        await timeInScenario(lab, silent, (at) => [
          'env',
          'PATH=/usr/sbin:/usr/bin:/sbin:/bin',
          'traceroute',
          '-n',
          '-T',
          '-p',
          '8080',
          at.server,
        ]),
      );
    rows.push(rowOf('traceroute -n -T as root, silent', times));
  } else {
    console.error('traceroute -T needs root: not measured');
  }
  const cli = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
  const start = (args: string[]) =>
    Array.from({ length: runs * 2 }, () => {
      const before = performance.now();
      execFileSync(process.execPath, args, { stdio: 'ignore' });
      return performance.now() - before;
    });
  rows.push(rowOf('node -e 0', start(['-e', '0'])));
  rows.push(rowOf('reachdoctor --version', start([cli, '--version'])));
  rows.push(rowOf('reachdoctor --help', start([cli, '--help'])));
} finally {
  await lab.close();
}

const table = new Table({ head: ['', 'runs', 'median', '95th percentile'], style: { head: [], border: [] } });
const shown = (ms: number) => (ms >= 1000 ? `${(ms / 1000).toFixed(2)} s` : `${ms.toFixed(0)} ms`);
for (const row of rows) table.push([row.what, String(row.runs), shown(row.medianMs), shown(row.p95Ms)]);
console.log(table.toString());
if (values.json) await writeFile(values.json, `${JSON.stringify({ runs: rows }, null, 2)}\n`);
