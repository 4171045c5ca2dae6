import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import type { Evidence } from '../../src/model/evidence.ts';
import type { Outcome, Report } from '../../src/model/report.ts';
import { complaintsAlone } from './alone.ts';
import { isHealthy, judge, type Verdict } from './judge.ts';
import type { Scenario, Tool, Truth } from './scenario.ts';
import { recipeOf } from './script.ts';
import { type Addresses, layOut } from './topology.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** A scenario takes at most this long, whatever happens in it; with other commands in it, this much longer than they. */
const LIMIT_MS = 40_000;
const AROUND_OTHERS_MS = 30_000;
/** Other tools may take their half minute and more. */
const OTHERS_LIMIT_SECONDS = 90;
const CLIENT_LIMIT_SECONDS = 30;

export interface Lab {
  /** `root`: namespaces made by root, the client leaves root by setpriv. `user`: everything inside a user namespace. */
  mode: 'root' | 'user';
  work: string;
  app: string;
  services: string;
  close(): Promise<void>;
}

export interface Result
  extends Pick<Verdict, 'outcomeRight' | 'causeRight' | 'whereRight' | 'overclaimed' | 'claim' | 'forecast'> {
  name: string;
  family: string;
  /** Nothing is wrong with it, whatever chance decides. */
  healthy: boolean;
  /** The truth is a list: chance, or what nobody can know, decides which one it is. */
  open: boolean;
  outcome: Outcome | null;
  complaints: string[];
  /** From exec of node to its exit, on the lab's clock; null when the tool did not run. */
  wallMs: number | null;
  pace: Pace | null;
  /** What the tool saved of this run, and the truths it is judged by: for judging it again. */
  again: { evidence: Evidence; truths: Truth | Truth[] } | null;
}
/** The three classes of time that people feel, from what the target's own first connection met. */
export type Pace = 'reachable' | 'refused' | 'silent' | 'name';

const UNSHARE = {
  root: ['--net', '--mount', '--pid', '--fork', '--kill-child'],
  user: ['--user', '--map-root-user', '--net', '--mount', '--pid', '--fork', '--kill-child'],
};

/** Makes a copy of the tool that a build going on meanwhile cannot pull away, and the services as JavaScript. */
export async function prepareLab(dist = join(ROOT, 'dist')): Promise<Lab | { impossible: string }> {
  const mode = process.getuid?.() === 0 ? 'root' : 'user';
  const probe = await bash(
    UNSHARE[mode],
    'mount -t tmpfs tmpfs /run && mkdir /run/netns && ip netns add a && nsenter --net=/run/netns/a nft list ruleset',
    {},
    10_000,
  );
  if (probe.code !== 0) {
    return {
      impossible: `no network namespaces here (needs unshare, iproute2, nftables and permission): ${probe.stderr.trim()}`,
    };
  }
  const built = await stat(join(dist, 'cli.js')).catch(() => null); // not built is an answer, not a failure
  if (!built) return { impossible: `${dist}/cli.js is missing: npm run build` };
  const work = await mkdtemp(join(tmpdir(), 'reachdoctor-lab-'));
  // Also where the run dies of something else (its output piped into `head`).
  process.once('exit', () => rmSync(work, { recursive: true, force: true }));
  const app = join(work, 'app');
  const services = join(work, 'services');
  await mkdir(join(app, 'node_modules'), { recursive: true });
  await cp(dist, join(app, 'dist'), { recursive: true });
  await cp(join(ROOT, 'rules'), join(app, 'rules'), { recursive: true });
  await cp(join(ROOT, 'package.json'), join(app, 'package.json'));
  await mkdir(services);
  await writeFile(join(services, 'package.json'), '{"type":"module"}');
  const sources = fileURLToPath(new URL('./services/', import.meta.url));
  for (const file of await readdir(sources)) {
    const text = await readFile(join(sources, file), 'utf8');
    const isTypeScript = file.endsWith('.ts');
    const output = isTypeScript
      ? ts.transpileModule(text, {
          compilerOptions: { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext },
        }).outputText
      : text;
    await writeFile(join(services, file.replace(/\.ts$/, '.js')), output); // others (Python) as they are
  }
  // mkdtemp makes 0700; the client is another user. umask may have hidden the rest.
  await bash([], `chmod -R a+rX ${work}`, {}, 10_000, false);
  return { mode, work, app, services, close: () => rm(work, { recursive: true, force: true }) };
}

export interface RunOptions {
  hide: Tool[];
  as: 'user' | 'root';
  /** Directory for report, standard error and logs of each scenario; null = thrown away. */
  keepIn: string | null;
  signal?: AbortSignal;
}

interface Played {
  dir: string;
  at: Addresses;
  text: string;
  evidence: string;
  stderr: string;
  /** What the scenario's `measure` printed before and after. */
  before: string;
  after: string;
  child: Finished;
  /** Exit code and wall time of the client; null when it was not reached. */
  done: { exit: number; wallMs: number } | null;
}

const looksThere = (scenario: Scenario, at: Addresses): boolean =>
  scenario.flags?.(at).includes('--there') === true;

async function play(
  lab: Lab,
  scenario: Scenario,
  options: {
    hide: Tool[];
    as: 'user' | 'root';
    instead: ((at: Addresses) => string[]) | null;
    /** Of `instead`. */
    limitSeconds?: number;
    signal?: AbortSignal;
  },
): Promise<Played> {
  const othersSeconds = options.limitSeconds ?? OTHERS_LIMIT_SECONDS;
  const dir = await mkdtemp(join(lab.work, 's-'));
  const { at } = layOut(scenario.topology);
  // The other end is looked at after the diagnosis, and watches for seconds.
  const recipe = recipeOf(scenario, {
    as: options.as,
    hide: options.hide,
    leave: lab.mode === 'root' ? 'setpriv' : 'userns',
    node: process.execPath,
    app: lab.app,
    nodeModules: join(ROOT, 'node_modules'),
    services: lab.services,
    timeoutSeconds: options.instead
      ? othersSeconds
      : looksThere(scenario, at)
        ? 2 * CLIENT_LIMIT_SECONDS
        : CLIENT_LIMIT_SECONDS,
    instead: options.instead?.(at) ?? null,
  });
  await Promise.all(Object.entries(recipe.files).map(([name, text]) => writeFile(join(dir, name), text)));
  await bash([], `chmod a+rx ${dir}; chmod a+r ${dir}/*`, {}, 10_000, false);
  const child = await bash(
    UNSHARE[lab.mode],
    '. "$DIR/script.sh"',
    { DIR: dir },
    options.instead ? othersSeconds * 1000 + AROUND_OTHERS_MS : LIMIT_MS,
    true,
    options.signal,
  );
  const read = (name: string) => readFile(join(dir, name), 'utf8').catch(() => ''); // an absent file is an empty one: the run stopped before
  const [text, evidence, stderr, before, after, doneText] = (await Promise.all(
    ['report.json', 'evidence.json', 'stderr.txt', 'before.txt', 'after.txt', 'done'].map(read),
  )) as [string, string, string, string, string, string];
  const [exit, beganAt, endedAt] = doneText.trim().split(' ').map(Number);
  const done =
    exit === undefined || beganAt === undefined || endedAt === undefined
      ? null
      : { exit, wallMs: (endedAt - beganAt) * 1000 };
  return { dir, at, text, evidence, stderr, before, after, child, done };
}

export async function runScenario(lab: Lab, scenario: Scenario, options: RunOptions): Promise<Result> {
  const played = await play(lab, scenario, { ...options, instead: null });
  const result = resultOf(scenario, played);
  if (result.again !== null && looksThere(scenario, played.at))
    result.complaints.push(...(await complaintsAlone(result.again.evidence, result.again.truths)));
  if (options.keepIn) {
    const slug = [scenario.family, scenario.name]
      .map((words) =>
        words
          .toLowerCase()
          .replace(/[^a-z0-9]+/g, '-')
          .replace(/^-|-$/g, ''),
      )
      .join('--');
    await rm(join(options.keepIn, slug), { recursive: true, force: true });
    await cp(played.dir, join(options.keepIn, slug), { recursive: true, verbatimSymlinks: true });
    await writeFile(
      join(options.keepIn, slug, 'lab.json'),
      JSON.stringify(
        { ...result, again: undefined, truths: result.again?.truths, setup: played.child.stderr },
        null,
        2,
      ),
    );
  }
  await rm(played.dir, { recursive: true, force: true });
  return result;
}

/** Wall time in ms of the tool, or of another command as root, in a scenario's network. Throws when it did not run. */
export async function timeInScenario(
  lab: Lab,
  scenario: Scenario,
  instead: ((at: Addresses) => string[]) | null,
): Promise<number> {
  const played = await play(lab, scenario, { hide: [], as: instead ? 'root' : 'user', instead });
  await rm(played.dir, { recursive: true, force: true });
  if (!played.done || played.done.exit > 3)
    throw new Error(`${scenario.name}: ${played.child.stderr || played.stderr || 'did not run'}`);
  return played.done.wallMs;
}

/** Standard output of another command, run in a scenario's network, and what was measured around it. Throws when it did not run. */
export async function outputInScenario(
  lab: Lab,
  scenario: Scenario,
  instead: (at: Addresses) => string[],
  { as = 'user', limitSeconds = OTHERS_LIMIT_SECONDS }: { as?: 'user' | 'root'; limitSeconds?: number } = {},
): Promise<Pick<Played, 'text' | 'before' | 'after'>> {
  const played = await play(lab, scenario, { hide: [], as, instead, limitSeconds });
  await rm(played.dir, { recursive: true, force: true });
  if (played.done?.exit !== 0)
    throw new Error(`${scenario.name}: ${played.child.stderr || played.stderr || 'did not run'}`);
  return played;
}

function resultOf(scenario: Scenario, { at, text, evidence, stderr, child, done }: Played): Result {
  const nothing = {
    outcomeRight: false,
    causeRight: false,
    whereRight: false,
    overclaimed: null,
    claim: null,
    forecast: null,
    pace: null,
    again: null,
  };
  const truths = scenario.truth(at);
  const base = {
    name: scenario.name,
    family: scenario.family,
    healthy: isHealthy(truths),
    open: Array.isArray(truths) && truths.length > 1,
    outcome: null,
  };
  if (!done) {
    return {
      ...base,
      ...nothing,
      wallMs: null,
      complaints: [`the lab broke: ${child.stderr.trim().slice(0, 600) || `exit ${child.code}`}`],
    };
  }
  const { exit, wallMs } = done;
  let report: Report;
  try {
    report = JSON.parse(text) as Report;
  } catch {
    // Not JSON: the tool broke its first promise; what it said instead is the complaint.
    return {
      ...base,
      ...nothing,
      wallMs,
      complaints: [`no JSON (exit ${exit}): ${(stderr || text).trim().slice(0, 600)}`],
    };
  }
  const { outcomeRight, causeRight, whereRight, overclaimed, claim, forecast, complaints } = judge(
    report,
    exit,
    truths,
  );
  return {
    ...base,
    outcome: report.outcome,
    outcomeRight,
    causeRight,
    whereRight,
    overclaimed,
    claim,
    forecast,
    complaints,
    wallMs,
    pace: paceOf(report),
    again: evidence === '' ? null : { evidence: JSON.parse(evidence) as Evidence, truths },
  };
}

export function paceOf(report: Report): Pace {
  if (report.outcome === 'reachable') return 'reachable';
  const connects = report.observations.flatMap((observation) =>
    observation.probe === 'tcp-connect' && observation.input.role === 'target' && observation.data
      ? observation.data.attempts
      : [],
  );
  const first = connects[0];
  if (!first) return 'name';
  return first.outcome !== 'open' &&
    first.outcome !== 'timeout' &&
    first.outcome !== 'pending' &&
    first.elapsedMs < 1500
    ? 'refused'
    : 'silent';
}

interface Finished {
  code: number | null;
  stderr: string;
}

/** Runs bash, under unshare where `unshare` has arguments; when it ends or is killed, everything in its pid namespace ends. */
function bash(
  unshare: string[],
  script: string,
  env: Record<string, string>,
  limitMs: number,
  ownNamespaces = true,
  signal?: AbortSignal,
): Promise<Finished> {
  const [file, args] =
    ownNamespaces && unshare.length > 0
      ? ['unshare', [...unshare, 'bash', '-ec', script]]
      : ['bash', ['-ec', script]];
  return new Promise((resolve) => {
    const child = spawn(file as string, args as string[], {
      env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C', ...env },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let stderr = '';
    child.stderr.on('data', (data) => {
      if (stderr.length < 65_536) stderr += data;
    });
    // unshare --kill-child ends the namespace's first process with it, and with that every other one in there.
    const kill = () => child.kill('SIGKILL');
    const timer = setTimeout(kill, limitMs);
    signal?.addEventListener('abort', kill, { once: true });
    const finish = (code: number | null, text = '') => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', kill);
      resolve({ code, stderr: stderr + text });
    };
    child.on('error', (error) => finish(null, error.message));
    child.on('close', (code) => finish(code));
  });
}
