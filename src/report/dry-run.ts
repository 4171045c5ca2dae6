import { endpoint } from '../ground/address.ts';
import type { Step, StepOf } from '../model/probes.ts';
import { safe } from './sanitize.ts';
import { stepWords } from './step-words.ts';

/** Command lines that a step would run, from the code that would run them. */
export type CommandsOf = (step: Step) => string[];

interface DryCase {
  case: 'open' | 'refused' | 'timeout' | 'name-unknown';
  steps: readonly Step[];
}

const HEADINGS: Record<DryCase['case'], string> = {
  open: 'If the port accepts connections',
  refused: 'If the port refuses',
  timeout: 'If nothing answers',
  'name-unknown': 'If the name leads to no address',
};

/**
 * The steps of a diagnosis for people: what is the same in every case once, then what each case adds. Addresses that only
 * the system could tell are 192.0.2.1 and 192.0.2.53.
 */
export function renderDryRun(
  cases: readonly DryCase[],
  commandsOf: CommandsOf,
  about: { target: string; platform: string; ahead?: string | null },
): string {
  const [first] = cases;
  const common = (first?.steps ?? []).filter(({ id }) =>
    cases.every(({ steps }) => steps.some((step) => step.id === id)),
  );
  const isCommon = ({ id }: Step) => common.some((step) => step.id === id);
  const lines = [
    `What reachdoctor would do for ${safe(about.target)} on ${about.platform}. Nothing was run, read or sent.`,
    '192.0.2.1 stands for the address of the target, 192.0.2.53 for a DNS server of the system.',
    '',
    'Always:',
    ...(about.ahead == null ? [] : ['  whom this machine asks about the name', `      runs: ${about.ahead}`]),
    ...common.flatMap((step) => stepLines(step, commandsOf, about.platform)),
  ];
  for (const one of cases) {
    const more = one.steps.filter((step) => !isCommon(step));
    lines.push('', `${HEADINGS[one.case]}:`);
    if (more.length === 0) lines.push('  Nothing more.');
    lines.push(...more.flatMap((step) => stepLines(step, commandsOf, about.platform)));
  }
  return `${lines.join('\n')}\n`;
}

function stepLines(step: Step, commandsOf: CommandsOf, platform: string): string[] {
  const commands = commandsOf(step);
  return [
    `  ${step.id}: ${safe(stepWords(step))}`,
    ...packetsOf(step, platform).map((line) => `      sends: ${safe(line)}`),
    ...commands.map((line, i) => `      ${i === 0 ? 'runs' : ' or '}: ${safe(line)}`),
  ];
}

const seconds = (ms: number): string => `${ms / 1000} s`;

type Packets = { [P in Step['probe']]?: (input: StepOf<P>['input'], platform: string) => string };

const LINUX_ONLY = 'nothing: this is made on Linux only, and stays unknown here';
/** What the native library can send there: doors/native/child.ts. */
const SWEPT: Readonly<Record<string, readonly string[]>> = {
  linux: ['tcp', 'udp', 'icmp'],
  darwin: ['tcp'],
  win32: ['tcp', 'icmp'],
};

/** What goes over the wire; a step that is not here sends nothing by itself. */
const PACKETS: Packets = {
  'tcp-connect': ({ address, port, startsMs, endMs }) =>
    `${startsMs.length} connection${startsMs.length === 1 ? '' : 's'} to TCP ${endpoint(address, port)}, at ${startsMs.map(seconds).join(', ')}, closed as soon as answered, given up at ${seconds(endMs)}`,
  'alternate-ports': ({ address, ports, timeoutMs }) =>
    `one connection to each of TCP ${ports.join(', ')} of ${address}, closed as soon as answered, given up at ${seconds(timeoutMs)}`,
  'system-resolve': ({ host }) => `whatever the system sends to resolve ${host} (getaddrinfo)`,
  dns: ({ host, resolver, port }) =>
    `DNS queries for A and AAAA of ${host} to ${endpoint(resolver, port)}, by UDP, by TCP where the answer is cut`,
  'trace-syn': ({ address, port, protocol, maxTtl }, platform) =>
    !(SWEPT[platform] ?? []).includes(protocol)
      ? `nothing: ${protocol.toUpperCase()} packets with a short TTL are not made on ${platform}; a tool stands in`
      : `${protocol.toUpperCase()} packets to ${protocol === 'icmp' ? address : endpoint(address, port)} with TTL 1 to ${maxTtl}, until one is answered by the end (native library)`,
  'counted-connect': ({ address, port, connections }, platform) =>
    platform === 'linux'
      ? `${connections} connections to TCP ${endpoint(address, port)}, counted by the kernel`
      : LINUX_ONLY,
  'proxy-connect': ({ proxyHost, proxyPort, host, port }) =>
    `one CONNECT for ${endpoint(host, port)} to the proxy ${endpoint(proxyHost, proxyPort)}, without credentials`,
  'own-rules': ({ address, port }, platform) =>
    platform !== 'linux'
      ? LINUX_ONLY
      : `one connection to TCP ${endpoint(address, port)}, between two readings of the counters of this machine's own rules`,
  'reply-ttl': ({ address, port }, platform) =>
    platform === 'linux'
      ? `connections to TCP ${endpoint(address, port)}, to learn the TTL of its answers (native library)`
      : LINUX_ONLY,
  'path-mtu': ({ address }, platform) =>
    platform === 'linux' ? `pings of several sizes to ${address} that may not be fragmented` : LINUX_ONLY,
  'reverse-names': ({ addresses, resolvers }) =>
    `DNS queries for the names of ${addresses.length} addresses to ${resolvers.join(', ')}`,
  tls: ({ address, port, serverName }) =>
    `one TLS handshake with ${endpoint(address, port)}${serverName === null ? '' : ` for ${serverName}`}, and an HTTP HEAD on it where the service is HTTP`,
  ssh: ({ address, port }) => `an SSH identification to ${endpoint(address, port)}, no login`,
  http: ({ address, port, host }) =>
    `an HTTP GET of the first 4 KiB for ${host} to ${endpoint(address, port)}`,
  greeting: ({ address, port, service }) =>
    `${service === null ? 'nothing; it listens' : `the first words of ${service}, no login,`} on one connection to ${endpoint(address, port)}`,
  stall: ({ address, port }) => `the same request in other shapes to ${endpoint(address, port)}`,
};

function packetsOf(step: Step, platform: string): string[] {
  const packets = PACKETS[step.probe] as ((input: unknown, platform: string) => string) | undefined;
  return packets === undefined ? [] : [packets(step.input, platform)];
}
