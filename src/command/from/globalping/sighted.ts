import * as v from 'valibot';
import { sweepOutcome } from '../../../gather/probes/trace-syn.ts';
import { familyOf, isAddress, sameAddress } from '../../../ground/address.ts';
import type { ConnectAttempt, ConnectOutcome, Trace } from '../../../model/measured.ts';
import type { Sighted } from '../source.ts';
import { DNS, PING, type Ping, type Probe, TRACEROUTE } from './answers.ts';
import type { Results } from './service.ts';
import { silenceMeans, traceOf } from './trace.ts';

/** A probe connects so often in one test, half a second apart, and waits so long for each. */
export const PACKETS = 2;
const EVERY_MS = 500;
const GIVEN_UP_MS = 10_000;
const TRACE_MS = 20_000;

/** One measurement of all probes: what was asked, and what came of it. */
export interface Done {
  what: 'ping' | 'traceroute' | 'dns';
  /** Of `dns` the name. */
  target: string;
  port: number;
  role: 'target' | 'reference-port' | 'reference-host';
  startedAt: string;
  durationMs: number;
  results: Results;
}

export const placeOf = ({ city, country, asn }: Probe): string => `${city}, ${country}, AS${asn}`;

const isSameProbe = (a: Probe, b: Probe): boolean => placeOf(a) === placeOf(b) && a.network === b.network;

/** What one probe saw, as observations. A test that it did not finish brings one that measured nothing, with the reason. */
export function sightedBy(index: number, probe: Probe, all: readonly Done[]): Sighted[] {
  const tests = all.map((done) => ({ done, test: testOf(done, index, probe) }));
  const traces = tests.flatMap(({ done, test }) => {
    if (done.what !== 'traceroute') return [];
    const read = test.found === null ? null : v.safeParse(TRACEROUTE, test.found);
    const trace = read?.success === true ? traceOf(read.output, done.target, done.port) : null;
    return [{ done, trace, reason: read?.success === false ? NOT_AS_PROMISED : test.reason }];
  });
  const connects = tests.flatMap(({ done, test }): Sighted[] => {
    if (done.what !== 'ping') return [];
    const read = test.found === null ? null : v.safeParse(PING, test.found);
    const ping = read?.success === true && isAbout(read.output, done.target) ? read.output : null;
    const trace = traces.find((one) => one.done.target === done.target && done.role === 'target');
    const reason = test.found === null ? test.reason : NOT_AS_PROMISED;
    return [connectOf(done, ping, silenceMeans(trace?.trace ?? null), reason)];
  });
  return [
    ...namesOf(tests),
    ...connects,
    ...traces.map(({ done, trace, reason }) => pathOf(done, trace, reason)),
  ];
}

const NOT_AS_PROMISED = 'the answer is not what the API promises';
const UNFINISHED: ReadonlyMap<string, string> = new Map([
  ['in-progress', 'the probe did not end in time'],
  ['offline', 'the probe is offline'],
]);

type Test = { found: unknown; reason: null } | { found: null; reason: string };

/** The test of the same probe, where it was finished. */
function testOf({ results }: Done, index: number, probe: Probe): Test {
  if (!results.ok) return { found: null, reason: results.why };
  const one = results.results[index];
  if (one === undefined || !isSameProbe(one.probe, probe))
    return { found: null, reason: 'it was not the same probe' };
  const { status } = one.result;
  return status === 'finished'
    ? { found: one.result, reason: null }
    : { found: null, reason: UNFINISHED.get(status) ?? 'the probe could not do it' };
}

/** Why a probe brought nothing about the target. */
export const whyNothing = (index: number, probe: Probe, first: Done): string =>
  testOf(first, index, probe).reason ?? NOT_AS_PROMISED;

const isAbout = ({ resolvedAddress }: Ping, address: string): boolean =>
  resolvedAddress === null || sameAddress(resolvedAddress, address);

function frameOf({ startedAt, durationMs }: Done, isMeasured: boolean, reason: string | null) {
  return { startedAt, durationMs, reason: isMeasured ? null : reason };
}

function connectOf(done: Done, ping: Ping | null, silence: ConnectOutcome, reason: string | null): Sighted {
  const input = {
    address: done.target,
    port: done.port,
    role: done.role,
    startsMs: Array.from({ length: PACKETS }, (_, i) => i * EVERY_MS),
    endMs: (PACKETS - 1) * EVERY_MS + GIVEN_UP_MS,
    stopAtFirstAnswer: false,
  };
  const frame = { probe: 'tcp-connect' as const, input, ...frameOf(done, ping !== null, reason) };
  if (ping === null) return { ...frame, outcome: 'not-available', data: null };
  const isOpen = ping.stats.rcv > 0;
  const times = ping.timings.map(({ rtt }) => Math.round(rtt * 10) / 10).filter((rtt) => rtt >= 0);
  const attempts = Array.from({ length: ping.stats.total }, (_, i): ConnectAttempt => {
    const outcome = i < ping.stats.rcv ? 'open' : isOpen ? 'timeout' : silence;
    const elapsedMs = outcome === 'open' ? times[i] : undefined;
    return {
      startMs: i * EVERY_MS,
      outcome,
      code: null,
      elapsedMs: elapsedMs ?? 0,
      local: false,
      ...(elapsedMs === undefined ? { timed: false } : {}),
    };
  });
  return { ...frame, outcome: isOpen ? 'open' : silence, data: { attempts } };
}

function pathOf(done: Done, trace: Trace | null, reason: string | null): Sighted {
  return {
    probe: 'trace-command',
    input: {
      address: done.target,
      port: done.port,
      role: 'target',
      protocols: ['tcp'],
      timeoutMs: TRACE_MS,
    },
    ...frameOf(done, trace !== null, reason ?? 'the way is longer than the probe looks'),
    outcome: trace === null ? 'not-available' : sweepOutcome(trace),
    data: trace,
  };
}

/** Both families together, where both were asked for and answered. */
function namesOf(tests: readonly { done: Done; test: Test }[]): Sighted[] {
  const answers = tests.flatMap(({ done, test }) => {
    if (done.what !== 'dns') return [];
    const read = test.found === null ? null : v.safeParse(DNS, test.found);
    return [{ done, dns: read?.success === true ? read.output : null }];
  });
  const [first] = answers;
  if (first === undefined) return [];
  const addresses = answers
    .flatMap(({ dns }) => dns?.answers ?? [])
    .filter(({ type, value }) => (type === 'A' || type === 'AAAA') && isAddress(value))
    .map(({ value }) => ({ address: value, family: familyOf(value) }));
  const codes = answers.map(({ dns }) => dns?.statusCodeName ?? null);
  const isAnswered = !codes.includes(null);
  const isKnown = codes.every((code) => code === 'NOERROR' || code === 'NXDOMAIN');
  return [
    {
      probe: 'system-resolve',
      input: { host: first.done.target },
      ...frameOf(first.done, isAnswered, 'not every question about the name was answered'),
      outcome: !isAnswered
        ? 'not-available'
        : !isKnown
          ? 'temporary-failure'
          : addresses.length > 0
            ? 'resolved'
            : 'not-found',
      data: isAnswered ? { addresses: isKnown ? addresses : [], code: null } : null,
    },
  ];
}

/** Addresses that a name has in any of these places. */
export function addressesNamed(done: Done): string[] {
  const { results } = done;
  if (done.what !== 'dns' || !results.ok) return [];
  return results.results.flatMap(({ result }) => {
    const read = v.safeParse(DNS, result);
    return read.success
      ? read.output.answers.map(({ value }) => value).filter((value) => isAddress(value))
      : [];
  });
}

/** Whether any probe had no reply from this address. */
export const isUnansweredAnywhere = ({ results }: Done): boolean =>
  results.ok &&
  results.results.some(({ result }) => {
    const read = v.safeParse(PING, result);
    return !read.success || read.output.stats.rcv === 0;
  });
