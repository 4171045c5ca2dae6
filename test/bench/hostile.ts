/**
 * `npm run bench:hostile -- [--runs 3] [--write]`: what each hostile server costs, as whole processes of dist/cli.js against listeners
 * on loopback: wall time and peak resident set, beside a healthy web server. `--write` puts the table into docs/hostile-servers.md.
 */
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { cell, markdownTable, putIntoDocs } from '../command/docs-block.ts';
import { authority } from '../gather/probes/certificates.ts';
import { HEALTHY, HOSTILE, type Hostile } from '../gather/probes/hostile-servers.ts';
import { closeAll } from '../gather/probes/listeners.ts';
import { runCli } from '../gather/probes/run-cli.ts';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '3' },
    dist: { type: 'string', default: fileURLToPath(new URL('../../dist', import.meta.url)) },
    write: { type: 'boolean', default: false },
  },
});
const runs = Number(values.runs) || 3;
/** A service that never says a whole word is given some twelve seconds (a slow one speaks within ten), and no more. */
const MOST_MS = 16_000;
const MOST_KIB = 64 * 1024;

interface Cost {
  wallMs: number;
  peakKiB: number | null;
  headline: string;
}

/** The worst of the runs. */
async function costOf({ scheme, start }: Hostile): Promise<Cost> {
  const worst: Cost = { wallMs: 0, peakKiB: null, headline: '' };
  for (let i = 0; i < runs; i++) {
    const port = await start(ca, () => {});
    const { wallMs, peakKiB, report } = await runCli(`${values.dist}/cli.js`, [
      `${scheme}://127.0.0.1:${port}`,
    ]);
    worst.wallMs = Math.max(worst.wallMs, wallMs);
    if (peakKiB !== null) worst.peakKiB = Math.max(worst.peakKiB ?? 0, peakKiB);
    worst.headline = report.headline.replaceAll(`127.0.0.1:${port}: `, '').replaceAll(String(port), 'PORT');
    await closeAll();
  }
  return worst;
}

const ca = authority();
let failed = 0;
try {
  const healthy = await costOf(HEALTHY);
  const rows: string[][] = [];
  const show = (name: string, cost: Cost) => {
    const more = cost.peakKiB === null || healthy.peakKiB === null ? null : cost.peakKiB - healthy.peakKiB;
    const good = cost.wallMs - healthy.wallMs <= MOST_MS && (more === null || more <= MOST_KIB);
    if (!good) failed++;
    const peak = cost.peakKiB === null ? 'not told here' : `${(cost.peakKiB / 1024).toFixed(0)} MiB`;
    const line = [cell(name), `${(cost.wallMs / 1000).toFixed(2)} s`, peak, cell(cost.headline)];
    rows.push(line);
    console.log(`${good ? 'ok  ' : 'FAIL'} ${line.join('  ')}`);
  };
  show(HEALTHY.name, healthy);
  for (const one of HOSTILE) show(one.name, await costOf(one));
  const table = markdownTable(['What answers', 'Wall time', 'Peak memory', 'What is said'], rows);
  if (values.write)
    await putIntoDocs(
      fileURLToPath(new URL('../../docs/hostile-servers.md', import.meta.url)),
      'hostile',
      table,
    );
  console.log(`${rows.length - failed} passed, ${failed} failed`);
  process.exitCode = failed > 0 ? 1 : 0;
} finally {
  await closeAll();
  ca.dispose();
}
