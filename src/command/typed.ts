import { bracketed } from '../ground/address.ts';
import type { Target } from '../model/request.ts';
import { parseHost } from './host-name.ts';
import { parsePort } from './port.ts';
import { parseTarget, type TargetOptions } from './target.ts';
import { isUsageError, type UsageError, usageError } from './usage-error.ts';

/** A host without a port: the port is still to be asked for. */
export interface HostOnly {
  host: string;
  /** The host as parseTarget takes it, without user and password. */
  input: string;
}

export const isHostOnly = (typed: Target | HostOnly): typed is HostOnly => !('port' in typed);

interface Program {
  /** Options that take a value in the next word, by letter or long name. */
  valued: string;
  /** Of these the value is the port, or the host. */
  port?: readonly string[];
  host?: readonly string[];
  /** What the program speaks where no port is given; null = it has to be asked for. */
  service: string | null;
  /** It speaks nothing else, whatever the port: telnet and curl are asked about anything. */
  isSureOfService?: boolean;
  /** The host stands before a colon and the rest is a path: scp. */
  isBeforeColon?: boolean;
  /** A word of these says that it is about UDP. */
  udp?: readonly string[];
}

const SSH_VALUED = 'b c D E e F I i J L l m O o p Q R S W w B';
const CURL_VALUED =
  'H X d o u A e b c m T x w F E K r --header --request --data --data-raw --output --user --user-agent --cookie --max-time --proxy --form --resolve --connect-timeout --cacert --cert --key --retry -O --post-data';

/** Programs that people have at hand where something cannot be reached, by what of their words names host and port. */
const PROGRAMS: Record<string, Program> = {
  ssh: { valued: SSH_VALUED, port: ['-p'], isSureOfService: true, service: 'ssh' },
  mosh: { valued: 'p --ssh --port', service: 'ssh' },
  sftp: {
    valued: `${SSH_VALUED} P`,
    port: ['-P'],
    isSureOfService: true,
    service: 'ssh',
    isBeforeColon: true,
  },
  scp: {
    valued: `${SSH_VALUED} P`,
    port: ['-P'],
    isSureOfService: true,
    service: 'ssh',
    isBeforeColon: true,
  },
  telnet: { valued: 'l n b e S X', service: 'telnet' },
  nc: { valued: 'w s p i q X x e m T I O P V', service: null, udp: ['-u', '--udp'] },
  curl: { valued: CURL_VALUED, service: 'http' },
  wget: { valued: `${CURL_VALUED} P U`, service: 'http' },
  openssl: {
    valued: '-servername -starttls -CAfile -CApath -cert -key -alpn -connect -proxy',
    host: ['-connect'],
    service: 'https',
  },
  psql: {
    valued: 'U d f c h p --host --port --username --dbname --file --command',
    host: ['-h', '--host'],
    port: ['-p', '--port'],
    isSureOfService: true,
    service: 'postgresql',
  },
  mysql: {
    valued: 'h P u D e --host --port --user --database --execute',
    host: ['-h', '--host'],
    port: ['-P', '--port'],
    isSureOfService: true,
    service: 'mysql',
  },
  'redis-cli': {
    valued: 'h p a n u --user --pass',
    host: ['-h'],
    port: ['-p'],
    isSureOfService: true,
    service: 'redis',
  },
  ftp: { valued: 'P', port: ['-P'], isSureOfService: true, service: 'ftp' },
  ping: { valued: 'c i s t W w I M', service: null },
  traceroute: { valued: 'p m q w i f s', port: ['-p'], service: null },
  nmap: { valued: 'p', port: ['-p'], service: null, udp: ['-sU'] },
};
const ALIASES: Record<string, string> = {
  ncat: 'nc',
  netcat: 'nc',
  mariadb: 'mysql',
  tracert: 'traceroute',
  ping6: 'ping',
  tcptraceroute: 'traceroute',
};

/**
 * What people type or paste where a target is asked for: `ssh root@db`, `nc -vz db 5432`, `curl https://...`,
 * `postgres://user:pw@db/x`, `db 5432`, `db`. User and password are left out before anything else is done. Returns the
 * host alone where the port is missing.
 */
export function parseTyped(text: string, options: TargetOptions = {}): Target | HostOnly | UsageError {
  const words = text
    .trim()
    .split(/\s+/)
    .map((word) => word.replace(/^(["'])(.*)\1$/, '$2'))
    .filter((word) => word !== '' && word !== 'sudo' && word !== '$');
  const [first = '', ...rest] = words;
  const named = first.toLowerCase().replace(/\.exe$/, '');
  const program = PROGRAMS[ALIASES[named] ?? named];
  if (program !== undefined && rest.length > 0) return ofProgram(program, rest, options);
  if (rest.length === 1 && isPort(rest[0] ?? '')) return ofHost(first, { port: rest[0] }, options, text);
  if (rest.length > 0) return parseTarget(text, options);
  return ofHost(first, {}, options, text);
}

const isPort = (word: string): boolean =>
  /^[a-z0-9-]{1,32}$/i.test(word) && !isUsageError(parsePort(word, 'The port'));

function ofProgram(program: Program, words: readonly string[], options: TargetOptions) {
  const valued = new Set(program.valued.split(' ').map((one) => (one.startsWith('-') ? one : `-${one}`)));
  const plain: string[] = [];
  let port: string | undefined;
  let host: string | undefined;
  for (let i = 0; i < words.length; i += 1) {
    const word = words[i] ?? '';
    if (
      program.udp?.includes(word) === true ||
      (program.udp?.includes('-u') && /^-[a-z]*u[a-z]*$/i.test(word))
    )
      return usageError(
        'That command is about UDP, which cannot be told from silence: give a TCP port, as in example.com:443.',
      );
    if (!word.startsWith('-') || word === '-') {
      plain.push(word);
      continue;
    }
    const [name = '', glued] = /^--[^=]+=/.test(word) ? word.split('=', 2) : splitShort(word, valued);
    const value = glued ?? (valued.has(name) ? words[++i] : undefined);
    if (program.port?.includes(name) === true) port = value;
    if (program.host?.includes(name) === true) host = value;
  }
  const places = plain.filter((word) => word !== 's_client');
  const place = host ?? places.find((word) => word.includes('://')) ?? places[0] ?? '';
  const bare = program.isBeforeColon === true ? (places.find((word) => /@|:/.test(word)) ?? place) : place;
  const beforeColon =
    program.isBeforeColon === true && !bare.includes('://') ? (bare.split(':', 1)[0] ?? '') : bare;
  const second = host === undefined && places[0] === place && isPort(places[1] ?? '') ? places[1] : undefined;
  return ofHost(
    beforeColon,
    { port: port ?? second, service: program.service ?? undefined, isSure: program.isSureOfService === true },
    options,
    words.join(' '),
  );
}

/** `-p2222` and `-p 2222`; of `-vz` only the last letter may take a value. */
function splitShort(word: string, valued: ReadonlySet<string>): [string, string | undefined] {
  if (word.startsWith('--')) return [word, undefined];
  const short = word.slice(0, 2);
  if (valued.has(word)) return [word, undefined];
  if (valued.has(short) && word.length > 2) return [short, word.slice(2)];
  return [`-${word.at(-1)}`, undefined];
}

function ofHost(
  word: string,
  found: { port?: string | undefined; service?: string | undefined; isSure?: boolean },
  options: TargetOptions,
  whole: string,
): Target | HostOnly | UsageError {
  const input = withoutUser(word);
  const wish: TargetOptions = {
    port: options.port ?? found.port,
    service: options.service ?? (found.isSure === true && !input.includes('://') ? found.service : undefined),
  };
  const target = parseTarget(input, wish);
  if (!isUsageError(target)) return target;
  if (wish.port !== undefined || wish.service !== undefined) return target;
  if (found.service !== undefined) {
    const usual = parseTarget(input, { service: found.service });
    if (!isUsageError(usual)) return usual;
  }
  const host = parseHost(input.replace(/^\[(.*)\]$/, '$1'));
  if (isUsageError(host))
    return input === withoutUser(whole.trim()) ? preferred(target, host, input) : target;
  const complete = parseTarget(`${bracketed(host)}:443`);
  return isUsageError(complete) ? complete : { host, input: bracketed(host) };
}

/** What is wrong with the host says more than that there is no port. */
const preferred = (target: UsageError, host: UsageError, input: string): UsageError =>
  input === '' || /[:/@\s,]/.test(input) ? target : host;

/** `user:password@` is nobody's business, and is forgotten here. A password may hold any character but a space. */
function withoutUser(word: string): string {
  const url = /^((?:jdbc:)?[a-z][a-z0-9+.-]*:\/\/)(.*)$/i.exec(word);
  const [scheme, rest] = url === null ? ['', word] : [url[1] ?? '', url[2] ?? ''];
  const authority = rest.split(/[?#]/, 1)[0] ?? '';
  const at = authority.lastIndexOf('@');
  // A slash before the @ is a path with an @ in it, unless a colon before says that it is a password.
  const before = authority.slice(0, Math.max(0, at));
  if (at < 0 || (before.includes('/') && !/^[^/]*:(?!\d*(\/|$))/.test(before))) return word;
  return `${scheme}${rest.slice(at + 1)}`;
}
