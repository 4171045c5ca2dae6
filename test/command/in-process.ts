import { main } from '../../src/command/main.ts';
import { realParts } from '../../src/command/real-engine.ts';
import { fakeIo } from './fake-run.ts';

/** The program with everything real but its process: what it printed, and its exit code. A process costs 0.3 s of CPU. */
export async function inProcess(
  ...argv: string[]
): Promise<{ stdout: string; stderr: string; code: number }> {
  const io = fakeIo();
  const code = await main(
    argv,
    io,
    realParts({ version: io.version, env: process.env, isRoot: process.getuid?.() === 0 }),
  );
  return { stdout: io.stdout.text, stderr: io.stderr.text, code };
}
