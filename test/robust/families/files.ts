import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  lchownSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  documentOf,
  type Family,
  IS_ROOT,
  many,
  mayReadProgram,
  type Result,
  runCli,
  skipped,
  together,
  wrongWithReport,
  wrongWithSentence,
} from '../family.ts';
import { createWorld } from '../world.ts';

const AT_A_TIME = 4;

/** Ways in which a place is no good, made at `file`; those that are refused before the run, and those that fail in it. */
const PLACES: Record<string, (file: string) => void> = {
  'a FIFO': (file) => execFileSync('mkfifo', [file]),
  'a link to /dev/zero': (file) => symlinkSync('/dev/zero', file),
  'a link to /dev/full': (file) => symlinkSync('/dev/full', file),
  'a link to /dev/stdin': (file) => symlinkSync('/dev/stdin', file),
  'a directory': (file) => mkdirSync(file),
  'a link in a circle': (file) => symlinkSync(file, file),
  'a socket': (file) =>
    void execFileSync(
      process.execPath,
      [
        '-e',
        `require('net').createServer().listen(process.argv[1], () => process.kill(process.pid, 9))`,
        file,
      ],
      { stdio: 'ignore' },
    ),
};
const ONLY_READ: Record<string, (file: string) => void> = {
  'a link to nothing': (file) => symlinkSync('/nowhere/x', file),
  nothing: () => {},
  '40 MiB': (file) => writeFileSync(file, Buffer.alloc(40 * 1024 * 1024)),
  noise: (file) => writeFileSync(file, Buffer.from(Array.from({ length: 4096 }, (_, n) => (n * 73) % 256))),
};
const TARGET = '127.0.0.1:9';
/** The name of the file, and the command line in which it is named; `good` is a saved case. */
type Named = [name: string, argv: (file: string, good: string) => string[]];
const READ: Record<string, Named> = {
  '--ca': ['ca.pem', (file) => ['--json', TARGET, '--ca', file]],
  '--replay': ['run.json', (file) => ['--replay', file]],
  '--rules': ['rules/a.yaml', (file) => ['--json', TARGET, '--rules', join(file, '..')]],
  '--explain-output': ['pasted.txt', (file) => ['--explain-output', file]],
  '--knock': ['case.json', (file) => ['--knock', file, '--for', '2s']],
  '--here': ['case.json', (file) => ['--here', file, '--for', '2s']],
  '--merge': ['case.json', (file) => ['--merge', file, file]],
  '--compare': ['old.json', (file, good) => ['--compare', file, good]],
  'the second of --compare': ['new.json', (file, good) => ['--compare', good, file]],
  'the answer of --merge': ['answer.txt', (file, good) => ['--merge', good, file]],
};
const WRITTEN: Record<string, Named> = {
  '--report': ['r.md', (file) => ['--json', TARGET, '--report', file]],
  '--save-evidence': ['e.json', (file) => ['--json', TARGET, '--save-evidence', file]],
  '--ask-there': [
    'kit.sh',
    (file) => ['--json', TARGET, '--ask-there', file, '--save-evidence', `${file}.json`],
  ],
};
/** Read by us, or by the C library for getent. */
const OF_THE_SYSTEM = ['hosts', 'resolv.conf', 'nsswitch.conf', 'host.conf', 'gai.conf'];

export const files: Family = {
  name: 'files',
  what: 'FIFO, device, directory, socket, links (in a circle, to nothing, of another user), a full disk, a file that is too large, no permission, in the place of each file that is read or written, those of the system included: one sentence, exit code 4, or a report that blames nobody for it; the former file whole',
  run: async () => {
    const dir = mkdtempSync(join(tmpdir(), 'reachdoctor-files-'));
    try {
      return together(
        await ofInputs(dir),
        await ofOutputs(dir),
        await ofDisk(dir),
        await ofStrangers(dir),
        await ofSystem(dir),
      );
    } finally {
      rmSync(dir, { recursive: true });
    }
  },
};

let numbers = 0;
function placeFor(dir: string, name: string): string {
  numbers += 1;
  const file = join(dir, String(numbers), name);
  mkdirSync(join(file, '..'), { recursive: true });
  return file;
}

function madeAt(file: string, make: (file: string) => void): void {
  try {
    make(file);
  } catch {
    // The socket's maker kills itself.
  }
}

async function ofInputs(dir: string): Promise<Result> {
  const good = join(dir, 'good.json');
  await runCli(['--json', TARGET, '--ask-there', join(dir, 'kit.sh'), '--save-evidence', good]);
  const cases = Object.entries(READ).flatMap(([flag, [name, argv]]) =>
    Object.entries({ ...PLACES, ...ONLY_READ }).map(([kind, make]) => ({ flag, name, argv, kind, make })),
  );
  return many(cases, AT_A_TIME, async ({ flag, name, argv, kind, make }) => {
    const file = placeFor(dir, name);
    madeAt(file, make);
    const ran = await runCli(argv(file, good), { patienceMs: 20_000 });
    // A folder without a rule in it is no mistake.
    const isEmptyFolder = flag === '--rules' && (kind === 'nothing' || kind === 'a directory');
    const wrong = isEmptyFolder ? wrongWithReport(ran) : wrongWithSentence(ran, 2);
    return wrong === null ? null : `${flag} ${kind}: ${wrong}`;
  });
}

function ofOutputs(dir: string): Promise<Result> {
  const cases = Object.entries(WRITTEN).flatMap(([flag, [name, argv]]) =>
    Object.entries(PLACES).map(([kind, make]) => ({ flag, name, argv, kind, make })),
  );
  return many(cases, AT_A_TIME, async ({ flag, name, argv, kind, make }) => {
    const file = placeFor(dir, name);
    madeAt(file, make);
    const wrong = wrongWithSentence(await runCli(argv(file, ''), { patienceMs: 20_000 }), 2);
    return wrong === null ? null : `${flag} ${kind}: ${wrong}`;
  });
}

/** A disk that is full, and a limit of the size of files: the former file stays, and the exit code says it. */
async function ofDisk(dir: string): Promise<Result> {
  if (!IS_ROOT) return skipped('a full disk needs root to be mounted');
  const disk = join(dir, 'disk');
  mkdirSync(disk);
  const full = `mount -t tmpfs -o size=16k none ${disk} && echo former > ${disk}/r.html && echo former > ${disk}/e.json && (head -c 20000 /dev/zero > ${disk}/ballast || true) 2>/dev/null && "$@"; code=$?; cat ${disk}/r.html ${disk}/e.json >&2; ls -A ${disk} >&2; exit $code`;
  const limited = `cd ${dir} && echo former > r.html && echo former > e.json && prlimit --fsize=2000 "$@"; code=$?; cat r.html e.json >&2; ls -A ${dir} >&2; exit $code`;
  return many([full, limited], 1, async (script) => {
    const folder = script === full ? disk : dir;
    const ran = await runCli(
      ['--json', TARGET, '--report', `${folder}/r.html`, '--save-evidence', `${folder}/e.json`],
      {
        within: ['unshare', '-m', 'sh', '-c', script, 'sh'],
      },
    );
    const label = script === full ? 'a full disk' : 'a limit of 2000 octets';
    const wrong = wrongWithReport(ran, [4]);
    if (wrong !== null) return `${label}: ${wrong}`;
    if ((ran.stderr.match(/^former$/gm)?.length ?? 0) !== 2)
      return `${label}: a former file is gone: ${ran.stderr}`;
    return /\.tmp$/m.test(ran.stderr) ? `${label}: half a file is left` : null;
  });
}

/** Links that another user made, and files and folders that may not be read or written. */
async function ofStrangers(dir: string): Promise<Result> {
  if (!IS_ROOT) return skipped('files of other users need root to be made');
  const user = ['setpriv', '--reuid=61234', '--regid=61234', '--clear-groups'];
  if (!mayReadProgram(user)) return skipped('another user may not read this checkout');
  const shared = join(dir, 'shared');
  mkdirSync(shared);
  chmodSync(shared, 0o1777);
  chmodSync(dir, 0o755);
  writeFileSync(join(shared, 'precious.md'), 'former');
  chownSync(join(shared, 'precious.md'), 61234, 61234);
  symlinkSync('precious.md', join(shared, 'link.md'));
  lchownSync(join(shared, 'link.md'), 61235, 61235);
  writeFileSync(join(shared, 'foreign.md'), 'former');
  mkdirSync(join(shared, 'closed'), { mode: 0o755 });
  const secret = join(shared, 'rules/a.yaml');
  mkdirSync(join(secret, '..'));
  writeFileSync(secret, 'secret: canary', { mode: 0o600 });
  const cases = [
    ...['link.md', 'foreign.md', 'closed/new.md'].map((name) => ({
      label: `--report ${name}`,
      argv: ['--json', TARGET, '--report', join(shared, name)],
    })),
    ...Object.entries(READ).map(([flag, [, argv]]) => ({
      label: `${flag} not ours`,
      argv: argv(secret, secret),
    })),
  ];
  return many(cases, AT_A_TIME, async ({ label, argv }) => {
    const ran = await runCli(argv, { within: user });
    const wrong = wrongWithSentence(ran, 2);
    if (wrong !== null) return `${label}: ${wrong}`;
    if (ran.stderr.includes('canary')) return `${label}: shows what stands in it`;
    return readFileSync(join(shared, 'precious.md'), 'utf8') === 'former'
      ? null
      : `${label}: was written through`;
  });
}

/** The system's own files: whatever stands there, there is a report, in time, and nothing is left behind. */
async function ofSystem(dir: string): Promise<Result> {
  if (!IS_ROOT) return skipped("the system's files need root to be covered");
  const [fifo, noise] = [join(dir, 'fifo'), join(dir, 'noise')];
  execFileSync('mkfifo', [fifo]);
  writeFileSync(noise, Buffer.from(Array.from({ length: 2 ** 20 }, (_, n) => (n * 7919) % 256)));
  const cases = OF_THE_SYSTEM.map((name) => `/etc/${name}`)
    .filter((file) => existsSync(file))
    .flatMap((file) => ['/dev/zero', fifo, noise].map((source) => ({ file, source })));
  return many(cases, AT_A_TIME, async ({ file, source }) => {
    const world = await createWorld([`mount --bind ${source} ${file}`]);
    const ran = await runCli(['--json', 'db.example.com:443', '--max-time', '3'], { within: world.enter });
    const left = world.leftovers();
    world.close();
    const label = `${file} is ${source}`;
    const wrong = wrongWithReport(ran);
    if (wrong !== null) return `${label}: ${wrong}`;
    if (left.length > 0) return `${label}: left behind ${left.join('; ')}`;
    // Whom the system asks is then not known, and nobody may be blamed.
    const causes = documentOf(ran)?.causes ?? [];
    return file === '/etc/resolv.conf' && source !== noise && causes.length > 0
      ? `${label}: led to ${causes.map(({ id }) => id).join(', ')}`
      : null;
  });
}
