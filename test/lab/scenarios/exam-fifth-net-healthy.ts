/** Fifth examination: networks and machines that look odd, and nothing is wrong. Truths were written before the first run. */
import { served, WELL } from '../daemons/served.ts';
import { certificate, nginx, site } from '../daemons/web.ts';
import { relayed } from '../relay.ts';
import { hostPort, prerouting, type Scenario } from '../scenario.ts';
import type { Addresses } from '../topology.ts';
import * as world from '../worlds.ts';

const port = (at: Addresses) => hostPort(at.server, 8080);

export default [
  {
    name: 'well, the default gateway redirects to the right one on the link (company, two routers)',
    family: 'fifth-well-redirected',
    topology: { ...world.company2, neighbour: true },
    fault: (at) => ({
      neighbour: ['echo 1 > /proc/sys/net/ipv4/ip_forward'],
      client: [`ip route replace default via ${at.neighbour}`],
    }),
    target: port,
    truth: () => WELL,
  },
  {
    name: 'well, the netmask is too narrow, and the neighbour is reached by the gateway (home, three routers)',
    family: 'fifth-well-narrow-netmask',
    topology: { ...world.home3, neighbour: true },
    listenOn: { neighbour: [8080] },
    fault: (at) => ({
      client: [
        `ip addr flush dev eth0; ip addr add ${at.client}/32 dev eth0; ip route add ${at.hop(1)} dev eth0; ip route add default via ${at.hop(1)}`,
      ],
    }),
    target: (at) => hostPort(at.neighbour, 8080),
    truth: () => WELL,
  },
  served({
    name: 'well, router 2 drops fragments and pings of more than 200 octets',
    family: 'fifth-well-sizes-of-ping',
    on: world.home3,
    tls: { rsa: true },
    daemons: { server: [nginx(site('443 ssl', `${certificate()} location / { return 200 "ok\\n"; }`), 443)] },
    fault: () => ({
      r2: [
        prerouting('ip frag-off & 0x3fff != 0 drop'),
        prerouting('icmp type echo-request meta length > 200 drop'),
      ],
    }),
    target: 443,
    truth: WELL,
  }),
  {
    name: 'well, this machine has neither timestamps nor SACK nor ping nor many ports (company, three routers)',
    family: 'fifth-well-odd-settings',
    topology: world.company3,
    fault: () => ({
      client: [
        `cd /proc/sys/net/ipv4; for f in tcp_timestamps tcp_sack tcp_window_scaling; do echo 0 > $f; done
echo 1 > icmp_echo_ignore_all; echo '40000 40200' > ip_local_port_range; echo '1 0' > ping_group_range`,
      ],
    }),
    target: port,
    truth: () => WELL,
  },
  {
    name: 'well, translated twice: the box at home and the provider (home, three routers, NAT)',
    family: 'fifth-well-translated-twice',
    topology: world.nat3,
    fault: () => ({
      r2: [
        "nft 'add table ip n; add chain ip n c { type nat hook postrouting priority srcnat; }; add rule ip n c oifname east masquerade'",
      ],
    }),
    target: port,
    truth: () => WELL,
  },
  {
    name: 'well, and every second ping to the host is lost (home, three routers)',
    family: 'fifth-well-lossy-ping',
    topology: world.home3,
    ...relayed(2, { drop: [['icmp', 1, 2]] }),
    target: (at) => hostPort(at.server, 22),
    truth: () => WELL,
  },
] satisfies Scenario[];
