/**
 * Octets of iphlpapi's tables, 64 bits: netioapi.h (MIB_IPFORWARD_ROW2, MIB_IPNET_ROW2), iptypes.h
 * (IP_ADAPTER_ADDRESSES_LH, whose lists are pointers into the buffer that the caller gave). Written from the headers.
 */
import { octetsOf } from '../../../ground/address.ts';
import { addressText } from '../octets.ts';
import { AF_INET, AF_INET6 } from './layout.ts';

/** SOCKADDR_INET: room for either family, 28 octets. */
export function encodeInet(address: string, scope: number): Buffer {
  const octets = octetsOf(address) ?? [];
  const bytes = Buffer.alloc(28);
  bytes.writeUInt16LE(octets.length === 16 ? AF_INET6 : AF_INET, 0);
  Buffer.from(octets).copy(bytes, octets.length === 16 ? 8 : 4);
  if (octets.length === 16) bytes.writeUInt32LE(scope, 24);
  return bytes;
}

export function inetText(bytes: Buffer): string | null {
  if (bytes.length < 8) return null;
  const family = bytes.readUInt16LE(0);
  if (family === AF_INET) return addressText(bytes.subarray(4, 8));
  return family === AF_INET6 && bytes.length >= 24 ? addressText(bytes.subarray(8, 24)) : null;
}

export const BEST_ROUTE_SIZE = 104;
/** MIB_IPFORWARD_ROW2: interface index at 8, next hop (SOCKADDR_INET) at 44; the unspecified address = on this link. */
export function decodeBestRoute(row: Buffer): { interfaceIndex: number; nextHop: string | null } | null {
  if (row.length < 72) return null;
  const hop = inetText(row.subarray(44, 72));
  const isOnLink = hop === null || hop === '0.0.0.0' || hop === '::';
  return { interfaceIndex: row.readUInt32LE(8), nextHop: isOnLink ? null : hop };
}

/** NL_NEIGHBOR_STATE, in the words of `ip neigh`. */
const STATES = ['FAILED', 'INCOMPLETE', 'PROBE', 'DELAY', 'STALE', 'REACHABLE', 'PERMANENT'];
/** MIB_IPNET_ROW2: address, interface index at 28, state at 76; 88 octets. */
export function encodeNeighbour(address: string, interfaceIndex: number): Buffer {
  const bytes = Buffer.alloc(88);
  encodeInet(address, 0).copy(bytes, 0);
  bytes.writeUInt32LE(interfaceIndex, 28);
  return bytes;
}
export const neighbourState = (row: Buffer): string | null =>
  row.length < 80 ? null : (STATES[row.readUInt32LE(76)] ?? null);

export interface Adapter {
  index: number;
  index6: number;
  name: string;
  up: boolean;
  /** IANAifType: 6 Ethernet, 24 loopback, 71 Wi-Fi, 23 PPP, 53 virtual (WireGuard's), 131 tunnel. */
  type: number;
  addresses: { address: string; prefix: number }[];
  resolvers: string[];
}

const MOST = 256;

/**
 * The list that GetAdaptersAddresses wrote into `buffer`, which lies at `base` in memory. A pointer that leads out of the
 * buffer ends its list; a list that leads in a circle ends after 256.
 */
export function decodeAdapters(buffer: Buffer, base: bigint): Adapter[] {
  const at = (pointer: bigint, length: number): number | null => {
    const offset = pointer - base;
    return offset >= 0n && offset + BigInt(length) <= BigInt(buffer.length) ? Number(offset) : null;
  };
  const pointerAt = (offset: number, length: number): number | null =>
    at(buffer.readBigUInt64LE(offset), length);
  const text = (offset: number | null): string => {
    if (offset === null) return '';
    let end = offset;
    while (end + 1 < buffer.length && end - offset < 512 && buffer.readUInt16LE(end) !== 0) end += 2;
    return buffer.toString('utf16le', offset, end);
  };
  const list = <T>(first: number | null, length: number, read: (offset: number) => T | null): T[] => {
    const found: T[] = [];
    let seen = 0;
    for (let item = first; item !== null && seen < MOST; item = pointerAt(item + 8, length), seen++) {
      const one = read(item);
      if (one !== null) found.push(one);
    }
    return found;
  };
  // SOCKET_ADDRESS: pointer, length.
  const socketAddress = (offset: number): string | null => {
    const size = buffer.readInt32LE(offset + 8);
    const to = size < 16 || size > 28 ? null : pointerAt(offset, size);
    return to === null ? null : inetText(buffer.subarray(to, to + size));
  };
  return list(at(base, 224), 224, (adapter) => ({
    index: buffer.readUInt32LE(adapter + 4),
    index6: buffer.readUInt32LE(adapter + 108),
    name: text(pointerAt(adapter + 72, 2)),
    up: buffer.readInt32LE(adapter + 104) === 1,
    type: buffer.readUInt32LE(adapter + 100),
    addresses: list(pointerAt(adapter + 24, 64), 64, (unicast) => {
      const address = socketAddress(unicast + 16);
      return address === null ? null : { address, prefix: buffer.readUInt8(unicast + 56) };
    }),
    resolvers: list(pointerAt(adapter + 48, 32), 32, (server) => socketAddress(server + 16)),
  }));
}
