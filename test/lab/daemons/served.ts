import { certificates, NAME, named } from '../certificates.ts';
import { atTarget, hostPort, type Scenario, type Truth } from '../scenario.ts';
import type { Addresses, Topology } from '../topology.ts';
import { inWords } from '../worlds.ts';
import { type Daemon, runs } from './daemon.ts';

/** Nothing is wrong: no finding may be raised. */
export const WELL: Truth = { outcome: 'reachable', causes: [] };
/** It answers well, late: silence would be wrong, and so would an alarm. */
export const WELL_BUT_SLOW: Truth[] = [WELL, { outcome: 'reachable', causes: ['service-slow'] }];
/** The service accepts, and says or does something that is no service to this client. */
export const impaired = (...causes: string[]): Truth => ({ outcome: 'impaired', causes });

export interface Served extends Partial<Omit<Scenario, 'name' | 'family' | 'topology' | 'truth' | 'target'>> {
  /** The topology in words is added. */
  name: string;
  family: string;
  on: Topology;
  /** By host; without one, nothing else is started than what `listen` or `services` say. */
  daemons?: Record<string, Daemon[]> | ((at: Addresses) => Record<string, Daemon[]>);
  /** A port of the server's address, or a target as typed. */
  target: number | string | ((at: Addresses) => string);
  /** Certificates are made, the server has the name www.lab.test, and the client knows the authority. */
  tls?: boolean | Parameters<typeof certificates>[0];
  /** Where daemons serve, a cause without a place is at the target. */
  truth: Truth | Truth[] | ((at: Addresses) => Truth | Truth[]);
}

/** A scenario of daemons as a value: who runs what, what is typed, what is true. */
export function served({ name, on, daemons, target, tls = false, truth, ...more }: Served): Scenario {
  const started = daemons === undefined ? null : runs(daemons);
  const placed = (one: Truth, at: Addresses): Truth =>
    one.causes.length > 0 && started ? { where: [atTarget(at.server)], ...one } : one;
  return {
    fault: () => ({}),
    topology: on,
    ...started,
    ...(tls === false
      ? {}
      : { resolvers: (at: Addresses) => [named(at)], flags: () => ['--ca', 'root.pem'] }),
    ...more,
    name: `${name} (${inWords(on)})`,
    prepare: (at) => [
      ...(tls === false ? [] : certificates(tls === true ? {} : tls)),
      ...(started?.prepare(at) ?? []),
      ...(more.prepare?.(at) ?? []),
    ],
    files: (at) => ({ ...started?.files(at), ...more.files?.(at) }),
    services: (at) => {
      const all = { ...started?.services(at) };
      for (const [host, commands] of Object.entries(more.services?.(at) ?? {}))
        all[host] = [...(all[host] ?? []), ...commands];
      return all;
    },
    waitFor: { ...started?.waitFor, ...more.waitFor },
    target: (at) =>
      typeof target === 'number'
        ? tls === false
          ? hostPort(at.server, target)
          : `${NAME}:${target}`
        : typeof target === 'string'
          ? target
          : target(at),
    truth: (at) => {
      const said = typeof truth === 'function' ? truth(at) : truth;
      return Array.isArray(said) ? said.map((one) => placed(one, at)) : placed(said, at);
    },
  };
}

/** The client's own address is known to the services as client.lab.test, so that nothing waits for a reverse lookup. */
export const knownClient: Pick<Scenario, 'hostsFile' | 'prepare'> = {
  hostsFile: (at) => [`${at.client} client.lab.test`],
  prepare: () => ['mount --bind "$DIR/hosts" /etc/hosts'],
};

/** Somebody in `host` keeps `count` connections to the server's port, and the fault waits until they are there. */
export const holding = (
  host: string,
  port: number,
  count: number,
  words = '',
): Pick<Scenario, 'services' | 'fault'> => ({
  services: (at) => ({
    [host]: [
      `exec /run/lab/node "$SERVICES/exam-hold.js" ${at.server} ${port} ${count} '${words}' > "$DIR/held-${host}.log"`,
    ],
  }),
  fault: () => ({
    [host]: [
      `for i in $(seq 200); do grep -q held "$DIR/held-${host}.log" 2> /dev/null && break; sleep 0.05; done; sleep 0.3`,
    ],
  }),
});

/** 401, 403 and 404 are answers of a service that is well: a finding about the page, never about reachability. */
export const PAGE: Truth[] = [WELL, { outcome: 'reachable', causes: ['http-error'] }];
/** The server's address as a URL. */
export const url =
  (scheme: string): ((at: Addresses) => string) =>
  (at) =>
    `${scheme}://${at.server.includes(':') ? `[${at.server}]` : at.server}/`;
