import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Family,
  IS_ROOT,
  many,
  type Result,
  ROOT,
  runCli,
  skipped,
  together,
  wrongWithReport,
  wrongWithSentence,
} from '../family.ts';

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
const READ = { '--ca': 'ca.pem', '--replay': 'run.json', '--rules': 'rules/a.yaml' } as const;
const WRITTEN = { '--report': 'r.md', '--save-evidence': 'e.json' } as const;
const TARGET = '127.0.0.1:9';

export const files: Family = {
  name: 'files',
  what: 'FIFO, device, directory, socket, links (in a circle, to nothing, of another user), a full disk, a file that is too large, no permission, in the place of each file that is read or written: one sentence or exit code 4, and the former file whole',
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

function ofInputs(dir: string): Promise<Result> {
  const cases = Object.entries(READ).flatMap(([flag, name]) =>
    Object.entries({ ...PLACES, ...ONLY_READ }).map(([kind, make]) => ({ flag, name, kind, make })),
  );
  return many(cases, 2, async ({ flag, name, kind, make }) => {
    const file = placeFor(dir, name);
    try {
      make(file);
    } catch {
      // The socket's maker kills itself.
    }
    // A folder without a rule in it is no mistake.
    const isEmptyFolder = flag === '--rules' && (kind === 'nothing' || kind === 'a directory');
    const value = flag === '--rules' ? join(file, '..') : file;
    const ran = await runCli(flag === '--replay' ? [flag, value] : ['--json', TARGET, flag, value], {
      patienceMs: 20_000,
    });
    const wrong = isEmptyFolder ? wrongWithReport(ran) : wrongWithSentence(ran, 2);
    return wrong === null ? null : `${flag} ${kind}: ${wrong}`;
  });
}

function ofOutputs(dir: string): Promise<Result> {
  const cases = Object.entries(WRITTEN).flatMap(([flag, name]) =>
    Object.entries(PLACES).map(([kind, make]) => ({ flag, name, kind, make })),
  );
  return many(cases, 2, async ({ flag, name, kind, make }) => {
    const file = placeFor(dir, name);
    try {
      make(file);
    } catch {
      // The socket's maker kills itself.
    }
    const ran = await runCli(['--json', TARGET, flag, file], { patienceMs: 20_000 });
    const wrong = wrongWithSentence(ran, 2);
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

/** Links that another user made, and files and folders that may not be written. */
async function ofStrangers(dir: string): Promise<Result> {
  if (!IS_ROOT) return skipped('files of other users need root to be made');
  const user = ['setpriv', '--reuid=61234', '--regid=61234', '--clear-groups'];
  const shared = join(dir, 'shared');
  mkdirSync(shared);
  execFileSync('chmod', ['1777', shared]);
  execFileSync('chmod', ['755', dir]);
  writeFileSync(join(shared, 'precious.md'), 'former');
  execFileSync('chown', ['61234', join(shared, 'precious.md')]);
  symlinkSync('precious.md', join(shared, 'link.md'));
  execFileSync('chown', ['-h', '61235', join(shared, 'link.md')]);
  writeFileSync(join(shared, 'foreign.md'), 'former');
  mkdirSync(join(shared, 'closed'), { mode: 0o755 });
  return many(['link.md', 'foreign.md', 'closed/new.md'], 1, async (name) => {
    const ran = await runCli(['--json', TARGET, '--report', join(shared, name)], { within: user });
    const wrong = wrongWithSentence(ran, 2);
    if (wrong !== null) return `${name}: ${wrong}`;
    return readFileSync(join(shared, 'precious.md'), 'utf8') === 'former'
      ? null
      : `${name}: was written through`;
  });
}

/** The system's own files: whatever stands there, there is a report. */
async function ofSystem(dir: string): Promise<Result> {
  if (!IS_ROOT) return skipped("the system's files need root to be covered");
  const cases = ['/etc/hosts', '/etc/resolv.conf', '/etc/nsswitch.conf'].flatMap((file) =>
    ['/dev/zero', join(dir, 'fifo'), join(dir, 'noise')].map((source) => ({
      file,
      source,
    })),
  );
  execFileSync('mkfifo', [join(dir, 'fifo')]);
  writeFileSync(join(dir, 'noise'), Buffer.from(Array.from({ length: 2 ** 20 }, (_, n) => (n * 7919) % 256)));
  return many(cases, 3, async ({ file, source }) => {
    const script = `ip link set lo up && mount --bind ${source} ${file} && exec "$@"`;
    const ran = await runCli(['--json', 'db.example.com:443', '--max-time', '3'], {
      within: ['unshare', '-m', '-n', 'sh', '-c', script, 'sh'],
      cwd: ROOT,
    });
    const wrong = wrongWithReport(ran);
    return wrong === null ? null : `${file} is ${source}: ${wrong}`;
  });
}
