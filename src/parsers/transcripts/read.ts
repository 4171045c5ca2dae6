import { isAddress } from '../../ground/address.ts';
import { type Block, type BlockProgram, blockAt, readBlock } from './blocks.ts';
import { certificateIn, conversationIn } from './conversations.ts';
import {
  type CommandTold,
  commandTold,
  completed,
  type Endpoint,
  endpointIn,
  isSamePlace,
  urlOf,
} from './endpoint.ts';
import { failureIn, isUnclear } from './messages.ts';
import { namedFirst, PAGE_HOST } from './pages.ts';
import { programOf } from './speakers.ts';
import type { Saying, System, Told } from './told.ts';
import { unquoted } from './unquoted.ts';

const MAX_TEXT = 500_000;
const MAX_LINES = 10_000;
const MAX_LINE = 1000;
const MAX_TOLD = 200;

export interface Transcripts {
  told: Told[];
  /** Not all of it was looked at: it was larger than anybody reads. */
  truncated: boolean;
}

/** `$ `, `user@host:~$ `, `C:\\Users\\me>`, `PS C:\\>`, `% `: then a command. */
const PROMPT =
  /^(?:[A-Za-z]:\\[^>\n]{0,200}>|PS [^>\n]{0,200}> ?|\[[^\]\n]{1,80}\][$#] |[\w.-]{1,40}@[\w.-]{1,80}(?:[: ][^$#%>\n]{0,100})?[$#%>] |[$#%>❯➜] )\s{0,4}(\S.*)$/;

const BLOCKS: Readonly<Record<string, BlockProgram>> = {
  ping: 'ping',
  traceroute: 'traceroute',
  tracert: 'tracert',
  pathping: 'pathping',
  tracepath: 'tracepath',
  tcptraceroute: 'tcptraceroute',
  mtr: 'mtr',
  dig: 'dig',
  nslookup: 'nslookup',
  'test-netconnection': 'test-netconnection',
  nmap: 'nmap',
  ipconfig: 'machine',
  ifconfig: 'machine',
  ip: 'machine',
  arp: 'machine',
  route: 'machine',
  netstat: 'machine',
  scutil: 'machine',
  resolvectl: 'machine',
};

/**
 * What somebody copied out of a terminal, a log or a browser: which programs spoke in it, and what they said about which
 * place. Commands in it are read for the place that they name; nothing is run. Any text is taken; at most half a million
 * characters of it are looked at, and 200 statements are kept.
 */
export function readTranscripts(text: string): Transcripts {
  const told: Told[] = [];
  const lines = unquoted(text.slice(0, MAX_TEXT).split(/\r\n|\n|\r/, MAX_LINES));
  let section: Section = sectionOf(null, null, null);
  const end = () => {
    for (const one of finish(section)) if (told.length < MAX_TOLD) told.push(one);
  };
  for (const whole of lines) {
    const line = whole.slice(0, MAX_LINE);
    const command = commandIn(line);
    if (command !== null) {
      end();
      const { command: known } = command;
      section = sectionOf(known, known === null ? null : (BLOCKS[known.program] ?? null), command.system);
      continue;
    }
    const begun = blockAt(line);
    if (
      begun !== null &&
      !(section.block === begun && section.lines.length < 3) &&
      !sameBlock(section, begun)
    ) {
      end();
      section = sectionOf(null, begun, section.system);
    }
    if (section.block !== null) {
      section.lines.push(line);
      continue;
    }
    readLine(section, line);
  }
  end();
  return { told, truncated: text.length > MAX_TEXT || lines.length === MAX_LINES };
}

interface Section {
  command: CommandTold | null;
  block: BlockProgram | null;
  system: System | null;
  lines: string[];
  told: Told[];
  /** What was tried last, where lines that follow name no place. */
  at: Endpoint;
  /** A host name that a browser's page shows above its code. */
  shown: Endpoint | null;
  certificate: ReturnType<typeof certificateIn>;
  isOpen: boolean;
  hasSpoken: boolean;
}

const NOWHERE: Endpoint = { host: null, address: null, port: null };

function sectionOf(command: CommandTold | null, block: BlockProgram | null, system: System | null): Section {
  const at = command?.to ?? NOWHERE;
  return {
    command,
    block,
    system,
    lines: [],
    told: [],
    at,
    shown: null,
    certificate: {},
    isOpen: false,
    hasSpoken: false,
  };
}

/** Headers that a program prints twice, or a second line of one. */
const sameBlock = ({ block }: Section, begun: BlockProgram): boolean =>
  (block === begun &&
    (begun === 'mtr' ||
      begun === 'test-netconnection' ||
      begun === 'nmap' ||
      begun === 'nslookup' ||
      begun === 'machine')) ||
  (block === 'pathping' && begun === 'tracert') ||
  (block === 'nslookup' && begun === 'dig');

/** Behind these stands a command, known or not: what follows is no word of the program before. */
const SURE_PROMPT =
  /^(?:[A-Za-z]:\\[^>\n]{0,200}>|PS [^>\n]{0,200}> ?|\[[^\]\n]{1,80}\][$#] |[\w.-]{1,40}@[\w.-]{1,80}[: ][^$#%>\n]{0,100}[$#%] |[$❯➜] )\s{0,4}[\w.~/\\(-]/;

/** `command` null = one that is not read here. */
function commandIn(line: string): { command: CommandTold | null; system: System | null } | null {
  const prompted = PROMPT.exec(line);
  const typed = (prompted?.[1] ?? line).trim();
  const words = typed.split(/\s+/, 60);
  const isBare = prompted === null;
  // `traceroute to db.example.com (192.0.2.7), 30 hops max` is an answer.
  if (isBare && blockAt(line) !== null) return null;
  // Without a prompt only what can be nothing else: the program in lower case, and a place behind it.
  if (isBare && !/^[a-z][a-z_-]{1,20}(?: -\S+)* \S/.test(line)) return null;
  const command = commandTold(words);
  if (command === null && SURE_PROMPT.test(line))
    return { command: null, system: /^(?:[A-Za-z]:\\|PS )/.test(line) ? 'win32' : null };
  if (command === null || (isBare && (command.to === null || /[:.] |[a-z]: /.test(line.slice(0, 30)))))
    return null;
  const system: System | null = /^(?:[A-Za-z]:\\|PS )/.test(line) ? 'win32' : null;
  return {
    command,
    system: system ?? (/^(tracert|pathping|test-netconnection)$/.test(command.program) ? 'win32' : null),
  };
}

function finish(section: Section): Told[] {
  const { block, command, system, lines } = section;
  // What shows the system may stand after what was said on it.
  if (block === null) return section.told.map((one) => ({ ...one, system: one.system ?? system }));
  const text = lines.join('\n');
  const read: Block = { program: block, command, system, text };
  const found = readBlock(read).map(
    ({ to, system: from, says }): Told => ({
      program: block,
      system: from ?? system,
      ...to,
      words: wordsOf(lines),
      says,
    }),
  );
  if (found.length > 0) return found;
  // A tool that failed before it began says so in a line of its own.
  const plain = sectionOf(command, null, system);
  for (const line of lines) readLine(plain, line);
  return plain.told;
}

/** apt tells of each address in one line; npm names the code alone before it says more. */
const SPLIT = /(?<=\S) (?=Could not connect to \S{1,253}:\d)/;
const NOTHING = /^npm (?:ERR!|error) (?:code|errno|syscall) /;

const wordsOf = (lines: readonly string[]): string =>
  lines
    .filter((line) => line.trim() !== '')
    .slice(0, 6)
    .join('\n')
    .slice(0, 400);

const CONNECTED =
  /^(?:Connected to (?!the )|CONNECTED\(|Ncat: Connected to |\* (?: {2})?Connected to |debug1: Connection established|Connection to .{1,300} succeeded!|.{1,300}\] \d{1,5} \([\w-]{1,40}\) open$|\S{1,253} \(\S{2,60}:\d{1,5}\) open$|Connecting to .{1,300} connected\.$)/;

function readLine(section: Section, line: string): void {
  if (line.trim() === '' || NOTHING.test(line)) return;
  const parts = line.split(SPLIT, 8);
  if (parts.length > 1) {
    for (const part of parts) readLine(section, part);
    return;
  }
  const trying =
    /^(?:\*\s{1,6})?Trying (\S{2,60}?)(?:\.\.\.)?$/.exec(line)?.[1] ??
    /^debug1: Connecting to (.{2,320})\.$/.exec(line)?.[1];
  if (trying !== undefined) {
    const to = isAddress(trying)
      ? { ...NOWHERE, address: trying }
      : endpointIn(trying.replace(/ \[([^\]]+)\] port /, ' ($1) port '));
    if (to !== null) {
      const { host, port, address } = section.at;
      // Another port than the one that was asked for is a proxy's, where it is not the same machine's.
      const isProxy = to.port !== null && port !== null && to.port !== port && to.address !== address;
      section.at = {
        host: to.host ?? (isProxy ? null : host),
        address: to.address,
        port: to.port ?? port,
      };
    }
    section.isOpen = false;
    return;
  }
  const isWget = /^Connecting to .{1,300}\.\.\./.test(line);
  if (isWget) {
    const address = /\|([0-9a-fA-F:.]{2,45})\|:(\d{1,5})/.exec(line);
    const host = /^Connecting to ([A-Za-z][\w.-]{0,252}) \(/.exec(line)?.[1]?.toLowerCase();
    if (address)
      section.at = { host: host ?? section.at.host, address: address[1]!, port: Number(address[2]) };
  }
  if (CONNECTED.test(line)) {
    const to = endpointIn(line.replace(/\) (\d{1,5}) port /, ') port $1 '));
    if (to !== null)
      section.at = {
        host: to.host ?? section.at.host,
        address: to.address ?? section.at.address,
        port: to.port ?? section.at.port,
      };
    const name = /^Connected to ([\w.-]{1,253}?)\.?$/.exec(line)?.[1];
    if (name !== undefined && !isAddress(name))
      section.at = { ...section.at, host: section.at.host ?? name.toLowerCase() };
    open(section, line);
    return;
  }
  const told = PAGE_HOST.exec(line);
  if (told !== null) {
    const to = { host: told[1]!.toLowerCase(), address: null, port: Number(told[2] ?? 443) };
    section.shown = to;
    const last = section.told.at(-1);
    if (last !== undefined && last.host === null && last.address === null && last.port === null)
      Object.assign(last, to, { program: 'browser' });
    if (section.told.length > 0) return;
  }
  const page =
    told !== null
      ? section.shown
      : /^(?:https?:\/\/|Check if there is a typo in |Firefox can.t establish a connection to the server at )/i.test(
            line,
          )
        ? urlOf(/https?:\/\/\S{1,300}/.exec(line)?.[0] ?? line.split(/\s+/).at(-1)!.replace(/\.$/, ''))
        : namedFirst(line);
  if (page !== null) section.shown = page;

  const unclear = /on port (\d{1,5})|auf Port (\d{1,5})|(?:port|puerto|porta|порт|ポート)\s?(\d{1,5})/i.exec(
    line,
  );
  if (
    /^(?:Connecting To|Verbindungsaufbau zu|Connexion à|Conectándose a|Connessione a|A ligar a|Conectando-se a)/i.test(
      line,
    ) &&
    unclear
  ) {
    const host = /(?:To|zu|à|a) ([A-Za-z0-9][\w.-]{0,252}?)\.\.\./.exec(line)?.[1]?.toLowerCase();
    const to =
      host === undefined
        ? section.at
        : isAddress(host)
          ? { ...NOWHERE, address: host }
          : { ...NOWHERE, host };
    section.system = 'win32';
    say(section, { ...to, port: Number(unclear[1] ?? unclear[2] ?? unclear[3]) }, { kind: 'unclear' }, line);
    return;
  }
  const certificate = certificateIn(line);
  for (const [name, value] of Object.entries(certificate)) {
    // The leaf comes first; what follows vouches for it.
    section.certificate = { [name]: value, ...section.certificate };
    const last = section.told.at(-1)?.says;
    if (last?.kind === 'tls') Object.assign(last, { ...section.certificate });
  }
  const spoken = conversationIn(line);
  if (spoken !== null) {
    converse(section, spoken, line);
    return;
  }
  failed(section, line);
}

function failed(section: Section, line: string): void {
  const found = failureIn(line);
  if (found === null) {
    const code = /\b(DNS_PROBE_\w{3,40}|ERR_INTERNET_DISCONNECTED|ERR_TIMED_OUT|NS_ERROR_\w{3,40})\b/.exec(
      line,
    )?.[1];
    if (code === undefined) {
      const isSaid = section.told.some(({ says }) => says.kind === 'connect' || says.kind === 'unclear');
      if (!isSaid && isUnclear(line))
        say(section, completed(section.at, endpointIn(line) ?? section.at), { kind: 'unclear' }, line);
      return;
    }
    const to = section.shown ?? section.at;
    if (code.startsWith('DNS_'))
      say(section, to, { kind: 'name', outcome: 'temporary-failure', addresses: [] }, line, 'browser');
    else if (code === 'ERR_INTERNET_DISCONNECTED')
      say(
        section,
        web(to),
        { kind: 'connect', outcome: 'local-error', code: 'ENETUNREACH', elapsedMs: null },
        line,
        'browser',
      );
    else if (code === 'ERR_TIMED_OUT')
      say(
        section,
        web(to),
        { kind: 'connect', outcome: 'timeout', code: 'ETIMEDOUT', elapsedMs: null },
        line,
        'browser',
      );
    return;
  }
  const { failure } = found;
  section.system ??= found.system;
  const isPage =
    /\bERR_[A-Z_]{4,40}\b/.test(line) || / (?:refused to connect|took too long to respond)/.test(line);
  const lookup =
    /(?:lookup|ENOTFOUND|EAI_AGAIN|translate host name "|resolve host(?: address)?:? ['"‘]?|Unknown host:? ?|UnknownHostException:? |cannot resolve |could not find host |getaddrinfo |host: )['"‘]?([A-Za-z0-9][\w.-]{0,252})/.exec(
      line,
    )?.[1];
  const named = endpointIn(line);
  const to = named ?? (isPage ? section.shown : null) ?? section.at;
  if (failure === 'ENOTFOUND' || failure === 'EAI_AGAIN') {
    const host = [lookup, section.at.host, named?.host, section.shown?.host].find(
      (one) => one != null && !/^(name|host|on|for|getaddrinfo)$/.test(one),
    );
    const outcome = failure === 'ENOTFOUND' ? 'not-found' : 'temporary-failure';
    say(
      section,
      { host: host?.toLowerCase().replace(/\.$/, '') ?? null, address: null, port: to.port },
      { kind: 'name', outcome, addresses: [] },
      line,
    );
    return;
  }
  const place = isPage ? web(to) : completed(section.at, to);
  const isHere =
    named === null || ((named.port ?? section.at.port) === section.at.port && isSamePlace(named, section.at));
  if (failure === 'ECONNRESET' || (failure === 'ETIMEDOUT' && section.isOpen && isHere)) {
    section.at = place;
    converse(section, { kind: 'cut', ended: failure === 'ECONNRESET' ? 'reset' : 'stalled' }, line);
    return;
  }
  // "Trying" and a summary at the end may tell of one failure twice.
  const isTold = section.told.some(
    ({ says, port, address }) =>
      says.kind === 'connect' &&
      says.outcome !== 'open' &&
      ((place.host === null && place.address === null) ||
        (port === place.port && (place.address === null || address === null || address === place.address))),
  );
  if (isTold) return;
  const after = /after (\d{1,7}) ?(?:ms|milliseconds)/.exec(line)?.[1];
  const isLocal =
    (failure === 'ENETUNREACH' && !/icmp/i.test(line)) || failure === 'EADDRNOTAVAIL' || failure === 'EACCES';
  say(
    section,
    place,
    {
      kind: 'connect',
      outcome:
        failure === 'ECONNREFUSED'
          ? 'refused'
          : failure === 'ETIMEDOUT'
            ? 'timeout'
            : isLocal && failure !== 'ENETUNREACH'
              ? 'local-error'
              : 'unreachable',
      code: failure === 'ETIMEDOUT' ? null : failure,
      elapsedMs: after === undefined ? null : Number(after),
    },
    line,
    isPage ? 'browser' : undefined,
  );
}

/** Pages speak of https where no port is shown. */
const web = (to: Endpoint): Endpoint => ({ ...to, port: to.port ?? 443 });

function open(section: Section, line: string): void {
  const isTold = section.told.some(
    ({ says, port, address }) =>
      says.kind === 'connect' &&
      says.outcome === 'open' &&
      port === section.at.port &&
      address === section.at.address,
  );
  section.isOpen = true;
  section.hasSpoken = false;
  if (!isTold)
    say(section, section.at, { kind: 'connect', outcome: 'open', code: null, elapsedMs: null }, line);
}

function converse(section: Section, spoken: Saying, line: string): void {
  const named = endpointIn(line);
  const isPage = /\b(ERR|SSL_ERROR|SEC_ERROR|PR|MOZILLA_PKIX_ERROR)_[A-Z_]{4,40}\b/.test(line);
  const isPlace =
    named !== null && (named.port !== null || named.address !== null) && !/SSL|ssl|\.c:\d/.test(line);
  if (isPlace) section.at = completed(section.at, named);
  else if (isPage && section.shown !== null && section.at.host === null) section.at = web(section.shown);
  // What ends after a connect that failed is the pipe to whoever should have made it.
  const isFailed = section.told.some(({ says }) => says.kind === 'connect' && says.outcome !== 'open');
  if (spoken.kind === 'cut' && !section.isOpen && isFailed) return;
  // Whoever answers has accepted the connection.
  if (!section.isOpen) open(section, line);
  // Once something was said, its end is how such conversations end.
  if (spoken.kind === 'cut' && section.hasSpoken) return;
  if (spoken.kind !== 'cut') section.hasSpoken = true;
  const last = section.told.at(-1);
  if (spoken.kind === 'tls' && last?.says.kind === 'tls' && last.says.outcome !== 'ok') return;
  if (spoken.kind === 'cut' && last?.says.kind === 'cut') return;
  say(section, section.at, spoken.kind === 'tls' ? { ...spoken, ...section.certificate } : spoken, line);
}

function say(section: Section, to: Endpoint, says: Saying, line: string, program?: string): void {
  if (section.told.length >= MAX_TOLD) return;
  section.told.push({
    program: program ?? section.command?.program ?? programOf(line),
    system: section.system,
    ...to,
    words: line.trim().slice(0, 400),
    says,
  });
}
