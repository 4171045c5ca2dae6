/**
 * `node say-tools.js JSON`, JSON = [{ name, command, limitMs, until }]: runs each command, one after the other, with a standard
 * input that stays open and empty; prints what they said as JSON. `until` (a pattern) ends a command early
 * that has said all that it will say: telnet once it is connected.
 */
import { spawn } from 'node:child_process';

interface Job {
  name: string;
  command: string[];
  limitMs: number;
  until: string | null;
}

interface Said {
  text: string;
  /** Exit code; null when it had to be stopped. */
  exit: number | null;
}

/** How long after `until` more may come: a banner. */
const QUIET_MS = 1000;

function run({ command: [file, ...args], limitMs, until }: Job): Promise<Said> {
  return new Promise((resolve) => {
    const child = spawn(file as string, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    let text = '';
    let quiet: NodeJS.Timeout | null = null;
    const stop = (): boolean => child.kill('SIGKILL');
    const limit = setTimeout(stop, limitMs);
    const hear = (data: Buffer): void => {
      if (text.length < 65_536 || file === '/run/lab/node') text += data.toString('latin1');
      if (until !== null && quiet === null && new RegExp(until).test(text))
        quiet = setTimeout(stop, QUIET_MS);
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.stdin.on('error', () => {}); // it does not read: nothing is written either
    const finish = (exit: number | null): void => {
      clearTimeout(limit);
      if (quiet !== null) clearTimeout(quiet);
      resolve({ text, exit });
    };
    child.on('error', (error) => {
      text += String(error);
      finish(127);
    });
    child.on('close', finish);
  });
}

const said: Record<string, Said> = {};
for (const job of JSON.parse(process.argv[2] ?? '[]') as Job[]) said[job.name] = await run(job);
process.stdout.write(JSON.stringify(said));
