/** This machine's own packet filter, where root may read it: the report quotes the rule that keeps the packets. */
import { family, hostPort, input, output, type Scenario, thisMachine } from '../scenario.ts';
import type { Topology } from '../topology.ts';
import * as world from '../worlds.ts';
import { inWords } from '../worlds.ts';

interface Own {
  fault: string;
  on: Topology;
  line: string;
  rule: { firewall: string; text: string };
}

const scenarios: Scenario[] = family<Own>(
  'own-rules-read',
  [
    {
      fault: 'drops what leaves, by nftables',
      on: world.home3,
      line: output('tcp dport 8080 counter drop'),
      rule: { firewall: 'nftables', text: 'tcp dport 8080 drop' },
    },
    {
      fault: 'drops what leaves, by ip6tables',
      on: world.home3v6,
      line: 'ip6tables -A OUTPUT -p tcp --dport 8080 -j DROP',
      rule: { firewall: 'ip6tables', text: '--dport 8080 -j DROP' },
    },
    {
      fault: 'rejects what leaves, by iptables',
      on: world.company3,
      line: 'iptables -A OUTPUT -p tcp --dport 8080 -j REJECT',
      rule: { firewall: 'iptables', text: '--dport 8080 -j REJECT' },
    },
    {
      fault: "drops what leaves, by ufw's chains",
      on: world.company2,
      line: 'iptables -N ufw-user-output; iptables -A OUTPUT -j ufw-user-output; iptables -A ufw-user-output -p tcp --dport 8080 -j DROP',
      rule: { firewall: 'ufw', text: '--dport 8080 -j DROP' },
    },
    {
      fault: 'drops the answers, by nftables',
      on: world.home1,
      line: input('tcp sport 8080 drop'),
      rule: { firewall: 'nftables', text: 'tcp sport 8080 drop' },
    },
  ],
  ({ fault, on, line, rule }) => ({
    name: `this machine ${fault}, read as root (${inWords(on)})`,
    topology: on,
    as: 'root' as const,
    listen: [22, 8080],
    fault: () => ({ client: [line] }),
    target: (at) => hostPort(at.server, 8080),
    truth: () => ({
      outcome: 'unreachable' as const,
      causes: ['local-firewall'],
      where: [thisMachine],
      rule,
    }),
  }),
);
export default scenarios;
