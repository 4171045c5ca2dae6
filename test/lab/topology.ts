import { isIPv4 } from 'node:net';

/**
 * A network as a value: client - r1 - ... - rN - server, one namespace a host, one veth pair a link.
 * `layOut` is pure: it turns a topology into hosts, cables, addresses and routes; script.ts makes them real.
 */
export interface Topology {
  /** 1..8 routers between the client and the server. */
  routers: number;
  plan: PlanName;
  families: 4 | 6 | 'both';
  /** r1 masquerades everything that leaves it towards r2 (or the server). */
  nat?: boolean;
  /** A host `sibling` on the server's network. */
  sibling?: boolean;
  /** A host `neighbour` on the client's network. */
  neighbour?: boolean;
  /** A host `elsewhere` on a network of its own behind this router. */
  elsewhere?: number;
  /** Hosts `v1`, `v2` ... on networks of their own, each behind this router: places to look from. */
  vantages?: number[];
  /** How many resolver hosts (`dns1`, `dns2`) stand on the client's network. */
  resolvers?: number;
  /** The server answers through a second router `back`, which leads straight to r1. */
  asymmetric?: boolean;
  /** Link number (0 = the client's network, N = the server's) -> MTU of both its ends. */
  mtu?: Record<number, number>;
}

interface Net {
  v4: string;
  v6: string;
}
interface Plan {
  client: Net;
  transit: (link: number) => Net;
  server: Net;
  elsewhere: Net;
  back: Net;
  /** Of vantage n (1 ...). */
  vantage: (n: number) => Net;
}

/** Different worlds, so that nothing is right only for 10.x. `company` and `campus` are inside one big private block. */
export const PLANS = {
  company: {
    client: { v4: '10.20.0.0/24', v6: 'fd00:20:0:1::/64' },
    transit: (link) => ({ v4: `10.20.${200 + link}.0/30`, v6: `fd00:20:0:f${link}::/64` }),
    server: { v4: '10.77.3.0/24', v6: 'fd00:20:77:3::/64' },
    elsewhere: { v4: '10.88.0.0/24', v6: 'fd00:20:88:1::/64' },
    back: { v4: '10.20.250.0/30', v6: 'fd00:20:0:bac::/64' },
    vantage: (n) => ({ v4: `10.20.${100 + n}.0/24`, v6: `fd00:20:0:a${n}::/64` }),
  },
  home: {
    client: { v4: '192.168.178.0/24', v6: '2001:db8:5:10::/64' },
    transit: (link) => ({ v4: `100.64.${link}.0/30`, v6: `2001:db8:ffff:${link}::/64` }),
    server: { v4: '203.0.113.0/24', v6: '2001:db8:c0de:80::/64' },
    elsewhere: { v4: '198.51.100.0/25', v6: '2001:db8:e15e::/64' },
    back: { v4: '100.64.250.0/30', v6: '2001:db8:ffff:bac::/64' },
    vantage: (n) => ({ v4: `198.18.${n}.0/24`, v6: `2001:db8:a${n}::/64` }),
  },
  campus: {
    client: { v4: '172.16.4.0/22', v6: '2001:db8:a:4::/64' },
    transit: (link) => ({ v4: `172.31.255.${link * 4}/30`, v6: `2001:db8:a:ff0${link}::/64` }),
    server: { v4: '172.24.9.128/25', v6: '2001:db8:b:9::/64' },
    elsewhere: { v4: '192.0.2.0/24', v6: '2001:db8:e::/64' },
    back: { v4: '172.31.255.240/30', v6: '2001:db8:a:bac::/64' },
    vantage: (n) => ({ v4: `172.16.${100 + n}.0/24`, v6: `2001:db8:a:a${n}::/64` }),
  },
} satisfies Record<string, Plan>;
export type PlanName = keyof typeof PLANS;

const HOST = { router: 1, back: 2, client: 50, neighbour: 51, dns: 53, server: 80, sibling: 81, unused: 99 };

function addressOf(cidr: string, n: number): string {
  const base = cidr.split('/')[0] ?? '';
  if (!isIPv4(base)) return `${base}${n.toString(16)}`;
  const octets = base.split('.').map(Number);
  octets[3] = (octets[3] ?? 0) + n;
  return octets.join('.');
}
const withPrefix = (cidr: string, n: number) => `${addressOf(cidr, n)}/${cidr.split('/')[1]}`;

export interface Interface {
  name: string;
  /** With prefix length. */
  addresses: string[];
  mtu: number | null;
  /** A bridge with these ports, or a cable's end. */
  ports: string[];
}
export interface Host {
  name: string;
  forwards: boolean;
  interfaces: Interface[];
  /** Arguments of `ip route add`. */
  routes: string[];
}
export interface Cable {
  from: [host: string, device: string];
  to: [host: string, device: string];
}
export interface Network {
  hosts: Host[];
  cables: Cable[];
  at: Addresses;
}

/** What scenarios name instead of writing addresses. Those without a number are of the first family. */
export interface Addresses {
  client: string;
  client4: string;
  client6: string;
  server: string;
  server4: string;
  server6: string;
  sibling: string;
  sibling4: string;
  sibling6: string;
  neighbour: string;
  elsewhere: string;
  /** Vantage 1, 2 ... and its network. */
  vantage: (n: number) => string;
  vantageNet: (n: number) => string;
  /** Addresses that nobody has, on the client's and on the server's network. */
  unusedHere: string;
  unusedThere: string;
  serverNet: string;
  clientNet: string;
  /** Resolver 1 or 2. */
  dns: (n: number) => string;
  /** The address with which router n (1..N) answers the client. */
  hop: (n: number) => string;
  hop6: (n: number) => string;
  /** Router n's address on the side of the server: next hop of what comes back. */
  farSide: (n: number) => string;
  /** The number of routers, so that the server is hop `routers + 1`. */
  routers: number;
}

export function layOut(topology: Topology): Network {
  const { routers: N, families } = topology;
  const plan: Plan = PLANS[topology.plan];
  const want4 = families !== 6;
  const want6 = families !== 4;
  const net = (link: number): Net =>
    link === 0 ? plan.client : link === N ? plan.server : plan.transit(link);
  const cidrs = (on: Net, n: number) => [
    ...(want4 ? [withPrefix(on.v4, n)] : []),
    ...(want6 ? [withPrefix(on.v6, n)] : []),
  ];
  const both = (make: (pick: (of: Net) => string) => string) => [
    ...(want4 ? [make((of) => of.v4)] : []),
    ...(want6 ? [make((of) => of.v6)] : []),
  ];
  const mtu = (link: number) => topology.mtu?.[link] ?? null;

  const hosts: Host[] = [];
  const cables: Cable[] = [];
  const lan: { link: number; gateway: string; members: [name: string, n: number][] }[] = [
    {
      link: 0,
      gateway: 'r1',
      members: [
        ['client', HOST.client],
        ...(topology.neighbour ? [['neighbour', HOST.neighbour] as [string, number]] : []),
        ...Array.from(
          { length: topology.resolvers ?? 0 },
          (_, i) => [`dns${i + 1}`, HOST.dns + i] as [string, number],
        ),
      ],
    },
    {
      link: N,
      gateway: `r${N}`,
      members: [
        ['server', HOST.server],
        ...(topology.sibling ? [['sibling', HOST.sibling] as [string, number]] : []),
        ...(topology.asymmetric ? [['back', HOST.back] as [string, number]] : []),
      ],
    },
  ];
  const routersOnPath: Host[] = Array.from({ length: N }, (_, i) => ({
    name: `r${i + 1}`,
    forwards: true,
    interfaces: [],
    routes: [],
  }));

  // Links 1..N-1 join router i's `east` to router i+1's `west`; the two LANs are `lan` (client) and `srv` (server).
  for (let link = 1; link < N; link++) {
    const left = routersOnPath[link - 1];
    const right = routersOnPath[link];
    if (!left || !right) continue;
    left.interfaces.push({ name: 'east', addresses: cidrs(net(link), 1), mtu: mtu(link), ports: [] });
    right.interfaces.push({ name: 'west', addresses: cidrs(net(link), 2), mtu: mtu(link), ports: [] });
    cables.push({ from: [left.name, 'east'], to: [right.name, 'west'] });
  }
  for (const { link, gateway, members } of lan) {
    const router = routersOnPath.find((host) => host.name === gateway);
    const device = link === 0 ? 'lan' : 'srv';
    const ports = members.length > 1 ? members.map(([name]) => `${device}-${name}`.slice(0, 15)) : [];
    router?.interfaces.push({
      name: device,
      addresses: cidrs(net(link), HOST.router),
      mtu: mtu(link),
      ports,
    });
    members.forEach(([name, n], i) => {
      cables.push({ from: [name, 'eth0'], to: [gateway, ports[i] ?? device] });
      const viaBack = topology.asymmetric && link === N && name !== 'back';
      hosts.push({
        name,
        forwards: name === 'back',
        interfaces: [{ name: 'eth0', addresses: cidrs(net(link), n), mtu: mtu(link), ports: [] }],
        routes:
          name === 'back'
            ? both((pick) => `default via ${addressOf(pick(plan.back), 1)}`)
            : both((pick) => `default via ${addressOf(pick(net(link)), viaBack ? HOST.back : HOST.router)}`),
      });
    });
  }
  routersOnPath.forEach((router, i) => {
    const k = i + 1;
    // One route a network and no default: a route that a fault takes away is missed, and nothing goes in circles.
    if (k > 1) {
      const back = (pick: (of: Net) => string) => addressOf(pick(net(k - 1)), 1);
      for (let link = 0; link < k - 1; link++)
        router.routes.push(...both((pick) => `${pick(net(link))} via ${back(pick)}`));
    }
    const next = (pick: (of: Net) => string) => addressOf(pick(net(k)), 2);
    if (k < N) router.routes.push(...both((pick) => `${pick(plan.server)} via ${next(pick)}`));
    if (k < N - 1) {
      for (let link = k + 1; link < N; link++)
        router.routes.push(...both((pick) => `${pick(net(link))} via ${next(pick)}`));
    }
    if (topology.elsewhere && k < topology.elsewhere)
      router.routes.push(...both((pick) => `${pick(plan.elsewhere)} via ${next(pick)}`));
  });
  const behind = (name: string, device: string, at: number, of: Net): void => {
    const gateway = `r${at}`;
    routersOnPath[at - 1]?.interfaces.push({ name: device, addresses: cidrs(of, 1), mtu: null, ports: [] });
    cables.push({ from: [name, 'eth0'], to: [gateway, device] });
    hosts.push({
      name,
      forwards: false,
      interfaces: [{ name: 'eth0', addresses: cidrs(of, HOST.server), mtu: null, ports: [] }],
      routes: both((pick) => `default via ${addressOf(pick(of), 1)}`),
    });
  };
  if (topology.elsewhere) behind('elsewhere', 'other', topology.elsewhere, plan.elsewhere);
  topology.vantages?.forEach((at, i) => {
    const of = plan.vantage(i + 1);
    behind(`v${i + 1}`, `van${i + 1}`, at, of);
    routersOnPath.forEach((router, j) => {
      const k = j + 1;
      if (k === at) return;
      const way = (pick: (of: Net) => string): string =>
        k < at ? addressOf(pick(net(k)), 2) : addressOf(pick(net(k - 1)), 1);
      router.routes.push(...both((pick) => `${pick(of)} via ${way(pick)}`));
    });
  });
  if (topology.asymmetric) {
    const back = hosts.find((host) => host.name === 'back');
    const r1 = routersOnPath[0];
    back?.interfaces.push({ name: 'short', addresses: cidrs(plan.back, 2), mtu: null, ports: [] });
    r1?.interfaces.push({ name: 'short', addresses: cidrs(plan.back, 1), mtu: null, ports: [] });
    cables.push({ from: ['back', 'short'], to: ['r1', 'short'] });
  }
  hosts.push(...routersOnPath);

  const first = (of: Net, n: number) => addressOf(want4 ? of.v4 : of.v6, n);
  const upLink = (n: number): [Net, number] => [net(n - 1), n === 1 ? HOST.router : 2];
  return {
    hosts,
    cables,
    at: {
      client: first(plan.client, HOST.client),
      client4: addressOf(plan.client.v4, HOST.client),
      client6: addressOf(plan.client.v6, HOST.client),
      server: first(plan.server, HOST.server),
      server4: addressOf(plan.server.v4, HOST.server),
      server6: addressOf(plan.server.v6, HOST.server),
      sibling: first(plan.server, HOST.sibling),
      sibling4: addressOf(plan.server.v4, HOST.sibling),
      sibling6: addressOf(plan.server.v6, HOST.sibling),
      neighbour: first(plan.client, HOST.neighbour),
      elsewhere: first(plan.elsewhere, HOST.server),
      vantage: (n) => first(plan.vantage(n), HOST.server),
      vantageNet: (n) => (want4 ? plan.vantage(n).v4 : plan.vantage(n).v6),
      unusedHere: first(plan.client, HOST.unused),
      unusedThere: first(plan.server, HOST.unused),
      serverNet: want4 ? plan.server.v4 : plan.server.v6,
      clientNet: want4 ? plan.client.v4 : plan.client.v6,
      dns: (n) => first(plan.client, HOST.dns + n - 1),
      hop: (n) => first(...upLink(n)),
      hop6: (n) => addressOf(upLink(n)[0].v6, upLink(n)[1]),
      farSide: (n) => first(net(n), 1),
      routers: N,
    },
  };
}
