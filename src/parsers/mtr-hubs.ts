//   1.|-- 192.168.1.1                0.0%    10    0.5   0.6   0.4   0.9   0.1
// MTR.0.95,1764248400,OK,192.0.2.7,1,192.168.1.1,0.00,10,0,0.49,0.61,0.40,0.90,0.10
// h 0 192.168.1.1

import { isAddress } from '../ground/address.ts';

export interface Hub {
  ttl: number;
  /** The address; null where the hop was silent, or is shown by its name alone. */
  host: string | null;
  isNamed: boolean;
  rttMs: number | null;
  sent: number;
}

/** The hops of mtr's output, in order; null where it is none of its forms. */
export function hubsOf(text: string): Hub[] | null {
  const start = text.indexOf('{');
  const end = text.lastIndexOf('}');
  const json = start < 0 || end < start ? null : jsonHubs(text.slice(start, end + 1));
  if (json !== null) return json;
  const lines = text.split(/\r?\n/, 5000).filter((line) => line.length <= 500);
  if (lines.some((line) => /^\s*<MTR\b/i.test(line))) return xmlHubs(lines);
  if (lines.some((line) => /^MTR\.[\w.+-]{1,40}[,;]\d/.test(line))) return csvHubs(lines);
  if (lines.some((line) => /Loss%\s+(Snt|Drop)|Packets\s+Pings/.test(line))) return reportHubs(lines);
  return lines.some((line) => /^[hxpd] \d{1,3} \S/.test(line)) ? rawHubs(lines) : null;
}

function hub(
  ttl: number,
  shown: string,
  rtt: string | number | null,
  sent: string | number | null,
): Hub | null {
  if (!Number.isInteger(ttl) || ttl < 1 || ttl > 255) return null;
  const words = shown.trim().split(/\s+/);
  const host = words.map((word) => word.replace(/^\((.*)\)$/, '$1')).findLast(isAddress) ?? null;
  const isSilent = /^(\?{3}|\(waiting for reply\)|)$/.test(shown.trim());
  const [rttMs, count] = [rtt, sent].map((value) =>
    value === null || value === '' ? Number.NaN : Number(value),
  );
  return {
    ttl,
    host,
    isNamed: host === null && !isSilent,
    rttMs: host !== null && rttMs !== undefined && Number.isFinite(rttMs) ? rttMs : null,
    sent: count !== undefined && Number.isInteger(count) && count > 0 ? count : 1,
  };
}

const first = (hubs: (Hub | null)[]): Hub[] => {
  const byTtl = new Map<number, Hub>();
  for (const one of hubs) if (one !== null && !byTtl.has(one.ttl)) byTtl.set(one.ttl, one);
  return [...byTtl.values()].sort((a, b) => a.ttl - b.ttl);
};

function jsonHubs(text: string): Hub[] | null {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    // Cut off or no JSON: what mtr saw is unknown.
    return null;
  }
  const hubs = field(field(document, 'report'), 'hubs');
  if (!Array.isArray(hubs)) return null;
  return hubs.slice(0, 64).flatMap((one) => {
    // mtr < 0.93 printed numbers as strings.
    const host = field(one, 'host');
    if (typeof host !== 'string') return [];
    const [rtt, sent] = [field(one, 'Avg'), field(one, 'Snt')].map((value) => Number(value));
    const found = hub(Number(field(one, 'count')), host.slice(0, 300), rtt ?? null, sent ?? null);
    return found === null ? [] : [found];
  });
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

/** The columns are told by the header: `Loss%   Snt   Last   Avg  Best  Wrst StDev`, or others with -o. */
function reportHubs(lines: string[]): Hub[] {
  const header = lines.find((line) => /Loss%/.test(line)) ?? '';
  const columns = header.slice(header.indexOf('Loss%')).trim().split(/\s+/);
  const column = (numbers: string[], name: string): string | null => numbers[columns.indexOf(name)] ?? null;
  const hubs: (Hub | null)[] = [];
  for (const line of lines) {
    const row = /^\s{0,4}(\d{1,3})\.(?:\|--)?\s+(\S.*)$/.exec(line);
    if (!row) continue;
    const words = row[2]!.trim().split(/\s+/);
    // The numbers are at the end, as many as the header has; a silent hop of the screen has none.
    const isNumber = (word: string | undefined) => /^\d[\d.,]*%?$/.test(word ?? '');
    const at = words.length - columns.length;
    const numbers =
      at > 0 && words.slice(at).every(isNumber) ? words.slice(at).map((one) => one.replace('%', '')) : [];
    const shown = (numbers.length > 0 ? words.slice(0, at) : words)
      .filter((word) => !/^AS(\d+|\?+)$/.test(word))
      .join(' ');
    hubs.push(
      hub(Number(row[1]), shown, column(numbers, 'Avg') ?? column(numbers, 'Last'), column(numbers, 'Snt')),
    );
  }
  return first(hubs);
}

/** `Mtr_Version,Start_Time,Status,Host,Hop,Ip,Loss%,Snt, ,Last,Avg,Best,Wrst,StDev,` since 0.86; before it `;` and no table of losses. */
function csvHubs(lines: string[]): Hub[] {
  const header = (lines.find((line) => /^Mtr_Version[,;]/i.test(line)) ?? '').split(/[,;]/);
  const at = (name: string, usual: number) => (header.includes(name) ? header.indexOf(name) : usual);
  return first(
    lines.map((line) => {
      if (!/^MTR\.[\w.+-]{1,40}[,;]\d/.test(line)) return null;
      const cells = line.split(/[,;]/);
      return hub(
        Number(cells[at('Hop', 4)]),
        cells[at('Ip', 5)] ?? '',
        cells.length > 8 ? (cells[at('Avg', 10)] ?? null) : null,
        cells.length > 8 ? (cells[at('Snt', 7)] ?? null) : null,
      );
    }),
  );
}

function xmlHubs(lines: string[]): Hub[] {
  const hubs: (Hub | null)[] = [];
  for (const line of lines) {
    const row = /^\s*<HUB COUNT="(\d{1,3})" HOST="([^"]{0,255})"/i.exec(line);
    if (row) hubs.push(hub(Number(row[1]), row[2]!, null, null));
    const value = /^\s*<(Snt|Avg)>\s*(\d[\d.]{0,15})/i.exec(line);
    const current = hubs.at(-1);
    if (value && current) {
      if (/snt/i.test(value[1]!)) current.sent = Math.max(1, Math.trunc(Number(value[2])));
      else if (current.host !== null) current.rttMs = Number(value[2]);
    }
  }
  return first(hubs);
}

/** `h` host, `x` sent, `p` answered after so many microseconds, each with a position that counts from 0. */
function rawHubs(lines: string[]): Hub[] {
  const hubs = new Map<number, Hub>();
  const at = (position: string): Hub => {
    const ttl = Number(position) + 1;
    const known = hubs.get(ttl) ?? { ttl, host: null, isNamed: false, rttMs: null, sent: 0 };
    hubs.set(ttl, known);
    return known;
  };
  for (const line of lines) {
    const [, kind, position = '', value = ''] = /^([hxp]) (\d{1,3}) (\S{1,80})/.exec(line) ?? [];
    if (kind === 'h' && isAddress(value)) at(position).host ??= value;
    else if (kind === 'x') at(position).sent++;
    else if (kind === 'p' && /^\d{1,10}$/.test(value)) at(position).rttMs ??= Number(value) / 1000;
  }
  for (const one of hubs.values()) one.sent = Math.max(1, one.sent);
  const all = [...hubs.values()].sort((a, b) => a.ttl - b.ttl);
  // Positions beyond the last that answered were asked and stayed silent: mtr shows one of them.
  const last = all.findLastIndex(({ host }) => host !== null);
  return all.slice(0, last + 2);
}
