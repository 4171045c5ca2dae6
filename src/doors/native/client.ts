import { type ChildProcess, spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { IS_SOURCE, PACKAGE_ROOT } from '../../ground/package-root.ts';
import type { Trace } from '../../model/measured.ts';
import { because } from '../../model/reasons.ts';
import { adopt, marked, OWN_GROUP } from '../children.ts';
import type { ConnectJob, NativeDoor, NativeJob, NativeResult, SweepNews, SweptHop } from '../types.ts';

export const MAX_OUTPUT = 512 * 1024;
const MAX_ERRORS = 4 * 1024;
/** Start of the child on a busy machine, beside the time of its job. */
export const START_MS = 4000;
const STATUSES = new Set([
  'unavailable',
  'failed',
  'swept',
  'exchanged',
  'reply-ttl',
  'knocked',
  'listened',
  'connected',
  'network',
]);
/** What a child says when the SYN of a `connect` has left. */
const BEGUN = /^\{"status":"begun"\}\n/;
/** What it says when it has loaded its library. */
const READY = '{"status":"ready"}\n';
/** And what it says of a router that a sweep has met. */
const HOP = /^\{"status":"hop",[^\n]*\n/;

/** Where the child has a worker (child.ts). */
const SYSTEMS: ReadonlySet<string> = new Set(['linux', 'darwin', 'win32']);

/** A connection waits so long for a child that is not ready yet; then it is made without one. */
const READY_MS = 400;

/** What the door depends on, to be replaced in tests. */
export interface NativeSetting {
  platform: string;
  arch: string;
  environment: NodeJS.ProcessEnv;
  /** Program and arguments of the child. */
  command: [string, ...string[]];
  /** Added to the time that the job itself may take. */
  startMs: number;
}

/** The built child, or under tsx and vitest the source through tsx. */
export function childCommand(): [string, ...string[]] {
  if (!IS_SOURCE) return [process.execPath, join(PACKAGE_ROOT, 'dist/doors/native/child.js')];
  const tsx = createRequire(import.meta.url).resolve('tsx');
  return [
    process.execPath,
    '--import',
    pathToFileURL(tsx).href,
    join(PACKAGE_ROOT, 'src/doors/native/child.ts'),
  ];
}

/** The longest that a job may work, ms. */
export function jobTimeMs(job: NativeJob): number {
  if (job.job === 'sweep') return Math.max(job.holdMs, 1500) + 2000;
  if (job.job === 'network') return 1000;
  if (job.job === 'knock') return Math.max(0, ...job.knocks.map(({ atMs }) => atMs)) + job.waitMs + 1000;
  if (job.job === 'listen') return job.forMs + 1000;
  return job.job === 'reply-ttl' ? 3000 : job.timeoutMs + 1000;
}

/** NODE_OPTIONS and the like stay behind: the child is to be a plain node. */
export function childEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = ['PATH', 'Path', 'HOME', 'TMPDIR', 'TEMP', 'SystemRoot', 'windir', 'LD_LIBRARY_PATH'];
  return Object.fromEntries(
    kept.flatMap((name) => (environment[name] === undefined ? [] : [[name, environment[name]]])),
  );
}

export function parseResult(line: string): NativeResult | null {
  try {
    const value = JSON.parse(line) as NativeResult | null;
    return value !== null && typeof value === 'object' && STATUSES.has(value.status) ? value : null;
  } catch {
    // Unknown what the child found: what it printed is no result (cut short by a crash, most likely).
    return null;
  }
}

/** What a sweep with a long hold tells halfway. */
const SO_FAR = '{"status":"so-far"';

function parseSoFar(line: string): Trace | null {
  try {
    return (JSON.parse(line) as { trace?: Trace }).trace ?? null;
  } catch {
    // Cut short: the whole of it is still to come.
    return null;
  }
}

type Child = ReturnType<typeof startChild>;

/** Where no descriptor was left node makes no pipes either, whatever the types say. */
export type Started = Omit<ChildProcess, 'stdin' | 'stdout' | 'stderr'> &
  Partial<Pick<ChildProcess, 'stdin' | 'stdout' | 'stderr'>>;

export function notRun({ code, message }: NodeJS.ErrnoException): NativeResult {
  if (code === 'EMFILE' || code === 'ENFILE')
    return {
      status: 'unavailable',
      reason: because('no-descriptor', code),
      enable: 'ulimit -n 1024',
      code,
    };
  return { status: 'failed', reason: because('child-not-run', message) };
}

/**
 * One child process: asked one job at a time, a line of JSON there and a line of JSON back. A job that is no longer
 * wanted, takes too long or says too much ends the child (SIGKILL; it holds nothing but sockets), and its promise
 * settles after the child is gone. While nothing is asked the child does not keep this process alive.
 */
function startChild(
  [file, ...args]: [string, ...string[]],
  environment: NodeJS.ProcessEnv,
  handsOver: boolean,
) {
  const child: Started = adopt(
    spawn(file, args, {
      ...OWN_GROUP,
      env: marked(childEnvironment(environment)),
      // Over the channel comes a connection that stands; in the place of its last words, since descriptors may be few.
      stdio: handsOver ? ['pipe', 'pipe', 'ignore', 'ipc'] : 'pipe',
    }),
  );
  let handed: { result: NativeResult; handle: unknown } | null = null;
  child.on('message', (result, handle) => {
    handed = { result: result as NativeResult, handle: handle ?? null };
    wake();
  });
  let onBegun: () => void = () => {};
  let isReady = false;
  let onReady: () => void = () => {};
  let output = '';
  let errors = '';
  let gone: NativeResult | null = null;
  let wake: () => void = () => {};
  child.on('error', (error: NodeJS.ErrnoException) => {
    gone = notRun(error);
    onReady();
    wake();
  });
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    if (!isReady && output.startsWith(READY)) {
      isReady = true;
      output = output.slice(READY.length);
      onReady();
    }
    wake();
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    errors = (errors + text).slice(-MAX_ERRORS);
  });
  // A child that died before it read its job: its exit tells more than this EPIPE.
  child.stdin?.on('error', () => {});
  child.on('close', (code, killedBy) => {
    const how = killedBy === null ? `exit code ${code}` : killedBy;
    const said = errors.trim().split('\n').at(-1) ?? '';
    gone ??= { status: 'failed', reason: because('child-ended', `${how} ${said}`.trim()) };
    onReady();
    wake();
  });
  const keepAlive = (wanted: boolean): void => keepAliveFor(child, wanted);

  const ask = (
    job: NativeJob,
    signal: AbortSignal,
    deadlineMs: number,
    begun: () => void = () => {},
    news: SweepNews = {},
  ): Promise<NativeResult> =>
    new Promise((resolve) => {
      onBegun = begun;
      let ended: NativeResult | null = null;
      const stop = (why: NativeResult): void => {
        ended ??= why;
        child.kill('SIGKILL');
      };
      const onAbort = (): void => stop({ status: 'cancelled' });
      const timer = setTimeout(
        () => stop({ status: 'failed', reason: because('child-late', String(deadlineMs)) }),
        deadlineMs,
      );
      signal.addEventListener('abort', onAbort, { once: true });
      const settle = (result: NativeResult): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', onAbort);
        wake = () => {};
        onBegun = () => {};
        output = '';
        keepAlive(false);
        resolve(ended ?? result);
      };
      wake = () => {
        if (BEGUN.test(output)) {
          output = output.replace(BEGUN, '');
          onBegun();
        }
        for (;;) {
          const hop = HOP.exec(output);
          const line = hop?.[0] ?? (output.startsWith(SO_FAR) ? /^.*\n/.exec(output)?.[0] : undefined);
          if (line === undefined) break;
          output = output.slice(line.length);
          if (ended !== null) continue;
          if (hop !== null) news.hop?.(JSON.parse(line) as SweptHop);
          else {
            const told = parseSoFar(line);
            if (told !== null) news.soFar?.(told);
          }
        }
        if (ended === null && handed !== null) return settle(handed.result);
        const end = output.indexOf('\n');
        const result = ended === null && end >= 0 ? parseResult(output.slice(0, end)) : null;
        if (result !== null) settle(result);
        else if (gone !== null) settle(parseResult(output) ?? gone);
        else if (output.length > MAX_OUTPUT) stop({ status: 'failed', reason: because('child-loud') });
      };
      keepAlive(true);
      child.stdin?.write(`${JSON.stringify(job)}\n`);
      if (signal.aborted) onAbort();
      wake();
    });
  keepAlive(false);
  /** Whether it can begin at once, within `waitMs` from now. */
  const ready = (waitMs: number, signal: AbortSignal): Promise<boolean> =>
    new Promise((resolve) => {
      const settle = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', settle);
        onReady = () => {};
        resolve(isReady && gone === null);
      };
      // On a busy machine its word may have come and not been looked at: one whole turn of the event loop reads it.
      const timer = setTimeout(() => setImmediate(() => setImmediate(settle)), waitMs);
      onReady = settle;
      signal.addEventListener('abort', settle, { once: true });
      if (isReady || gone !== null || signal.aborted) settle();
    });
  return {
    ask,
    ready,
    isReady: () => isReady,
    /** The handle of the connection that came with a result. */
    handle: () => handed?.handle ?? null,
    isAlive: () =>
      handed === null &&
      gone === null &&
      child.exitCode === null &&
      child.signalCode === null &&
      !child.killed,
  };
}

type Handle = { ref?(): void; unref?(): void };

/** Whether this process waits for the child before it ends by itself. */
export function keepAliveFor(child: Started, wanted: boolean): void {
  const { stdin, stdout, stderr, channel } = child;
  const handles = [child, stdin, stdout, stderr, channel] as (Handle | null | undefined)[];
  for (const handle of handles) (wanted ? handle?.ref : handle?.unref)?.call(handle);
}

/** Why there is no native child here, or null. */
export function unavailableOn(
  platform: string,
  arch: string,
  environment: NodeJS.ProcessEnv,
): NativeResult | null {
  if (environment.REACHDOCTOR_NO_NATIVE === '1')
    return {
      status: 'unavailable',
      reason: because('switched-off'),
      enable: 'unset REACHDOCTOR_NO_NATIVE',
    };
  if (!SYSTEMS.has(platform) || (arch !== 'x64' && arch !== 'arm64'))
    return {
      status: 'unavailable',
      reason: because('not-this-system', `${platform} on ${arch}`),
      enable: null,
    };
  return null;
}

/**
 * The door to the native children. The work is done in child processes because an abort inside a native library must
 * cost one probe and not the report. A child that did its job well waits for the next one.
 */
export function createNativeDoor(given: Partial<NativeSetting> = {}): NativeDoor & {
  warm(): void;
  isIdle(): boolean;
  connect: FirstConnect;
} {
  const platform = given.platform ?? process.platform;
  const arch = given.arch ?? process.arch;
  const environment = given.environment ?? process.env;
  const idle: Child[] = [];
  const unavailable = (): NativeResult | null => unavailableOn(platform, arch, environment);
  /** The child that may hand a connection over: one at a time, since its channel is one more descriptor. */
  let envoy: Child | null = null;

  const start = (): Child => {
    const handsOver = platform === 'linux' && envoy?.isAlive() !== true;
    const child = startChild(given.command ?? childCommand(), environment, handsOver);
    if (handsOver) envoy = child;
    return child;
  };
  /** A child that waits for its job; it ends by itself when this process closes its input. */
  const warm = (): void => {
    if (unavailable() === null && idle.length === 0) idle.push(start());
  };
  const take = (): Child => {
    for (let child = idle.shift(); child !== undefined; child = idle.shift())
      if (child.isAlive()) return child;
    return start();
  };
  const door: NativeDoor = async (job, signal, news) => {
    const closed = unavailable();
    if (closed !== null) return closed;
    if (signal.aborted) return { status: 'cancelled' };
    const child = take();
    const result = await child.ask(
      job,
      signal,
      jobTimeMs(job) + (given.startMs ?? START_MS),
      undefined,
      news,
    );
    if (child.isAlive()) idle.push(child);
    // What never ran on its real system must not be more than missing where it fails.
    const isUnproven = platform !== 'linux' && result.status === 'failed';
    return isUnproven ? { status: 'unavailable', reason: result.reason, enable: null } : result;
  };
  const connect: FirstConnect = async (job, signal, begun) => {
    if (unavailable() !== null || platform !== 'linux' || signal.aborted) return null;
    const isBusy = envoy?.isAlive() === true && !idle.includes(envoy);
    if (isBusy) return null;
    const child = envoy?.isAlive() === true ? envoy : start();
    if (idle.includes(child)) idle.splice(idle.indexOf(child), 1);
    // Who is asked only when he can begin at once has not sent a SYN of his own when somebody else does.
    const isReady = await child.ready(READY_MS, signal);
    const result = isReady ? await child.ask(job, signal, jobTimeMs(job) + START_MS, begun) : null;
    if (child.isAlive()) idle.push(child);
    if (result === null) return null;
    const handle = child.handle();
    if (result.status === 'connected') return { ...result, handle };
    (handle as { close?(): void } | null)?.close?.();
    return null;
  };
  /** Whether a job would be begun at once, by a child that is there. */
  const isIdle = (): boolean => idle.some((child) => child.isAlive() && child.isReady());
  return Object.assign(door, { warm, connect, isIdle });
}

/**
 * A connection by the child, whose socket hears who refuses it; one that stands comes as the handle of its socket, from
 * which nothing has been read. `begun` is called when its SYN has left. null = none was made, or it was cancelled.
 */
export type FirstConnect = (
  job: ConnectJob,
  signal: AbortSignal,
  begun: () => void,
) => Promise<(Extract<NativeResult, { status: 'connected' }> & { handle: unknown }) | null>;

export const native = createNativeDoor();
