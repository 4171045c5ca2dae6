import type { RuleReference } from './walk.ts';

/** Chains by whose names the program is known that makes and minds them: change the rule there, not here. */
const MAKERS: [chain: RegExp, maker: (found: RegExpExecArray) => string][] = [
  [/^ufw6?-/, () => 'ufw'],
  [
    /^filter_(?:IN|FWD[IO]?|OUT)_(\w+?)(?:_(?:pre|log|deny|allow|post))?$/,
    ([, zone]) => `firewalld zone ${zone}`,
  ],
  [/^(?:IN|FWD[IO]|OUT)_(\w+?)(?:_(?:pre|log|deny|allow|post))?$/, ([, zone]) => `firewalld zone ${zone}`],
  [/^(?:f2b-|fail2ban)(.*)$/, ([, jail]) => (jail ? `fail2ban ${jail}` : 'fail2ban')],
  [/^DOCKER(?:-|$)/, () => 'docker'],
  [/^KUBE-/, () => 'kube-proxy'],
  [/^cali-/, () => 'calico'],
  [/^CILIUM_/, () => 'cilium'],
  [/^LIBVIRT_/, () => 'libvirt'],
];

/**
 * Who made a rule, by the names of its table and chain: `ufw`, `firewalld zone public`, `fail2ban sshd`; else the tool
 * that lists it. `jumps`: chains that the rule's own chain jumps to; a policy behind ufw's chains is ufw's.
 */
export function firewallOf(rule: RuleReference, jumps: readonly string[] = []): string {
  if (rule.table === 'inet firewalld' || /firewalld/.test(rule.table)) {
    const zone = /^filter_(?:IN|FWD[IO]?|OUT)_(\w+?)(?:_(?:pre|log|deny|allow|post))?$/.exec(rule.chain)?.[1];
    return zone === undefined || /^(?:POLICIES|ZONES)/i.test(zone) ? 'firewalld' : `firewalld zone ${zone}`;
  }
  for (const [chain, maker] of MAKERS) {
    const found = chain.exec(rule.chain);
    if (found !== null) return maker(found);
  }
  if (/f2b|fail2ban/.test(rule.table)) return 'fail2ban';
  if (rule.line === null && jumps.some((chain) => /^ufw6?-/.test(chain))) return 'ufw';
  return rule.tool;
}
