import { isAddress, sameAddress } from '../../ground/address.ts';
import { serviceOfScheme } from '../../ground/services.ts';

export interface Endpoint {
  host: string | null;
  address: string | null;
  port: number | null;
}

const NAME = '[A-Za-z0-9](?:[\\w.-]{0,251}[A-Za-z0-9])?';
const V6 = '\\[?[0-9a-fA-F:.]{2,45}(?:%[\\w.]{1,16})?\\]?';
const PORT = '(\\d{1,5})';
const named = (text: string | undefined): string | null =>
  text === undefined || text === ''
    ? null
    : text
        .replace(/^\[(.*)\]$/, '$1')
        .replace(/\.$/, '')
        .toLowerCase();

const URL_HOST = `(?:[^\\s/@"]{0,200}@)?(${NAME}|\\[[0-9a-fA-F:.]{2,45}\\])(?::${PORT})?`;
/** A URL that was asked for, as Go, Node, Rust, git and Apple's libraries name it; what was connected to may follow it. */
const ASKED = new RegExp(
  `(?:(?:Get|Head|Post|Put|Patch|Delete) "|request to |url: "|endpoint URL: "|unable to access '|FailingURLStringKey=)(https?)://${URL_HOST}(?=[/?#"',\\s]|$)`,
);
const CONNECTED_TO = new RegExp(`(?:dial tcp |connect E[A-Z]{4,20} |error", )(${V6}):${PORT}`);

/** Null where no URL was asked for, or where a proxy was connected to in its place. */
function askedUrl(text: string): Endpoint | null {
  const asked = ASKED.exec(text);
  if (asked === null || /\bproxy(?:connect)?\b/i.test(text)) return null;
  const [, scheme, host, port] = asked;
  const found = withPort(hostOf(host), port === undefined ? (scheme === 'https' ? 443 : 80) : portOf(port));
  const [, to, at] = CONNECTED_TO.exec(text) ?? [];
  const address = named(to);
  // A redirect may lead to another port than the one that was asked for.
  if (found === null || address === null || !isAddress(address)) return found;
  return { ...found, address, port: portOf(at ?? '') ?? found.port };
}

/** Forms in which programs name a place, most telling first: name, address, port (each may be absent). */
const FORMS: readonly (readonly [RegExp, readonly ('host' | 'address' | 'port')[]])[] = [
  [new RegExp(`at "(${NAME}|${V6})" \\((${V6})\\), port ${PORT}`), ['host', 'address', 'port']],
  [new RegExp(`at "(${NAME}|${V6})", port ${PORT}`), ['host', 'port']],
  [new RegExp(`(${NAME}) \\((${V6})\\),? port ${PORT}`), ['host', 'address', 'port']],
  [new RegExp(`(${NAME}) \\[(${V6})\\],? (?:port )?${PORT}`), ['host', 'address', 'port']],
  [new RegExp(`(?:host|to|server) (${NAME}|${V6}),? port ${PORT}`), ['host', 'port']],
  [new RegExp(`host='(${NAME}|${V6})', port=${PORT}`), ['host', 'port']],
  [new RegExp(`(${NAME}) \\(${NAME}\\)\\|(${V6})\\|:${PORT}`), ['host', 'address', 'port']],
  [new RegExp(`\\|(${V6})\\|:${PORT}`), ['address', 'port']],
  [new RegExp(`\\bconnect E[A-Z]{4,20} (${V6}):${PORT}\\b`), ['address', 'port']],
  [new RegExp(`(${NAME}):${PORT} \\((${V6})\\)`), ['host', 'port', 'address']],
  [new RegExp(`(${NAME})\\[(${V6})\\]:${PORT}`), ['host', 'address', 'port']],
  [new RegExp(`/dev/tcp/(${NAME}|${V6})/${PORT}`), ['host', 'port']],
  [new RegExp(`(${NAME})/(\\d{1,3}(?:\\.\\d{1,3}){3}):${PORT}`), ['host', 'address', 'port']],
  [new RegExp(`server on '(${NAME}|${V6}):${PORT}'`), ['host', 'port']],
  [new RegExp(`server on '(${NAME}|${V6})'`), ['host']],
  [
    new RegExp(`[a-z][a-z0-9+]{1,20}://(?:[^\\s/@]{0,200}@)?(${NAME}|\\[[0-9a-fA-F:.]{2,45}\\]):${PORT}`),
    ['host', 'port'],
  ],
  [new RegExp(`\\b(\\d{1,3}(?:\\.\\d{1,3}){3}):${PORT}\\b`), ['address', 'port']],
  [new RegExp(`\\[([0-9a-fA-F:.]{2,45})\\]:${PORT}\\b`), ['address', 'port']],
  [new RegExp(`(?:^|[\\s('"])((?=[\\w-]{0,63}[a-zA-Z.-])${NAME}):${PORT}(?![\\w.])`), ['host', 'port']],
];

/** The place that a line names; null where it names none. Digits of a port above 65535 are none. */
export function endpointIn(line: string): Endpoint | null {
  const text = line.slice(0, 600);
  const asked = askedUrl(text);
  if (asked !== null) return asked;
  for (const [form, names] of FORMS) {
    const match = form.exec(text);
    if (match === null) continue;
    const found: Endpoint = { host: null, address: null, port: null };
    for (const [index, name] of names.entries()) {
      const value = named(match[index + 1]);
      if (value === null) continue;
      if (name === 'port') found.port = portOf(value);
      else if (isAddress(value)) found.address ??= value;
      else if (name === 'host' && !/^\d+$/.test(value)) found.host = value;
    }
    if ((names.includes('port') && found.port === null) || (found.host === null && found.address === null))
      continue;
    return found;
  }
  return null;
}

const portOf = (text: string): number | null => {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  return port >= 1 && port <= 65535 ? port : null;
};

/** `db.example.com`, `192.0.2.7`, `[2001:db8::7]`, `user@host` -> an endpoint without a port; null for no host. */
function hostOf(word: string | undefined): Endpoint | null {
  const bare = named(word?.replace(/^[^@\s]{0,64}@/, ''));
  if (bare === null) return null;
  if (isAddress(bare)) return { host: null, address: bare, port: null };
  return /^[a-z0-9][\w.-]{0,252}$/.test(bare) && !/^\d+$/.test(bare)
    ? { host: bare, address: null, port: null }
    : null;
}

const withPort = (found: Endpoint | null, port: number | null): Endpoint | null =>
  found === null ? null : { ...found, port };

export interface CommandTold {
  program: string;
  to: Endpoint | null;
  protocol: 'tcp' | 'udp' | 'icmp' | null;
}

const DEFAULT_PORTS: Readonly<Record<string, number>> = {
  telnet: 23,
  ssh: 22,
  psql: 5432,
  mysql: 3306,
  mongosh: 27017,
  'redis-cli': 6379,
  ftp: 21,
  sftp: 22,
  plink: 22,
  sqlcmd: 1433,
  ldapsearch: 389,
  sqlplus: 1521,
};
const PORT_OPTIONS: Readonly<Record<string, readonly string[]>> = {
  ssh: ['-p'],
  sftp: ['-P'],
  plink: ['-P'],
  psql: ['-p', '--port'],
  mysql: ['-P', '--port'],
  mongosh: ['--port'],
  'redis-cli': ['-p'],
  nmap: ['-p'],
  'test-netconnection': ['-port', '-p'],
  traceroute: ['-p'],
  mtr: ['-P', '--port'],
};
const HOST_OPTIONS: Readonly<Record<string, readonly string[]>> = {
  psql: ['-h', '--host'],
  mysql: ['-h', '--host'],
  mongosh: ['--host'],
  'redis-cli': ['-h'],
  'test-netconnection': ['-computername', '-cn'],
  openssl: ['-connect'],
  sqlcmd: ['-S'],
  ldapsearch: ['-H', '-h'],
};
/** Options of these programs that take a value which is no host. */
const WITH_VALUE =
  /^(-[cowiIlLRDFJbmWtsSqQzNUdfKT]|--?(connect-timeout|max-time|servername|CAfile|tlsextdebug|header|user|data|output|timeout|count|deadline|informationlevel|type|resolve|dbname|username|name)|-H|-X|-x|-A|-e)$/;

/** How many words stand before the program: `sudo`, `time`, `timeout 5`, `LC_ALL=C`. */
function before(words: readonly string[]): number {
  let at = 0;
  for (let word = words[0]; word !== undefined && at < 6; word = words[at]) {
    if (/^(sudo|time|env|command)$/.test(word) || /^[A-Z_]{2,20}=\S*$/.test(word)) at++;
    else if (word === 'timeout' && /^\d+(\.\d+)?[smh]?$/.test(words[at + 1] ?? '')) at += 2;
    else break;
  }
  return at;
}

/**
 * What a command line asks of whom; null where it is none of the programs that are read here. It is read and never run.
 */
export function commandTold(words: readonly string[]): CommandTold | null {
  const [file = '', ...rest] = words.slice(before(words));
  let program = (file.split(/[\\/]/).at(-1) ?? '').replace(/\.exe$/i, '').toLowerCase();
  if (program === 'tnc') program = 'test-netconnection';
  if (program === 'netcat') program = 'nc';
  if (/^(ping6|traceroute6)$/.test(program)) program = program.slice(0, -1);
  if (program === 'mongo') program = 'mongosh';
  if (!KNOWN.has(program)) return null;
  if (program === 'openssl' && rest[0] !== 's_client') return null;
  const args = program === 'openssl' ? rest.slice(1) : rest;
  const portOptions = PORT_OPTIONS[program] ?? [];
  const hostOptions = HOST_OPTIONS[program] ?? [];
  // Behind a jump host nobody here connects to the place itself.
  if (program === 'ssh' && args.some((arg) => arg.startsWith('-J') || /^(-o)?Proxy(Jump|Command)=/.test(arg)))
    return { program, to: null, protocol: null };
  let host: string | undefined;
  let port: number | null = null;
  let protocol: CommandTold['protocol'] = null;
  const plain: string[] = [];
  for (let i = 0; i < args.length && i < 60; i++) {
    const arg = args[i]!;
    const [name = '', value] = arg.startsWith('--') && arg.includes('=') ? arg.split('=', 2) : [arg];
    const key = program === 'test-netconnection' ? name.toLowerCase() : name;
    if (portOptions.includes(key)) port = portOf(value ?? args[++i] ?? '');
    else if (hostOptions.includes(key)) host = value ?? args[++i];
    else if (/^-p\d{1,5}$/.test(arg) && portOptions.includes('-p')) port = portOf(arg.slice(2));
    else if (arg === '-T' || arg === '--tcp') protocol = 'tcp';
    else if (arg === '-I' && program === 'traceroute') protocol = 'icmp';
    else if (arg === '-u' || arg === '--udp') protocol = 'udp';
    else if (arg.startsWith('-')) {
      if (/^(nc|ncat)$/.test(program) ? /^-\w{0,5}[wspq]$|^-G$/.test(arg) : WITH_VALUE.test(arg)) i++;
    } else if (/^\/[a-z]$/i.test(arg)) i++;
    else if (!arg.startsWith('@') && !arg.startsWith('+')) plain.push(arg);
  }
  return { program, to: toOf(program, host, port, plain), protocol };
}

function toOf(
  program: string,
  option: string | undefined,
  port: number | null,
  plain: string[],
): Endpoint | null {
  const [first = '', second] = plain;
  const url = plain.find((word) => word.includes('://'));
  if (url !== undefined || /^(curl|wget|http|https|invoke-webrequest|iwr)$/.test(program))
    return urlOf(url ?? first);
  // These ask about the machine itself.
  if (/^(ipconfig|ifconfig|ip|arp|route|netstat|scutil|resolvectl)$/.test(program)) return null;
  if (program === 'openssl') return endpointIn(option ?? '') ?? hostOf(option);
  // `git clone git@git.example.com:team/app.git`; a remote's short name says nothing.
  if (program === 'git') {
    const remote = plain.map((word) => /^[\w.-]{1,64}@([\w.-]{1,253}):/.exec(word)?.[1]).find(Boolean);
    return withPort(hostOf(remote), 22);
  }
  if (program === 'sqlcmd' && option !== undefined) {
    const [, host, own] = /^(?:tcp:)?([^,\\]{1,253})(?:,(\d{1,5}))?/i.exec(option) ?? [];
    return withPort(hostOf(host), own === undefined ? 1433 : portOf(own));
  }
  if (program === 'ldapsearch' && option?.includes('://')) return urlOf(option);
  if (program === 'sqlplus') {
    const [, host, own] = /@(?:\/\/)?([\w.-]{1,253}):(\d{1,5})/.exec(plain.join(' ')) ?? [];
    return withPort(hostOf(host), portOf(own ?? ''));
  }
  if (option !== undefined)
    return endpointIn(option) ?? withPort(hostOf(option), port ?? DEFAULT_PORTS[program] ?? null);
  const given = second === undefined ? null : portOf(second);
  if (/^(telnet|nc|ncat|test-netconnection)$/.test(program)) {
    return withPort(hostOf(first), port ?? given ?? (program === 'telnet' ? 23 : null));
  }
  return withPort(hostOf(first), port ?? DEFAULT_PORTS[program] ?? null);
}

/** `https://db.example.com/`, `db.example.com:8080/x`; a user and a password are dropped. */
export function urlOf(text: string): Endpoint | null {
  const match =
    /^['"]?(?:([a-z][a-z0-9+.-]{0,20}):\/\/)?(?:[^\s/@]{0,200}@)?(\[[0-9a-fA-F:.]{2,45}\]|[\w.-]{1,253})(?::(\d{1,5}))?(?=[/?#'"\s,;)]|$)/i.exec(
      text,
    );
  if (match === null) return null;
  const [, scheme, host, port] = match;
  const usual = scheme === undefined ? 80 : (serviceOfScheme(scheme)?.port ?? null);
  return withPort(hostOf(host), port === undefined ? usual : portOf(port));
}

const KNOWN: ReadonlySet<string> = new Set([
  'telnet',
  'nc',
  'ncat',
  'ssh',
  'openssl',
  'curl',
  'wget',
  'ping',
  'traceroute',
  'tracert',
  'tracepath',
  'pathping',
  'tcptraceroute',
  'mtr',
  'nmap',
  'dig',
  'host',
  'nslookup',
  'test-netconnection',
  'psql',
  'mysql',
  'mongosh',
  'redis-cli',
  'invoke-webrequest',
  'iwr',
  'ipconfig',
  'ifconfig',
  'ip',
  'arp',
  'route',
  'netstat',
  'scutil',
  'resolvectl',
  'ftp',
  'sftp',
  'plink',
  'git',
  'http',
  'https',
  'sqlcmd',
  'ldapsearch',
  'sqlplus',
]);

/** False only where both name an address, and not the same. */
export const isSamePlace = (one: Endpoint, other: Endpoint): boolean =>
  one.address === null || other.address === null || sameAddress(one.address, other.address);

/** A line that names an address alone speaks of the host that was asked for (`at`), and the other way round. */
export function completed(at: Endpoint, to: Endpoint): Endpoint {
  const isSame = to.host === null || at.host === null || to.host === at.host;
  if (!isSame) return to;
  return {
    host: to.host ?? at.host,
    address: to.address ?? (isSamePlace(to, at) ? at.address : null),
    port: to.port ?? at.port,
  };
}
