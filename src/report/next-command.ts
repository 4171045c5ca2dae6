import { isAddress } from '../ground/address.ts';
import type { Report } from '../model/report.ts';
import { safe } from './sanitize.ts';

type System = 'linux' | 'darwin' | 'win32';

/** What was told, as far as the next question depends on it. */
interface Said {
  says: { kind: string; outcome?: string; resolver?: string | null };
  port: number | null;
}

/** The next question, asked by a program that the system has from the start; `{host}`, `{port}` and `{name}` are filled in. */
const QUESTIONS = {
  name: {
    why: 'It shows which DNS server answers what.',
    run: {
      linux: 'getent ahosts {host}',
      darwin: 'dscacheutil -q host -a name {host}',
      win32: 'nslookup {host}',
    },
  },
  resolver: {
    why: 'It shows whether the DNS server says that the name does not exist, or does not answer.',
    run: { linux: 'resolvectl query {host}', darwin: 'dig {host}', win32: 'Resolve-DnsName {host}' },
  },
  connect: {
    why: 'It says whether the port refuses, or nothing answers: the two have different causes.',
    run: {
      linux: 'nc -vz -w 10 {host} {port}',
      darwin: 'nc -vz -G 10 {host} {port}',
      win32: 'curl.exe -v --connect-timeout 30 telnet://{host}:{port}',
    },
  },
  ping: {
    why: 'It shows whether the host answers anything at all, and who says so if a router answers in its place.',
    run: { linux: 'ping -c 4 {host}', darwin: 'ping -c 4 {host}', win32: 'ping -n 4 {host}' },
  },
  path: {
    why: 'It shows the last device on the way that still answers.',
    run: {
      linux: 'tracepath -n {host}',
      darwin: 'traceroute -n -q 1 -w 2 {host}',
      win32: 'tracert -d -w 1000 {host}',
    },
  },
  otherPort: {
    why: 'Another port tells a filter for TCP {port} from a host or path that lets nothing through.',
    run: {
      linux: 'nc -vz -w 10 {host} {other}',
      darwin: 'nc -vz -G 10 {host} {other}',
      win32: 'Test-NetConnection {host} -Port {other}',
    },
  },
  listener: {
    why: 'It shows whether a program listens on TCP {port} here, and on which address.',
    run: {
      linux: "ss -ltn 'sport = :{port}'",
      darwin: 'lsof -nP -iTCP:{port} -sTCP:LISTEN',
      win32: 'Get-NetTCPConnection -State Listen -LocalPort {port}',
    },
  },
  tls: {
    why: 'It shows the certificate, its dates, and who vouches for it.',
    run: {
      linux: 'openssl s_client -connect {at} -servername {host} </dev/null',
      darwin: 'openssl s_client -connect {at} -servername {host} </dev/null',
      win32: 'curl.exe -v https://{at}/',
    },
  },
  http: {
    why: 'It shows the whole answer of the server.',
    run: {
      linux: 'curl -v {scheme}://{at}/',
      darwin: 'curl -v {scheme}://{at}/',
      win32: 'curl.exe -v {scheme}://{at}/',
    },
  },
  ssh: {
    why: 'It shows how far the conversation gets.',
    run: {
      linux: 'ssh -v -p {port} {host}',
      darwin: 'ssh -v -p {port} {host}',
      win32: 'ssh -v -p {port} {host}',
    },
  },
  greeting: {
    why: 'It shows whether the service says something by itself.',
    run: {
      linux: 'nc -w 5 {host} {port} </dev/null',
      darwin: 'nc -w 5 {host} {port} </dev/null',
      win32: 'curl.exe -v --max-time 5 telnet://{host}:{port}',
    },
  },
} as const satisfies Record<string, { why: string; run: Record<System, string> }>;

/** The last lines of an explanation: one command, for the system that the output came from, and what it is for. */
export function nextCommand(report: Report, told: readonly Said[], system: System): string {
  const { why, run } = QUESTIONS[questionFor(report, told)];
  const { host, port, service } = report.target;
  const bracketed = host.includes(':') ? `[${host}]` : host;
  const values: Record<string, string> = {
    host,
    port: String(port),
    at: `${bracketed}:${port}`,
    other: port === 443 ? '80' : '443',
    scheme: service === 'https' || port === 443 ? 'https' : 'http',
  };
  const fill = (text: string): string =>
    text.replace(/\{(\w+)\}/g, (_, name: string) => safe(values[name] ?? ''));
  return `\nRun this next, there:\n  ${fill(run[system])}\n${fill(why)}\n`;
}

function questionFor({ target, outcome }: Report, told: readonly Said[]): keyof typeof QUESTIONS {
  const has = (kind: string, ...outcomes: string[]): boolean =>
    told.some(
      ({ says }) => says.kind === kind && (outcomes.length === 0 || outcomes.includes(says.outcome ?? '')),
    );
  const isHere = /^(localhost|127\.|::1$)/.test(target.host);
  const at = (wanted: string): boolean =>
    told.some(
      ({ says, port }) =>
        says.kind === 'connect' && says.outcome === wanted && (port === null || port === target.port),
    );
  if (at('open')) {
    if (has('tls')) return 'tls';
    if (has('http')) return 'http';
    if (has('ssh') || target.service === 'ssh') return 'ssh';
    if (target.service === 'https' || target.service === 'ldaps' || target.service === 'imaps') return 'tls';
    return target.service === 'http' ? 'http' : 'greeting';
  }
  if (!isAddress(target.host) && has('name', 'not-found', 'temporary-failure') && !has('connect')) {
    return has('dns') ? 'name' : 'resolver';
  }
  if (has('dns') && !has('connect') && outcome === 'unreachable') return 'name';
  if (isHere) return 'listener';
  if (!at('refused') && !at('timeout') && !at('unreachable')) return 'connect';
  if (at('refused')) return has('trace') ? 'otherPort' : 'path';
  if (!has('ping')) return 'ping';
  if (!has('trace')) return 'path';
  return 'otherPort';
}
