import { familyOf, sameAddress } from '../../../ground/address.ts';
import type { TtlReply } from '../../../model/measured.ts';
import { because } from '../../../model/reasons.ts';
import type { NativeResult, SweepJob } from '../../types.ts';
import { type Driver, type Heard, pacedSweep } from '../paced-sweep.ts';
import * as windows from './layout.ts';
import type { WindowsLibrary } from './library.ts';

/** One echo request may wait so long; they are asked one after the other. */
const ECHO_MS = 1000;

/**
 * The path to a port or to a host, without privileges. TCP: a socket for each TTL, with the option by which an ICMP error
 * ends connect() and is told (Windows 10 version 2004 or later). ICMP: IcmpSendEcho with a TTL. UDP is not made here.
 */
export function windowsSweep(library: WindowsLibrary, job: SweepJob, elapsed: () => number): NativeResult {
  if (job.protocol === 'icmp') return echoSweep(library, job);
  if (job.protocol === 'udp') return { status: 'unavailable', reason: because('linux-only'), enable: null };
  const driver = new TcpDriver(library, job);
  const known = driver.whyNot();
  return known ?? pacedSweep(job, driver, elapsed);
}

class TcpDriver implements Driver {
  readonly #open = new Map<number, bigint>();
  readonly #library: WindowsLibrary;
  readonly #job: SweepJob;

  constructor(library: WindowsLibrary, job: SweepJob) {
    this.#library = library;
    this.#job = job;
  }

  /** Tries the option on a socket that connects to nothing: older Windows, and Wine, do not have it. */
  whyNot(): NativeResult | null {
    const socket = this.#socket();
    if (socket === null)
      return { status: 'failed', reason: because('no-socket', windows.errorName(this.#library.lastError())) };
    const set = this.#set(socket, windows.IPPROTO_TCP, windows.TCP_FAIL_CONNECT_ON_ICMP_ERROR, 1);
    this.#library.closesocket(socket);
    return set
      ? null
      : {
          status: 'unavailable',
          reason: because('windows-before-2004'),
          enable: null,
        };
  }

  launch(ttl: number): { errno: string } | null {
    const { address, port } = this.#job;
    const isV6 = familyOf(address) === 6;
    const socket = this.#socket();
    if (socket === null) return this.#failed();
    const isReady =
      this.#set(socket, windows.IPPROTO_TCP, windows.TCP_FAIL_CONNECT_ON_ICMP_ERROR, 1) &&
      this.#set(
        socket,
        isV6 ? windows.IPPROTO_IPV6 : windows.IPPROTO_IP,
        isV6 ? windows.IPV6_UNICAST_HOPS : windows.IP_TTL,
        ttl,
      ) &&
      this.#library.ioctlsocket(socket, windows.FIONBIO, integer(1)) === 0;
    const to = windows.encodeSocketAddress(address, port, 0);
    if (
      !isReady ||
      (this.#library.connect(socket, to, to.length) !== 0 &&
        this.#library.lastError() !== windows.WSAEWOULDBLOCK)
    ) {
      const failed = this.#failed();
      this.#library.closesocket(socket);
      return failed;
    }
    this.#open.set(ttl, socket);
    return null;
  }

  wait(ms: number): Map<number, Heard> {
    const heard = new Map<number, Heard>();
    const asked = [...this.#open];
    const polled = windows.encodePollSet(asked.map(([, socket]) => socket));
    if (this.#library.WSAPoll(polled, asked.length, ms) <= 0) return heard;
    for (const [i, [ttl, socket]] of asked.entries()) {
      if (windows.polledEvents(polled, i) === 0) continue;
      heard.set(ttl, this.#hear(socket));
      this.#library.closesocket(socket);
      this.#open.delete(ttl);
    }
    return heard;
  }

  close(): void {
    for (const socket of this.#open.values()) this.#library.closesocket(socket);
    this.#open.clear();
  }

  #hear(socket: bigint): Heard {
    const error = this.#get(socket, windows.SOL_SOCKET, windows.SO_ERROR, 4)?.readInt32LE(0) ?? 0;
    if (error === 0) return { answer: 'syn-ack', from: null, icmp: null, errno: null };
    const info = this.#get(socket, windows.IPPROTO_TCP, windows.TCP_ICMP_ERROR_INFO, 36);
    const told = info === null ? null : windows.decodeIcmpErrorInfo(info);
    const errno = windows.errorName(error);
    if (told === null) {
      return {
        answer: error === windows.WSAECONNREFUSED ? 'rst' : 'unreachable',
        from: null,
        icmp: null,
        errno,
      };
    }
    const expired = told.icmpType === (familyOf(this.#job.address) === 6 ? 3 : 11);
    const from = sameAddress(told.from, this.#job.address) ? this.#job.address : told.from;
    return {
      answer: expired ? 'time-exceeded' : 'unreachable',
      from,
      icmp: [told.icmpType, told.icmpCode],
      errno,
    };
  }

  #socket(): bigint | null {
    const domain = familyOf(this.#job.address) === 6 ? windows.AF_INET6 : windows.AF_INET;
    const socket = BigInt(this.#library.socket(domain, windows.SOCK_STREAM, windows.IPPROTO_TCP));
    return BigInt.asUintN(64, socket) === 0xffffffffffffffffn ? null : socket;
  }

  #set(socket: bigint, level: number, option: number, value: number): boolean {
    return this.#library.setsockopt(socket, level, option, integer(value), 4) === 0;
  }

  #get(socket: bigint, level: number, option: number, size: number): Buffer | null {
    const value = Buffer.alloc(size);
    return this.#library.getsockopt(socket, level, option, value, integer(size)) === 0 ? value : null;
  }

  #failed(): { errno: string } {
    return { errno: windows.errorName(this.#library.lastError()) };
  }
}

function integer(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value, 0);
  return bytes;
}

/** One echo request after the other: IcmpSendEcho waits for its answer. */
function echoSweep(library: WindowsLibrary, job: SweepJob): NativeResult {
  if (familyOf(job.address) === 6)
    return { status: 'unavailable', reason: because('linux-only'), enable: null };
  const address = Buffer.from(job.address.split('.').map(Number)).readUInt32LE(0);
  const handle = library.IcmpCreateFile();
  const probes: TtlReply[] = [];
  try {
    let silent = 0;
    for (let ttl = 1; ttl <= job.maxTtl && silent < Math.min(job.silentLimit, 3); ttl++) {
      const reply = Buffer.alloc(windows.ECHO_REPLY_SIZE);
      const count = library.IcmpSendEcho(
        handle,
        address,
        Buffer.alloc(32),
        32,
        windows.encodeOptions(ttl),
        reply,
        reply.length,
        ECHO_MS,
      );
      const read = windows.decodeEchoReply(reply);
      const status = count > 0 && read !== null ? read.status : read?.status || library.lastError();
      const icmp = windows.icmpOfStatus(status);
      const base = { ttl, icmpType: icmp?.[0] ?? null, icmpCode: icmp?.[1] ?? null, errno: null, sent: 1 };
      if (status === 0 && read !== null && count > 0) {
        probes.push({ ...base, answer: 'reply', from: job.address, rttMs: read.rttMs });
        break;
      }
      if (icmp !== null && read !== null) {
        silent = 0;
        const expired = icmp[0] === 11;
        probes.push({
          ...base,
          answer: expired ? 'time-exceeded' : 'unreachable',
          from: read.from,
          rttMs: read.rttMs,
        });
        if (!expired) break;
      } else if (status === windows.TIMED_OUT) {
        silent++;
        probes.push({ ...base, answer: 'silence', from: null, rttMs: null });
      } else {
        probes.push({ ...base, answer: 'local-error', from: null, rttMs: null, errno: `IP${status}` });
        break;
      }
    }
  } finally {
    library.IcmpCloseHandle(handle);
  }
  return {
    status: 'swept',
    trace: {
      method: 'icmp',
      protocol: 'icmp',
      port: null,
      address: job.address,
      replies: probes,
      counters: null,
    },
  };
}
