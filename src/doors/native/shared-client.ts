import { spawn } from 'node:child_process';
import type { Trace } from '../../model/measured.ts';
import { because } from '../../model/reasons.ts';
import { adopt, marked, OWN_GROUP } from '../children.ts';
import type { NativeDoor, NativeJob, NativeResult, SweepJob, SweepNews, SweptHop } from '../types.ts';
import {
  childCommand,
  childEnvironment,
  jobTimeMs,
  keepAliveFor,
  MAX_OUTPUT,
  notRun,
  parseResult,
  START_MS,
  type Started,
  unavailableOn,
} from './client.ts';
import { SHARED, type SharedLine } from './shared-sweeps.ts';

interface Asked {
  settle(result: NativeResult): void;
  news: SweepNews;
}

/** What the door depends on, to be replaced in tests. */
interface SharedSetting {
  platform: NodeJS.Platform;
  arch: string;
  environment: NodeJS.ProcessEnv;
  command: [string, ...string[]];
  /** Whether a child of `alone` has nothing to do: it makes a sweep sooner than one that is to be started. */
  isIdle(): boolean;
  /** Jobs that cannot be shared, at the same time: the child of each is some fifty megabytes. */
  mostAlone: number;
}

/**
 * The native door of a run: one child makes all sweeps side by side, and whatever cannot be shared goes through `alone`. A
 * child that dies costs the sweeps at work, which say so; the next one starts another. `warm` starts it ahead of its first.
 */
export function sharedNativeDoor(
  alone: NativeDoor,
  given: Partial<SharedSetting> = {},
): NativeDoor & { warm(): void } {
  const environment = given.environment ?? process.env;
  const platform = given.platform ?? process.platform;
  const mostAlone = given.mostAlone ?? Number.POSITIVE_INFINITY;
  const isShared = (): boolean =>
    platform === 'linux' && unavailableOn(platform, given.arch ?? process.arch, environment) === null;
  const asked = new Map<number, Asked>();
  let child: Started | null = null;
  let lastId = 0;

  const start = (): Started => {
    const [file, ...args] = given.command ?? childCommand();
    const options = { ...OWN_GROUP, env: marked(childEnvironment(environment)), stdio: 'pipe' } as const;
    const started: Started = adopt(spawn(file, [...args, SHARED], options));
    const end = (why: NativeResult): void => {
      if (child === started) child = null;
      const ended = [...asked.values()];
      asked.clear();
      for (const { settle } of ended) settle(why);
    };
    let output = '';
    started.stdout?.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      const lines = output.split('\n');
      output = lines.pop() ?? '';
      for (const line of lines) hear(line);
      if (output.length > MAX_OUTPUT) started.kill('SIGKILL');
    });
    // Its last words tell nothing that its end does not.
    started.stderr?.resume();
    started.stdin?.on('error', () => {});
    started.on('error', (error: NodeJS.ErrnoException) => end(notRun(error)));
    started.on('close', (code, killedBy) =>
      end({ status: 'failed', reason: because('child-ended', killedBy ?? `exit code ${code}`) }),
    );
    keepAliveFor(started, false);
    return started;
  };

  const hear = (line: string): void => {
    const told = parseLine(line);
    if (told === null) return;
    if (told.id === undefined) {
      // It could not load its library: none of the sweeps will be made.
      const result = parseResult(line);
      for (const { settle } of [...asked.values()]) if (result !== null) settle(result);
      return;
    }
    const one = asked.get(told.id);
    if (one === undefined) return;
    if (told.status === 'hop') one.news.hop?.({ ttl: told.ttl, from: told.from });
    else if (told.status === 'so-far') one.news.soFar?.(told.trace);
    else {
      const result = parseResult(line);
      if (result !== null) one.settle(result);
    }
  };

  const say = (line: SharedLine): void => void child?.stdin?.write(`${JSON.stringify(line)}\n`);

  const sweepShared = (job: SweepJob, signal: AbortSignal, news: SweepNews): Promise<NativeResult> =>
    new Promise((resolve) => {
      child ??= start();
      const id = ++lastId;
      const stop = (why: NativeResult): void => {
        say({ cancel: id });
        settle(why);
      };
      const onAbort = (): void => stop({ status: 'cancelled' });
      const deadlineMs = jobTimeMs(job) + 2 * START_MS;
      const timer = setTimeout(
        () => stop({ status: 'failed', reason: because('child-late', String(deadlineMs)) }),
        deadlineMs,
      );
      const settle = (result: NativeResult): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', onAbort);
        asked.delete(id);
        if (child !== null) keepAliveFor(child, asked.size > 0);
        resolve(result);
      };
      signal.addEventListener('abort', onAbort, { once: true });
      asked.set(id, { settle, news });
      keepAliveFor(child, true);
      say({ id, job });
    });

  let atWork = 0;
  const queue: (() => void)[] = [];
  const askAlone = async (job: NativeJob, signal: AbortSignal, news?: SweepNews): Promise<NativeResult> => {
    // A connection that would only hear sooner what the kernel tells later is not queued for.
    if (atWork >= mostAlone && job.job === 'exchange' && job.sendBase64 === '')
      return { status: 'unavailable', reason: because('child-busy'), enable: null };
    if (atWork >= mostAlone) await new Promise<void>((resolve) => queue.push(resolve));
    else atWork++;
    try {
      return await alone(job, signal, news);
    } finally {
      const next = queue.shift();
      if (next === undefined) atWork--;
      else next();
    }
  };

  const door: NativeDoor = async (job, signal, news = {}) => {
    if (signal.aborted) return { status: 'cancelled' };
    const isForShared = job.job === 'sweep' && isShared() && given.isIdle?.() !== true;
    return isForShared ? sweepShared(job, signal, news) : askAlone(job, signal, news);
  };
  const warm = (): void => {
    if (isShared()) child ??= start();
  };
  return Object.assign(door, { warm });
}

type Told =
  | ({ id: number; status: 'hop' } & SweptHop)
  | { id: number; status: 'so-far'; trace: Trace }
  | { id: number; status: 'swept' }
  | { id?: undefined };

function parseLine(line: string): Told | null {
  try {
    return JSON.parse(line) as Told | null;
  } catch {
    // A line that was cut short: the child has died, and its end says so.
    return null;
  }
}
