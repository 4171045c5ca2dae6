import { familyOf, sameAddress } from '../../../ground/address.ts';
import { isTunnelName } from '../../../ground/tunnel.ts';
import type { NetworkInterface, Route } from '../../../model/measured.ts';
import { because } from '../../../model/reasons.ts';
import type { NativeResult, NetworkJob } from '../../types.ts';
import type { WindowsLibrary } from './library.ts';
import * as tables from './tables-layout.ts';

const BUFFER_OVERFLOW = 111;
/** ERROR_NOT_FOUND, ERROR_NETWORK_UNREACHABLE, ERROR_HOST_UNREACHABLE. */
const NO_ROUTE: ReadonlySet<number> = new Set([1168, 1231, 1232]);
/** PPP, virtual (Wintun), tunnel. */
const POINT_TO_POINT: ReadonlySet<number> = new Set([23, 53, 131]);
const MAX_TABLE = 1024 * 1024;

/**
 * Route, next hop's state, adapters and DNS servers as iphlpapi has them: no text that is translated, and no PowerShell.
 * Nothing is sent. The resolvers are those of adapters that are up, the one of the route first.
 */
export function windowsNetwork(library: WindowsLibrary, { address }: NetworkJob): NativeResult {
  const [bare = '', zone] = address.split('%');
  const adapters = readAdapters(library);
  if (adapters === null) return { status: 'unavailable', reason: because('route-not-told'), enable: null };
  const scope = zone === undefined ? 0 : Number(zone);
  const { route, index } = readRoute(library, bare, Number.isInteger(scope) ? scope : 0, adapters);
  const hop = route.kind === 'unicast' ? (route.gateway ?? bare) : null;
  let neighbour: { address: string; state: string } | null = null;
  if (hop !== null && index !== null) {
    const row = tables.encodeNeighbour(hop, index);
    const state = library.GetIpNetEntry2(row) === 0 ? tables.neighbourState(row) : null;
    if (state !== null) neighbour = { address: hop, state };
  }
  const isOfRoute = (one: tables.Adapter) => one.index === index || one.index6 === index;
  const inOrder = [...adapters.filter(isOfRoute), ...adapters.filter((one) => !isOfRoute(one))];
  return {
    status: 'network',
    route,
    neighbour,
    interfaces: adapters.map(interfaceOf),
    // Site-local servers stand there where nothing is configured.
    resolvers: [...new Set(inOrder.filter(({ up }) => up).flatMap(({ resolvers }) => resolvers))]
      .filter((one) => !/^fec0:/i.test(one))
      .slice(0, 8),
  };
}

function interfaceOf({ name, up, type, addresses }: tables.Adapter): NetworkInterface {
  const isPoint = POINT_TO_POINT.has(type) || isTunnelName(name);
  return {
    name,
    up,
    ...(isPoint ? { pointToPoint: true } : {}),
    addresses: addresses.map((one) => ({ ...one, family: familyOf(one.address) })),
  };
}

function readAdapters(library: WindowsLibrary): tables.Adapter[] | null {
  let size = 32 * 1024;
  // What was enough a moment ago may not be: adapters come and go.
  for (let i = 0; i < 3 && size <= MAX_TABLE; i++) {
    const table = Buffer.alloc(size);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(size, 0);
    const error = library.GetAdaptersAddresses(0, 0, table, length);
    if (error === 0) return tables.decodeAdapters(table, library.addressOf(table));
    if (error !== BUFFER_OVERFLOW) return null;
    size = length.readUInt32LE(0);
  }
  return null;
}

function readRoute(
  library: WindowsLibrary,
  address: string,
  scope: number,
  adapters: readonly tables.Adapter[],
): { route: Route; index: number | null } {
  const unknown: Route = { kind: 'unknown', device: null, gateway: null, source: null, onLink: null };
  const row = Buffer.alloc(tables.BEST_ROUTE_SIZE);
  const source = Buffer.alloc(28);
  const error = library.GetBestRoute2(scope, tables.encodeInet(address, scope), row, source);
  if (NO_ROUTE.has(error)) return { route: { ...unknown, kind: 'none' }, index: null };
  const best = error === 0 ? tables.decodeBestRoute(row) : null;
  if (best === null) return { route: unknown, index: null };
  const { interfaceIndex: index, nextHop: gateway } = best;
  const own = adapters.some(({ addresses }) => addresses.some((one) => sameAddress(one.address, address)));
  const device = adapters.find((one) => (familyOf(address) === 6 ? one.index6 : one.index) === index);
  const from = tables.inetText(source);
  return {
    route: {
      kind: own ? 'local' : 'unicast',
      device: device?.name ?? null,
      gateway,
      source: from === null || from === '0.0.0.0' || from === '::' ? null : from,
      onLink: gateway === null,
    },
    index,
  };
}
