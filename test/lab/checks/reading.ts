/**
 * What a reader sees in the output of a command that a report printed, held against the rows of the table below it. A row
 * that nobody here can read is a fault: its words must name something that the output shows.
 */

/** A command of a report, and what it printed on one host before the test was run again, meanwhile and after. */
export interface Ran {
  who: string;
  words: string;
  run: string;
  rows: [see: string, means: string][];
  read: string | null;
  host: string;
  before: string;
  during: string;
  after: string;
}

/** What the far side knows when it reads a row. */
interface Seen {
  /** The check on its one host, or on both devices in their order. */
  on: Ran[];
  port: number;
  target: string;
  client: string;
  /** The interface that the SYNs came in by, as the capture on the server shows it. */
  arrivedBy: string | null;
}

interface Packet {
  device: string;
  way: string;
  from: string;
  to: string;
  what: string;
}

const PACKET = /^\S+ (\S+) +(In|Out|B|M|P) +IP6? (\S+) > (\S+): (.*)$/;
const packetsOf = (text: string): Packet[] =>
  text.split('\n').flatMap((line) => {
    const [, device = '', way = '', from = '', to = '', what = ''] = PACKET.exec(line) ?? [];
    // What the host says to itself is not from the client.
    return device === '' || device === 'lo' ? [] : [{ device, way, from, to, what }];
  });
const flags = ({ what }: Packet): string => /^Flags \[([^\]]*)\]/.exec(what)?.[1] ?? '';

/** What a capture shows, in the words of the tables. */
function captured(text: string, port: number) {
  const packets = packetsOf(text);
  const asked = packets.filter(({ to }) => to.endsWith(`.${port}`));
  const answered = packets.filter(({ from }) => from.endsWith(`.${port}`));
  const some = (of: Packet[], way: string, is: (packet: Packet) => boolean): boolean =>
    of.some((packet) => packet.way === way && is(packet));
  const syn = (packet: Packet): boolean => flags(packet) === 'S';
  const reset = (packet: Packet): boolean => flags(packet).includes('R');
  const data = (packet: Packet): boolean => /length [1-9]/.test(packet.what) && !syn(packet);
  return {
    synIn: some(asked, 'In', syn),
    synOut: some(asked, 'Out', syn),
    synAckOut: some(answered, 'Out', (packet) => flags(packet) === 'S.'),
    resetOut: some(answered, 'Out', reset),
    resetIn: some(asked, 'In', reset),
    errorOut: some(packets, 'Out', ({ what }) => /^ICMP6?,.*(unreachable|prohibited|filtered)/.test(what)),
    dataIn: some(asked, 'In', data),
    dataOut: some(answered, 'Out', data),
    sources: asked.filter(syn).map(({ from }) => from.replace(/\.\d+$/, '')),
    device: asked.find((packet) => packet.way === 'In' && syn(packet))?.device ?? null,
  };
}

/** `State Recv-Q Send-Q Local Peer` of ss, or without the state where only one was asked for. */
function sockets(text: string): { listens: boolean; received: number; sent: number; local: string }[] {
  return text.split('\n').flatMap((line) => {
    const [, state, received, sent, local] = /^(LISTEN)? *(\d+) +(\d+) +(\S+:\d+) /.exec(line) ?? [];
    return local === undefined
      ? []
      : [{ listens: state !== undefined, received: Number(received), sent: Number(sent), local }];
  });
}
const listening = (text: string) => sockets(text).filter(({ listens }) => listens);
const isAny = (local: string): boolean => /^(0\.0\.0\.0|\*|\[::\]):/.test(local);
const isHere = (local: string, target: string): boolean =>
  isAny(local) || local.replace(/:\d+$/, '').replace(/^\[|\]$/g, '') === target;

/** A counter of nstat grew over the test. */
const grew = ({ before, after }: Ran, name: string): boolean => {
  const value = (text: string): number => Number(new RegExp(`^${name} +(\\d+)`, 'm').exec(text)?.[1] ?? 0);
  return value(after) > value(before);
};
const queueIsFull = ({ during, after }: Ran): boolean =>
  listening(`${during}\n${after}`).some(({ received, sent }) => received > sent);
/** iproute2's, of a lookup that ends in an error. */
const noRoute = (text: string): boolean =>
  /RTNETLINK answers|Network is unreachable|No route to host|Invalid argument|Permission denied/.test(text);
const routeDevice = (text: string): string | null => /^\S+ .*?dev (\S+)/m.exec(text)?.[1] ?? null;

/** Lines of a listing whose counter of packets grew, or that count nothing. */
function countedLines({ before, after }: Ran): { grew: string[]; silent: string[] } {
  const count = (line: string): RegExpExecArray | null =>
    /packets (\d+) bytes \d+/.exec(line) ?? /^(?:\d+ +)?(\d+[KMG]?) +\d+[KMG]? +[A-Z]/.exec(line.trim());
  const old = new Map(
    before.split('\n').map((line) => [line.replace(/\d+/g, '#'), count(line)?.[1] ?? '0'] as const),
  );
  const lines = after.split('\n').filter((line) => line.trim() !== '');
  return {
    grew: lines.filter((line) => {
      const now = count(line)?.[1];
      return now !== undefined && now !== '0' && now !== old.get(line.replace(/\d+/g, '#'));
    }),
    silent: lines.filter((line) => count(line) === null),
  };
}

const matching = (lines: string[], verdict: RegExp, port: number): boolean =>
  lines.some((line) => verdict.test(line) && line.includes(String(port)));
const policyDrops = (text: string): boolean => /hook input[^;]*;.*policy drop;/.test(text);
const answeredThere = ({ run, after }: Ran): boolean =>
  run.includes('curl')
    ? /^HTTP\//m.test(after)
    : run.includes('s_client')
      ? /Cipher is (?!\(NONE\))|BEGIN CERTIFICATE/.test(after)
      : after.trim() !== '';

type Sees = (seen: Seen) => boolean;
const first = ({ on }: Seen): Ran => on[0] as Ran;
const packets = (seen: Seen, which = 0) => captured(seen.on[which]?.after ?? '', seen.port);

/** What the words of a row mean in an output. The first that fits the words counts. */
const ROWS: readonly [words: RegExp, sees: Sees][] = [
  [/^nothing while it is tried$/i, (seen) => !packets(seen).synIn],
  [
    /^\[S\] arrives and nothing leaves$/,
    (seen) => {
      const { synIn, synAckOut, resetOut, errorOut } = packets(seen);
      return synIn && !synAckOut && !resetOut && !errorOut;
    },
  ],
  [/^\[S\] arrives and \[S\.\] leaves$/, (seen) => packets(seen).synIn && packets(seen).synAckOut],
  [
    /^\[S\] arrives and \[R\.\] leaves$/,
    (seen) => packets(seen).synIn && packets(seen).resetOut && !packets(seen).synAckOut,
  ],
  [
    /^\[S\] arrives and an ICMP error .* leaves$/,
    (seen) => packets(seen).synIn && packets(seen).errorOut && !packets(seen).resetOut,
  ],
  [/^in and not out of the first$/i, (seen) => packets(seen).synIn && !packets(seen).synOut],
  [/^in and not out$/i, (seen) => packets(seen).synIn && !packets(seen).synOut],
  [/^in and out$/i, (seen) => packets(seen).synIn && packets(seen).synOut],
  [/^out of the first, not into the second$/i, (seen) => packets(seen).synOut && !packets(seen, 1).synIn],
  [/^in and not out of the second$/i, (seen) => packets(seen, 1).synIn && !packets(seen, 1).synOut],
  [/^out of both$/i, (seen) => packets(seen).synOut && packets(seen, 1).synOut],
  [
    /^Recv-Q above Send-Q,? and (ListenOverflows grows|a growing counter)$/,
    (seen) => queueIsFull(first(seen)) && grew(first(seen), 'TcpExtListenOverflows'),
  ],
  [/^Recv-Q below Send-Q all the time$/, (seen) => !queueIsFull(first(seen))],
  [/^IPReversePathFilter grows$/, (seen) => grew(first(seen), 'TcpExtIPReversePathFilter')],
  [/^an error( of ip route \(.*\))?$/i, (seen) => noRoute(first(seen).after)],
  [
    /^the route names another interface than \[S\] came in by/,
    (seen) => {
      const device = routeDevice(first(seen).after);
      return device !== null && seen.arrivedBy !== null && device !== seen.arrivedBy;
    },
  ],
  [/^A (good )?route$/, (seen) => routeDevice(first(seen).after) !== null],
  [/^no line$/i, (seen) => listening(first(seen).after).length === 0],
  [
    /^127\.0\.0\.1, \[::1\] or another single address$/,
    (seen) => {
      const lines = listening(first(seen).after);
      return lines.length > 0 && lines.every(({ local }) => !isHere(local, seen.target));
    },
  ],
  [
    /^0\.0\.0\.0, \*, \[::\] or /,
    (seen) => listening(first(seen).after).some(({ local }) => isHere(local, seen.target)),
  ],
  [
    /^A (drop|reject|drop or reject) for TCP \d+, or (a policy of drop|one without a port), whose counter grows$/,
    (seen) => {
      const { grew: lines, silent } = countedLines(first(seen));
      return (
        matching([...lines, ...silent], /\b(drop|reject)\b/, seen.port) || policyDrops(first(seen).after)
      );
    },
  ],
  [
    /^A (DROP|REJECT|DROP or REJECT) for port \d+, .*whose counter grows$/,
    (seen) =>
      matching(countedLines(first(seen)).grew, /\b(DROP|REJECT)\b/, seen.port) ||
      countedLines(first(seen)).grew.some((line) => /policy DROP/.test(line)),
  ],
  [
    /^A dnat or redirect for TCP \d+$/,
    (seen) => matching(first(seen).after.split('\n'), /dnat|redirect/i, seen.port),
  ],
  [/^No reject at all$/, (seen) => !/\breject\b/.test(first(seen).after)],
  [/^No REJECT at all$/, (seen) => !/\bREJECT\b/.test(first(seen).after)],
  [/^Nothing for (TCP|port) \d+$/, (seen) => !first(seen).after.includes(String(seen.port))],
  [/^A DNAT for port \d+$/, (seen) => matching(first(seen).after.split('\n'), /DNAT/, seen.port)],
  [/^No answer there either$/, (seen) => !answeredThere(first(seen))],
  [/^An answer$/, (seen) => answeredThere(first(seen))],
  [
    /^Recv-Q above 0 and staying there$/,
    (seen) => sockets(first(seen).during).some(({ received }) => received > 0),
  ],
  [
    /^Recv-Q 0$/,
    (seen) => {
      const open = sockets(first(seen).during);
      return open.length > 0 && open.every(({ received }) => received === 0);
    },
  ],
  [/^FAILED or INCOMPLETE after the ping$/, (seen) => /FAILED|INCOMPLETE/.test(first(seen).after)],
  [/^REACHABLE or DELAY$/, (seen) => /REACHABLE|DELAY/.test(first(seen).after)],
  [/^STALE$/, (seen) => /STALE/.test(first(seen).after)],
  [
    /^No reset leaves the server, or one arrives$/,
    (seen) => !packets(seen).resetOut || packets(seen).resetIn,
  ],
  [
    /^\[R\] leaves the server, and none has arrived before$/,
    (seen) => packets(seen).resetOut && !packets(seen).resetIn,
  ],
  [
    /^The handshake and no data packet$/,
    (seen) => packets(seen).synAckOut && !packets(seen).dataIn && !packets(seen).dataOut,
  ],
  [/^Data packets and no answer$/, (seen) => packets(seen).dataIn && !packets(seen).dataOut],
  [/^Data packets and answers/, (seen) => packets(seen).dataIn && packets(seen).dataOut],
  [/^no SYN at the time of the test$/, (seen) => !packets(seen).synIn],
  [
    /^a SYN from another address$/,
    (seen) => packets(seen).sources.length > 0 && !packets(seen).sources.includes(seen.client),
  ],
  [/^a SYN from this client's own address$/, (seen) => packets(seen).sources.includes(seen.client)],
];
const OTHERWISE = /^(none of these|None)$/;

/** A check is for a case only: what was seen before it has to say so. */
const ONLY_IF: readonly [words: RegExp, before: RegExp][] = [
  [/^If \[S\] arrives and nothing leaves/, /^it gets here, and this host does not answer/],
  [/^On the server, if \[S\] arrives and nothing leaves/, /^mostly the server's own filter/],
  [/^On the device that drops them/, /^its .*filter drops them/],
  [/^Only if the SYNs get past/, /^(the drop lies further on|they are lost behind it)/],
];

/** Commands of one kind of packet filter: where another one is in use they show nothing. */
const ONE_OF_SEVERAL = /^Linux, (nftables|iptables)$/;

export interface Reading {
  /** What the rows that were seen mean, in the order of the checks. */
  means: string[];
  /** Rows that no output could be held against, checks of which nothing or too much was seen. */
  faults: string[];
}

/** All of it, from the first check to the last, as somebody reads it who knows no more than the report says. */
export function readAll(
  ran: readonly Ran[],
  known: { port: number; target: string; client: string },
): Reading {
  const means: string[] = [];
  const faults: string[] = [];
  const arrivedBy =
    ran
      .map(({ after, host }) => (host === 'server' ? captured(after, known.port).device : null))
      .find(Boolean) ?? null;
  const groups = new Map<string, Ran[]>();
  for (const one of ran) {
    const key = `${one.who}\n${one.words}\n${one.run}`;
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  for (const on of groups.values()) {
    const [{ words, rows, who }] = on as [Ran];
    const only = ONLY_IF.find(([start]) => start.test(words));
    if (only !== undefined && !means.some((one) => only[1].test(one))) continue;
    if (rows.length === 0) continue;
    // Of both devices together where the rows tell them apart, else of each by itself.
    const together = rows.some(([see]) => /the (first|second)\b/.test(see));
    for (const hosts of together ? [on] : on.map((one) => [one])) {
      const sees = rows.map(([see, meaning]) => {
        const row = ROWS.find(([pattern]) => pattern.test(see));
        if (row === undefined && !OTHERWISE.test(see)) faults.push(`nobody knows how to see "${see}"`);
        return {
          see,
          meaning,
          seen: row?.[1]({ on: hosts, arrivedBy, ...known }) ?? false,
        };
      });
      const shown = sees.filter(({ seen }) => seen);
      const found = shown.length > 0 ? shown : sees.filter(({ see }) => OTHERWISE.test(see));
      if (found.length === 0 && !ONE_OF_SEVERAL.test(who))
        faults.push(
          `${hosts.map(({ host }) => host).join(' and ')}: no row fits what "${words}" shows:\n${hosts.map(({ after }) => after.slice(0, 800)).join('\n')}`,
        );
      means.push(...found.map(({ meaning }) => meaning));
    }
  }
  return { means: [...new Set(means)], faults };
}
