import type { Scenario } from './scenario.ts';
import type { Addresses } from './topology.ts';

/** What the relay does to what a router passes on to the server's network (services/exam-relay.py); times in ms. */
export interface Relay {
  delayMs?: number;
  /** Up to so much more, by chance from a fixed seed. */
  jitterMs?: number;
  reorder?: boolean;
  /** [kind, number of the first one lost, then every so many-th (0 = no more), counted for each flow by itself]. */
  drop?: [kind: 'syn' | 'data' | 'ack' | 'icmp' | 'any', first: number, every: number, each?: 'flow'][];
}

/**
 * Router `n` (not the last one) sends what goes to the server's network through the relay; `also` are faults beside it. What the relay gives
 * back takes the way that it would have taken. Towards the client nothing changes: a delay is the round trip's.
 */
export const relayed = (
  n: number,
  relay: Relay,
  also: Scenario['fault'] = () => ({}),
): Pick<Scenario, 'services' | 'fault'> => ({
  services: () => ({ [`r${n}`]: [`exec python3 "$SERVICES/exam-relay.py" '${JSON.stringify(relay)}'`] }),
  fault: (at) => {
    const others = also(at);
    return { ...others, [`r${n}`]: [throughRelay(at, n), ...(others[`r${n}`] ?? [])] };
  },
});

function throughRelay(at: Addresses, n: number): string {
  const ip = at.serverNet.includes(':') ? 'ip -6' : 'ip';
  return [
    'for i in $(seq 100); do ip link show relay > /dev/null 2>&1 && break; sleep 0.05; done; ip link set relay up',
    `${ip} route add ${at.serverNet} via ${at.hop(n + 1)} table 77; ${ip} rule add iif relay lookup 77 pref 10`,
    `${ip} route replace ${at.serverNet} dev relay`,
  ].join('; ');
}
