import type { Family } from './address.ts';
import { errnoOf } from './icmp.ts';

/**
 * What a system's kernel does with what a network answers, as far as an ordinary program sees it. Linux was measured
 * (techniques of this project, 6.18). macOS is read from xnu's `tcp_notify` and `icmp_input`, Windows from Microsoft's
 * documentation (KB 175523, TCP_FAIL_CONNECT_ON_ICMP_ERROR); neither was run.
 */
export interface Platform {
  /**
   * A refused connect() is told after one round trip and this much. Windows sends a refused SYN again, three times half a
   * second apart, before it believes the refusal: a shorter wait takes a closed port for a silent one.
   */
  refusalAfterMs: number;
  /** The errno with which an ICMP error ends connect(); null where it ends none, and the port looks silent. */
  errnoOf(family: Family, type: number | null, code: number | null): string | null;
  /** ECONNREFUSED means a reset or port-unreachable alone; false where a firewall's "prohibited" is told by it, too. */
  refusedIsNotProhibited: boolean;
  /**
   * When a neighbour that does not answer is given up, ms after the first packet: an unreachable at that time is this
   * machine's own. Null where that is not known, and the time of an error says nothing.
   */
  neighbourGivenUpMs: number | null;
  /** EACCES at once is this machine's own packet filter; false where a route may say it, too. */
  deniedByOwnFilter: boolean;
  /** A connect() that nothing ended may have been rejected by ICMP all the same. */
  silenceMayBeRejection: boolean;
}

const LINUX: Platform = {
  refusalAfterMs: 0,
  errnoOf,
  refusedIsNotProhibited: true,
  neighbourGivenUpMs: 3060,
  deniedByOwnFilter: false,
  silenceMayBeRejection: false,
};

/** In SYN-SENT these end connect(); net- and host-unreachable are kept as soft errors while SYNs go on. */
function errnoOfMac(family: Family, type: number | null, code: number | null): string | null {
  if (type === null || code === null) return null;
  if (family === 4) {
    if (type === 11) return 'EHOSTUNREACH';
    return type === 3 && [2, 3, 9, 10, 13].includes(code) ? 'ECONNREFUSED' : null;
  }
  return type === 1 && (code === 1 || code === 4) ? 'ECONNREFUSED' : null;
}

const DARWIN: Platform = {
  refusalAfterMs: 0,
  errnoOf: errnoOfMac,
  refusedIsNotProhibited: false,
  neighbourGivenUpMs: null,
  deniedByOwnFilter: false,
  silenceMayBeRejection: true,
};

const WINDOWS: Platform = {
  refusalAfterMs: 2000,
  errnoOf: () => null,
  refusedIsNotProhibited: true,
  neighbourGivenUpMs: null,
  deniedByOwnFilter: true,
  silenceMayBeRejection: true,
};

/** A system that is not known promises nothing but that a reset ends connect(). */
const UNKNOWN: Platform = { ...DARWIN, errnoOf: () => null };

const PLATFORMS: Readonly<Record<string, Platform>> = {
  linux: LINUX,
  android: LINUX,
  darwin: DARWIN,
  freebsd: DARWIN,
  openbsd: DARWIN,
  netbsd: DARWIN,
  win32: WINDOWS,
};

/** By the name that node has for it (`linux`, `darwin`, `win32`). */
export const platformOf = (os: string): Platform => (Object.hasOwn(PLATFORMS, os) ? PLATFORMS[os]! : UNKNOWN);
