import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  documentOf,
  type Family,
  IS_ROOT,
  many,
  type Ran,
  type Result,
  runCli,
  skipped,
  together,
  wrongWithReport,
} from '../family.ts';
import { createWorld, SILENT, withWorlds } from '../world.ts';

const TOOLS = ['ping', 'traceroute', 'tracepath', 'mtr', 'tcptraceroute', 'ip', 'stdbuf'];

const LYING = 'lines without end';
const UNSTARTED = 'no such interpreter';
const STRAY = 'a grandchild in a session of its own';

/** What a hostile or broken tool does, as the rest of a shell script. */
const SHIMS: Record<string, string> = {
  silent: 'exit 0',
  'exit 1': 'exit 1',
  'exit 2': 'exit 2',
  'exit 127': 'exit 127',
  'exit 255': 'echo error >&2; exit 255',
  garbage: 'head -c 100000 /dev/urandom; head -c 1000 /dev/urandom >&2',
  'one GB': 'exec head -c 1073741824 /dev/zero',
  [LYING]: 'exec yes "64 bytes from 198.51.100.7: icmp_seq=1 ttl=64 time=0.1 ms"',
  hanging: 'exec sleep 3600',
  'ignoring TERM and INT': "trap '' TERM INT HUP; while :; do sleep 3600; done",
  killed: 'kill -9 $$',
  'dumped core': 'kill -SEGV $$',
  'a grandchild that holds the pipe': 'sleep 3600 & exit 0',
  [STRAY]: 'setsid sleep 3600 & sleep 0.2; exit 0',
  [UNSTARTED]: '',
};

/** Every tool alone and all at once; then getent, on which the answer about a name depends. */
export const shims: Family = {
  name: 'hostile tools',
  what: `${Object.keys(SHIMS).length} kinds of broken tool in the place of each of ${TOOLS.join(', ')}, of all, of none (no tool at all), and of getent: a whole report, nothing concluded from it, no process left`,
  run: async () => {
    if (!IS_ROOT) return skipped('namespaces need root');
    const dir = mkdtempSync(join(tmpdir(), 'reachdoctor-shims-'));
    try {
      return together(await ofTools(dir), await without(dir), await ofGetent(dir));
    } finally {
      rmSync(dir, { recursive: true });
    }
  },
};

function shimFolder(dir: string, kind: string, tools: readonly string[]): string {
  const folder = join(
    dir,
    `${kind}-${tools.length === 1 ? tools[0] : 'all'}`.replaceAll(/[^a-z0-9-]/gi, '-'),
  );
  if (existsSync(folder)) return folder;
  mkdirSync(folder);
  for (const tool of tools) writeShim(join(folder, tool), kind);
  return folder;
}

function writeShim(file: string, kind: string): void {
  writeFileSync(file, kind === UNSTARTED ? '#!/nowhere\n' : `#!/bin/sh\n${SHIMS[kind]}\n`);
  chmodSync(file, 0o755);
}

function ofTools(dir: string): Promise<Result> {
  const cases = Object.keys(SHIMS).flatMap((kind) =>
    [...TOOLS.map((tool) => [tool]), TOOLS].map((tools) => ({ kind, tools })),
  );
  return withWorlds(6, [], (worlds) =>
    many(cases, worlds.length, async ({ kind, tools }, worker) => {
      const world = worlds[worker]!;
      const folder = shimFolder(dir, kind, tools);
      const ran = await runCli(['--json', SILENT, '--max-time', '3'], {
        within: world.enter,
        env: { REACHDOCTOR_NO_NATIVE: '1', PATH: `${folder}:/usr/bin:/bin` },
      });
      const left = world.leftovers(kind === STRAY);
      world.killLeftovers();
      const label = `${tools.length === 1 ? tools[0] : 'every tool'} (${kind})`;
      if (left.length > 0) return `${label}: left behind ${left.join('; ')}`;
      const wrong = wrongWithReport(ran, [1, 3]) ?? claimed(ran, kind, tools);
      return wrong === null ? null : `${label}: ${wrong}`;
    }),
  );
}

/** What says that nothing was measured. */
const NOTHING = ['not-available', 'failed', 'cancelled'];

/** The observation that a broken tool was taken for: what did not run proves nothing, not even silence. */
function claimed(ran: Ran, kind: string, tools: readonly string[]): string | null {
  // Whoever lies in the tool's own words is believed; past one that cannot be started the next in PATH is found.
  if (kind === LYING || kind === UNSTARTED) return null;
  const asked = (documentOf(ran)?.observations ?? []).filter(
    ({ probe, command }) =>
      (probe === 'ping' || probe === 'trace-command') && tools.includes(command?.split(' ')[0] ?? ''),
  );
  const wrong = asked.find(({ outcome }) => !NOTHING.includes(outcome));
  return wrong === undefined ? null : `${wrong.id} says ${wrong.outcome} (${wrong.reason})`;
}

async function without(dir: string): Promise<Result> {
  const empty = join(dir, 'empty');
  mkdirSync(empty);
  const world = await createWorld([`mount --bind ${empty} /usr/sbin`]);
  try {
    const ran = await runCli(['--json', SILENT, '--max-time', '3'], {
      within: world.enter,
      env: { REACHDOCTOR_NO_NATIVE: '1', PATH: empty },
    });
    const wrong = wrongWithReport(ran, [1, 3]);
    return { tried: 1, complaints: wrong === null ? [] : [`no tool at all: ${wrong}`], skipped: [] };
  } finally {
    world.close();
  }
}

function ofGetent(dir: string): Promise<Result> {
  const hosts = join(dir, 'hosts');
  writeFileSync(hosts, '127.0.0.1 localhost\n198.51.100.7 db.example.com\n');
  // Exit code 2 is getent's own word for "not found".
  const kinds = Object.keys(SHIMS).filter((kind) => kind !== 'exit 2');
  return many(kinds, 4, async (kind) => {
    const file = join(dir, `getent-${kind.replaceAll(/[^a-z0-9-]/gi, '-')}`);
    writeShim(file, kind);
    const world = await createWorld([
      `mount --bind ${file} /usr/bin/getent`,
      `mount --bind ${hosts} /etc/hosts`,
    ]);
    const ran = await runCli(['--json', 'db.example.com:443', '--max-time', '3'], { within: world.enter });
    const left = world.leftovers(kind === STRAY);
    world.close();
    const label = `getent (${kind})`;
    if (left.length > 0) return `${label}: left behind ${left.join('; ')}`;
    const wrong = wrongWithReport(ran, [1, 3]);
    if (wrong !== null) return `${label}: ${wrong}`;
    const document = documentOf(ran);
    const asked = document?.observations.find(({ probe }) => probe === 'system-resolve');
    if (['not-found', 'error'].includes(asked?.outcome ?? ''))
      return `${label}: was taken for an answer (${asked?.outcome})`;
    const concluded = document?.causes.filter(({ because }) =>
      because.some(({ evidence }) => asked !== undefined && evidence.includes(asked.id)),
    );
    return concluded !== undefined && concluded.length > 0
      ? `${label}: led to ${concluded.map(({ id }) => id).join(', ')}`
      : null;
  });
}
