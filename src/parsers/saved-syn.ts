// 45 00 00 3c ... 40 06 ...   the IPv4 or IPv6 header, then the TCP header with its options, as the SYN arrived (TCP_SAVED_SYN)

/** A SYN as it arrived, after whatever happened to it on the way. */
export interface SavedSyn {
  ttl: number;
  window: number;
  /** Null where the option is missing. */
  mss: number | null;
  windowScale: number | null;
  timestamp: number | null;
  /** Names in their order: mss, sackOK, TS, nop, wscale; numbers for those that have none here. */
  options: string[];
}

const NAMES: Record<number, string> = { 1: 'nop', 2: 'mss', 3: 'wscale', 4: 'sackOK', 8: 'TS', 34: 'TFO' };
const TCP = 6;

/** Network and TCP header of one SYN (tcp(7), TCP_SAVED_SYN; RFC 9293). Null where that is not what lies there. */
export function parseSavedSyn(octets: Buffer): SavedSyn | null {
  const version = (octets[0] ?? 0) >> 4;
  const start = version === 4 ? ((octets[0] ?? 0) & 15) * 4 : version === 6 ? 40 : 0;
  const protocol = version === 4 ? octets[9] : octets[6];
  const ttl = version === 4 ? octets[8] : octets[7];
  if (start < 20 || protocol !== TCP || ttl === undefined || octets.length < start + 20) return null;
  const tcp = octets.subarray(start);
  const length = Math.min(tcp.length, ((tcp[12] ?? 0) >> 4) * 4);
  const syn: SavedSyn = {
    ttl,
    window: tcp.readUInt16BE(14),
    mss: null,
    windowScale: null,
    timestamp: null,
    options: [],
  };
  for (let at = 20; at < length; ) {
    const kind = tcp[at] ?? 0;
    if (kind === 0) break;
    syn.options.push(NAMES[kind] ?? String(kind));
    if (kind === 1) {
      at += 1;
      continue;
    }
    const size = tcp[at + 1] ?? 0;
    // A length that cannot be: what was read before it stays.
    if (size < 2 || at + size > length) break;
    if (kind === 2 && size === 4) syn.mss = tcp.readUInt16BE(at + 2);
    if (kind === 3 && size === 3) syn.windowScale = tcp[at + 2] ?? null;
    if (kind === 8 && size === 10) syn.timestamp = tcp.readUInt32BE(at + 2);
    at += size;
  }
  return syn;
}
