import type { Family } from '../../model/request.ts';

/** The first packet of a TCP connection, as one machine sees it; null = not known. */
export interface Packet {
  family: Family;
  source: string | null;
  destination: string;
  sourcePort: number | null;
  destinationPort: number | null;
  /** The interface that it arrives on, and the one that it leaves by. */
  iif: string | null;
  oif: string | null;
  /** What connection tracking says of it: `new` for a SYN, `established` for an answer. */
  state: 'new' | 'established';
  /** As on the wire: 0x02 = SYN, 0x12 = SYN-ACK. */
  tcpFlags: number;
  mss: number | null;
}

/** What of a packet the rules can change on the way, beside what cannot change. */
export interface State {
  destination: string;
  destinationPort: number | null;
  /** Null before connection tracking has seen it. */
  state: string | null;
  mark: number | null;
  /** Its destination was rewritten. Null = perhaps. */
  dnat: boolean | null;
  /** This hook's translation is done: later nat chains are not asked. */
  translated: boolean;
}

/** What one hook knows of a packet: the packet, what became of it, and whether an address is this machine's own. */
export interface Sight {
  packet: Packet;
  isOwn(address: string): boolean | null;
  /** This machine's addresses of the packet's family, without loopback; null = not known. */
  own: readonly string[] | null;
}
