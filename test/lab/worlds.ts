import type { Topology } from './topology.ts';

/** Topologies that families of faults are tried in; the name says plan, number of routers and address family. */
export const home1: Topology = { routers: 1, plan: 'home', families: 4 };
export const home3: Topology = { routers: 3, plan: 'home', families: 4 };
export const home3v6: Topology = { routers: 3, plan: 'home', families: 6 };
export const home5: Topology = { routers: 5, plan: 'home', families: 4 };
export const company2: Topology = { routers: 2, plan: 'company', families: 4 };
export const company3: Topology = { routers: 3, plan: 'company', families: 4 };
export const company3v6: Topology = { routers: 3, plan: 'company', families: 6 };
export const company8: Topology = { routers: 8, plan: 'company', families: 4 };
export const campus2v6: Topology = { routers: 2, plan: 'campus', families: 6 };
export const campus4: Topology = { routers: 4, plan: 'campus', families: 4 };
export const campus4v6: Topology = { routers: 4, plan: 'campus', families: 6 };
export const nat3: Topology = { routers: 3, plan: 'home', families: 4, nat: true };

/** `three routers, IPv6, NAT` */
export function inWords({ routers, families, nat, plan }: Topology): string {
  const count =
    ['no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight'][routers] ?? String(routers);
  const family = families === 'both' ? ', IPv4 and IPv6' : families === 6 ? ', IPv6' : '';
  return `${plan}, ${count} router${routers === 1 ? '' : 's'}${family}${nat ? ', NAT' : ''}`;
}
