import type { Resolver, Scenario, Tool } from './scenario.ts';
import { type Addresses, layOut, type Network } from './topology.ts';

/** A scenario as the files of its scratch directory; `script.sh` is run by bash inside fresh user, net, mount and pid namespaces. */
export interface Recipe {
  at: Addresses;
  files: Record<string, string>;
}

export interface RecipeOptions {
  as: 'user' | 'root';
  hide: Tool[];
  /** `setpriv` leaves root as on a normal Debian (setuid and file capabilities work); `userns` leaves the namespace's root. */
  leave: 'setpriv' | 'userns';
  node: string;
  /** Directory with dist/, rules/ and package.json of the tool under test. */
  app: string;
  nodeModules: string;
  services: string;
  timeoutSeconds: number;
  /** Run this instead of the tool (to compare with); null = the tool. */
  instead: string[] | null;
}

const quote = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;
const within = (host: string, command: string) => `nsenter --net=/run/netns/${host} sh -ec ${quote(command)}`;

function buildNetwork(network: Network, nat: boolean): string[] {
  const lines: string[] = [];
  for (const host of network.hosts) {
    lines.push(`ip netns add ${host.name}`);
    // Before any interface exists: no duplicate address detection (it would cost a second), no reverse-path filter
    // (asymmetric paths), ping sockets for everyone as distributions have it (in a user namespace: its one group).
    lines.push(
      within(
        host.name,
        [
          'cd /proc/sys/net',
          'echo 0 > ipv6/conf/all/accept_dad; echo 0 > ipv6/conf/default/accept_dad',
          'echo 0 > ipv6/conf/all/accept_ra; echo 0 > ipv6/conf/default/accept_ra',
          'echo 0 > ipv4/conf/all/rp_filter; echo 0 > ipv4/conf/default/rp_filter',
          'echo "0 2147483647" > ipv4/ping_group_range 2>/dev/null || echo "0 0" > ipv4/ping_group_range',
          ...(host.forwards ? ['echo 1 > ipv4/ip_forward; echo 1 > ipv6/conf/all/forwarding'] : []),
        ].join('; '),
      ),
    );
  }
  for (const { from, to } of network.cables) {
    lines.push(`ip link add ${from[1]} netns ${from[0]} type veth peer name ${to[1]} netns ${to[0]}`);
  }
  for (const host of network.hosts) {
    const batch = ['link set lo up'];
    for (const card of host.interfaces) {
      if (card.ports.length > 0) batch.push(`link add ${card.name} type bridge forward_delay 0`);
      for (const port of card.ports)
        batch.push(`link set ${port} master ${card.name}`, `link set ${port} up`);
      if (card.mtu)
        batch.push(...[card.name, ...card.ports].map((name) => `link set ${name} mtu ${card.mtu}`));
      batch.push(`link set ${card.name} up`);
      for (const address of card.addresses)
        batch.push(`addr add ${address} dev ${card.name}${address.includes(':') ? ' nodad' : ''}`);
    }
    lines.push(`ip -n ${host.name} -batch - <<'END'\n${batch.join('\n')}\nEND`);
  }
  // A bridge's port forwards a moment after it is up; the first ARP would be lost and cost a second.
  const names = network.hosts.map((host) => host.name).join(' ');
  lines.push(
    `for h in ${names}; do for i in $(seq 100); do ip -n $h -d link show up | grep -qE 'NO-CARRIER|LOWERLAYERDOWN|slave state (disabled|listening|learning)' || break; sleep 0.02; done; done`,
  );
  for (const host of network.hosts) {
    if (host.routes.length === 0) continue;
    lines.push(
      `ip -n ${host.name} -batch - <<'END'\n${host.routes.map((words) => `route add ${words}`).join('\n')}\nEND`,
    );
  }
  if (nat) {
    const outside = network.hosts
      .find((host) => host.name === 'r1')
      ?.interfaces.find((card) => card.name !== 'lan')?.name;
    lines.push(
      within(
        'r1',
        `nft 'add table inet nat_lab; add chain inet nat_lab c { type nat hook postrouting priority srcnat; }; add rule inet nat_lab c oifname ${outside} masquerade'`,
      ),
    );
  }
  return lines;
}

/** What is removed from /usr/bin and /usr/sbin so that a tool is not installed. */
const FILES_OF: Record<Tool, string[]> = {
  koffi: [],
  mtr: ['mtr', 'mtr-packet'],
  tcptraceroute: ['tcptraceroute', 'tcptraceroute.mt', 'tcptraceroute.db'],
  traceroute: [
    'traceroute',
    'traceroute6',
    'traceroute.db',
    'traceroute6.db',
    'lft',
    'lft.db',
    'traceproto',
    'traceproto.db',
    'traceroute-nanog',
  ],
  tracepath: ['tracepath', 'tracepath6'],
  ping: ['ping', 'ping4', 'ping6'],
  ip: ['ip'],
};

/** /usr/bin and /usr/sbin become directories of links into the real ones, without the hidden tools. */
function hideTools(tools: Tool[]): string[] {
  const names = tools.flatMap((tool) => FILES_OF[tool]);
  if (names.length === 0) return [];
  return [
    'mkdir -p /run/real /run/shown',
    'for d in bin sbin; do mkdir -p /run/real/$d /run/shown/$d; mount --bind /usr/$d /run/real/$d; cp -rs /run/real/$d/. /run/shown/$d/; done',
    `for d in bin sbin; do (cd /run/shown/$d; rm -f ${names.join(' ')}); done`,
    'chmod 755 /run/shown /run/shown/bin /run/shown/sbin /run/real',
    'for d in bin sbin; do mount --bind /run/shown/$d /usr/$d; done',
  ];
}

export function recipeOf(scenario: Scenario, options: RecipeOptions): Recipe {
  const network = layOut(scenario.topology);
  const { at } = network;
  const resolvers: Resolver[] =
    typeof scenario.resolvers === 'function' ? scenario.resolvers(at) : (scenario.resolvers ?? []);
  const topology = {
    ...scenario.topology,
    resolvers: Math.max(resolvers.length, scenario.topology.resolvers ?? 0),
  };
  const laid = layOut(topology);
  const files: Record<string, string> = {
    hosts: ['127.0.0.1 localhost', '::1 localhost', ...(scenario.hostsFile?.(at) ?? []), ''].join('\n'),
    'resolv.conf': resolvers
      .map(({ outside }, i) => (outside ? '' : `nameserver ${at.dns(i + 1)}\n`))
      .join(''),
    'nsswitch.conf': 'hosts: files dns\n',
    ...scenario.files?.(at),
  };
  const listeners: Record<string, number[]> = { server: scenario.listen ?? [22, 8080], ...scenario.listenOn };
  const start: string[] = [];
  const wait: string[] = [];
  const waitFor = (host: string, protocol: 't' | 'u', port: number) =>
    wait.push(
      within(
        host,
        `for i in $(seq 100); do ss -Hln${protocol} 'sport = :${port}' | grep -q . && exit 0; sleep 0.05; done; echo "${host}: nothing listens on ${port}" >&2; exit 1`,
      ),
    );
  const run = (host: string, command: string, log: string) =>
    start.push(`nsenter --net=/run/netns/${host} sh -c ${quote(command)} > "$DIR/${log}" 2>&1 < /dev/null &`);
  for (const [host, ports] of Object.entries(listeners)) {
    if (ports.length === 0) continue;
    files[`listen-${host}.json`] = JSON.stringify({ ports });
    run(
      host,
      `exec /run/lab/node ${options.services}/listen.js "$DIR/listen-${host}.json"`,
      `listen-${host}.log`,
    );
    for (const port of ports) waitFor(host, 't', port);
  }
  resolvers.forEach((resolver, i) => {
    if (resolver.mode === 'off') return;
    const host = `dns${i + 1}`;
    files[`${host}.json`] = JSON.stringify({ ...resolver, address: at.dns(i + 1) });
    run(host, `exec /run/lab/node ${options.services}/resolver.js "$DIR/${host}.json"`, `${host}.log`);
    waitFor(host, 'u', 53);
  });
  for (const [host, commands] of Object.entries(scenario.services?.(at) ?? {})) {
    for (const [i, command] of commands.entries()) run(host, command, `service-${host}-${i + 1}.log`);
  }
  for (const [host, ports] of Object.entries(scenario.waitFor ?? {}))
    for (const port of ports) waitFor(host, 't', port);

  const faults = Object.entries(scenario.fault(at)).flatMap(([host, commands]) =>
    commands.map((command) => within(host, command)),
  );
  const env = {
    PATH: '/usr/local/bin:/usr/bin:/bin',
    HOME: '/nonexistent',
    LANG: 'C.UTF-8',
    ...(options.hide.includes('koffi') ? { REACHDOCTOR_NO_NATIVE: '1' } : {}),
    ...scenario.env?.(at),
  };
  const leave =
    options.as === 'root'
      ? ''
      : options.leave === 'setpriv'
        ? 'setpriv --reuid=65534 --regid=65534 --clear-groups'
        : 'unshare --user --map-user=1000 --map-group=1000';
  const args = ['--json', '--save-evidence', 'evidence.json', '--diagnose', scenario.target(at)];
  const command = options.instead ?? [
    '/run/lab/node',
    '/run/lab/app/dist/cli.js',
    ...args,
    ...(scenario.flags?.(at) ?? []),
  ];
  const enter = scenario.clientShell ?? [];
  const measure = (file: string): string[] =>
    Object.entries(scenario.measure?.(at) ?? {}).flatMap(([host, lines]) =>
      lines.map((line) => `${within(host, line)} >> "$DIR/${file}"`),
    );
  files['client.sh'] = [
    '#!/bin/bash',
    'set -e',
    'for f in hosts resolv.conf nsswitch.conf; do',
    '  t=$(realpath -m /etc/$f); [ -e "$t" ] || { mkdir -p "$(dirname "$t")"; touch "$t"; }',
    '  mount --bind "$DIR/$f" "$t"',
    'done',
    // The lab may stand in a container; the machine that it plays does not.
    'for f in /.dockerenv /run/.containerenv; do [ ! -e "$f" ] || mount --bind /dev/null "$f"; done',
    ...hideTools(options.hide),
    'cd "$DIR"',
    // The tool is another user, in a directory that is not its own.
    'chmod a+rwx .',
    ...enter,
    ...measure('before.txt'),
    'set +e',
    'before=$EPOCHREALTIME',
    `nsenter --net=/run/netns/client ${leave} env -i ${Object.entries(env)
      .map(([name, value]) => quote(`${name}=${value}`))
      .join(
        ' ',
      )} timeout -k 1 ${options.timeoutSeconds} ${command.map(quote).join(' ')} > "$DIR/report.json" 2> "$DIR/stderr.txt" < /dev/null`,
    'status=$?',
    'ended=$EPOCHREALTIME',
    ...measure('after.txt'),
    'echo "$status $before $ended" > "$DIR/done"',
    '',
  ].join('\n');
  files['script.sh'] = [
    '#!/bin/bash',
    'set -e',
    'umask 022',
    `export SERVICES=${quote(options.services)}`,
    'mount -t tmpfs -o mode=755 tmpfs /run',
    'mkdir -p /run/netns /run/lab/app /run/lab/app/node_modules',
    // The tool, its libraries and node itself may be in a directory that the ordinary user cannot enter (a CI runner's /root).
    `touch /run/lab/node; mount --bind ${quote(options.node)} /run/lab/node`,
    `mount --bind ${quote(options.app)} /run/lab/app`,
    `mount --bind ${quote(options.nodeModules)} /run/lab/app/node_modules`,
    ...(scenario.prepare?.(at) ?? []).map((line) => `(cd "$DIR"; ${line})`),
    ...buildNetwork(laid, scenario.topology.nat ?? false),
    ...start,
    ...wait,
    ...faults,
    'unshare --mount bash "$DIR/client.sh"',
    '',
  ].join('\n');
  return { at, files };
}
