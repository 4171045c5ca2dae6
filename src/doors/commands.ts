import { closeSync, openSync } from 'node:fs';
import { devNull } from 'node:os';
import { adopt, marked, OWN_GROUP, signalGroup } from './children.ts';
import { toolEnvironment } from './tool-environment.ts';
import type { Command, CommandResult, RunCommand } from './types.ts';

/** Octets kept of each stream; a tool that prints more is ended. */
const MAX_OUTPUT = 256 * 1024;
/** Between SIGINT and SIGKILL, and how long a finished tool's grandchildren may hold its streams. */
const GRACE_MS = 150;

const OPTIONS = {
  reject: false,
  stdin: 'ignore',
  stdout: 'pipe',
  stderr: 'pipe',
  buffer: false,
  // What it gets of our environment is chosen, and who ends it is children.ts.
  extendEnv: false,
  cleanup: false,
  ...OWN_GROUP,
} as const;

/**
 * The only door to subprocesses: no shell, no stdin, messages in English, UTC. Rejects only where this process has no
 * file descriptor left to start one with (EMFILE, ENFILE): the tool could not say anything then, and neither can its probe.
 *
 * At `timeoutMs` the tool gets SIGINT (ping prints its statistics then) and 150 ms later SIGKILL; on abort SIGKILL at once.
 * Signals go to its whole process group, so that what it started ends with it. What was printed is kept, and nobody
 * waits for grandchildren that left the group and hold the streams open (children.ts ends them). `exitCode` is null
 * where the tool did not end by itself.
 */
export const runCommand: RunCommand = async (command) => {
  const commandLine = shown(command);
  const nothing = (status: CommandResult['status'], stderr = ''): CommandResult => {
    return { status, exitCode: null, stdout: '', stderr, commandLine };
  };
  if (command.signal.aborted) return nothing('cancelled');
  if ([command.file, ...command.args].some((word) => word.includes('\0'))) {
    return nothing('failed', 'an argument contains a NUL character');
  }
  const { execa } = await import('execa');
  if (command.signal.aborted) return nothing('cancelled');

  // Where node cannot make the pipes execa throws, and the child's own error event has no listener.
  const lack = shortage();
  if (lack !== null) throw lack;
  const env = marked(toolEnvironment(process.env, process.platform));
  const child = execa(command.file, command.args, { ...OPTIONS, env });
  adopt(child);
  let stopped: 'timed-out' | 'cancelled' | 'failed' | null = null;
  const stdout = collect(child.stdout, () => stop('failed'));
  const stderr = collect(child.stderr, () => stop('failed'));

  const timers: NodeJS.Timeout[] = [];
  const after = (ms: number, act: () => void) => timers.push(setTimeout(act, ms));
  let letGo = () => {};
  const released = new Promise<null>((resolve) => {
    letGo = () => {
      // The tool has ended or is being ended: whoever still holds its streams is of its group.
      signalGroup(child, 'SIGKILL');
      // What it has printed by now is still in the pipes: one whole turn of the event loop reads it.
      setImmediate(() =>
        setImmediate(() => {
          child.stdout.destroy();
          child.stderr.destroy();
        }),
      );
      // A child that may not be killed (another user's) must not hold us either.
      after(GRACE_MS, () => resolve(null));
    };
  });
  function stop(why: NonNullable<typeof stopped>): void {
    stopped ??= why;
    letGo();
  }
  const cancel = () => stop('cancelled');
  command.signal.addEventListener('abort', cancel, { once: true });
  after(command.timeoutMs, () => {
    stopped ??= 'timed-out';
    signalGroup(child, 'SIGINT');
    after(GRACE_MS, () => stop('timed-out'));
  });
  child.once('exit', () => after(GRACE_MS, letGo));

  const result = await Promise.race([child, released]);
  for (const timer of timers) clearTimeout(timer);
  command.signal.removeEventListener('abort', cancel);

  // Node gives a child that could not be started a negative exit code.
  const code = result?.exitCode ?? child.exitCode;
  const exitCode = stopped === null && code !== null && code >= 0 ? code : null;
  const status = stopped ?? (exitCode === null ? notStarted(result?.code) : 'done');
  const [out, err] = await Promise.all([textOf(stdout), textOf(stderr)]);
  return { status, exitCode, stdout: out, stderr: err, commandLine };
};

/** Two pairs of sockets for the streams, the pipe by which a failed exec is told, and some that others may take meanwhile. */
const DESCRIPTORS_OF_A_CHILD = 10;

/** The error (EMFILE, ENFILE) that starting a child would end in, or null. */
function shortage(): unknown {
  const open: number[] = [];
  try {
    while (open.length < DESCRIPTORS_OF_A_CHILD) open.push(openSync(devNull, 'r'));
    return null;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'EMFILE' || code === 'ENFILE' ? error : null;
  } finally {
    for (const descriptor of open) closeSync(descriptor);
  }
}

interface Kept {
  chunks: Buffer[];
  length: number;
}

function collect(stream: NodeJS.ReadableStream, onTooMuch: () => void): Kept {
  const kept: Kept = { chunks: [], length: 0 };
  stream.on('data', (chunk: Buffer) => {
    kept.chunks.push(chunk.subarray(0, MAX_OUTPUT - kept.length));
    kept.length = Math.min(MAX_OUTPUT, kept.length + chunk.length);
    if (kept.length === MAX_OUTPUT) onTooMuch();
  });
  return kept;
}

/** Programs of Windows write the console's code page into a pipe; all others write UTF-8. */
async function textOf({ chunks }: Kept): Promise<string> {
  const bytes = Buffer.concat(chunks);
  if (process.platform !== 'win32') return bytes.toString('utf8');
  const { consoleText } = await import('../parsers/console-text.ts');
  return consoleText(bytes, await codePage());
}

let askedPage: Promise<number | null> | null = null;
/** What `chcp` says, asked once; null where it cannot be asked. */
function codePage(): Promise<number | null> {
  askedPage ??= Promise.all([import('execa'), import('../parsers/console-text.ts')]).then(
    async ([{ execa }, { codePageOf }]) => {
      const told = await execa('chcp.com', [], {
        reject: false,
        stdin: 'ignore',
        timeout: 2000,
        windowsHide: true,
        extendEnv: false,
        env: toolEnvironment(process.env, process.platform),
      });
      return codePageOf(String(told.stdout ?? ''));
    },
  );
  return askedPage;
}

/** `failed` is also a tool that died from a signal that we did not send. */
function notStarted(code: string | undefined): CommandResult['status'] {
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'missing';
  if (code === 'EACCES' || code === 'EPERM') return 'denied';
  return 'failed';
}

/** As a person would type it: what a shell would split or expand is quoted. */
function shown({ file, args }: Command): string {
  return [file, ...args]
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`))
    .join(' ');
}
