/**
 * Octets of Windows's sockets and of iphlpapi, x64 and arm64: ws2def.h, mstcpip.h (TCP_ICMP_ERROR_INFO, Windows 10 version
 * 2004), ipexport.h (ICMP_ECHO_REPLY). Written from the headers; the echo half ran under Wine, the TCP half never ran.
 */
import { octetsOf } from '../../../ground/address.ts';
import { addressText } from '../octets.ts';

export const AF_INET = 2;
export const AF_INET6 = 23;
export const SOCK_STREAM = 1;
export const IPPROTO_IP = 0;
export const IPPROTO_TCP = 6;
export const IPPROTO_IPV6 = 41;
export const IP_TTL = 4;
export const IPV6_UNICAST_HOPS = 4;
export const TCP_FAIL_CONNECT_ON_ICMP_ERROR = 18;
export const TCP_ICMP_ERROR_INFO = 19;
export const SOL_SOCKET = 0xffff;
export const SO_ERROR = 0x1007;
export const FIONBIO = 0x8004667e;
export const POLLOUT = 0x0010;
export const WSAEWOULDBLOCK = 10035;
export const WSAECONNREFUSED = 10061;

const NAMES: Readonly<Record<number, string>> = {
  10013: 'EACCES',
  10024: 'EMFILE',
  10042: 'ENOPROTOOPT',
  10049: 'EADDRNOTAVAIL',
  10050: 'ENETDOWN',
  10051: 'ENETUNREACH',
  10054: 'ECONNRESET',
  10055: 'ENOBUFS',
  10060: 'ETIMEDOUT',
  10061: 'ECONNREFUSED',
  10064: 'EHOSTDOWN',
  10065: 'EHOSTUNREACH',
};
/** The name that node gives the error; the number where it has none. */
export const errorName = (number: number): string => NAMES[number] ?? `WSA${number}`;

/** SOCKADDR_IN (16) or SOCKADDR_IN6 (28). */
export function encodeSocketAddress(address: string, port: number, scope: number): Buffer {
  const octets = octetsOf(address) ?? [];
  const isV6 = address.includes(':');
  const bytes = Buffer.alloc(isV6 ? 28 : 16);
  bytes.writeUInt16LE(isV6 ? AF_INET6 : AF_INET, 0);
  bytes.writeUInt16BE(port, 2);
  Buffer.from(octets).copy(bytes, isV6 ? 8 : 4);
  if (isV6) bytes.writeUInt32LE(scope, 24);
  return bytes;
}

export interface IcmpErrorInfo {
  from: string;
  icmpType: number;
  icmpCode: number;
}
/** ICMP_ERROR_INFO: SOCKADDR_INET (28), protocol u32, type u8, code u8, padded to 36. Null where it is empty. */
export function decodeIcmpErrorInfo(bytes: Buffer): IcmpErrorInfo | null {
  if (bytes.length < 34) return null;
  const family = bytes.readUInt16LE(0);
  const from =
    family === AF_INET
      ? addressText(bytes.subarray(4, 8))
      : family === AF_INET6
        ? addressText(bytes.subarray(8, 24))
        : null;
  return from === null ? null : { from, icmpType: bytes[32]!, icmpCode: bytes[33]! };
}

/** WSAPOLLFD: SOCKET (8), events i16, revents i16, padded to 16. */
export function encodePollSet(sockets: readonly bigint[]): Buffer {
  const bytes = Buffer.alloc(16 * sockets.length);
  for (const [i, socket] of sockets.entries()) {
    bytes.writeBigUInt64LE(BigInt.asUintN(64, socket), i * 16);
    bytes.writeInt16LE(POLLOUT, i * 16 + 8);
  }
  return bytes;
}
export const polledEvents = (bytes: Buffer, index: number): number => bytes.readInt16LE(index * 16 + 10);

/** IP_OPTION_INFORMATION: TTL, TOS, flags, size of options, their address: 16 octets. */
export function encodeOptions(ttl: number): Buffer {
  const bytes = Buffer.alloc(16);
  bytes.writeUInt8(ttl, 0);
  return bytes;
}

export interface EchoReply {
  from: string;
  status: number;
  rttMs: number;
}
/** ICMP_ECHO_REPLY: address, status, round trip time (u32 each), and what is not needed here: 40 octets. */
export function decodeEchoReply(bytes: Buffer): EchoReply | null {
  if (bytes.length < 12) return null;
  return {
    from: addressText(bytes.subarray(0, 4)) ?? '0.0.0.0',
    status: bytes.readUInt32LE(4),
    rttMs: bytes.readUInt32LE(8),
  };
}
/** Data, the reply, and room for an ICMP error and an IO_STATUS_BLOCK, as IcmpSendEcho wants it. */
export const ECHO_REPLY_SIZE = 40 + 32 + 8 + 16;

/** IP_STATUS: ICMP type and code of the errors (IP_STATUS_BASE 11000). */
const STATUS: Readonly<Record<number, readonly [number, number]>> = {
  11002: [3, 0],
  11003: [3, 1],
  11004: [3, 2],
  11005: [3, 3],
  11009: [3, 4],
  11013: [11, 0],
  11014: [11, 1],
};
export const icmpOfStatus = (status: number): readonly [number, number] | null => STATUS[status] ?? null;
export const TIMED_OUT = 11010;
