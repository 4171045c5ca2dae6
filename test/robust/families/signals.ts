import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { documentOf, type Family, IS_ROOT, many, runCli, skipped } from '../family.ts';
import { SILENT, withWorlds } from '../world.ts';

const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129, SIGKILL: null } as const;
const MOMENTS = 30;
/** The handlers are set before anything else is loaded. Until then a signal ends the process, which is right as well. */
const SPACING_MS = 130;
/** By then the handlers are set, on a busy machine as well. */
const HANDLED_MS = 1500;
/** The longest that a tool may run by itself when its parent was killed and could end nobody. */
const ORPHAN_MS = 20_000;

type Case = { signal: keyof typeof SIGNALS; afterMs: number };

/** A signal at every moment of a run into silence, with and without the native child; then a look for what is left. */
export const signals: Family = {
  name: 'signals',
  what: `INT, TERM, HUP and KILL at ${MOMENTS} moments of a run into silence: the right exit code, a whole document, whole files, no process alive or unreaped`,
  run: async () => {
    if (!IS_ROOT) return skipped('namespaces need root');
    const cases = Object.keys(SIGNALS).flatMap((signal) =>
      Array.from(
        { length: MOMENTS },
        (_, n): Case => ({ signal: signal as Case['signal'], afterMs: 40 + n * SPACING_MS }),
      ),
    );
    return withWorlds(6, [], (worlds) =>
      many(cases, worlds.length, async ({ signal, afterMs }, worker) => {
        const world = worlds[worker]!;
        const dir = mkdtempSync(join(tmpdir(), 'reachdoctor-signal-'));
        const label = `${signal} after ${afterMs} ms`;
        try {
          const ran = await runCli(
            ['--json', SILENT, '--report', join(dir, 'r.json'), '--save-evidence', join(dir, 'e.json')],
            {
              within: world.enter,
              // Every second run uses the tools instead of the native child.
              env: afterMs % 260 === 40 ? {} : { REACHDOCTOR_NO_NATIVE: '1' },
              onStart: () => void setTimeout(() => void kill(world.enter, signal), afterMs),
            },
          );
          const left = await settled(world.leftovers, signal === 'SIGKILL' ? ORPHAN_MS : 0);
          if (left.length > 0) return `${label}: left behind ${left.join('; ')}`;
          const files = readdirSync(dir);
          if (signal !== 'SIGKILL' && files.some((name) => name.endsWith('.tmp')))
            return `${label}: left ${files}`;
          for (const name of files.filter((one) => one.endsWith('.json')))
            JSON.parse(readFileSync(join(dir, name), 'utf8'));
          if (signal === 'SIGKILL') return null;
          // Before its handlers were set it simply ended, and nothing was gathered.
          if (afterMs < HANDLED_MS && ran.signal === signal && ran.stdout === '') return null;
          if (ran.code !== SIGNALS[signal])
            return `${label}: ended with ${ran.code ?? ran.signal} ${ran.stderr.slice(0, 200)}`;
          if (ran.stdout !== '' && documentOf(ran) === null) return `${label}: half a document`;
          return afterMs > 3000 && ran.stdout === '' ? `${label}: no document` : null;
        } finally {
          world.killLeftovers();
          rmSync(dir, { recursive: true });
        }
      }),
    );
  },
};

/** To the program itself: the first process of that world that is node and no child of a node. */
async function kill(enter: string[], signal: string): Promise<void> {
  const { execFile } = await import('node:child_process');
  const [file = '', ...rest] = enter;
  execFile(file, [...rest, 'pkill', `-${signal.slice(3)}`, '-o', '-x', 'node'], () => {
    // Not yet started, or ended already: then the run goes to its own end, which is looked at all the same.
  });
}

async function settled(leftovers: () => string[], patienceMs: number): Promise<string[]> {
  const end = Date.now() + patienceMs;
  for (;;) {
    // Whoever was killed with KILL can reap nobody; zombies are then init's.
    const left = leftovers().filter((one) => patienceMs === 0 || !one.startsWith('Z'));
    if (left.length === 0 || Date.now() >= end) return left;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
