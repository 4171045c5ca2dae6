/** Folder here -> name of the lab's scenario that it was recorded in; record.ts makes them anew. */
export const FROM_THE_LAB: Record<string, string> = {
  healthy: 'a port that is open',
  'nothing-listens': 'nothing listens on the port',
  'router-2-drops-the-port': 'a router drops the port',
  'host-or-last-router-drops-the-port': 'the host drops the port',
  'router-2-rejects-the-port': 'a router rejects with ICMP administratively prohibited',
  'last-router-forges-a-reset': 'the last router answers the port with a reset (home, three routers)',
  'host-off': 'the host is off',
  'routing-loop': 'a routing loop',
  'name-not-found': 'NXDOMAIN',
  'hosts-file-overrides-dns': 'the hosts file overrides DNS with an address that is off',
  'own-firewall-drops-the-port':
    "this machine's firewall drops what goes out to the port (company, three routers)",
  'ipv6-dropped-ipv4-open':
    'one family of addresses fails: router 2 drops IPv6 (home, three routers, IPv4 and IPv6)',
  'both-ends-host-drops': 'both ends: the host drops by nftables (home, three routers; root, dash)',
  'both-ends-answers-lost': 'both ends: a router drops the answers (home, three routers; root, sh)',
  'elsewhere-only-here':
    'from elsewhere: router 1, which no other way passes, drops the port (home, three routers)',
  'elsewhere-by-source':
    'from elsewhere: the last router drops what comes from two networks (company, three routers)',
  'elsewhere-name-differs':
    'from elsewhere: the name leads elsewhere at another place, where it is served (home, three routers)',
};
