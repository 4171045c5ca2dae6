interface System {
  /** As its makers write it. */
  name: string;
  /** Whose machine it is found on, as process.platform says; empty = on no client. */
  os: readonly string[];
}

/**
 * The systems that a fix or a check can be for: what `system:` of a rule may say. Other words may stand in a user's own
 * rules; they are taken for systems of the far side.
 */
export const SYSTEMS: Readonly<Record<string, System>> = {
  linux: { name: 'Linux', os: ['linux'] },
  nftables: { name: 'Linux, nftables', os: ['linux'] },
  iptables: { name: 'Linux, iptables', os: ['linux'] },
  ufw: { name: 'Debian and Ubuntu with ufw', os: ['linux'] },
  firewalld: { name: 'RHEL, Fedora and SUSE with firewalld', os: ['linux'] },
  systemd: { name: 'Linux with systemd', os: ['linux'] },
  'systemd-resolved': { name: 'Linux with systemd-resolved', os: ['linux'] },
  'resolv.conf': { name: 'Linux with /etc/resolv.conf', os: ['linux'] },
  selinux: { name: 'SELinux', os: ['linux'] },
  docker: { name: 'Docker', os: ['linux'] },
  kubernetes: { name: 'Kubernetes', os: [] },
  windows: { name: 'Windows (PowerShell as administrator)', os: ['win32'] },
  macos: { name: 'macOS', os: ['darwin'] },
  pf: { name: 'pf (FreeBSD, OpenBSD, pfSense, OPNsense)', os: ['freebsd', 'openbsd'] },
  aws: { name: 'AWS', os: [] },
  azure: { name: 'Azure', os: [] },
  gcp: { name: 'Google Cloud', os: [] },
  'managed-database': { name: 'Managed database', os: [] },
  'cisco-ios': { name: 'Cisco IOS and IOS XE', os: [] },
  'cisco-asa': { name: 'Cisco ASA and FTD', os: [] },
  'junos-srx': { name: 'Junos SRX', os: [] },
  fortigate: { name: 'FortiGate', os: [] },
  'palo-alto': { name: 'Palo Alto', os: [] },
  mikrotik: { name: 'MikroTik', os: [] },
};

export const systemName = (system: string): string => SYSTEMS[system]?.name ?? system;

/** Whether a command for `system` can be of use on a machine with this operating system. */
export const runsOn = (system: string, os: string): boolean => SYSTEMS[system]?.os.includes(os) ?? false;
