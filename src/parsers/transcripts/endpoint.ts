import { isAddress } from '../../ground/address.ts';
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

/** Forms in which programs name a place, most telling first: name, address, port (each may be absent). */
const FORMS: readonly (readonly [RegExp, readonly ('host' | 'address' | 'port')[]])[] = [
  [new RegExp(`at "(${NAME}|${V6})" \\((${V6})\\), port ${PORT}`), ['host', 'address', 'port']],
  [new RegExp(`at "(${NAME}|${V6})", port ${PORT}`), ['host', 'port']],
  [new RegExp(`(${NAME}) \\((${V6})\\),? port ${PORT}`), ['host', 'address', 'port']],
  [new RegExp(`(${NAME}) \\[(${V6})\\],? (?:port )?${PORT}`), ['host', 'address', 'port']],
  [new RegExp(`(?:host|to|server) (${NAME}|${V6}),? port ${PORT}`), ['host', 'port']],
  [new RegExp(`host='(${NAME}|${V6})', port=${PORT}`), ['host', 'port']],
  [new RegExp(`\\|(${V6})\\|:${PORT}`), ['address', 'port']],
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
};
const PORT_OPTIONS: Readonly<Record<string, readonly string[]>> = {
  ssh: ['-p'],
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
};
/** Options of these programs that take a value which is no host. */
const WITH_VALUE =
  /^(-[cowiIlLRDFJbmWtsSqQzNUdfKT]|--?(connect-timeout|max-time|servername|CAfile|tlsextdebug|header|user|data|output|timeout|count|deadline|informationlevel|type|resolve|dbname|username|name)|-H|-X|-x|-A|-e)$/;

/**
 * What a command line asks of whom; null where it is none of the programs that are read here. It is read and never run.
 */
export function commandTold(words: readonly string[]): CommandTold | null {
  const [file = '', ...rest] = words[0] === 'sudo' ? words.slice(1) : words;
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
  if (url !== undefined || /^(curl|wget|invoke-webrequest|iwr)$/.test(program)) return urlOf(url ?? first);
  // These ask about the machine itself.
  if (/^(ipconfig|ifconfig|ip|arp|route|netstat|scutil|resolvectl)$/.test(program)) return null;
  if (program === 'openssl') return endpointIn(option ?? '') ?? hostOf(option);
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
]);
