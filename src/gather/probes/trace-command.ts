import type { CommandResult } from '../../doors/types.ts';
import { familyOf, isAddress } from '../../ground/address.ts';
import type { TraceProtocol } from '../../model/measured.ts';
import type { FindingOf, ProbeCatalogue } from '../../model/probes.ts';
import { because, type ReasonCode } from '../../model/reasons.ts';
import { parseMtr } from '../../parsers/mtr.ts';
import { parseTcptraceroute } from '../../parsers/tcptraceroute.ts';
import type { ParsedTrace, TraceContext } from '../../parsers/trace.ts';
import { parseTracepath } from '../../parsers/tracepath.ts';
import { type Dialect, parseTraceroute } from '../../parsers/traceroute.ts';
import { parseTracert } from '../../parsers/tracert.ts';
import { RAW_LIMIT } from './ping.ts';
import type { Probe } from './probe.ts';
import { sweepOutcome } from './trace-syn.ts';

type Input = ProbeCatalogue['trace-command']['input'];
type Finding = FindingOf<'trace-command'>;

export interface TraceTool {
  /** What the evidence calls the method. */
  name: string;
  protocol: TraceProtocol;
  file: string;
  args: string[];
  maxTtl: number;
  parse: (text: string, context: TraceContext) => ParsedTrace;
  /** Tried only where the tool before it said that it is BusyBox. */
  isForBusybox?: boolean;
}

/** Probes under way at once: few enough for routers that send six ICMP errors and then one a second. */
const AT_ONCE = 8;

/**
 * The tools for one protocol, best first; one probe a hop, one second of patience, at most `budgetMs` where the tool allows.
 *
 * TCP: `traceroute -T` tells ICMP codes and who sent them, but wants root and says so within milliseconds; mtr needs no root
 * where mtr-packet has the capability (Debian); tcptraceroute is setuid there, IPv4 only, and one second slower for each
 * silent hop. UDP: traceroute, then tracepath, which shows errno and no code. ICMP: without root, `traceroute -I` loses answers
 * unless it sends one probe at a time (tried, 2.1.2: hop 2 of 3 silent at any higher -N).
 */
export function traceTools(
  protocol: TraceProtocol,
  input: Input,
  platform: NodeJS.Platform,
  budgetMs: number,
): TraceTool[] {
  const { address, port } = input;
  if (!isAddress(address)) throw new Error('a trace takes an address, not a name');
  const isV6 = familyOf(address) === 6;
  const family = isV6 ? '-6' : '-4';
  const rounds = Math.max(1, Math.floor((budgetMs - 300) / 1000));
  const parallelTtl = Math.min(protocol === 'tcp' ? 20 : 30, AT_ONCE * rounds);
  const patience = ['-n', '-q', '1', '-w', '1'];
  const tool = (
    name: string,
    maxTtl: number,
    file: string,
    args: string[],
    parse: TraceTool['parse'],
  ): TraceTool => {
    return { name, protocol, maxTtl, file, args, parse };
  };
  const traceroute = (dialect: Dialect, maxTtl: number, args: string[], file = 'traceroute'): TraceTool =>
    tool('traceroute', maxTtl, file, [...args, '-m', String(maxTtl), address], (text, context) =>
      parseTraceroute(text, dialect, { ...context, tcpFlags: dialect === 'butskoy' && protocol === 'tcp' }),
    );
  const mtr = (...args: string[]): TraceTool =>
    tool(
      'mtr',
      20,
      'mtr',
      [family, ...args, '--json', '-n', '-c', '1', '-G', '1', '-Z', '1', '-m', '20', address],
      parseMtr,
    );
  const tcptraceroute = isV6
    ? []
    : [
        tool(
          'tcptraceroute',
          20,
          'tcptraceroute',
          [...patience, '-m', '20', address, String(port)],
          parseTcptraceroute,
        ),
      ];

  if (platform === 'win32') {
    if (protocol !== 'icmp') return [];
    return [tool('tracert', 20, 'tracert', ['-d', '-h', '20', '-w', '1000', family, address], parseTracert)];
  }
  if (platform !== 'linux') {
    const file = isV6 ? 'traceroute6' : 'traceroute';
    switch (protocol) {
      case 'tcp':
        return [
          ...(isV6 ? [] : [traceroute('bsd', 20, ['-P', 'tcp', '-p', String(port), ...patience])]),
          mtr('--tcp', '-P', String(port)),
          ...tcptraceroute,
        ];
      case 'udp':
        return [traceroute('bsd', 20, patience, file), mtr('--udp')];
      case 'icmp':
        return [traceroute('bsd', 20, ['-I', ...patience], file), mtr()];
    }
  }
  const parallel = [...patience, '-N', String(AT_ONCE)];
  const busybox = (...args: string[]): TraceTool => {
    const { name, file, parse, args: all } = traceroute('busybox', 20, [...args, ...patience]);
    return { name, protocol, maxTtl: 20, file, args: all, parse, isForBusybox: true };
  };
  switch (protocol) {
    case 'tcp':
      return [
        traceroute('butskoy', parallelTtl, [family, '-T', '-O', 'info', '-p', String(port), ...parallel]),
        mtr('--tcp', '-P', String(port)),
        ...tcptraceroute,
      ];
    case 'udp':
      return [
        traceroute('butskoy', parallelTtl, [family, ...parallel]),
        busybox(),
        // Into a pipe tracepath prints nothing until it ends, and it waits 3 s for each silent hop.
        tool(
          'tracepath',
          20,
          'stdbuf',
          ['-oL', 'tracepath', '-n', family, '-m', '20', address],
          parseTracepath,
        ),
        tool('tracepath', 20, 'tracepath', ['-n', family, '-m', '20', address], parseTracepath),
        mtr('--udp'),
      ];
    case 'icmp':
      return [traceroute('butskoy', 30, [family, '-I', ...patience, '-N', '1']), busybox('-I'), mtr()];
  }
}

/** What one tool brought, or why the next must be tried. */
export type ToolResult = { finding: Finding } | { next: string; isBusybox: boolean };

export function readTool(tool: TraceTool, input: Input, result: CommandResult): ToolResult {
  const text = `${result.stdout}\n${result.stderr}`;
  const shown = tool.file === 'stdbuf' ? 'tracepath' : tool.file;
  const next = (why: ReasonCode, more = '') => ({
    next: because(why, `${shown}${more}`),
    isBusybox: /^BusyBox v/m.test(text),
  });
  if (
    result.status === 'missing' ||
    (tool.file === 'stdbuf' && /failed to (run|execute)/i.test(result.stderr))
  ) {
    return next('not-installed');
  }
  if (result.status === 'denied') return next('not-permitted');
  const context = {
    address: input.address,
    protocol: tool.protocol,
    maxTtl: tool.maxTtl,
    complete: result.status === 'done',
  };
  // A missing end of line would glue the errors to the last hop.
  const parsed = tool.parse(
    result.stderr === '' ? result.stdout : `${result.stdout}\n${result.stderr}`,
    context,
  );
  const raw = text.trim().slice(0, RAW_LIMIT);
  const found = { command: result.commandLine, raw: raw === '' ? null : raw };
  if (parsed.replies.length === 0) {
    if (result.status === 'cancelled')
      return { finding: { outcome: 'cancelled', reason: null, data: null, ...found } };
    if (parsed.notPermitted !== null) return next('needs-privileges', ` by ${tool.protocol.toUpperCase()}`);
    if (result.status === 'timed-out') return next('tool-late');
    return next('tool-too-old');
  }
  const { replies } = parsed;
  const data = {
    method: tool.name,
    protocol: tool.protocol,
    port: tool.protocol === 'tcp' ? input.port : null,
    address: input.address,
    replies,
    counters: null,
  };
  if (result.status === 'cancelled')
    return { finding: { outcome: 'cancelled', reason: null, data, ...found } };
  const outcome = sweepOutcome(data);
  const reason =
    outcome === 'local-error'
      ? (parsed.localError?.text.slice(0, 200) ?? null)
      : result.status === 'timed-out'
        ? because('tool-stopped', `${shown} at TTL ${replies.at(-1)?.ttl}`)
        : null;
  return { finding: { outcome, reason, data, ...found } };
}

/** The path as the first tool sees it that is installed and permitted, by the first protocol that any tool can do. */
export const traceCommand: Probe<'trace-command'> = async (input, { doors, signal }) => {
  if (!isAddress(input.address))
    return { outcome: 'not-available', reason: because('needs-address'), data: null };
  const started = doors.clock.elapsed();
  const left = () => input.timeoutMs - (doors.clock.elapsed() - started);
  const reasons: string[] = [];
  for (const protocol of input.protocols) {
    let isBusybox = false;
    for (const tool of traceTools(protocol, input, doors.platform, left())) {
      if (signal.aborted) return { outcome: 'cancelled', reason: null, data: null };
      if (left() < 500) break;
      if ((tool.isForBusybox ?? false) !== isBusybox && tool.name === 'traceroute') continue;
      const result = await doors.runCommand({ file: tool.file, args: tool.args, timeoutMs: left(), signal });
      const read = readTool(tool, input, result);
      if ('finding' in read) return read.finding;
      isBusybox ||= read.isBusybox;
      if (!reasons.includes(read.next)) reasons.push(read.next);
    }
  }
  if (signal.aborted) return { outcome: 'cancelled', reason: null, data: null };
  const asked = input.protocols.map((protocol) => protocol.toUpperCase()).join(' or ');
  return {
    outcome: 'not-available',
    reason: reasons.length > 0 ? reasons.join('; ') : because('no-tool', asked),
    data: null,
    enable: enableTrace(input.protocols, doors.platform),
  };
};

function enableTrace(protocols: TraceProtocol[], platform: NodeJS.Platform): string | null {
  const tool = protocols[0] === 'tcp' ? 'mtr' : 'traceroute';
  if (platform === 'linux') return `apt install ${tool === 'mtr' ? 'mtr-tiny' : tool}`;
  return platform === 'darwin' && tool === 'mtr' ? 'brew install mtr' : null;
}
