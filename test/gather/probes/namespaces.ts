import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { clock } from '../../../src/doors/clock.ts';
import { runCommand } from '../../../src/doors/commands.ts';
import { interfaces } from '../../../src/doors/interfaces.ts';
import type { Command, CommandResult, Doors } from '../../../src/doors/types.ts';

/** Client - r1 - r2 - server in namespaces of this process, TCP 8080 open at the server (10.0.2.2, fd00:2::2). Needs root. */
export interface Lab {
  /** Runs a shell line in `c`, `r1`, `r2` or `s`. */
  at(host: 'c' | 'r1' | 'r2' | 's', line: string): string;
  /** `hidden` tools are not installed; with `busybox`, ping, traceroute and ip are BusyBox's. */
  doors(as: 'root' | 'user', hidden?: string[], busybox?: boolean): Doors;
  /** Names of the processes that run in the client. */
  processes(): string[];
  close(): void;
}

const TOOLS = ['ip', 'nft', 'setpriv', 'python3', 'ping', 'traceroute', 'tracepath', 'mtr', 'tcptraceroute'];

/** Null where the lab can be built, else what is missing. */
export function whyNoLab(): string | null {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'needs root on Linux';
  const missing = TOOLS.filter((tool) => !installed(tool));
  return missing.length === 0 ? null : `needs ${missing.join(', ')}`;
}

export function installed(tool: string): boolean {
  try {
    execFileSync('sh', ['-c', `command -v ${tool}`], { env: environment(), stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const environment = () => ({ ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` });
const sh = (script: string): string =>
  execFileSync('bash', ['-ec', script], {
    env: environment(),
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });

export function openLab(): Lab {
  const id = `rd${process.pid % 10_000}`;
  const ns = (host: string) => `${id}${host}`;
  const link = (host: string, device: string, v4: string, v6: string) => `
    ip -n ${ns(host)} addr add ${v4} dev ${device}; ip -n ${ns(host)} addr add ${v6} dev ${device} nodad
    ip -n ${ns(host)} link set ${device} up`;
  sh(`
    for h in c r1 r2 s; do
      ip netns add ${id}$h; ip -n ${id}$h link set lo up
      ip netns exec ${id}$h sysctl -qw net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0
    done
    for h in r1 r2; do ip netns exec ${id}$h sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1; done
    ip -n ${ns('c')} link add eth0 type veth peer name eth0 netns ${ns('r1')}
    ip -n ${ns('r1')} link add eth1 type veth peer name eth0 netns ${ns('r2')}
    ip -n ${ns('r2')} link add eth1 type veth peer name eth0 netns ${ns('s')}
    ${link('c', 'eth0', '10.0.1.2/24', 'fd00:1::2/64')}
    ${link('r1', 'eth0', '10.0.1.1/24', 'fd00:1::1/64')}
    ${link('r1', 'eth1', '10.0.12.1/24', 'fd00:12::1/64')}
    ${link('r2', 'eth0', '10.0.12.2/24', 'fd00:12::2/64')}
    ${link('r2', 'eth1', '10.0.2.1/24', 'fd00:2::1/64')}
    ${link('s', 'eth0', '10.0.2.2/24', 'fd00:2::2/64')}
    ip -n ${ns('c')} route add default via 10.0.1.1; ip -n ${ns('c')} -6 route add default via fd00:1::1
    ip -n ${ns('s')} route add default via 10.0.2.1; ip -n ${ns('s')} -6 route add default via fd00:2::1
    ip -n ${ns('r1')} route add 10.0.2.0/24 via 10.0.12.2; ip -n ${ns('r1')} -6 route add fd00:2::/64 via fd00:12::2
    ip -n ${ns('r2')} route add 10.0.1.0/24 via 10.0.12.1; ip -n ${ns('r2')} -6 route add fd00:1::/64 via fd00:12::1
    cd ${tmpdir()}
    ip netns exec ${ns('s')} python3 -c '
import socket
s = socket.create_server(("::", 8080), family=socket.AF_INET6, dualstack_ipv6=True, backlog=64)
while True: s.accept()[0].close()' >/dev/null 2>&1 &
    for i in $(seq 50); do ip netns exec ${ns('s')} ss -ltn | grep -q 8080 && exit 0; sleep 0.1; done; exit 1`);
  return {
    at: (host, line) => sh(`ip netns exec ${ns(host)} ${line}`),
    doors: (as, hidden = [], busybox = false) => doorsIn(ns('c'), as, hidden, busybox),
    processes: () =>
      sh(`for p in $(ip netns pids ${ns('c')}); do cat /proc/$p/comm || true; done`)
        .split('\n')
        .filter(Boolean),
    close: () => {
      sh(`for h in c r1 r2 s; do ip netns pids ${id}$h | xargs -r kill -9; ip netns del ${id}$h; done`);
    },
  };
}

const AS_USER = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];

function doorsIn(namespace: string, as: 'root' | 'user', hidden: string[], busybox: boolean): Doors {
  const run = async (command: Command): Promise<CommandResult> => {
    const applet = busybox && ['ping', 'traceroute', 'ip'].includes(command.file) ? ['busybox'] : [];
    const args = [
      'netns',
      'exec',
      namespace,
      ...(as === 'user' ? AS_USER : []),
      ...applet,
      command.file,
      ...command.args,
    ];
    if (hidden.includes(command.file)) return runCommand({ ...command, file: `/hidden/${command.file}` });
    const result = await runCommand({ ...command, file: 'ip', args });
    return { ...result, commandLine: [command.file, ...command.args].join(' ') };
  };
  const no = () => {
    throw new Error('this probe has no business here');
  };
  return {
    platform: 'linux',
    clock,
    interfaces,
    runCommand: run,
    readText: async (path) =>
      (await run({ file: 'cat', args: [path], timeoutMs: 2000, signal: new AbortController().signal }))
        .stdout,
    connectTcp: no,
    lookup: no,
    native: no,
    dnsQuery: no,
    speak: no,
  };
}
