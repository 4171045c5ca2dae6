/**
 * Runs as root of its own user, network and mount namespace (unshare): client - r1 - r2 - server with a fault a port, then
 * the jobs from standard input (`alone` one after another, then `together` four at a time) in the client's namespace. Prints
 * the results.
 *   10.0.1.1 client | 10.0.1.2 r1 10.0.2.1 | 10.0.2.2 r2 10.0.3.1 | 10.0.3.2 server        (IPv6: fd00:N::1, fd00:N::2)
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { loadLibc } from '../../../src/doors/native/libc.ts';
import { runJob } from '../../../src/doors/native/run-job.ts';
import type { NativeJob, NativeResult } from '../../../src/doors/types.ts';

const run = (file: string, args: string[], input = ''): string =>
  execFileSync(file, args, { input, encoding: 'utf8', stdio: ['pipe', 'pipe', 'pipe'] });
const ip = (namespace: string, lines: string[]): string =>
  run('ip', ['-n', namespace, '-batch', '-'], lines.join('\n'));
const inside = (namespace: string, file: string, args: string[], input = ''): string =>
  run('ip', ['netns', 'exec', namespace, file, ...args], input);

/** The server's open ports: the first word of what they hear decides what they do. */
async function serve(): Promise<void> {
  const server = (): Server =>
    createServer((socket) => {
      socket.on('error', () => {});
      socket.on('data', (octets) => {
        const said = octets.toString();
        if (said.startsWith('RESET')) socket.resetAndDestroy();
        else if (said.startsWith('CLOSE')) socket.end();
        else if (!said.startsWith('NOTHING')) socket.write(Buffer.alloc(8000, 'a'));
      });
    });
  await Promise.all([8080, 8090, 8091].map((port) => once(server().listen(port, '::'), 'listening')));
  console.log('listening');
  process.stdin.on('close', () => process.exit()).resume();
}

function build(): void {
  run('mount', ['-t', 'tmpfs', 'tmpfs', '/run']);
  mkdirSync('/run/netns');
  for (const name of ['client', 'r1', 'r2', 'server']) {
    run('ip', ['netns', 'add', name]);
    ip(name, ['link set lo up']);
  }
  const links: [string, string, number][] = [
    ['client', 'r1', 1],
    ['r1', 'r2', 2],
    ['r2', 'server', 3],
  ];
  for (const [near, far, n] of links) {
    run('ip', [
      'link',
      'add',
      `down${n}`,
      'netns',
      near,
      'type',
      'veth',
      'peer',
      'name',
      `up${n}`,
      'netns',
      far,
    ]);
    [near, far].forEach((name, i) => {
      const device = i === 0 ? `down${n}` : `up${n}`;
      ip(name, [
        `addr add 10.0.${n}.${i + 1}/24 dev ${device}`,
        `addr add fd00:${n}::${i + 1}/64 dev ${device} nodad`,
        `link set ${device} up`,
      ]);
    });
  }
  ip('client', [
    'route add default via 10.0.1.2',
    'route add ::/0 via fd00:1::2',
    'route add blackhole 10.8.0.0/16',
  ]);
  ip('r1', [
    'route add 10.0.3.0/24 via 10.0.2.2',
    'route add fd00:3::/64 via fd00:2::2',
    'route add 10.5.0.0/16 via 10.0.2.2',
  ]);
  ip('r2', [
    'route add 10.0.1.0/24 via 10.0.2.1',
    'route add fd00:1::/64 via fd00:2::1',
    'route add 10.5.0.0/16 via 10.0.2.1',
  ]);
  ip('server', ['route add default via 10.0.3.1', 'route add ::/0 via fd00:3::1']);
  for (const router of ['r1', 'r2'])
    inside(router, 'sysctl', [
      '-qw',
      'net.ipv4.ip_forward=1',
      'net.ipv6.conf.all.forwarding=1',
      'net.ipv4.icmp_ratelimit=0',
      'net.ipv6.icmp.ratelimit=0',
    ]);
  const chain = (hook: string, rules: string[]): string =>
    `chain ${hook} {\n type filter hook ${hook} priority 0\n ${rules.join('\n ')}\n}`;
  const filter = (name: string, ...chains: string[]): string =>
    inside(name, 'nft', ['-f', '-'], `table inet filter {\n${chains.join('\n')}\n}\n`);
  filter('client', chain('output', ['tcp dport 8087 drop']), chain('input', ['tcp sport 8088 drop']));
  filter(
    'r2',
    chain('forward', [
      'tcp dport 8082 drop',
      'tcp dport 8083 reject with tcp reset',
      'tcp dport 8084 reject with icmpx admin-prohibited',
    ]),
  );
  filter(
    'r1',
    chain('forward', [
      'tcp dport 8090 tcp flags & psh == psh reject with tcp reset',
      'tcp dport 8091 meta length > 600 drop',
    ]),
  );
  filter('server', chain('input', ['tcp dport 8086 reject with icmpx port-unreachable']));
  inside('client', 'sysctl', ['-qw', 'net.ipv4.ping_group_range=0 0']);
}

/** In the client's namespace, without capabilities: the jobs one after another. */
function answer(): void {
  const libc = loadLibc();
  const jobs = JSON.parse(readFileSync(0, 'utf8')) as [string, NativeJob][];
  console.log(
    JSON.stringify(jobs.flatMap(([name, job]) => (job.job === 'connect' ? [] : [[name, runJob(libc, job)]]))),
  );
}

async function main(): Promise<void> {
  build();
  const self = fileURLToPath(import.meta.url);
  const node = [process.execPath, ...process.execArgv];
  const server = spawn('ip', ['netns', 'exec', 'server', ...node, self, 'serve'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await new Promise((resolve) => server.stdout.once('data', resolve));
  const unprivileged = ['setpriv', '--bounding-set=-all', '--inh-caps=-all'];
  const ask = async (jobs: [string, NativeJob][]): Promise<[string, NativeResult][]> => {
    const asked = spawn('ip', ['netns', 'exec', 'client', ...unprivileged, ...node, self, 'ask'], {
      timeout: 60_000,
    });
    asked.stdin.end(JSON.stringify(jobs));
    const [output, errors] = await Promise.all([text(asked.stdout), text(asked.stderr)]);
    if (errors !== '') throw new Error(errors);
    return JSON.parse(output) as [string, NativeResult][];
  };
  // Neighbour discovery of a link that has just come up may take a second, which is not what is tested here.
  for (const address of ['10.0.3.2', 'fd00:3::2']) inside('client', 'ping', ['-c', '1', '-W', '4', address]);
  const { alone, together } = JSON.parse(readFileSync(0, 'utf8')) as Record<
    string,
    Record<string, NativeJob>
  >;
  const results = await ask(Object.entries(alone ?? {}));
  const others = Object.entries(together ?? {});
  const lanes = [0, 1, 2, 3].map((lane) => others.filter((_, i) => i % 4 === lane));
  for (const lane of await Promise.all(lanes.map(ask))) results.push(...lane);
  server.stdin.end();
  console.log(JSON.stringify(Object.fromEntries(results)));
}

if (process.argv[2] === 'serve') await serve();
else if (process.argv[2] === 'ask') answer();
else await main();
