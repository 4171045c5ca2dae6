/**
 * Constants and binary layouts of Linux (asm-generic, LP64, little endian: x64 and arm64). Pure: octets in, values out.
 * Sources: <linux/in.h>, <linux/in6.h>, <linux/errqueue.h>, <linux/tcp.h>, <bits/socket.h>, ip(7), ipv6(7), tcp(7).
 */
import { isIPv4, isIPv6, SocketAddress } from 'node:net';
import { getSystemErrorName } from 'node:util';

export const AF_INET = 2;
export const AF_INET6 = 10;
export const SOCK_STREAM = 1;
export const SOCK_DGRAM = 2;
export const SOCK_NONBLOCK = 0o4000;
export const SOCK_CLOEXEC = 0o2000000;
export const IPPROTO_ICMP = 1;
export const IPPROTO_TCP = 6;
export const IPPROTO_UDP = 17;
export const IPPROTO_ICMPV6 = 58;
export const SOL_SOCKET = 1;
export const SO_REUSEADDR = 2;
export const SO_ERROR = 4;
export const SO_LINGER = 13;
export const SOL_IP = 0;
export const IP_TTL = 2;
export const IP_RECVERR = 11;
export const IP_MTU = 14;
export const IP_MINTTL = 21;
export const SOL_IPV6 = 41;
export const IPV6_UNICAST_HOPS = 16;
export const IPV6_V6ONLY = 26;
export const IPV6_MTU = 24;
export const IPV6_RECVERR = 25;
export const IPV6_MINHOPCOUNT = 73;
export const TCP_MAXSEG = 2;
export const TCP_INFO = 11;
export const TCP_TIMESTAMP = 24;
export const TCP_SAVE_SYN = 27;
export const TCP_SAVED_SYN = 28;
export const SHUT_WR = 1;
export const MSG_DONTWAIT = 0x40;
export const MSG_ERRQUEUE = 0x2000;
export const MSG_NOSIGNAL = 0x4000;
export const POLLIN = 1;
export const POLLOUT = 4;

export const EINTR = 4;
export const ECONNREFUSED = 111;
export const EINPROGRESS = 115;

export function errnoName(errno: number): string {
  return errno > 0 && errno < 4096 ? getSystemErrorName(-errno) : `errno ${errno}`;
}

function ipv6Octets(address: string): Buffer {
  const [text = ''] = address.split('%');
  const octets = Buffer.alloc(16);
  const groups = (part: string | undefined): number[] =>
    (part ? part.split(':') : []).flatMap((group) => {
      if (!group.includes('.')) return [Number.parseInt(group, 16)];
      const [a = 0, b = 0, c = 0, d = 0] = group.split('.').map(Number);
      return [a * 256 + b, c * 256 + d];
    });
  const [head, tail] = text.split('::');
  const first = groups(head);
  const last = groups(tail);
  const gap = tail === undefined ? 0 : 8 - first.length - last.length;
  [...first, ...Array<number>(gap).fill(0), ...last].forEach((word, i) => {
    octets.writeUInt16BE(word, i * 2);
  });
  return octets;
}

/**
 * struct sockaddr_in (16 octets) or sockaddr_in6 (28 octets) of an IP literal; `scopeId` is the interface index of a
 * link-local address. Throws on anything but an IP literal: that would be a bug of ours.
 */
export function encodeSocketAddress(address: string, port: number, scopeId = 0): Buffer {
  if (isIPv4(address)) {
    const octets = Buffer.alloc(16);
    octets.writeUInt16LE(AF_INET, 0);
    octets.writeUInt16BE(port, 2);
    address.split('.').forEach((part, i) => {
      octets.writeUInt8(Number(part), 4 + i);
    });
    return octets;
  }
  if (!isIPv6(address)) throw new TypeError(`not an IP literal: ${JSON.stringify(address)}`);
  const octets = Buffer.alloc(28);
  octets.writeUInt16LE(AF_INET6, 0);
  octets.writeUInt16BE(port, 2);
  ipv6Octets(address).copy(octets, 8);
  octets.writeUInt32LE(scopeId, 24);
  return octets;
}

/** The address in a sockaddr, in canonical text without a zone; null for AF_UNSPEC (sender unknown) or too few octets. */
export function decodeSocketAddress(octets: Buffer): string | null {
  if (octets.length < 2) return null;
  const family = octets.readUInt16LE(0);
  if (family === AF_INET && octets.length >= 8) return octets.subarray(4, 8).join('.');
  if (family !== AF_INET6 || octets.length < 24) return null;
  const words = Array.from({ length: 8 }, (_, i) => octets.readUInt16BE(8 + i * 2).toString(16));
  return canonicalAddress(words.join(':'));
}

/** IPv6 text in its one canonical form (RFC 5952), zone removed; IPv4 as it is. */
export function canonicalAddress(address: string): string {
  if (isIPv4(address)) return address;
  const [text = ''] = address.split('%');
  return new SocketAddress({ address: text, family: 'ipv6' }).address;
}

export interface QueuedError {
  errno: string;
  /** icmp covers ICMPv6; local = made by this machine's stack without an ICMP message. */
  origin: 'local' | 'icmp' | 'other';
  icmpType: number;
  icmpCode: number;
  /** Who sent the ICMP message. */
  from: string | null;
}

const ORIGINS: Readonly<Record<number, QueuedError['origin']>> = { 1: 'local', 2: 'icmp', 3: 'icmp' };

/**
 * The control messages of recvmsg(MSG_ERRQUEUE), cut to msg_controllen.
 * cmsghdr:           u64 len (header included) | i32 level | i32 type | data; the next one starts 8-aligned
 * sock_extended_err: u32 errno | u8 origin | u8 type | u8 code | u8 pad | u32 info | u32 data | sockaddr of the sender
 * A damaged length ends the reading; what was read before it stays.
 */
export function parseErrorQueue(control: Buffer): QueuedError[] {
  const errors: QueuedError[] = [];
  let at = 0;
  while (at + 16 <= control.length) {
    const length = Number(control.readBigUInt64LE(at));
    if (length < 16 || length > control.length - at) break;
    const level = control.readInt32LE(at + 8);
    const type = control.readInt32LE(at + 12);
    const isError =
      (level === SOL_IP && type === IP_RECVERR) || (level === SOL_IPV6 && type === IPV6_RECVERR);
    if (isError && length >= 32) {
      const data = control.subarray(at + 16, at + length);
      errors.push({
        errno: errnoName(data.readUInt32LE(0)),
        origin: ORIGINS[data.readUInt8(4)] ?? 'other',
        icmpType: data.readUInt8(5),
        icmpCode: data.readUInt8(6),
        from: decodeSocketAddress(data.subarray(16)),
      });
    }
    at += (length + 7) & ~7;
  }
  return errors;
}

export interface TcpInfo {
  sendMss: number;
  receiveMss: number;
  unacked: number;
  retransmits: number;
}

/** struct tcp_info (<linux/tcp.h>): snd_mss at 16, rcv_mss at 20, unacked at 24, total_retrans at 100. Null when shorter. */
export function parseTcpInfo(octets: Buffer): TcpInfo | null {
  if (octets.length < 104) return null;
  return {
    sendMss: octets.readUInt32LE(16),
    receiveMss: octets.readUInt32LE(20),
    unacked: octets.readUInt32LE(24),
    retransmits: octets.readUInt32LE(100),
  };
}
