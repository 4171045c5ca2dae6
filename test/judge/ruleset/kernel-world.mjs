/**
 * Three network namespaces - client, host, container behind it - and what the kernel does with a packet under a rule set.
 * Run as `unshare --net [--user --map-root-user] node kernel-world.mjs`: a line of JSON in, `{ nft, iptables, ip6tables }` (texts to
 * load or null) and `probes`; a line of JSON out, what the tools list and what became of each probe.
 */
import { execFileSync, spawn } from 'node:child_process';
import { connect, createServer } from 'node:net';
import { createInterface } from 'node:readline';

const [role = 'host'] = process.argv.slice(2);
const run = (file, args, input = '') =>
  execFileSync(file, args, { input, stdio: ['pipe', 'pipe', 'pipe'] }).toString();
const say = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);

const listen = (port) =>
  new Promise((resolve) => {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.end(`${role} ${socket.localPort}\n`);
    });
    server.listen(port, '::', () => resolve(server));
  });

/** `{ outcome, said }`: open (with who said what), refused, unreachable, silent. */
const probe = ({ source, destination, port, timeoutMs }) =>
  new Promise((resolve) => {
    let isOpen = false;
    let said = '';
    const socket = connect({ host: destination, port, localAddress: source });
    const end = (outcome) => {
      clearTimeout(timer);
      socket.destroy();
      resolve({ outcome, said: said.trim() });
    };
    const timer = setTimeout(() => end(isOpen ? 'open' : 'silent'), timeoutMs);
    socket.on('connect', () => {
      isOpen = true;
    });
    socket.on('data', (data) => {
      said += data;
      end('open');
    });
    socket.on('error', ({ code }) => {
      end(isOpen ? 'open' : code === 'ECONNREFUSED' ? 'refused' : 'unreachable');
    });
  });

async function client() {
  say('ready');
  for await (const line of createInterface({ input: process.stdin }))
    say(await Promise.all(JSON.parse(line).map(probe)));
}

async function container() {
  await Promise.all([80, 8080].map(listen));
  say('ready');
  process.stdin.resume().on('end', () => process.exit());
}

async function host() {
  const start = (name) => {
    const child = spawn('unshare', ['--net', process.execPath, process.argv[1], name], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    return {
      pid: child.pid,
      stdin: child.stdin,
      lines: createInterface({ input: child.stdout })[Symbol.asyncIterator](),
    };
  };
  const outside = start('client');
  const inside = start('container');
  await inside.lines.next();
  await outside.lines.next();
  const ip = (words) => run('ip', words.split(' '));
  const within = ({ pid }, words) => run('nsenter', ['-t', String(pid), '-n', ...words.split(' ')]);
  ip('link set lo up');
  const atOnce = 'for d in all default; do echo 0 > /proc/sys/net/ipv6/conf/$d/accept_dad; done';
  run('sh', ['-c', atOnce]);
  for (const { pid } of [outside, inside]) run('nsenter', ['-t', String(pid), '-n', 'sh', '-c', atOnce]);
  for (const [name, { pid }, net] of [
    ['eth0', outside, '10.9.0'],
    ['docker0', inside, '10.8.0'],
  ]) {
    ip(`link add ${name} type veth peer name eth0 netns ${pid}`);
    ip(`addr add ${net}.1/24 dev ${name}`);
    ip(`addr add fd09:${net.split('.')[1]}::1/64 dev ${name} nodad`);
    ip(`link set ${name} up`);
    within({ pid }, `ip addr add ${net}.2/24 dev eth0`);
    within({ pid }, `ip addr add fd09:${net.split('.')[1]}::2/64 dev eth0 nodad`);
    within({ pid }, 'ip link set eth0 up');
    within({ pid }, 'ip link set lo up');
    within({ pid }, `ip route add default via ${net}.1`);
    within({ pid }, `ip -6 route add default via fd09:${net.split('.')[1]}::1`);
  }
  ip('addr add 10.9.0.3/24 dev eth0');
  within(outside, 'ip addr add 10.9.0.4/24 dev eth0');
  // Rules that drop ICMPv6 drop neighbour discovery with it.
  const macOf = (command) => JSON.parse(command('ip -j link show eth0'))[0].address;
  const hostMac = (name) => JSON.parse(ip(`-j link show ${name}`))[0].address;
  for (const [name, child, net] of [
    ['eth0', outside, 9],
    ['docker0', inside, 8],
  ]) {
    for (const near of [`10.${net}.0.1`, `10.${net}.0.3`, `fd09:${net}::1`])
      within(child, `ip neigh replace ${near} lladdr ${hostMac(name)} dev eth0 nud permanent`);
    for (const far of [`10.${net}.0.2`, `10.${net}.0.4`, `fd09:${net}::2`])
      ip(`neigh replace ${far} lladdr ${macOf((words) => within(child, words))} dev ${name} nud permanent`);
  }
  run('sh', [
    '-c',
    'echo 1 > /proc/sys/net/ipv4/ip_forward; echo 1 > /proc/sys/net/ipv6/conf/all/forwarding; echo 0 > /proc/sys/net/ipv4/icmp_ratelimit; echo 0 > /proc/sys/net/ipv6/icmp/ratelimit',
  ]);
  await Promise.all([22, 80, 8080].map(listen));
  say('ready');
  for await (const line of createInterface({ input: process.stdin })) {
    const { nft, iptables, ip6tables, probes } = JSON.parse(line);
    try {
      run('nft', ['-f', '-'], `flush ruleset\n${nft ?? ''}`);
      if (iptables) run('iptables-restore', [], iptables);
      if (ip6tables) run('ip6tables-restore', [], ip6tables);
    } catch (error) {
      say({ refused: String(error.stderr ?? error) });
      continue;
    }
    const listed = {
      nft: run('nft', ['-j', 'list', 'ruleset']),
      debug: run('nft', ['--debug=netlink', 'list', 'ruleset']),
      iptables: run('iptables-save', ['-c']),
      ip6tables: run('ip6tables-save', ['-c']),
    };
    outside.stdin.write(`${JSON.stringify(probes)}\n`);
    const { value } = await outside.lines.next();
    say({ listed, results: JSON.parse(value) });
  }
  process.exit();
}

await { host, client, container }[role]();
