// RemoteAddress    : 192.0.2.7
// TcpTestSucceeded : False

import { isAddress } from '../ground/address.ts';

/** What PowerShell's `Test-NetConnection` found; null where it does not say. */
export interface TestedConnection {
  name: string | null;
  address: string | null;
  port: number | null;
  tcp: boolean | null;
  ping: boolean | null;
  pingMs: number | null;
  /** TimedOut, DestinationHostUnreachable ...: .NET's IPStatus. */
  pingStatus: string | null;
  source: string | null;
  device: string | null;
  nextHop: string | null;
  resolved: boolean | null;
}

const bool = (value: string | undefined): boolean | null =>
  value === undefined || !/^(True|False)$/i.test(value) ? null : /^t/i.test(value);

/**
 * Output of `Test-NetConnection`, as a list (its names are not translated), as a table of `-InformationLevel Quiet` no
 * more than True or False, or through ConvertTo-Json; null where it is none of it. Warnings are translated, and the
 * address, the port and the status in them are not.
 */
export function parseTestNetConnection(text: string): TestedConnection | null {
  const values = new Map<string, string>();
  for (const [name, value] of jsonPairs(text)) values.set(name, value);
  let failed: { address: string; port: number } | null = null;
  let pingStatus: string | null = null;
  for (const line of text.split(/\r?\n/, 500)) {
    if (line.length > 500) continue;
    const [, name, value] = /^([A-Z][A-Za-z ()]{2,40}?) {0,30}: ?(.*)$/.exec(line) ?? [];
    if (name !== undefined && !values.has(name)) values.set(name, value!.trim());
    const tcp = /TCP connect to \(?(\S{2,60}) : (\d{1,5})\)?/.exec(line);
    if (tcp && isAddress(tcp[1]!)) failed = { address: tcp[1]!, port: Number(tcp[2]) };
    pingStatus ??= /\bstatus: ?([A-Z][A-Za-z]{3,40})\b/.exec(line)?.[1] ?? null;
  }
  const hasForm = values.has('TcpTestSucceeded') || values.has('PingSucceeded');
  if (!hasForm && failed === null) return null;
  const get = (name: string): string | null => {
    const value = values.get(name)?.trim();
    return value === undefined || value === '' ? null : value;
  };
  const address = get('RemoteAddress');
  const port = get('RemotePort');
  const rtt = /(\d{1,6}) ?ms/.exec(get('PingReplyDetails (RTT)') ?? get('PingReplyDetails') ?? '')?.[1];
  const source = get('SourceAddress');
  const hop = get('NetRoute (NextHop)') ?? get('NextHop');
  const tcp = bool(values.get('TcpTestSucceeded'));
  return {
    name: get('ComputerName'),
    address: address !== null && isAddress(address) ? address : (failed?.address ?? null),
    port: port !== null && /^\d{1,5}$/.test(port) && port !== '0' ? Number(port) : (failed?.port ?? null),
    tcp: tcp ?? (failed === null ? null : false),
    ping: bool(values.get('PingSucceeded')),
    pingMs: rtt === undefined ? null : Number(rtt),
    pingStatus,
    source: source !== null && isAddress(source) ? source : null,
    device: get('InterfaceAlias'),
    nextHop: hop !== null && isAddress(hop) ? hop : null,
    resolved: bool(values.get('NameResolutionSucceeded')),
  };
}

function jsonPairs(text: string): [string, string][] {
  const start = text.indexOf('{');
  const end = text.lastIndexOf('}');
  if (start < 0 || end < start) return [];
  try {
    const value: unknown = JSON.parse(text.slice(start, end + 1));
    if (typeof value !== 'object' || value === null) return [];
    return Object.entries(value).flatMap(([name, one]) => {
      const shown =
        typeof one === 'object' && one !== null
          ? (one as { IPAddressToString?: unknown }).IPAddressToString
          : one;
      return typeof shown === 'string' || typeof shown === 'boolean' || typeof shown === 'number'
        ? [[name, String(shown)] as [string, string]]
        : [];
    });
  } catch {
    // No JSON, or half of it: the list form may still be there.
    return [];
  }
}
