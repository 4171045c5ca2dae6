import { expect, it } from 'vitest';
import { firewallOf } from '../../../src/judge/ruleset/firewall-name.ts';

it.each([
  ['filter', 'ufw-user-input', 3, 'ufw'],
  ['filter', 'ufw6-user-input', 3, 'ufw'],
  ['inet firewalld', 'filter_IN_public_deny', 1, 'firewalld zone public'],
  ['inet firewalld', 'filter_IN_home', 1, 'firewalld zone home'],
  ['inet firewalld', 'filter_INPUT', 9, 'firewalld'],
  ['filter', 'IN_public_allow', 1, 'firewalld zone public'],
  ['filter', 'f2b-sshd', 1, 'fail2ban sshd'],
  ['inet f2b-table', 'f2b-chain', 1, 'fail2ban chain'],
  ['filter', 'DOCKER-USER', 1, 'docker'],
  ['filter', 'INPUT', 1, 'iptables'],
])('%s %s is known as %s %s', (table, chain, line, name) => {
  expect(firewallOf({ tool: 'iptables', table, chain, handle: null, line, text: '', packets: null })).toBe(
    name,
  );
});
it("a policy behind ufw's chains is ufw's", () => {
  const policy = {
    tool: 'iptables',
    table: 'filter',
    chain: 'INPUT',
    handle: null,
    line: null,
    text: 'policy drop',
    packets: null,
  } as const;
  expect(firewallOf(policy, ['ufw-before-input'])).toBe('ufw');
  expect(firewallOf(policy, [])).toBe('iptables');
});
