/**
 * Runs as root of its own user, network and mount namespace (unshare): a client and a probe on two sides of a router in
 * front of a server, with public addresses that lead nowhere else. In the client's namespace a service that speaks the
 * Globalping API, whose one probe really connects and really runs traceroute; the built program diagnoses each port and
 * asks it. Prints a line of JSON a port.
 *   62.10.1.1 client | r1 | 62.10.2.2 r2 62.10.3.1 | 62.10.3.2 server;  62.10.4.1 probe | 62.10.4.2 r2
 */
import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { type Asked, type Fault, fakeGlobalping, type Result } from './fake-globalping.ts';

const SERVER = '62.10.3.2';
const SELF = fileURLToPath(import.meta.url);
const CLI = fileURLToPath(new URL('../../../dist/cli.js', import.meta.url));

const run = (file: string, args: string[], input = ''): string =>
  execFileSync(file, args, { input, encoding: 'utf8', stdio: ['pipe', 'pipe', 'pipe'] });
const ip = (namespace: string, lines: string[]): string =>
  run('ip', ['-n', namespace, '-batch', '-'], lines.join('\n'));
const inside = (namespace: string, file: string, args: string[], input = ''): string =>
  run('ip', ['netns', 'exec', namespace, file, ...args], input);

function build(): void {
  run('mount', ['-t', 'tmpfs', 'tmpfs', '/run']);
  mkdirSync('/run/netns');
  for (const name of ['client', 'r1', 'r2', 'server', 'probe']) {
    run('ip', ['netns', 'add', name]);
    ip(name, ['link set lo up']);
  }
  const links: [near: string, far: string, n: number][] = [
    ['client', 'r1', 1],
    ['r1', 'r2', 2],
    ['server', 'r2', 3],
    ['probe', 'r2', 4],
  ];
  for (const [near, far, n] of links) {
    run('ip', `link add d${n} netns ${near} type veth peer name u${n} netns ${far}`.split(' '));
    const [a, b] = n === 3 ? [2, 1] : [1, 2];
    ip(near, [`addr add 62.10.${n}.${a}/24 dev d${n}`, `link set d${n} up`]);
    ip(far, [`addr add 62.10.${n}.${b}/24 dev u${n}`, `link set u${n} up`]);
  }
  ip('client', ['route add default via 62.10.1.2']);
  ip('r1', ['route add default via 62.10.2.2']);
  ip('r2', ['route add 62.10.1.0/24 via 62.10.2.1']);
  ip('server', ['route add default via 62.10.3.1']);
  ip('probe', ['route add default via 62.10.4.2']);
  for (const router of ['r1', 'r2'])
    inside(router, 'sysctl', ['-qw', 'net.ipv4.ip_forward=1', 'net.ipv4.icmp_ratelimit=0']);
  const forward = (name: string, rules: string[]): string =>
    inside(
      name,
      'nft',
      ['-f', '-'],
      `table inet f {\nchain f {\ntype filter hook forward priority 0\n${rules.join('\n')}\n}\n}\n`,
    );
  forward('r1', ['tcp dport 8080 drop']);
  forward('r2', ['tcp dport 8082 drop', 'tcp dport 8083 reject with icmpx admin-prohibited']);
}

const PINGING = `
const [address, port, packets] = process.argv.slice(1);
const one = () => new Promise((done) => {
  const at = performance.now();
  const socket = require('net').connect({ host: address, port: Number(port), timeout: 2000 });
  const end = (rtt) => { socket.destroy(); done(rtt); };
  socket.on('connect', () => end(performance.now() - at)).on('error', () => end(null)).on('timeout', () => end(null));
});
Promise.all(Array.from({ length: Number(packets) }, one)).then((rtts) => console.log(JSON.stringify(rtts)));`;

const inProbe = (file: string, args: string[]): Promise<string> =>
  new Promise((resolve) => {
    execFile('ip', ['netns', 'exec', 'probe', file, ...args], (_, stdout) => resolve(stdout));
  });

async function really(asked: Asked): Promise<Result> {
  const { target } = asked;
  if (asked.type === 'ping') {
    const { port, packets } = asked.measurementOptions;
    const said = await inProbe(process.execPath, ['-e', PINGING, target, String(port), String(packets)]);
    const timings = (JSON.parse(said) as (number | null)[]).flatMap((rtt) => (rtt === null ? [] : [{ rtt }]));
    const rcv = timings.length;
    const stats = { total: packets, rcv, drop: packets - rcv, loss: 0, min: null, avg: null, max: null };
    return finished('', target, { timings, stats });
  }
  if (asked.type === 'dns') return { status: 'failed', rawOutput: '' };
  const options = '-4 -m 20 -w 2 -q 2 -N 20 --tcp -p'.split(' ');
  const said = await inProbe('traceroute', [...options, String(asked.measurementOptions.port), target]);
  const lines = said.trim().split('\n');
  const hops = lines.slice(1).map((line) => ({
    resolvedAddress: /\(([\d.]+)\)/.exec(line)?.[1] ?? null,
    resolvedHostname: null,
    timings: [...line.matchAll(/([\d.]+) ms/g)].map(([, rtt]) => ({ rtt: Number(rtt) })),
  }));
  return finished(lines.join('\n'), target, { hops });
}

const finished = (rawOutput: string, target: string, more: object): Result => ({
  status: 'finished',
  rawOutput,
  ...{ resolvedAddress: target, resolvedHostname: target },
  ...more,
});

/** In the client's namespace. A port with `!`: the service hangs, and the program is interrupted while it is asked. */
async function ask(ports: string[]): Promise<void> {
  const place = { country: 'DE', city: 'Falkenstein', asn: 24940, network: 'Hetzner Online GmbH', sees: {} };
  for (const port of ports) {
    const hangs = port.endsWith('!');
    let child: ChildProcess | null = null;
    const hang: Fault = {
      when: () => hangs,
      answer: () => child?.kill('SIGINT'),
    };
    const service = await fakeGlobalping({ probes: [{ ...place, really }], faults: [hang] });
    const flags = ['--ports', '22', '--from', 'globalping:DE', '--globalping-url', service.url];
    const args = [CLI, '--json', '--quiet', '--diagnose', `${SERVER}:${port.replace('!', '')}`, ...flags];
    const env = { ...process.env, GLOBALPING_TOKEN: TOKEN };
    const [exit, said] = await new Promise<[number, string]>((resolve) => {
      child = execFile(process.execPath, args, { maxBuffer: 1 << 26, env }, (error, stdout) =>
        resolve([error === null ? 0 : Number(error.code), stdout]),
      );
    });
    const told = service.heard.some(({ headers }) => headers.authorization !== undefined);
    const hasToken = told || said.includes(TOKEN);
    console.log(JSON.stringify({ port, exit, report: JSON.parse(said), open: service.open(), hasToken }));
    await service.close();
  }
}

const TOKEN = 'canary-of-a-token';

async function serve(): Promise<void> {
  for (const port of [22, 8080]) createServer((socket) => socket.on('error', () => {})).listen(port);
  process.stdin.on('close', () => process.exit()).resume();
}

const [job, ...ports] = process.argv.slice(2);
if (job === 'ask') await ask(ports);
else if (job === 'serve') await serve();
else {
  build();
  const again = (name: string, ...args: string[]): string[] => [
    'netns',
    'exec',
    name,
    process.execPath,
    ...process.execArgv,
    SELF,
    ...args,
  ];
  const server = spawn('ip', again('server', 'serve'), { stdio: ['pipe', 'ignore', 'inherit'] });
  const asking = spawn('ip', again('client', 'ask', ...(job === undefined ? [] : [job]), ...ports), {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  asking.on('close', () => server.stdin.end());
}
