import { execFileSync, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

/**
 * A network and a process namespace of its own. Packets to 198.51.100.0/24 but 198.51.100.1 vanish without a word. Its
 * first process reaps nobody, so that what is left unreaped stays to be found.
 */
export interface World {
  /** For `within`. */
  enter: string[];
  /**
   * Processes that are left in it, zombies included. `adopted`: zombies that lead a group may be those of a tool's, which
   * nobody but the first process could reap.
   */
  leftovers(adopted?: boolean): string[];
  killLeftovers(): void;
  close(): void;
}

/** The target that swallows every packet. */
export const SILENT = '198.51.100.7:443';

const SETUP = [
  'ip link set lo up',
  'ip link add d0 type veth peer name d1',
  'ip addr add 198.51.100.1/24 dev d0',
  'ip link set d0 up',
  'ip link set d1 up',
  // The other end takes it for somebody else's, and says nothing.
  'ip neigh add 198.51.100.7 lladdr 02:00:00:00:00:07 nud permanent dev d0',
];

/**
 * `mounts`: shell lines in its own mount namespace, before anything else. The first process reads from us until we close
 * the pipe, or are gone; its end is the end of all that is in there. (Were it killed, unshare would want to die from the
 * same signal and complain that KILL has no handler to be reset: "sigprocmask unblock failed".)
 */
export async function createWorld(mounts: string[] = []): Promise<World> {
  const script = [...SETUP, ...mounts, 'echo ready', 'exec cat'].join(' && ');
  const holder = spawn('unshare', ['-n', '-p', '-m', '-f', '--mount-proc', 'sh', '-c', script], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await new Promise<void>((resolve, reject) => {
    holder.stdout.once('data', () => resolve());
    holder.once('exit', (code) => reject(new Error(`the namespace could not be made (${code})`)));
  });
  const pid =
    readFileSync(`/proc/${holder.pid}/task/${holder.pid}/children`, 'utf8').trim().split(' ')[0] ?? '';
  const enter = ['/usr/bin/nsenter', '-t', pid, '-n', '-p', '-m', '--'];
  // What is run in there is to take every signal, as a program that a person starts.
  const status = execFileSync(enter[0] ?? '', [...enter.slice(1), 'cat', '/proc/self/status'], {
    encoding: 'utf8',
  });
  const masked = status.match(/^Sig(?:Blk|Ign):.*[1-9a-f].*$/gm);
  if (masked !== null) throw new Error(`signals are kept from what runs in the namespace: ${masked}`);
  const list = (): string[][] => {
    const text = execFileSync(
      'nsenter',
      ['-t', pid, '-p', '-m', 'ps', '-e', '-o', 'pid=,pgid=,stat=,args='],
      {
        encoding: 'utf8',
      },
    );
    const lines = text
      .trim()
      .split('\n')
      .map((line) => line.trim().split(/\s+/));
    // What we start leads a group of its own. A zombie that leads none is what a tool has started (mtr's mtr-packet):
    // nobody but the first process of a system can reap that, and the usual one does.
    const isOurs = ([id, group, state]: string[]) => state?.startsWith('Z') !== true || id === group;
    return lines.filter((words) => words[0] !== '1' && !/^\[?ps\b/.test(words[3] ?? '') && isOurs(words));
  };
  // Nobody here reaps a zombie: it is told once.
  const told = new Set<string>();
  return {
    enter,
    leftovers: (adopted = false) =>
      list()
        .filter(([id = '', , state = '']) => !told.has(id) && !(adopted && state.startsWith('Z')))
        .map((words) => words.slice(2).join(' ')),
    killLeftovers: () => {
      for (const [id = ''] of list()) {
        told.add(id);
        try {
          execFileSync('nsenter', ['-t', pid, '-p', '-m', 'kill', '-9', id], { stdio: 'ignore' });
        } catch {
          // Gone by itself, or a zombie, which the end of the world takes along.
        }
      }
    },
    close: () => {
      holder.stdin.end();
    },
  };
}

/** `count` worlds for workers side by side, closed in the end. */
export async function withWorlds<T>(
  count: number,
  mounts: string[],
  use: (worlds: World[]) => Promise<T>,
): Promise<T> {
  const worlds = await Promise.all(Array.from({ length: count }, () => createWorld(mounts)));
  try {
    return await use(worlds);
  } finally {
    for (const world of worlds) world.close();
  }
}
