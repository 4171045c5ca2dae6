/**
 * Octets of macOS's sockets (xnu bsd/sys/socket.h, netinet/in.h, netinet/ip_icmp.h): the length stands first in a
 * sockaddr, AF_INET6 is 30, and a raw IP header has its length in the host's order. Written from the headers, never run.
 */
import { octetsOf } from '../../../ground/address.ts';
import { addressText } from '../octets.ts';

export const AF_INET = 2;
export const SOCK_STREAM = 1;
export const SOCK_DGRAM = 2;
export const IPPROTO_IP = 0;
export const IPPROTO_ICMP = 1;
export const IPPROTO_TCP = 6;
export const IP_TTL = 4;
export const SOL_SOCKET = 0xffff;
export const SO_ERROR = 0x1007;
export const F_SETFL = 4;
export const O_NONBLOCK = 4;
export const EINPROGRESS = 36;
export const ECONNREFUSED = 61;
export const POLLIN = 1;
export const POLLOUT = 4;

const NAMES: Readonly<Record<number, string>> = {
  1: 'EPERM',
  13: 'EACCES',
  24: 'EMFILE',
  49: 'EADDRNOTAVAIL',
  50: 'ENETDOWN',
  51: 'ENETUNREACH',
  54: 'ECONNRESET',
  60: 'ETIMEDOUT',
  61: 'ECONNREFUSED',
  64: 'EHOSTDOWN',
  65: 'EHOSTUNREACH',
};
export const errorName = (number: number): string => NAMES[number] ?? `errno ${number}`;

/** sockaddr_in: length, family, port, address, 8 zeros. */
export function encodeSocketAddress(address: string, port: number): Buffer {
  const bytes = Buffer.alloc(16);
  bytes.writeUInt8(16, 0);
  bytes.writeUInt8(AF_INET, 1);
  bytes.writeUInt16BE(port, 2);
  Buffer.from(octetsOf(address) ?? []).copy(bytes, 4);
  return bytes;
}
export const portOf = (socketAddress: Buffer): number => socketAddress.readUInt16BE(2);

/** pollfd: fd i32, events i16, revents i16. */
export function encodePollSet(wanted: readonly { fd: number; events: number }[]): Buffer {
  const bytes = Buffer.alloc(8 * wanted.length);
  for (const [i, { fd, events }] of wanted.entries()) {
    bytes.writeInt32LE(fd, i * 8);
    bytes.writeInt16LE(events, i * 8 + 4);
  }
  return bytes;
}
export const polledEvents = (bytes: Buffer, index: number): number => bytes.readInt16LE(index * 8 + 6);

export interface IcmpError {
  from: string;
  icmpType: number;
  icmpCode: number;
  /** Of the packet that provoked it. */
  to: string;
  protocol: number;
  sourcePort: number;
  destinationPort: number;
}

/** An ICMP error as an ICMP datagram socket delivers it, outer IP header included; null for every other message. */
export function decodeIcmpError(packet: Uint8Array): IcmpError | null {
  const outer = headerLength(packet);
  if (outer === null || packet[9] !== IPPROTO_ICMP) return null;
  const icmp = packet.subarray(outer);
  const [icmpType = 0, icmpCode = 0] = icmp;
  if (icmp.length < 8 + 20 + 4 || (icmpType !== 3 && icmpType !== 11)) return null;
  const quoted = icmp.subarray(8);
  const inner = headerLength(quoted);
  if (inner === null || quoted.length < inner + 4) return null;
  const ports = quoted.subarray(inner);
  const from = addressText(packet.subarray(12, 16));
  const to = addressText(quoted.subarray(16, 20));
  if (from === null || to === null) return null;
  return {
    from,
    icmpType,
    icmpCode,
    to,
    protocol: quoted[9]!,
    sourcePort: (ports[0]! << 8) | ports[1]!,
    destinationPort: (ports[2]! << 8) | ports[3]!,
  };
}

/** Of an IPv4 header, in octets; null where it is none or cut. */
function headerLength(packet: Uint8Array): number | null {
  const [first = 0] = packet;
  const length = (first & 0x0f) * 4;
  return first >> 4 === 4 && length >= 20 && packet.length >= length ? length : null;
}
