import type { CommandResult } from '../../doors/types.ts';
import { familyOf, isAddress } from '../../ground/address.ts';
import type { FindingOf, ProbeCatalogue } from '../../model/probes.ts';
import { because } from '../../model/reasons.ts';
import { parsePing } from '../../parsers/ping.ts';
import type { Probe } from './probe.ts';

type Input = ProbeCatalogue['ping']['input'];
type Finding = FindingOf<'ping'>;

/** Characters of tool output kept for the report. */
export const RAW_LIMIT = 16 * 1024;
const INTERVAL_S = 0.2;
/** IP and ICMP. */
const HEADERS = { 4: 28, 6: 48 } as const;

/**
 * The command for `count` echo requests, every 200 ms where the tool can, that ends by itself within timeoutMs.
 * `basic` is for old BusyBox versions, which know neither -n nor fractions. iputils is not given `-w`: with it, `-c` counts
 * replies and a silent host would be asked without end. Addresses are literals; anything else is refused.
 */
export function pingCommand(
  { address, count, timeoutMs, intervalMs, size }: Input,
  platform: NodeJS.Platform,
  basic = false,
): { file: string; args: string[] } {
  if (!isAddress(address)) throw new Error('ping takes an address, not a name');
  const n = String(count);
  const v6 = familyOf(address) === 6;
  const intervalS = String(intervalMs === undefined ? INTERVAL_S : intervalMs / 1000);
  const waitMs = Math.max(1000, timeoutMs - 100 - (count - 1) * (intervalMs ?? INTERVAL_S * 1000));
  const waitS = String(Math.floor(waitMs / 1000));
  const octets = String((size ?? 0) - (v6 ? HEADERS[6] : HEADERS[4]));
  const large = size === undefined ? [] : ['-s', octets];
  if (platform === 'win32') {
    // Windows sends one a second, and waits for each: the time is shared.
    const each = Math.max(500, Math.floor(timeoutMs / count) - 100);
    const sized = size === undefined ? [] : ['-l', octets];
    return { file: 'ping', args: ['-n', n, ...sized, '-w', String(each), v6 ? '-6' : '-4', address] };
  }
  if (platform === 'darwin' || platform === 'freebsd' || platform === 'openbsd') {
    if (v6) return { file: 'ping6', args: ['-n', '-c', n, '-i', intervalS, ...large, address] };
    return {
      file: 'ping',
      args: ['-n', '-c', n, '-i', intervalS, '-W', String(Math.floor(waitMs)), ...large, address],
    };
  }
  if (basic) return { file: v6 ? 'ping6' : 'ping', args: ['-c', n, '-W', waitS, ...large, address] };
  // Without -M iputils forbids fragments.
  const asked = size === undefined ? [] : ['-M', 'dont', ...large];
  return {
    file: 'ping',
    args: ['-n', v6 ? '-6' : '-4', '-c', n, '-i', intervalS, '-W', waitS, ...asked, address],
  };
}

export function pingFinding(input: Input, result: CommandResult, platform: NodeJS.Platform): Finding {
  const text = `${result.stdout}\n${result.stderr}`;
  const raw = text.trim().slice(0, RAW_LIMIT);
  const found = { command: result.commandLine, raw: raw === '' ? null : raw };
  if (result.status === 'missing' || result.status === 'denied') {
    const reason = because(result.status === 'missing' ? 'not-installed' : 'not-permitted', 'ping');
    return {
      outcome: 'not-available',
      reason,
      data: null,
      ...found,
      enable: enablePing(platform, result.status),
    };
  }
  const parsed = parsePing(text, input.address);
  if (parsed.notPermitted !== null) {
    const reason = because('may-not-send-icmp', parsed.notPermitted.slice(0, 200));
    return { outcome: 'not-available', reason, data: null, ...found, enable: enablePing(platform, 'denied') };
  }
  const isCancelled = result.status === 'cancelled';
  const isSilent = parsed.received === 0 && parsed.errors.length === 0;
  if (isCancelled && isSilent) return { outcome: 'cancelled', reason: null, data: null, ...found };
  const { localError, notPermitted: _, unread = 0, ...data } = parsed;
  // Lines that nobody here can read may have been answers: silence is not told then. Nor is it by a ping that was ended
  // without a word: whether it sent anything is unknown.
  const isUnread =
    unread > 0 || (parsed.sent === null && (result.status !== 'timed-out' || found.raw === null));
  if (isSilent && localError === null && isUnread) {
    return {
      outcome: 'failed',
      reason: because('not-understood', `ping, exit code ${result.exitCode}`),
      data: null,
      ...found,
    };
  }
  const outcome =
    parsed.received > 0
      ? 'replies'
      : parsed.errors.length > 0
        ? 'unreachable'
        : localError !== null
          ? 'local-error'
          : 'no-reply';
  return {
    outcome,
    reason: outcome === 'local-error' ? (localError?.text ?? null) : null,
    // Where ping was ended before its summary, it had time to send all; what is not sent at all is a local error.
    data: { ...data, sent: parsed.sent ?? (localError !== null && isSilent ? 0 : input.count) },
    ...found,
  };
}

/** ICMP echo to one address by the system's ping. Silence proves nothing: echo is filtered in many places. */
export const ping: Probe<'ping'> = async (input, { doors, signal }) => {
  if (!isAddress(input.address))
    return { outcome: 'not-available', reason: because('needs-address'), data: null };
  const started = doors.clock.elapsed();
  const run = (basic: boolean) => {
    const timeoutMs = Math.max(500, input.timeoutMs - (doors.clock.elapsed() - started));
    return doors.runCommand({ ...pingCommand(input, doors.platform, basic), timeoutMs, signal });
  };
  const result = await run(false);
  const isUsage =
    result.status === 'done' && /(invalid|unrecognized|unknown|illegal) option|^usage:/im.test(result.stderr);
  return pingFinding(input, isUsage && doors.platform === 'linux' ? await run(true) : result, doors.platform);
};

function enablePing(platform: NodeJS.Platform, why: 'missing' | 'denied'): string | null {
  if (platform !== 'linux') return null;
  return why === 'missing' ? 'apt install iputils-ping' : 'sudo setcap cap_net_raw+ep $(command -v ping)';
}
