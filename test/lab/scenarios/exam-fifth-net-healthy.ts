/** Fifth examination: networks and machines that look odd, and nothing is wrong. Truths were written before the first run. */
import { served, WELL } from '../daemons/served.ts';
import { certificate, nginx, site } from '../daemons/web.ts';
import { relayed } from '../relay.ts';
import { forward, hostPort, input, prerouting, type Scenario } from '../scenario.ts';
import type { Addresses } from '../topology.ts';
import * as world from '../worlds.ts';
import { vpn } from './exam-fifth-net.ts';

/** What goes to the host's network by IPv6 takes so many ms more, at router 2. */
const slowIpv6 = (delayMs: number): Pick<Scenario, 'services' | 'fault'> => ({
  services: () => ({ r2: [`exec python3 "$SERVICES/exam-relay.py" '${JSON.stringify({ delayMs })}'`] }),
  fault: (at) => ({
    r2: [
      `for i in $(seq 100); do ip link show relay > /dev/null 2>&1 && break; sleep 0.05; done; ip link set relay up
ip -6 route add ${SERVER_NET6} via ${at.hop6(3)} table 77; ip -6 rule add iif relay lookup 77 pref 10; ip -6 route replace ${SERVER_NET6} dev relay`,
    ],
  }),
});
const SERVER_NET6 = '2001:db8:c0de:80::/64';

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
  {
    name: 'well, and IPv6 takes 400 ms more than IPv4 (home, three routers)',
    family: 'fifth-well-slow-ipv6',
    topology: { ...world.home3, families: 'both' },
    ...slowIpv6(400),
    resolvers: (at) => [
      { mode: 'normal', records: { 'app.example.net': { a: [at.server4], aaaa: [at.server6] } } },
    ],
    target: () => 'app.example.net:8080',
    truth: () => WELL,
  },
  {
    name: 'well, router 2 rejects UDP and ping with "administratively prohibited" (campus, four routers)',
    family: 'fifth-well-loud-rejects',
    topology: world.campus4,
    fault: () => ({
      r2: [forward('iifname west meta l4proto { udp, icmp } reject with icmp admin-prohibited')],
    }),
    target: port,
    truth: () => WELL,
  },
  {
    name: 'well, firewalld of the host rejects every other port with host-prohibited (home, three routers, IPv6)',
    family: 'fifth-well-firewalld',
    topology: world.home3v6,
    fault: () => ({
      server: [
        input('ct state established,related accept'),
        input('meta l4proto { tcp, udp } th dport != 8080 reject with icmpx admin-prohibited'),
      ],
    }),
    target: port,
    truth: () => WELL,
  },
  {
    name: 'well, from a notebook with docker0, virbr0, a VPN for 10.0.0.0/8, and a loose reverse path filter (home, three routers)',
    family: 'fifth-well-full-notebook',
    topology: { ...world.home3, families: 'both' },
    resolvers: (at) => [
      { mode: 'normal', records: { 'app.example.net': { a: [at.server4], aaaa: [at.server6] } } },
    ],
    fault: () => ({
      client: [
        `ip link add docker0 type bridge; ip addr add 172.17.0.1/16 dev docker0; ip link set docker0 up
ip link add virbr0 type bridge; ip addr add 192.168.122.1/24 dev virbr0; ip link set virbr0 up
ip tuntap add tun0 mode tun; ip addr add 10.8.0.2/24 dev tun0; ip link set tun0 up; ip route add 10.0.0.0/8 dev tun0
ip -6 addr add fd00:8::2/64 dev tun0 nodad; ip rule add fwmark 51820 lookup 51820; echo 2 > /proc/sys/net/ipv4/conf/all/rp_filter`,
      ],
    }),
    target: () => 'app.example.net:8080',
    truth: () => WELL,
  },
  {
    name: 'well, this machine has four addresses of IPv6: temporary, deprecated, unique local (campus, four routers, IPv6)',
    family: 'fifth-well-many-addresses',
    topology: world.campus4v6,
    fault: () => ({
      client: [
        `ip -6 addr add 2001:db8:a:4:d00d:1:2:3/64 dev eth0 nodad valid_lft 6000 preferred_lft 3000
ip -6 addr add 2001:db8:a:4:bad:1:2:3/64 dev eth0 nodad valid_lft 600 preferred_lft 0
ip -6 addr add fd00:4::5/64 dev eth0 nodad`,
      ],
    }),
    target: port,
    truth: () => WELL,
  },
  {
    name: 'well, the host takes segments of 216 octets at most (company, three routers)',
    family: 'fifth-well-small-segments',
    topology: world.company3,
    fault: (at) => ({
      server: [`ip route replace default via ${at.serverNet.replace(/0\/24$/, '1')} advmss 216`],
    }),
    target: (at) => hostPort(at.server, 22),
    truth: () => WELL,
  },
  {
    name: 'well, a second card with a worse default route into nowhere (company, two routers)',
    family: 'fifth-well-spare-uplink',
    topology: world.company2,
    fault: () => ({
      client: [
        'ip link add eth1 type veth peer name eth1far; ip link set eth1 up; ip link set eth1far up; ip addr add 192.168.44.2/24 dev eth1; ip route add default via 192.168.44.1 metric 600',
      ],
    }),
    target: port,
    truth: () => WELL,
  },
  {
    name: 'well, through a VPN with an MTU of 1400 (home, three routers)',
    family: 'fifth-well-vpn',
    topology: world.home3,
    fault: (at) => vpn(at),
    target: port,
    truth: () => WELL,
  },
] satisfies Scenario[];
