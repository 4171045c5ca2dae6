import type { Vantage } from '../../model/evidence.ts';
import type { NetworkInterface, Route } from '../../model/measured.ts';
import type { Place } from './measured.ts';

/** This machine, as far as packets to the address are concerned. */
export interface LocalNetwork {
  /** Of the first look; null where none was taken. */
  route: Route | null;
  interfaces: readonly NetworkInterface[];
  /** The interface, where packets to the address leave through a link between two points: nobody's own network. */
  tunnel: string | null;
  /** The first router; null where there is none or it is not known. */
  gateway: string | null;
  /** State of the next hop (REACHABLE, FAILED ...) at each look, null where a look did not show it. */
  neighbourStates: readonly (string | null)[];
  /** FAILED, or never anything but INCOMPLETE: other packets have started the search anew. */
  gatewayFailed: boolean;
  /** Addresses of this machine: of its interfaces, and the route's source. */
  ownAddresses: ReadonlySet<string>;
}

export function localNetworkOf({ here }: Place, vantage: Vantage): LocalNetwork {
  const looks = here['local-network'].map(({ data }) => data);
  const first = looks[0] ?? null;
  const states = looks.map(({ neighbour }) => neighbour?.state.toUpperCase() ?? null);
  return {
    route: first?.route ?? null,
    interfaces: first?.interfaces ?? [],
    tunnel:
      first?.interfaces.find(({ name }) => name === first.route.device)?.pointToPoint === true
        ? first.route.device
        : null,
    gateway: first?.route.gateway ?? null,
    neighbourStates: states,
    gatewayFailed:
      looks.at(-1)?.route.onLink === false &&
      (states.at(-1) === 'FAILED' ||
        (states.length >= 2 && states.every((state) => state === 'FAILED' || state === 'INCOMPLETE'))),
    ownAddresses: new Set([
      ...vantage.addresses,
      ...looks.flatMap(({ interfaces, route }) => [
        ...interfaces.flatMap(({ addresses }) => addresses.map(({ address }) => address)),
        ...(route.source === null ? [] : [route.source]),
      ]),
    ]),
  };
}
