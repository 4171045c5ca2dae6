import type { ConnectAttempt } from '../model/measured.ts';
import type { Observation, ObservationOf } from '../model/probes.ts';
import type { Report } from '../model/report.ts';
import { isFromHere } from '../model/views.ts';
import { attemptsWords, attemptWords, dnsWords, resolveWords, serviceWords } from './observation-words.ts';
import { answeredBefore } from './paths.ts';
import { duration, listed } from './units.ts';

/** What was tried, in two columns: the port that works beside the port that does not. */
export interface Tried {
  answers: string[];
  fails: string[];
}

const of = <P extends Observation['probe']>(report: Report, probe: P): ObservationOf<P>[] =>
  report.observations.filter((one) => one.probe === probe && isFromHere(one)) as ObservationOf<P>[];

export function tried(report: Report): Tried {
  const result: Tried = { answers: [], fails: [] };
  names(report, result);
  connections(report, result);
  otherPorts(report, result);
  result.answers = [...new Set(result.answers)];
  pings(report, result);
  services(report, result);
  return result;
}

/** Names are worth a line only where they are the trouble. */
function names(report: Report, { answers, fails }: Tried): void {
  if (report.causes[0]?.layer !== 'dns' && report.target.addresses.length > 0) return;
  for (const { data, outcome } of of(report, 'system-resolve')) {
    if (data === null) continue;
    const found = listed(data.addresses.map(({ address }) => address));
    if (outcome === 'resolved') answers.push(`system resolver: ${found}`);
    else fails.push(`system resolver: ${resolveWords(outcome, data.code)}`);
  }
  for (const { data } of of(report, 'hosts-file')) {
    for (const { address, line } of data?.entries ?? [])
      answers.push(`${data?.path} line ${line}: ${address}`);
  }
  for (const { input, outcome, data } of of(report, 'dns')) {
    // A made-up name's answer is about the resolver, not about this name.
    if (input.nonsense === true) continue;
    const line = `resolver ${input.resolver}: ${dnsWords(outcome, data)}`;
    const found = data?.answers.some((answer) => answer.addresses.length > 0) ?? false;
    (found ? answers : fails).push(line);
  }
}

/** With several addresses a line says of which one it speaks. */
const isOneOfMany = ({ target }: Report): boolean =>
  target.addresses.filter(({ outcome }) => outcome !== 'not-tried').length > 1;

function connections(report: Report, { answers, fails }: Tried): void {
  const attempts = new Map<string, { address: string; port: number; list: ConnectAttempt[] }>();
  for (const { input, data } of of(report, 'tcp-connect')) {
    const key = `${input.address} ${input.port}`;
    const known = attempts.get(key) ?? { address: input.address, port: input.port, list: [] };
    known.list.push(...(data?.attempts ?? []));
    attempts.set(key, known);
  }
  const several =
    isOneOfMany(report) || new Set([...attempts.values()].map(({ address }) => address)).size > 1;
  for (const { address, port, list } of attempts.values()) {
    if (list.length === 0) continue;
    const line = `TCP ${port}${several ? ` on ${address}` : ''}: ${attemptsWords(list)}`;
    const isThePort = port === report.target.port;
    const isAnswered = list.some(
      ({ outcome }) => outcome === 'open' || (!isThePort && outcome === 'refused'),
    );
    const column = isAnswered ? answers : fails;
    column.push(line);
  }
}

/** Ports that the plan takes because no service is known to use them (src/gather/plan). */
const UNUSED: ReadonlySet<number> = new Set([47_321, 47_322]);
const forComparison = (port: number): string =>
  UNUSED.has(port) ? ' (a port that nobody uses, for comparison)' : '';

/** A refusal of another port is an answer, too: somebody is there. */
function otherPorts(report: Report, { answers, fails }: Tried): void {
  const observations = of(report, 'alternate-ports');
  const several = isOneOfMany(report) || new Set(observations.map(({ input }) => input.address)).size > 1;
  for (const { input, data } of observations) {
    const where = several ? ` on ${input.address}` : '';
    const ports = data?.ports ?? [];
    for (const result of ports.filter(({ outcome }) => outcome === 'open' || outcome === 'refused')) {
      const hop = answeredBefore(report, input.address, result.port);
      const by = hop === null ? forComparison(result.port) : ` (hop ${hop} answers, before the host)`;
      answers.push(`TCP ${result.port}${where}: ${attemptWords(result)}${by}`);
    }
    const silent = ports.filter(({ outcome }) => outcome === 'timeout');
    if (silent.length > 0) {
      const longest = Math.max(...silent.map(({ elapsedMs }) => elapsedMs));
      fails.push(
        `TCP ${listed(
          silent.map(({ port }) => String(port)),
          6,
        )}${where}: no answer${silent.every(({ timed }) => timed === false) ? '' : ` in ${duration(longest)}`}`,
      );
    }
    for (const result of ports.filter(
      ({ outcome }) => outcome === 'unreachable' || outcome === 'local-error',
    )) {
      fails.push(`TCP ${result.port}${where}: ${attemptWords(result)}`);
    }
  }
}

function pings(report: Report, { answers, fails }: Tried): void {
  const observations = of(report, 'ping');
  const several = isOneOfMany(report) || new Set(observations.map(({ input }) => input.address)).size > 1;
  for (const { input, outcome, data } of observations) {
    if (data === null) continue;
    const where = several ? ` to ${input.address}` : '';
    if (outcome === 'replies') {
      const time = data.avgMs === null ? '' : ` (${duration(data.avgMs)})`;
      answers.push(`ping${where}: ${data.received} of ${data.sent} answered${time}`);
    } else if (outcome === 'no-reply') fails.push(`ping${where}: none of ${data.sent} answered`);
    else if (outcome === 'unreachable') fails.push(`ping${where}: reported unreachable`);
    else if (outcome === 'local-error') fails.push(`ping${where}: not sent by this machine`);
  }
}

function services(report: Report, { answers, fails }: Tried): void {
  for (const observation of report.observations.filter(isFromHere)) {
    const { probe, outcome } = observation;
    if (probe !== 'tls' && probe !== 'ssh' && probe !== 'http' && probe !== 'greeting') continue;
    const line = serviceWords(observation);
    if (line !== null) (outcome === 'ok' || outcome === 'waits' ? answers : fails).push(line);
  }
}
