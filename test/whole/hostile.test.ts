import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { render } from '../../src/report/index.ts';
import { type Authority, authority } from '../gather/probes/certificates.ts';
import { HOSTILE } from '../gather/probes/hostile-servers.ts';
import { closeAll } from '../gather/probes/listeners.ts';
import { runCli } from '../gather/probes/run-cli.ts';

const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
/** What the kernels of both sides may hold (tcp_wmem and tcp_rmem grow to 4 and 6 MiB), for the few connections of a run. */
const IN_FLIGHT = 16 * 1024 * 1024;
/** node itself, the command and its rules take a little under 64 MiB; whatever the server does may not double that. */
const MOST_KIB = 128 * 1024;

let ca: Authority;
beforeAll(() => {
  ca = authority();
});
afterAll(async () => {
  await closeAll();
  ca.dispose();
});

describe('a hostile server gets one sentence', () => {
  test.concurrent.each(HOSTILE)('$name', { timeout: 30_000 }, async ({ scheme, start, outcome, causes }) => {
    const written: number[] = [];
    const port = await start(ca, (octets) => written.push(octets));
    const { exit, report, peakKiB } = await runCli(CLI, [`${scheme}://127.0.0.1:${port}`]);
    expect(report.outcome).toBe(outcome);
    expect(exit).toBe(outcome === 'reachable' ? 0 : 1);
    expect(causes).toContain(report.causes[0]?.id ?? null);
    expect(report.headline).toMatch(/^[\x20-\x7e]+\.$/);
    expect(report.observations.filter((one) => one.outcome === 'failed')).toEqual([]);
    expect(Math.max(0, ...written)).toBeLessThan(IN_FLIGHT);
    expect(peakKiB ?? 0).toBeLessThan(MOST_KIB);
    for (const format of ['terminal', 'markdown', 'html'] as const)
      expect(await render(format, report)).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]/);
    expect(JSON.stringify(report).length).toBeLessThan(200_000);
  });
});
