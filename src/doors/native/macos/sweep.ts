import { familyOf, sameAddress } from '../../../ground/address.ts';
import { because } from '../../../model/reasons.ts';
import type { NativeResult, SweepJob } from '../../types.ts';
import { type Driver, type Heard, pacedSweep } from '../paced-sweep.ts';
import * as macos from './layout.ts';
import type { MacLibrary } from './library.ts';

/**
 * The path to a TCP port without privileges: ordinary connections with a short TTL, and beside them an ICMP datagram
 * socket, which macOS opens to everyone and which hears every ICMP message. What it quotes is matched by address and
 * ports. IPv4 only: the IPv6 socket delivers no sender.
 */
export function macSweep(library: MacLibrary, job: SweepJob, elapsed: () => number): NativeResult {
  if (familyOf(job.address) === 6 || job.protocol !== 'tcp') {
    return { status: 'unavailable', reason: because('macos-tcp4-only'), enable: null };
  }
  // First of all: what is answered before anybody listens is lost.
  const listener = library.socket(macos.AF_INET, macos.SOCK_DGRAM, macos.IPPROTO_ICMP);
  if (listener < 0) {
    return {
      status: 'unavailable',
      reason: because('no-socket', macos.errorName(library.errno())),
      enable: null,
    };
  }
  library.setNonBlocking(listener);
  return pacedSweep(job, new TcpDriver(library, job, listener), elapsed);
}

class TcpDriver implements Driver {
  readonly #library: MacLibrary;
  readonly #job: SweepJob;
  readonly #listener: number;
  /** Descriptor and source port of each TTL. */
  readonly #open = new Map<number, { fd: number; port: number }>();

  constructor(library: MacLibrary, job: SweepJob, listener: number) {
    this.#library = library;
    this.#job = job;
    this.#listener = listener;
  }

  launch(ttl: number): { errno: string } | null {
    const library = this.#library;
    const fd = library.socket(macos.AF_INET, macos.SOCK_STREAM, macos.IPPROTO_TCP);
    if (fd < 0) return { errno: macos.errorName(library.errno()) };
    const to = macos.encodeSocketAddress(this.#job.address, this.#job.port);
    const isReady =
      library.setNonBlocking(fd) >= 0 &&
      library.setsockopt(fd, macos.IPPROTO_IP, macos.IP_TTL, integer(ttl), 4) === 0;
    const isStarted =
      isReady && (library.connect(fd, to, to.length) === 0 || library.errno() === macos.EINPROGRESS);
    if (!isStarted) {
      const errno = macos.errorName(library.errno());
      library.close(fd);
      return { errno };
    }
    const own = Buffer.alloc(16);
    library.getsockname(fd, own, integer(16));
    this.#open.set(ttl, { fd, port: macos.portOf(own) });
    return null;
  }

  wait(ms: number): Map<number, Heard> {
    const heard = new Map<number, Heard>();
    const asked = [...this.#open];
    const polled = macos.encodePollSet([
      { fd: this.#listener, events: macos.POLLIN },
      ...asked.map(([, { fd }]) => ({ fd, events: macos.POLLOUT })),
    ]);
    if (this.#library.poll(polled, asked.length + 1, ms) <= 0) return heard;
    // An ICMP error ends connect() as well: who sent it is known here alone.
    this.#listen(heard);
    for (const [i, [ttl, { fd }]] of asked.entries()) {
      if (macos.polledEvents(polled, i + 1) === 0 || heard.has(ttl)) continue;
      heard.set(ttl, this.#ended(fd));
    }
    for (const ttl of heard.keys()) this.#forget(ttl);
    return heard;
  }

  close(): void {
    for (const ttl of [...this.#open.keys()]) this.#forget(ttl);
    this.#library.close(this.#listener);
  }

  #listen(heard: Map<number, Heard>): void {
    const packet = Buffer.alloc(2048);
    for (let i = 0; i < 64; i++) {
      const length = this.#library.recv(this.#listener, packet, packet.length, 0);
      if (length <= 0) return;
      const error = macos.decodeIcmpError(packet.subarray(0, length));
      if (error === null || error.protocol !== macos.IPPROTO_TCP || error.destinationPort !== this.#job.port)
        continue;
      if (!sameAddress(error.to, this.#job.address)) continue;
      const ttl = [...this.#open].find(([, { port }]) => port === error.sourcePort)?.[0];
      if (ttl === undefined || heard.has(ttl)) continue;
      const from = sameAddress(error.from, this.#job.address) ? this.#job.address : error.from;
      heard.set(ttl, {
        answer: error.icmpType === 11 ? 'time-exceeded' : 'unreachable',
        from,
        icmp: [error.icmpType, error.icmpCode],
        errno: null,
      });
    }
  }

  /** Without an ICMP message a refusal is a reset. */
  #ended(fd: number): Heard {
    const value = Buffer.alloc(4);
    this.#library.getsockopt(fd, macos.SOL_SOCKET, macos.SO_ERROR, value, integer(4));
    const error = value.readInt32LE(0);
    if (error === 0) return { answer: 'syn-ack', from: null, icmp: null, errno: null };
    const answer = error === macos.ECONNREFUSED ? 'rst' : 'unreachable';
    return { answer, from: null, icmp: null, errno: macos.errorName(error) };
  }

  #forget(ttl: number): void {
    const known = this.#open.get(ttl);
    if (known !== undefined) this.#library.close(known.fd);
    this.#open.delete(ttl);
  }
}

function integer(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value, 0);
  return bytes;
}
