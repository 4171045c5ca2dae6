/**
 * `npm run bench:many -- [--counts 1,10,100,500] [--nc 1,10] [--nmap PATH] [--write]`: what a list of silent targets costs, in
 * one network of namespaces and one after the other: `reachdoctor --targets` as an ordinary user, `nmap -sS -Pn --reason` as
 * root on the same list, and `nc -z` in a loop. Wall time, processor time, the largest resident set of the process and its
 * children together, and the packets that leave the client. `--write` puts the table into docs/numbers.md.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { markdownTable, putIntoDocs } from '../command/docs-block.ts';

const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
const DOCS = fileURLToPath(new URL('../../docs/numbers.md', import.meta.url));
const PORT = 8080;

const { values } = parseArgs({
  options: {
    counts: { type: 'string', default: '1,10,100,500' },
    nc: { type: 'string', default: '1,10' },
    nmap: { type: 'string', default: 'nmap' },
    write: { type: 'boolean', default: false },
    inside: { type: 'boolean', default: false },
  },
});

/** client 10.20.0.50 - r1 - r2 - server, which has all of 10.77.0.0/16 and answers TCP 22; r2 drops the port. */
const NETWORK = `
mount -t tmpfs tmpfs /run && mkdir -p /run/netns && mount -t proc proc /proc
for n in client r1 r2 server; do ip netns add $n; ip -n $n link set lo up; done
link() { ip link add $3 netns $1 type veth peer name $4 netns $2
  ip -n $1 addr add $5 dev $3; ip -n $2 addr add $6 dev $4; ip -n $1 link set $3 up; ip -n $2 link set $4 up; }
link client r1 eth0 eth0 10.20.0.50/24 10.20.0.1/24
link r1 r2 eth1 eth0 10.20.201.1/30 10.20.201.2/30
link r2 server eth1 eth0 10.20.202.1/30 10.20.202.2/30
ip -n client route add default via 10.20.0.1
ip -n r1 route add 10.77.0.0/16 via 10.20.201.2
ip -n r2 route add 10.20.0.0/24 via 10.20.201.1
ip -n r2 route add 10.77.0.0/16 via 10.20.202.2
ip -n server route add default via 10.20.202.1
ip -n server route add local 10.77.0.0/16 dev lo
for n in r1 r2; do ip netns exec $n sysctl -qw net.ipv4.ip_forward=1; done
ip netns exec r2 nft 'add table inet f; add chain inet f c { type filter hook forward priority 0; }; add rule inet f c tcp dport ${PORT} drop'
ip netns exec r1 nft 'add table inet m; add chain inet m c { type filter hook prerouting priority 0; }; add rule inet m c iifname eth0 counter'
`;

const list = (count: number): string[] =>
  Array.from({ length: count }, (_, i) => `10.77.${3 + Math.floor(i / 250)}.${1 + (i % 250)}`);

const packets = (): number => {
  const listed = execFileSync('ip', ['netns', 'exec', 'r1', 'nft', 'list', 'ruleset'], { encoding: 'utf8' });
  return Number(/counter packets (\d+)/.exec(listed)?.[1]);
};

/** The process and all that it started, KiB resident; the shared pages of several count several times. */
function residentOf(pid: number): number {
  try {
    const own = Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
    const children = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
      readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').trim().split(' ').filter(Boolean),
    );
    return children.reduce((sum, child) => sum + residentOf(Number(child)), own);
  } catch {
    // It has ended meanwhile.
    return 0;
  }
}

interface Cost {
  seconds: number;
  mebibytes: number;
  packets: number;
}

/** A command in the client's namespace. */
async function costOf(command: string[], out: string): Promise<Cost> {
  const before = packets();
  const began = performance.now();
  const child = spawn(
    'ip',
    ['netns', 'exec', 'client', 'sh', '-c', `exec "$@" > ${out} 2> ${out}.err`, '-', ...command],
    {
      stdio: 'ignore',
    },
  );
  let peak = 0;
  const timer = setInterval(() => {
    peak = Math.max(peak, residentOf(child.pid ?? 0));
  }, 50);
  await once(child, 'exit');
  clearInterval(timer);
  const seconds = (performance.now() - began) / 1000;
  // What is still on its way.
  await new Promise((resolve) => setTimeout(resolve, 200));
  return { seconds, mebibytes: peak / 1024, packets: packets() - before };
}

async function inside(): Promise<void> {
  execFileSync('bash', ['-ec', NETWORK], { stdio: ['ignore', 'inherit', 'inherit'] });
  const server = spawn('ip', [
    ...['netns', 'exec', 'server', process.execPath, '-e'],
    "require('net').createServer((s) => s.on('error', () => {}).end('SSH-2.0-bench\\r\\n')).listen(22, '0.0.0.0')",
  ]);
  const folder = mkdtempSync(join(tmpdir(), 'reachdoctor-bench-'));
  chmodSync(folder, 0o777);
  const rows: string[][] = [];
  const show = (count: number, what: string, { seconds, mebibytes, packets: sent }: Cost): void => {
    rows.push([String(count), what, `${seconds.toFixed(1)} s`, `${mebibytes.toFixed(0)} MiB`, String(sent)]);
    console.error(rows.at(-1)?.join('  '));
  };
  try {
    const counts = values.counts.split(',').map(Number);
    const forNc = new Set(values.nc.split(',').map(Number));
    for (const count of counts) {
      const hosts = list(count);
      const file = join(folder, `${count}.txt`);
      writeFileSync(file, hosts.map((host) => `${host}:${PORT}\n`).join(''));
      const bare = join(folder, `${count}-hosts.txt`);
      writeFileSync(bare, hosts.map((host) => `${host}\n`).join(''));
      const out = join(folder, `${count}.json`);
      const user = [
        'setpriv',
        '--reuid',
        '65534',
        '--regid',
        '65534',
        '--clear-groups',
        'env',
        `HOME=${folder}`,
      ];
      const ours = await costOf(
        [...user, process.execPath, CLI, '--quiet', '--json', '--targets', file],
        out,
      );
      const { targets } = JSON.parse(readFileSync(out, 'utf8')) as {
        targets: { state: string; depth: string; cause: { stop: { address: string } | null } | null }[];
      };
      const right = targets.filter(
        ({ state, cause }) => state === 'filtered' && cause?.stop?.address === '10.20.201.2',
      );
      show(count, `reachdoctor (${right.length} right)`, ours);
      if (spawnSync(values.nmap, ['--version']).error === undefined)
        show(
          count,
          'nmap -sS -Pn --reason, as root',
          await costOf(
            [values.nmap, '-sS', '-Pn', '-n', '--reason', '-p', String(PORT), '-iL', bare],
            `${out}.nmap`,
          ),
        );
      if (forNc.has(count))
        show(
          count,
          'nc -z -w 5 in a loop',
          await costOf(
            ['sh', '-c', `for host in $(cat ${bare}); do nc -z -w 5 $host ${PORT}; done`],
            `${out}.nc`,
          ),
        );
    }
  } finally {
    server.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
  console.log(JSON.stringify(rows));
}

if (values.inside) await inside();
else {
  const script = fileURLToPath(import.meta.url);
  const tsx = ['--import', import.meta.resolve('tsx'), script, '--inside'];
  const rest = [`--counts=${values.counts}`, `--nc=${values.nc}`, `--nmap=${values.nmap}`];
  const namespaces = ['--net', '--mount', '--pid', '--fork', '--kill-child'];
  const printed = execFileSync('unshare', [...namespaces, process.execPath, ...tsx, ...rest], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const rows = JSON.parse(printed.trim().split('\n').at(-1) ?? '[]') as string[][];
  const table = markdownTable(['Silent targets', 'What', 'Time', 'Peak memory', 'Packets sent'], rows);
  console.log(table);
  if (values.write) await putIntoDocs(DOCS, 'many', table);
}
