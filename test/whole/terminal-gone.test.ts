import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { spawn } from '@lydell/node-pty';
import { expect, it } from 'vitest';
import { silentPort } from '../command/silent-port.ts';

const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));

it.skipIf(process.platform === 'win32')(
  'a terminal that goes away ends the run with 129 and with its report, and not with a crash of node',
  async () => {
    const dir = mkdtempSync(join(tmpdir(), 'reachdoctor-gone-'));
    const silent = await silentPort();
    try {
      const report = join(dir, 'report.json');
      const terminal = spawn(process.execPath, [CLI, `127.0.0.1:${silent.port}`, '--report', report], {
        cwd: dir,
      });
      const ended = new Promise<{ exitCode: number; signal?: number }>((resolve) => terminal.onExit(resolve));
      // Its progress on the terminal: the run is under way.
      await new Promise<void>((resolve) => {
        terminal.onData((text) => text.includes('127.0.0.1') && resolve());
      });
      // The other side of the terminal is closed, as by an ssh that breaks; the kernel sends SIGHUP.
      (terminal as unknown as { destroy(): void }).destroy();
      expect(await ended).toEqual({ exitCode: 129, signal: 0 });
      expect(JSON.parse(readFileSync(report, 'utf8'))).toMatchObject({ outcome: expect.any(String) });
      expect(existsSync(join(dir, 'core'))).toBe(false);
    } finally {
      silent.close();
      rmSync(dir, { recursive: true });
    }
  },
);
