/** What to run on the far side, system by system, to see whether packets arrive and what drops them. */
export interface PlatformCommands {
  /** A key of src/model/systems.ts. */
  system: string;
  /** On the server itself, on a device of the network, or around the server in its cloud. */
  at: 'host' | 'network' | 'cloud';
  run: readonly string[];
  read: string;
}

/** What is put into a command: words that no shell reads as more than a word. */
export interface Values {
  port: number;
  address: string;
  /** The address that the far end sees, or SOURCE. */
  source: string;
  ip6: boolean;
}

export const commandsFor = ({ port, address, source, ip6 }: Values): PlatformCommands[] => [
  {
    system: 'linux',
    at: 'host',
    run: [
      `sudo ss -ltnp 'sport = :${port}'`,
      'nstat -az TcpExtListenOverflows TcpExtListenDrops TcpExtIPReversePathFilter',
      `ip route get ${source}`,
    ],
    read: 'Who listens where; the counter that grows while it is tried again is the reason; a route by docker0, br-... or another interface than the one that the packets come in by leads the answer astray.',
  },
  {
    system: 'nftables',
    at: 'host',
    run: ['sudo nft -a list ruleset'],
    read: 'The drop or reject counter that grows. An accept ends only its own base chain.',
  },
  {
    system: 'iptables',
    at: 'host',
    run: [`sudo ${ip6 ? 'ip6tables' : 'iptables'} -nvL --line-numbers`],
    read: 'The counter that grows. Published container ports pass FORWARD and DOCKER-USER, not INPUT.',
  },
  {
    system: 'docker',
    at: 'host',
    run: [`docker ps --filter publish=${port}`],
    read: `127.0.0.1:${port} in the list: published for the host only. Rules of ufw and INPUT do not apply.`,
  },
  {
    system: 'kubernetes',
    at: 'host',
    run: [
      'kubectl get endpointslices -n NAMESPACE -l kubernetes.io/service-name=SERVICE',
      'kubectl get networkpolicy -n NAMESPACE',
    ],
    read: 'No ready endpoint: refused with an ICMP error. externalTrafficPolicy Local and no pod on the node: silent.',
  },
  {
    system: 'windows',
    at: 'host',
    run: [
      `Get-NetTCPConnection -LocalPort ${port} -State Listen`,
      'Get-NetConnectionProfile',
      'Get-NetFirewallProfile | Format-Table Name,Enabled,DefaultInboundAction,LogFileName',
    ],
    read: 'No listener: silent as well while the firewall is on. Profile Public: rules for Private and Domain do nothing.',
  },
  {
    system: 'macos',
    at: 'host',
    run: [
      `sudo lsof -nP -iTCP:${port} -sTCP:LISTEN`,
      '/usr/libexec/ApplicationFirewall/socketfilterfw --getglobalstate',
      '/usr/libexec/ApplicationFirewall/socketfilterfw --getstealthmode',
    ],
    read: 'The application firewall works by program, not by port; stealth mode keeps silent where nothing listens.',
  },
  {
    system: 'pf',
    at: 'host',
    run: [`sockstat -46l -p ${port}`, 'sudo pfctl -vvsr', `sudo tcpdump -nettti pflog0 'tcp port ${port}'`],
    read: 'Lines in pflog name the rule by its number, which pfctl -vvsr explains.',
  },
  {
    system: 'aws',
    at: 'cloud',
    run: [
      `aws ec2 create-network-insights-path --source IGW_OR_ENI --destination ENI --protocol tcp --destination-port ${port}`,
      'aws ec2 start-network-insights-analysis --network-insights-path-id NIP',
    ],
    read: 'Security group, network ACL (stateless: replies leave to 1024-65535), route table, public address. In flow logs: REJECT is one of the first two; ACCEPT without a reply is the operating system; no record means that it never reached the interface.',
  },
  {
    system: 'azure',
    at: 'cloud',
    run: [
      // IP flow verify takes IPv4 alone.
      ...(ip6
        ? []
        : [
            `az network watcher test-ip-flow -g GROUP --vm VM --direction Inbound --protocol TCP --local PRIVATE_IP:${port} --remote ${source}:60000`,
          ]),
      'az network nic list-effective-nsg -g GROUP -n NIC',
    ],
    read: 'Deny, and the name of the rule.',
  },
  {
    system: 'gcp',
    at: 'cloud',
    run: [
      `gcloud network-management connectivity-tests create rd1 --source-ip-address=${source} --destination-instance=projects/PROJECT/zones/ZONE/instances/VM --destination-port=${port} --protocol=TCP`,
      'gcloud network-management connectivity-tests describe rd1',
    ],
    read: 'DROPPED, and the rule.',
  },
  {
    system: 'linux',
    at: 'network',
    run: [`sudo tcpdump -nni any 'tcp dst port ${port} and dst host ${address}'`, `ip route get ${address}`],
    read: 'In and not out: this device drops it. An error of ip route (Invalid argument, No route to host, Permission denied, Network is unreachable): its route does.',
  },
  {
    system: 'nftables',
    at: 'network',
    run: ['sudo nft -a list ruleset'],
    read: 'The drop or reject counter that grows.',
  },
  {
    system: 'iptables',
    at: 'network',
    run: [`sudo ${ip6 ? 'ip6tables' : 'iptables'} -nvL FORWARD --line-numbers`],
    read: 'The counter that grows.',
  },
  {
    system: 'cisco-ios',
    at: 'network',
    run: [
      `show ${ip6 ? 'ipv6 access-list' : 'ip access-lists'} | include ${port}|deny`,
      `show ${ip6 ? 'ipv6' : 'ip'} cef ${address}`,
    ],
    read: 'Run the first one twice, with a test between: the deny counter that grows.',
  },
  {
    system: 'cisco-asa',
    at: 'network',
    run: [`packet-tracer input IFACE tcp ${source} 50000 ${address} ${port} detailed`],
    read: 'The phase with the result DROP, and its Drop-reason.',
  },
  {
    system: 'junos-srx',
    at: 'network',
    run: [
      `show security match-policies from-zone A to-zone B source-ip ${source} destination-ip ${address} source-port 50000 destination-port ${port} protocol tcp`,
      `show security flow session destination-prefix ${address} destination-port ${port}`,
    ],
    read: 'Action type deny, and the policy.',
  },
  {
    system: 'fortigate',
    at: 'network',
    run: [
      'diagnose debug flow filter clear',
      `diagnose debug flow filter ${ip6 ? 'daddr6' : 'daddr'} ${address}`,
      `diagnose debug flow filter port ${port}`,
      'diagnose debug flow trace start 10',
      'diagnose debug enable',
    ],
    read: '"Denied by forward policy check": a policy. "reverse path check fail": an asymmetric route. "diagnose debug disable" ends it.',
  },
  {
    system: 'palo-alto',
    at: 'network',
    run: [
      `test security-policy-match from ZONE to ZONE source ${source} destination ${address} protocol 6 destination-port ${port}`,
    ],
    read: 'The rule and its action.',
  },
  {
    system: 'pf',
    at: 'network',
    run: ['sudo pfctl -vvsr', `sudo tcpdump -nettti pflog0 'tcp port ${port}'`],
    read: 'pfSense and OPNsense: also Status, System Logs, Firewall. Lines in pflog name the rule by its number.',
  },
  {
    system: 'mikrotik',
    at: 'network',
    run: [
      '/ip firewall filter print stats where chain=forward',
      `/tool sniffer quick ip-address=${address} port=${port}`,
    ],
    read: 'The drop rule whose counter grows.',
  },
];
