import { isAddress, octetsOf } from '../../ground/address.ts';
import { parseResolvectl, parseScutilDns } from '../domain-resolvers.ts';
import { parseIfconfig } from '../ifconfig.ts';
import { parseIpAddr } from '../ip-addr.ts';
import { parseIpconfig } from '../ipconfig.ts';
import { parseMtr } from '../mtr.ts';
import { parsePathping } from '../pathping.ts';
import { parsePing } from '../ping.ts';
import { addressesIn } from '../ping-windows.ts';
import { parseRouteTable } from '../route-table.ts';
import { parseTcptraceroute } from '../tcptraceroute.ts';
import { parseTestNetConnection } from '../test-net-connection.ts';
import type { ParsedTrace, TraceContext } from '../trace.ts';
import { parseTracepath } from '../tracepath.ts';
import { type Dialect, parseTraceroute } from '../traceroute.ts';
import { parseTracert } from '../tracert.ts';
import type { CommandTold, Endpoint } from './endpoint.ts';
import { failureIn } from './messages.ts';
import type { Saying, System } from './told.ts';

/** Programs whose whole output is read at once, each by its parser. */
export type BlockProgram =
  | 'ping'
  | 'traceroute'
  | 'tracert'
  | 'pathping'
  | 'tracepath'
  | 'tcptraceroute'
  | 'mtr'
  | 'dig'
  | 'nslookup'
  | 'test-netconnection'
  | 'nmap'
  | 'machine';

const TRACERT =
  /^\s*(Tracing route to|Routenverfolgung zu|D\S{1,3}termination de l.itin|Traza a la |Traccia instradamento|Rastreando a rota|A rastrear|Traceren van de route|Bezig met het traceren|\S{1,4}ledzenie trasy|Трассировка маршрута|En fazla \d|최대 \d+홉|通过最多 \d|在上限 \d)|へのルートをトレース|yoluna izleme/;
const HEADS: readonly (readonly [RegExp, BlockProgram])[] = [
  [/^(PING6? ?[\w([]|PING6\(|Ping \S{1,255} \([^()]{1,80}\): \d)/, 'ping'],
  [/^ ?(traceroute6? to |traceroute6?: Warning)/, 'traceroute'],
  [TRACERT, 'tracert'],
  [/^ ?1\?: \[LOCALHOST\]/, 'tracepath'],
  [/^(Selected device \S+, address|Tracing the path to )/, 'tcptraceroute'],
  [/^(HOST: .{1,80}Loss%|\s{5,}My traceroute|\{"report": ?\{|Mtr_Version,|MTR\.\d)/, 'mtr'],
  [/^; <<>> DiG /, 'dig'],
  [/^(Server|Servidor|Serveur|Serwer|Sunucu|Сервер|サーバー|서버|服务器|伺服器) ?[:：]\s/, 'nslookup'],
  [/^(ComputerName\s+:|\S{4,16} ?: TCP connect to )/, 'test-netconnection'],
  [/^(Starting Nmap |Nmap scan report for )/, 'nmap'],
  [
    /^(Windows[ -]IP|Configuration IP de Windows|Configuraci.n IP de Windows|Configurazione IP di Windows|Kernel IP(v6)? routing table|Routing tables$|DNS configuration$|\d{1,4}: [\w.@-]{1,40}: <|[a-z]{1,8}\d{1,3}: flags=)/,
    'machine',
  ],
];

/** The program that begins with this line; null where none does. */
export function blockAt(line: string): BlockProgram | null {
  const known = HEADS.find(([head]) => head.test(line))?.[1];
  if (known !== undefined) return known;
  // Windows's ping begins with its target and the number of octets, in any language: `Pinging db [192.0.2.7] with 32 bytes of data:`
  if (!/[:：]\s*$/.test(line) || line.includes('=') || line.length > 200) return null;
  const addresses = addressesIn(line);
  // `Ping statistics for ADDRESS:` has no number of its own.
  const bare = addresses.reduce((left, one) => left.replace(one, ''), line);
  const isHeader = /\b\d{2,5}/.test(bare) && addresses.length > 0;
  return isHeader && /ping|badanie|disparando|обмен пакетами/i.test(line) ? 'ping' : null;
}

export interface Block {
  program: BlockProgram;
  command: CommandTold | null;
  system: System | null;
  text: string;
}
export interface BlockTold {
  to: Endpoint;
  system: System | null;
  says: Saying;
}

const NOWHERE: Endpoint = { host: null, address: null, port: null };

export function readBlock(block: Block): BlockTold[] {
  switch (block.program) {
    case 'ping':
      return readPing(block);
    case 'dig':
    case 'nslookup':
      return readDns(block);
    case 'nmap':
      return readNmap(block);
    case 'machine':
      return readMachine(block);
    case 'test-netconnection':
      return readTested(block);
    default:
      return readTrace(block, block.program);
  }
}

/** Name and address as the header has them: `PING db.example.com (192.0.2.7)`, `Ping wird ausgeführt für db [192.0.2.7]`. */
function headed(text: string, command: CommandTold | null): Endpoint {
  const head = text.slice(0, 600);
  const pair =
    /([A-Za-z0-9][\w.-]{0,252}) ?[([]([0-9a-fA-F:.]{2,45}(?:%\w{1,16})?)[)\]]/.exec(head) ??
    /\bto ([A-Za-z0-9][\w.-]{0,252}) \(([0-9a-fA-F:.]{2,45})\)/.exec(head);
  const found = { ...NOWHERE, ...command?.to };
  if (pair && isAddress(pair[2]!)) {
    found.address = pair[2]!;
    if (octetsOf(pair[1]!) === null) found.host = pair[1]!.toLowerCase();
  }
  found.address ??= addressesIn(head.split(/\r?\n/, 4).join('\n'))[0] ?? null;
  const ipv6 = /^PING6\([^)]*\) \S+ --> (\S+)/.exec(head)?.[1];
  if (ipv6 !== undefined && isAddress(ipv6)) found.address = ipv6;
  return { ...found, port: null };
}

function readPing({ text, command, system }: Block): BlockTold[] {
  const to = headed(text, command);
  const unresolved = failureIn(text.slice(0, 2000))?.failure;
  if (to.address === null) {
    if (unresolved !== 'ENOTFOUND' && unresolved !== 'EAI_AGAIN') return [];
    const outcome = unresolved === 'ENOTFOUND' ? 'not-found' : 'temporary-failure';
    return [{ to, system, says: { kind: 'name', outcome, addresses: [] } }];
  }
  const isWindows = /\bTTL=|\[[0-9a-fA-F:.]+\]/.test(text) && !/icmp_seq|packets transmitted/.test(text);
  const from = isWindows
    ? 'win32'
    : / bytes of data\.|\d{1,5} data bytes\n64 bytes from .* icmp_seq=1 /.test(text.slice(0, 400))
      ? 'linux'
      : system;
  const ping = parsePing(text, to.address);
  const isEmpty =
    ping.sent === null && ping.received === 0 && ping.errors.length === 0 && ping.localError === null;
  const found: BlockTold[] =
    isEmpty || ping.unread !== undefined ? [] : [{ to, system: from, says: { kind: 'ping', ping } }];
  if (to.host !== null) {
    found.push({ to, system, says: { kind: 'name', outcome: 'resolved', addresses: [to.address] } });
  }
  return found;
}

function dialectOf(text: string): Dialect {
  const head = text.slice(0, 600);
  if (/, (38|46|72|16)(?: byte)? byte packets/.test(head) && /30 hops max/.test(head)) return 'busybox';
  return /64 hops max|traceroute6 to .* from /.test(head) ? 'bsd' : 'butskoy';
}

function readTrace(
  { text, command, system }: Block,
  program: Exclude<BlockProgram, 'ping' | 'dig' | 'nslookup' | 'nmap' | 'test-netconnection' | 'machine'>,
): BlockTold[] {
  const to = headed(text, command);
  if (program === 'tracepath' || program === 'mtr') {
    to.address ??=
      addressesIn(
        / -> ([^\n]{1,120})/.exec(text)?.[1] ?? /"dst": ?"([^"]{1,80})"/.exec(text)?.[1] ?? '',
      )[0] ?? null;
    if (command?.to?.address) to.address = command.to.address;
  }
  if (to.address === null) return [];
  const isPathping = program === 'tracert' && /^\s{1,3}0\s+\S/m.test(text.slice(0, 4000));
  const windows = program === 'tracert' || program === 'pathping';
  const protocol =
    command?.protocol ??
    (program === 'tcptraceroute' ? 'tcp' : windows || program === 'mtr' ? 'icmp' : 'udp');
  const maxTtl = Number(/(\d{1,3}) hops max/.exec(text.slice(0, 600))?.[1] ?? 30);
  // Whether it ended by itself is shown by its last words, or by its having reached the end of its hops.
  const complete = windows ? /\n\s*\n?\S[^\n]*[.。]\s*$/.test(text.slice(-300)) : false;
  const context: TraceContext & { tcpFlags: boolean } = {
    address: to.address,
    protocol,
    maxTtl,
    complete,
    tcpFlags: false,
  };
  // Half a line would show half an address: only whole lines are given on.
  const whole = text.endsWith('\n') ? text : `${text}\n`;
  const readers: Record<typeof program, () => ParsedTrace> = {
    traceroute: () => parseTraceroute(whole, dialectOf(text), context),
    tracert: () => (isPathping ? parsePathping(whole, context) : parseTracert(whole, context)),
    pathping: () => parsePathping(whole, context),
    tracepath: () => parseTracepath(whole, context),
    tcptraceroute: () => parseTcptraceroute(whole, context),
    mtr: () => parseMtr(whole, context),
  };
  const trace = readers[program]();
  if (trace.replies.length === 0) return [];
  const isOf = (dialect: Dialect) => program === 'traceroute' && dialectOf(text) === dialect;
  const from = windows
    ? 'win32'
    : isOf('bsd')
      ? 'darwin'
      : isOf('butskoy') && /byte packets/.test(text.slice(0, 600))
        ? 'linux'
        : system;
  return [
    { to, system: from, says: { kind: 'trace', method: isPathping ? 'pathping' : program, protocol, trace } },
  ];
}

function readDns({ text, command, system }: Block): BlockTold[] {
  const head = text.slice(0, 8000);
  const asked =
    /^;([A-Za-z0-9_][\w.-]{0,252})\.?\s+IN\s+(?:A|AAAA|ANY)\s*$/m.exec(head)?.[1] ??
    /(?:can't find|cannot find|couldn't find) ([A-Za-z0-9_][\w.-]{0,252}):/.exec(head)?.[1] ??
    /^(?:Name|Nom|Nombre|Nome|Naam|Nazwa|Ad|Имя|名前|이름|名称|名稱) ?[:：]\s+([A-Za-z0-9_][\w.-]{0,252})/m.exec(
      head,
    )?.[1] ??
    command?.to?.host ??
    null;
  const resolver =
    /^;; SERVER: ([0-9a-fA-F:.]{2,45})#/m.exec(head)?.[1] ??
    /(?:error to|to) ([0-9a-fA-F:.]{2,45})#53/.exec(head)?.[1] ??
    addressesIn(head.split(/\r?\n/, 3).join(' '))[0] ??
    null;
  const to: Endpoint = { ...NOWHERE, host: asked?.toLowerCase().replace(/\.$/, '') ?? null };
  const silent = /timed out|no servers could be reached|timeout was|Zeitüberschreitung/i.test(head);
  const status = /\bstatus: ([A-Z]{4,10}),/.exec(head)?.[1];
  const rcode =
    status ??
    (/NXDOMAIN|Non-existent domain/i.test(head)
      ? 'NXDOMAIN'
      : /SERVFAIL|Server failed/i.test(head)
        ? 'SERVFAIL'
        : /\bREFUSED\b|Query refused/i.test(head)
          ? 'REFUSED'
          : null);
  // Only what stands in the answer: dig's section, or what follows the name in nslookup.
  const answer = /;; ANSWER SECTION:([\s\S]{0,6000}?)(?:\n\s*\n|;;|$)/.exec(head)?.[1];
  const after = answer ?? (/^;/m.test(head) ? '' : head.split(/\r?\n/).slice(2).join('\n'));
  const addresses = [...new Set(addressesIn(after).filter((one) => octetsOf(one) !== null))].slice(0, 64);
  if (to.host === null || (!silent && rcode === null && addresses.length === 0)) return [];
  const known = rcode ?? (addresses.length > 0 ? 'NOERROR' : null);
  return [
    {
      to,
      system,
      says: { kind: 'dns', resolver, rcode: known, silent: silent && known === null, addresses },
    },
  ];
}

function readNmap({ text, command, system }: Block): BlockTold[] {
  const found: BlockTold[] = [];
  let to: Endpoint = { ...NOWHERE, ...command?.to };
  for (const line of text.split(/\r?\n/, 2000)) {
    const host = /^Nmap scan report for (\S{1,253})(?: \(([0-9a-fA-F:.]{2,45})\))?/.exec(line);
    if (host) {
      const isLiteral = isAddress(host[1]!);
      to = {
        host: isLiteral ? null : host[1]!.toLowerCase(),
        address: isLiteral ? host[1]! : (host[2] ?? null),
        port: null,
      };
    }
    const port = /^(\d{1,5})\/tcp\s{1,8}(open|closed|filtered)\s{1,8}\S+(?:\s{1,8}(\S+))?/.exec(line);
    if (!port || found.length >= 20) continue;
    const [, number, state, why = ''] = port;
    const isRejected = /unreach|prohib/.test(why);
    const outcome =
      state === 'open' ? 'open' : state === 'closed' ? 'refused' : isRejected ? 'unreachable' : 'timeout';
    found.push({
      to: { ...to, port: Number(number) },
      system,
      says: {
        kind: 'connect',
        outcome,
        code: outcome === 'refused' ? 'ECONNREFUSED' : isRejected ? 'EHOSTUNREACH' : null,
        elapsedMs: null,
      },
    });
  }
  return found;
}

/** Read again once it is known which address is asked about; here it must only be one of the tables. */
function readMachine({ text, system }: Block): BlockTold[] {
  const isWindows =
    parseIpconfig(text) !== null || /^[ \t]+0\.0\.0\.0[ \t]+0\.0\.0\.0\s/m.test(text.slice(0, 20_000));
  const isKnown =
    isWindows ||
    parseIfconfig(text) !== null ||
    parseIpAddr(text) !== null ||
    parseScutilDns(text).length > 0 ||
    parseResolvectl(text).length > 0 ||
    parseRouteTable(text, '192.0.2.1').kind !== 'unknown' ||
    /[0-9a-f]{1,2}([:-][0-9a-f]{1,2}){5}/i.test(text.slice(0, 20_000));
  return isKnown
    ? [
        {
          to: NOWHERE,
          system: isWindows ? 'win32' : system,
          says: { kind: 'machine', text: text.slice(0, 64 * 1024) },
        },
      ]
    : [];
}

function readTested({ text }: Block): BlockTold[] {
  const tested = parseTestNetConnection(text);
  if (tested === null) return [];
  const host = tested.name !== null && !isAddress(tested.name) ? tested.name.toLowerCase() : null;
  const to: Endpoint = { host, address: tested.address, port: tested.port };
  const found: BlockTold[] = [];
  const say = (says: Saying) => found.push({ to, system: 'win32', says });
  if (tested.address === null) {
    if (host !== null) say({ kind: 'name', outcome: 'not-found', addresses: [] });
    return found;
  }
  if (host !== null) say({ kind: 'name', outcome: 'resolved', addresses: [tested.address] });
  if (tested.tcp === true) say({ kind: 'connect', outcome: 'open', code: null, elapsedMs: null });
  if (tested.tcp === false) say({ kind: 'unclear' });
  if (tested.ping !== null) {
    const ms = tested.ping ? tested.pingMs : null;
    const isUnreachable = /Unreachable/.test(tested.pingStatus ?? '');
    const ping = {
      sent: 1,
      received: tested.ping ? 1 : 0,
      minMs: ms,
      avgMs: ms,
      maxMs: ms,
      replyTtl: null,
      errors: isUnreachable
        ? [{ from: null, icmpType: 3, icmpCode: null, text: tested.pingStatus ?? '' }]
        : [],
      sendRefused: false,
      localError: null,
      notPermitted: null,
    };
    say({ kind: 'ping', ping });
  }
  return found;
}
