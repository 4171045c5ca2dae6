import type { Scenario } from '../scenario.ts';
import type { Addresses } from '../topology.ts';

/**
 * A real program of Debian (or of `services/`) as data: what is written and run before the network exists, the one command
 * that serves, and the ports that must listen before a scenario goes on. Everything that it keeps lies in `$DIR`.
 */
export interface Daemon {
  /** Lines of shell in `$DIR`, before the hosts exist. */
  prepare?: string[];
  /** Path in `$DIR` -> text. */
  files?: Record<string, string>;
  command: string;
  ports: number[];
}

type Runs = Required<Pick<Scenario, 'listen' | 'prepare' | 'files' | 'services' | 'waitFor'>>;
type Daemons = Record<string, Daemon[]>;

/** The part of a scenario that starts these daemons, by host: `...runs({ server: [postfix()], elsewhere: [redis()] })`. */
export function runs(daemons: Daemons | ((at: Addresses) => Daemons)): Runs {
  // Which daemons there are, and on which ports, does not depend on addresses: what they say may.
  const at = (addresses: Addresses): Daemons =>
    typeof daemons === 'function' ? daemons(addresses) : daemons;
  const known = at(NOWHERE);
  const all = (addresses: Addresses): Daemon[] => Object.values(at(addresses)).flat();
  const byHost = <T>(of: Daemons, pick: (daemon: Daemon) => T[]): Record<string, T[]> =>
    Object.fromEntries(Object.entries(of).map(([host, some]) => [host, some.flatMap(pick)]));
  return {
    listen: [],
    // Two of one kind need the same things once.
    prepare: (addresses) => [...new Set(all(addresses).flatMap(({ prepare }) => prepare ?? []))],
    files: (addresses) => Object.assign({}, ...all(addresses).map(({ files }) => files ?? {})),
    services: (addresses) => byHost(at(addresses), ({ command }) => [command]),
    waitFor: byHost(known, ({ ports }) => ports),
  };
}

/** Stands in where only names and ports are asked for. */
const NOWHERE = new Proxy({} as Addresses, { get: () => () => '' });

/**
 * Some daemons refuse to be root. A user namespace in the scenario's own network has another user and still every file of
 * root's, also where the lab itself runs without privileges; low ports are free to it.
 */
export const notAsRoot = (command: string): string =>
  `echo 0 > /proc/sys/net/ipv4/ip_unprivileged_port_start; cd "$DIR"; exec unshare --user --map-user=1000 --map-group=1000 ${command}`;

/** What takes seconds to make and is the same every time is made once in a run of the lab (`$DIR/..`) and copied. */
export const madeOnce = (name: string, make: string): string =>
  [
    `( flock 9; [ -e ../${name}.made ] || { mkdir -p ../${name}.new; ( cd ../${name}.new; ${make} ) && mv ../${name}.new ../${name}.made; } ) 9> ../${name}.lock`,
    `cp -r ../${name}.made ${name}`,
  ].join('; ');
