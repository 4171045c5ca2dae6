import { familyOf } from '../../ground/address.ts';
import * as linux from './layout.ts';
import type { Libc } from './libc.ts';

export type Outcome<T> = { ok: true; value: T } | { ok: false; errno: string };

/** One 64 KiB block outside the JavaScript heap: msghdr holds raw addresses into it, so it must never move. */
const block = new ArrayBuffer(65_536 + 2048);
const part = (start: number, length: number): Buffer => Buffer.from(block, start, length);
const messageHeader = part(0, 56);
const ioVector = part(64, 16);
const peerName = part(128, 128);
const control = part(256, 512);
const option = part(768, 256);
const optionLength = part(1024, 4);
const pollSet = part(1032, 1016);
/** What `receive` read, until the next call. */
const received = part(2048, 65_536);

export const MAX_POLLED = 64;

const failure = (libc: Libc): { ok: false; errno: string } => ({
  ok: false,
  errno: linux.errnoName(libc.errno()),
});

/** sockaddr of an IP literal, with the zone of a link-local address resolved to an interface index (0 = no such interface). */
export function socketAddress(libc: Libc, address: string, port: number): Buffer {
  const zone = address.split('%')[1];
  const scope = zone === undefined ? 0 : /^\d+$/.test(zone) ? Number(zone) : libc.ifNameToIndex(zone);
  return linux.encodeSocketAddress(address, port, scope);
}

const PROTOCOLS = {
  tcp: { type: linux.SOCK_STREAM, v4: linux.IPPROTO_TCP, v6: linux.IPPROTO_TCP },
  udp: { type: linux.SOCK_DGRAM, v4: linux.IPPROTO_UDP, v6: linux.IPPROTO_UDP },
  icmp: { type: linux.SOCK_DGRAM, v4: linux.IPPROTO_ICMP, v6: linux.IPPROTO_ICMPV6 },
} as const;

/** The socket options of which IPv4 and IPv6 have one each. */
const PAIRS = {
  ttl: { v4: linux.IP_TTL, v6: linux.IPV6_UNICAST_HOPS },
  minTtl: { v4: linux.IP_MINTTL, v6: linux.IPV6_MINHOPCOUNT },
  recvErr: { v4: linux.IP_RECVERR, v6: linux.IPV6_RECVERR },
} as const;

export function setPaired(
  libc: Libc,
  fd: number,
  family: 4 | 6,
  name: keyof typeof PAIRS,
  value: number,
): Outcome<null> {
  return family === 6
    ? setInteger(libc, fd, linux.SOL_IPV6, PAIRS[name].v6, value)
    : setInteger(libc, fd, linux.SOL_IP, PAIRS[name].v4, value);
}

export function setInteger(
  libc: Libc,
  fd: number,
  level: number,
  name: number,
  value: number,
): Outcome<null> {
  option.writeInt32LE(value, 0);
  return libc.setsockopt(fd, level, name, option, 4) < 0 ? failure(libc) : { ok: true, value: null };
}

/** Non-blocking, closed on exec, reporting ICMP errors through its error queue, with the options given. */
export function openSocket(
  libc: Libc,
  address: string,
  protocol: keyof typeof PROTOCOLS,
  options: { ttl?: number; minTtl?: number },
): Outcome<number> {
  const family = familyOf(address);
  const { type, v4, v6 } = PROTOCOLS[protocol];
  const domain = family === 6 ? linux.AF_INET6 : linux.AF_INET;
  const flags = type | linux.SOCK_NONBLOCK | linux.SOCK_CLOEXEC;
  const fd = libc.socket(domain, flags, family === 6 ? v6 : v4);
  if (fd < 0) return failure(libc);
  const settings: [keyof typeof PAIRS, number | undefined][] = [
    ['recvErr', 1],
    ['ttl', options.ttl],
    ['minTtl', options.minTtl],
  ];
  for (const [name, value] of settings) {
    if (value === undefined) continue;
    const set = setPaired(libc, fd, family, name, value);
    if (!set.ok) {
      libc.close(fd);
      return set;
    }
  }
  return { ok: true, value: fd };
}

/** Starts a connect(). A success says only that it is under way (or done): poll tells. */
export function startConnect(libc: Libc, fd: number, address: Buffer): Outcome<null> {
  if (libc.connect(fd, address, address.length) === 0) return { ok: true, value: null };
  const errno = libc.errno();
  return errno === linux.EINPROGRESS || errno === linux.EINTR
    ? { ok: true, value: null }
    : { ok: false, errno: linux.errnoName(errno) };
}

export function send(libc: Libc, fd: number, data: Buffer): Outcome<number> {
  const sent = Number(libc.send(fd, data, data.length, linux.MSG_NOSIGNAL | linux.MSG_DONTWAIT));
  return sent < 0 ? failure(libc) : { ok: true, value: sent };
}

/** The octets read are valid until the next call; length 0 = the other end closed its side. */
export function receive(libc: Libc, fd: number, atMost: number): Outcome<Buffer> {
  const length = Math.min(atMost, received.length);
  const count = Number(libc.recv(fd, received, length, linux.MSG_DONTWAIT));
  return count < 0 ? failure(libc) : { ok: true, value: received.subarray(0, Math.min(count, length)) };
}

/** Waits until one of the descriptors (at most MAX_POLLED) is ready. The result holds those that are, with their revents. */
export function poll(libc: Libc, fds: number[], events: number, timeoutMs: number): Map<number, number> {
  if (fds.length > MAX_POLLED) throw new RangeError(`poll: ${fds.length} descriptors`);
  fds.forEach((fd, i) => {
    pollSet.writeInt32LE(fd, i * 8);
    pollSet.writeInt16LE(events, i * 8 + 4);
    pollSet.writeInt16LE(0, i * 8 + 6);
  });
  const ready = new Map<number, number>();
  if (libc.poll(pollSet, fds.length, Math.max(0, Math.ceil(timeoutMs))) <= 0) return ready;
  fds.forEach((fd, i) => {
    const happened = pollSet.readInt16LE(i * 8 + 6);
    if (happened !== 0) ready.set(fd, happened);
  });
  return ready;
}

function getOption(libc: Libc, fd: number, level: number, name: number, size: number): Buffer | null {
  option.fill(0, 0, size);
  optionLength.writeUInt32LE(size, 0);
  if (libc.getsockopt(fd, level, name, option, optionLength) < 0) return null;
  return option.subarray(0, Math.min(size, optionLength.readUInt32LE(0)));
}

/** The socket's pending error, 0 = none. Asking clears it: ask once per wake-up. */
export function takeError(libc: Libc, fd: number): number {
  const value = getOption(libc, fd, linux.SOL_SOCKET, linux.SO_ERROR, 4);
  return value !== null && value.length >= 4 ? value.readInt32LE(0) : 0;
}

export function tcpInfo(libc: Libc, fd: number): linux.TcpInfo | null {
  const octets = getOption(libc, fd, linux.IPPROTO_TCP, linux.TCP_INFO, option.length);
  return octets === null ? null : linux.parseTcpInfo(octets);
}

/** The timestamp (TSval) that the socket would send now; null where timestamps are off. */
export function timestamp(libc: Libc, fd: number): number | null {
  const value = getOption(libc, fd, linux.IPPROTO_TCP, linux.TCP_TIMESTAMP, 4);
  return value === null || value.length < 4 ? null : value.readUInt32LE(0);
}

/** The port that the socket sends from; null when it has none. */
export function sourcePort(libc: Libc, fd: number): number | null {
  optionLength.writeUInt32LE(peerName.length, 0);
  if (libc.getsockname(fd, peerName, optionLength) < 0) return null;
  return peerName.readUInt16BE(2) || null;
}

/** MTU of the route that the socket uses, octets; null when it is not connected. */
export function pathMtu(libc: Libc, fd: number, family: 4 | 6): number | null {
  const value =
    family === 6
      ? getOption(libc, fd, linux.SOL_IPV6, linux.IPV6_MTU, 4)
      : getOption(libc, fd, linux.SOL_IP, linux.IP_MTU, 4);
  return value !== null && value.length >= 4 ? value.readInt32LE(0) : null;
}

/** Takes what lies in the error queue, at most 16 entries. Path MTU news (3/4, ICMPv6 2) is no answer and left out. */
export function drainErrorQueue(libc: Libc, fd: number, family: 4 | 6): linux.QueuedError[] {
  const errors: linux.QueuedError[] = [];
  for (let i = 0; i < 16; i++) {
    messageHeader.fill(0);
    messageHeader.writeBigUInt64LE(libc.addressOf(peerName), 0);
    messageHeader.writeUInt32LE(peerName.length, 8);
    ioVector.writeBigUInt64LE(libc.addressOf(received), 0);
    ioVector.writeBigUInt64LE(1024n, 8);
    messageHeader.writeBigUInt64LE(libc.addressOf(ioVector), 16);
    messageHeader.writeBigUInt64LE(1n, 24);
    messageHeader.writeBigUInt64LE(libc.addressOf(control), 32);
    messageHeader.writeBigUInt64LE(BigInt(control.length), 40);
    if (Number(libc.recvmsg(fd, messageHeader, linux.MSG_ERRQUEUE | linux.MSG_DONTWAIT)) < 0) {
      if (libc.errno() === linux.EINTR) continue;
      break;
    }
    const length = Math.min(control.length, Number(messageHeader.readBigUInt64LE(40)));
    errors.push(...linux.parseErrorQueue(control.subarray(0, length)));
  }
  return errors.filter(
    ({ origin, icmpType, icmpCode }) =>
      origin !== 'icmp' || !(family === 6 ? icmpType === 2 : icmpType === 3 && icmpCode === 4),
  );
}

/** A socket that listens, `::` for IPv4 as well, with the SYN of each connection kept (TCP_SAVE_SYN). */
export function listenOn(libc: Libc, address: string, port: number, backlog: number): Outcome<number> {
  const opened = openSocket(libc, address, 'tcp', {});
  if (!opened.ok) return opened;
  const fd = opened.value;
  setInteger(libc, fd, linux.SOL_SOCKET, linux.SO_REUSEADDR, 1);
  setInteger(libc, fd, linux.IPPROTO_TCP, linux.TCP_SAVE_SYN, 1);
  if (address === '::') setInteger(libc, fd, linux.SOL_IPV6, linux.IPV6_V6ONLY, 0);
  const name = socketAddress(libc, address, port);
  if (libc.bind(fd, name, name.length) === 0 && libc.listen(fd, backlog) === 0)
    return { ok: true, value: fd };
  const failed = failure(libc);
  libc.close(fd);
  return failed;
}

/** Null where nobody waits any more. */
export function accept(libc: Libc, fd: number): { fd: number; address: string | null; port: number } | null {
  optionLength.writeUInt32LE(peerName.length, 0);
  const accepted = libc.accept4(fd, peerName, optionLength, linux.SOCK_NONBLOCK | linux.SOCK_CLOEXEC);
  if (accepted < 0) return null;
  const address = linux.decodeSocketAddress(peerName)?.replace(/^::ffff:(?=\d+\.)/, '') ?? null;
  return { fd: accepted, address, port: peerName.readUInt16BE(2) };
}

/** Network and TCP header of the SYN that a connection began with; the kernel gives it once. */
export const savedSyn = (libc: Libc, fd: number): Buffer | null => {
  const octets = getOption(libc, fd, linux.IPPROTO_TCP, linux.TCP_SAVED_SYN, option.length);
  return octets === null ? null : Buffer.from(octets);
};

/** Closes; a connection that stands is torn down with a RST instead of lingering. */
export function abandon(libc: Libc, fd: number): void {
  option.writeInt32LE(1, 0);
  option.writeInt32LE(0, 4);
  libc.setsockopt(fd, linux.SOL_SOCKET, linux.SO_LINGER, option, 8);
  libc.close(fd);
}
