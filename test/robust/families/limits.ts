import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import {
  documentOf,
  type Family,
  has,
  IS_ROOT,
  many,
  type Ran,
  type Result,
  ROOT,
  runCli,
  skipped,
  together,
  wrongWithReport,
} from '../family.ts';
import { createWorld, SILENT, withWorlds } from '../world.ts';

const DENY = fileURLToPath(new URL('../deny.ts', import.meta.url));
/** Plain JavaScript beside koffi: nothing but node itself may run where the limits hold. */
const DENY_BUILT = join(ROOT, 'node_modules/.reachdoctor-deny.mjs');

/** Stands for the number of a user whom no other case has: the processes of a user are counted together. */
const A_USER = 'A_USER';

/** A limit or a denial: what comes before the program. */
const LIMITS: Record<string, string[]> = {
  ...Object.fromEntries(
    [18, 20, 24, 28, 34, 40, 56, 80].map((n) => [`${n} descriptors`, ['prlimit', `--nofile=${n}`]]),
  ),
  'files of 4 KiB at most': ['prlimit', '--fsize=4096'],
  ...Object.fromEntries(
    ['netlink', 'raw', 'inet6', 'udp', 'tcp', 'fork', 'prctl', 'ptrace'].map((what) => [
      `${what} denied`,
      [process.execPath, DENY_BUILT, what],
    ]),
  ),
  // Root is not held by this one: another user is.
  ...Object.fromEntries(
    [1, 12, 16, 24].map((n) => [
      `${n} processes and threads`,
      ['setpriv', `--reuid=${A_USER}`, '--clear-groups', 'prlimit', `--nproc=${n}`],
    ]),
  ),
  'another user': ['setpriv', '--reuid=61234', '--clear-groups', '--no-new-privs', '--bounding-set=-all'],
};

const MOUNTS: Record<string, string[]> = {
  'no /proc': ['mount -t tmpfs none /proc'],
  'a read-only root': ['mount -o remount,bind,ro / /'],
  'no resolv.conf': ['mount --bind /dev/null /etc/resolv.conf'],
  'no hosts file': ['mount --bind /dev/null /etc/hosts'],
  'no /dev but null': ['mount -t tmpfs none /dev', 'touch /dev/null'],
  'a directory that is gone': [
    'mkdir /tmp/reachdoctor-gone',
    'cd /tmp/reachdoctor-gone',
    'rmdir /tmp/reachdoctor-gone',
  ],
  'a read-only /tmp': ['mount --bind /tmp /tmp', 'mount -o remount,bind,ro /tmp'],
};

const ENVIRONMENTS: Record<string, Record<string, string>> = {
  'no HOME': { HOME: '' },
  'a HOME that is none': { HOME: '/nowhere' },
  'no PATH': { PATH: '' },
  'an absurd locale': { LC_ALL: 'xx_XX.NONE', LANG: '\x1b[2J' },
  'an absurd time zone': { TZ: '\x1b[2J/../../etc/passwd' },
  'absurd columns': { COLUMNS: '-1', LINES: '99999999999999' },
};

/** So little that not even the program can be loaded is one sentence and exit code 3. */
function wrongUnder(ran: Ran): string | null {
  const isTooLittle =
    ran.code === 3 && /^reachdoctor: this process may open too few files[^\n]*\n$/.test(ran.stderr);
  // What aborts in node itself, before our first line, is not ours: it cannot even start its threads.
  const isNodes =
    /pthread_create|uv_thread_create|Assertion|EAGAIN|node::|cannot fork|unshare|OutOfMemory/i.test(
      ran.stderr,
    );
  return isTooLittle || (isNodes && ran.stdout === '') ? null : wrongWithReport(ran);
}

/**
 * What the program may not do is no fault of this machine towards the target; that it is short of something is said. `isTrue` is
 * what is wrong with this machine in this world, whatever the program may do.
 */
function blamedHere(ran: Ran, isTrue: string | null = null): string | null {
  const blamed = documentOf(ran)?.causes.find(
    ({ id }) => id.startsWith('local-') && id !== 'local-resources' && id !== isTrue,
  );
  return blamed === undefined ? null : `${blamed.id} is said to be a cause (${blamed.confidence})`;
}

export const limits: Family = {
  name: 'limits and denials',
  what: `${Object.keys(LIMITS).length} limits and denials by prlimit, setpriv and seccomp, ${Object.keys(MOUNTS).length} missing or read-only parts of the file system, ${Object.keys(ENVIRONMENTS).length} odd environments, each towards a closed port, a silent one and a name without a resolver: a whole report that does not blame this machine for it, or one sentence`,
  run: async () => {
    if (!IS_ROOT) return skipped('namespaces need root');
    if (!has('setpriv')) return skipped('setpriv is not installed');
    buildSync({
      entryPoints: [DENY],
      outfile: DENY_BUILT,
      format: 'esm',
      platform: 'node',
      logLevel: 'error',
    });
    try {
      return together(await ofLimits(), await ofMounts());
    } finally {
      rmSync(DENY_BUILT);
    }
  },
};

/** Closed, silent, and a name whose resolver cannot be reached: no route leads there. */
const NAME = 'db.example.com:443';
const TARGETS = ['127.0.0.1:9', SILENT, NAME];

function ofLimits(): Promise<Result> {
  const cases = [
    ...Object.entries(LIMITS).map(([name, within]) => ({ name, within, env: {} })),
    ...Object.entries(ENVIRONMENTS).map(([name, env]) => ({ name, within: [] as string[], env })),
  ]
    .flatMap((one) => TARGETS.map((target) => ({ ...one, target })))
    .map((one, n) => ({ ...one, within: one.within.map((word) => word.replace(A_USER, String(61300 + n))) }));
  return withWorlds(6, [], (worlds) =>
    many(cases, worlds.length, async ({ name, within, env, target }, worker) => {
      const world = worlds[worker]!;
      const ran = await runCli(['--json', target, '--max-time', '4'], {
        within: [...world.enter, ...within],
        env,
      });
      const left = world.leftovers();
      world.killLeftovers();
      if (left.length > 0) return `${name}, ${target}: left behind ${left.join('; ')}`;
      const wrong = wrongUnder(ran) ?? blamedHere(ran, target === NAME ? 'local-no-route' : null);
      return wrong === null ? null : `${name}, ${target}: ${wrong}`;
    }),
  );
}

function ofMounts(): Promise<Result> {
  return many(Object.entries(MOUNTS), 3, async ([name, mounts]) => {
    const world = await createWorld();
    // In a mount namespace of the run's own: without /proc nobody could enter a second time.
    const script = [...mounts, 'exec "$@"'].join(' && ');
    const ran = await runCli(['--json', SILENT, '--max-time', '4'], {
      within: [...world.enter, 'unshare', '-m', 'sh', '-c', script, 'sh'],
    });
    const left = world.leftovers();
    world.close();
    if (left.length > 0) return `${name}: left behind ${left.join('; ')}`;
    const wrong = wrongUnder(ran) ?? blamedHere(ran);
    return wrong === null ? null : `${name}: ${wrong}`;
  });
}
