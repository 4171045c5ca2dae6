import { execFile } from 'node:child_process';
import type { Report } from '../../../src/model/report.ts';

export interface CliRun {
  exit: number;
  report: Report;
  wallMs: number;
  /** Largest resident set of the process, KiB; null where /proc does not tell. */
  peakKiB: number | null;
}

/** getrusage's maximum would include the parent's at the time of the fork; /proc counts this program alone. */
const TELL_PEAK = `data:text/javascript,${encodeURIComponent(`
import { readFileSync } from 'node:fs';
process.on('exit', () => {
  let peak = '';
  try { peak = /VmHWM:\\s*(\\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? ''; } catch {}
  process.stderr.write('peak=' + peak);
});`)}`;

/** A whole run of the command, as a process of its own. Throws when there is no report. */
export function runCli(cli: string, args: string[]): Promise<CliRun> {
  const started = performance.now();
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      ['--import', TELL_PEAK, cli, '--json', '--quiet', '--diagnose', ...args],
      {
        env: { PATH: process.env.PATH ?? '', HOME: '/nonexistent' },
        timeout: 25_000,
        maxBuffer: 16 * 1024 * 1024,
      },
      (error, stdout, stderr) => {
        const wallMs = performance.now() - started;
        const exit = error === null ? 0 : Number(error.code);
        const peak = /peak=(\d+)/.exec(stderr)?.[1];
        try {
          resolve({
            exit,
            report: JSON.parse(stdout) as Report,
            wallMs,
            peakKiB: peak === undefined ? null : Number(peak),
          });
        } catch {
          reject(new Error(`no report (exit ${error?.code}): ${stderr || stdout}`));
        }
      },
    );
  });
}
