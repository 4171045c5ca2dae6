import { familyOf, reachOf } from '../../ground/address.ts';
import type { ProbeCatalogue } from '../../model/probes.ts';
import { parseBsdRoute } from '../../parsers/bsd-route.ts';
import { parseResolvectl, parseScutilDns } from '../../parsers/domain-resolvers.ts';
import { parseIfconfig } from '../../parsers/ifconfig.ts';
import { parseIpAddr } from '../../parsers/ip-addr.ts';
import { parseIpNeigh } from '../../parsers/ip-neigh.ts';
import { parseIpRouteGet, unknownRoute } from '../../parsers/ip-route.ts';
import { parseIpconfig } from '../../parsers/ipconfig.ts';
import { parseNeighbours } from '../../parsers/neighbours.ts';
import { parseRouteTable } from '../../parsers/route-table.ts';

type Network = ProbeCatalogue['local-network']['data'];

/** What the machine's own tables say about an address; each text is read as whatever it is. */
export function networkOf(texts: readonly string[], address: string): Network {
  const network: Network = { route: unknownRoute, neighbour: null, interfaces: [] };
  for (const text of texts) {
    const interfaces = parseIpconfig(text) ?? parseIfconfig(text) ?? parseIpAddr(text) ?? [];
    network.interfaces.push(
      ...interfaces.map(({ name, up, pointToPoint, addresses }) => ({
        name,
        up,
        ...(pointToPoint === undefined ? {} : { pointToPoint }),
        addresses,
      })),
    );
    for (const route of [parseBsdRoute(text), parseIpRouteGet(text), parseRouteTable(text, address)]) {
      if (network.route.kind === 'unknown') network.route = route;
    }
  }
  const hop = network.route.gateway ?? (network.route.onLink === true ? address : null);
  if (hop !== null && familyOf(hop) === familyOf(address)) {
    for (const text of texts)
      network.neighbour ??= parseNeighbours(text, hop) ?? parseIpNeigh(text, hop, null);
  }
  return network;
}

/** The resolvers for names that no other resolver claims. */
export function resolversOf(texts: readonly string[]): string[] {
  const found = texts.flatMap((text) => [
    ...(parseIpconfig(text) ?? []).flatMap(({ resolvers }) => resolvers),
    ...[...parseScutilDns(text), ...parseResolvectl(text)]
      .filter(({ domain }) => domain === null)
      .flatMap(({ nameservers }) => nameservers.map(({ address }) => address)),
  ]);
  return [...new Set(found)].slice(0, 3);
}

/** Addresses by which other machines know this one. */
export const ownAddresses = (texts: readonly string[]): string[] =>
  networkOf(texts, '192.0.2.1')
    .interfaces.flatMap(({ addresses }) => addresses.map(({ address }) => address))
    .filter((address) => reachOf(address) !== 'nowhere')
    .slice(0, 20);
