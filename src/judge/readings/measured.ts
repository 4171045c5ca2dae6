import type { Observation, ObservationOf, ProbeName } from '../../model/probes.ts';

/** An observation that measured something. */
export type Heard<P extends ProbeName> = ObservationOf<P> & { data: NonNullable<ObservationOf<P>['data']> };

/** What each probe measured, in the order in which it was asked; empty where it measured nothing. */
export type Measured = { readonly [P in ProbeName]: readonly Heard<P>[] };

export function measuredIn(observations: readonly Observation[]): Measured {
  const found: { [P in ProbeName]: Heard<ProbeName>[] } = {
    answer: [],
    'tcp-connect': [],
    'alternate-ports': [],
    'system-resolve': [],
    'hosts-file': [],
    dns: [],
    'local-network': [],
    'own-rules': [],
    ping: [],
    'trace-syn': [],
    'trace-command': [],
    'counted-connect': [],
    'proxy-connect': [],
    'reply-ttl': [],
    'other-end': [],
    'path-mtu': [],
    'reverse-names': [],
    tls: [],
    ssh: [],
    http: [],
    greeting: [],
    stall: [],
  };
  // Saved evidence of another version may hold probes that are not known here.
  for (const o of observations)
    if (o.data !== null && Object.hasOwn(found, o.probe)) found[o.probe].push(o as Heard<ProbeName>);
  return found as unknown as Measured;
}

export const isAbout = (observation: Observation, address: string | null): boolean =>
  (observation.input as { address?: string }).address === address;

/** What was measured, seen from one address of the target (null while none is known). */
export interface Place {
  address: string | null;
  /** What was measured at this address. */
  here: Measured;
  /** What was measured anywhere: names, the other addresses, other hosts that were asked for comparison. */
  all: Measured;
}

/** The first connect() to the port itself. */
export const targetConnect = ({ here }: Pick<Place, 'here'>): Heard<'tcp-connect'> | undefined =>
  here['tcp-connect'].find(({ input }) => input.role === 'target');
