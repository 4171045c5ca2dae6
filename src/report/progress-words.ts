import { endpoint } from '../ground/address.ts';
import type { Observation, Step } from '../model/probes.ts';
import type { RunProgress } from '../model/progress.ts';
import { observationWords } from './observation-words.ts';
import { stepWords } from './step-words.ts';

/** Below this nobody wonders how long it takes. */
const WORTH_A_CLOCK_MS = 1000;

/** What is waited for, and for how long at most; `news` is what it told of itself so far. */
export function waitingWords(step: Step, elapsedMs: number, news: RunProgress | null): string {
  return `${subject(step, news)}${clockWords(elapsedMs, mostMs(step))}`;
}

/** `, 1.5 of at most 3.5 s`; nothing in the first second. */
export function clockWords(elapsedMs: number, most: number | null): string {
  const passed = Math.floor(elapsedMs / 100) / 10;
  if (elapsedMs < WORTH_A_CLOCK_MS) return '';
  return most === null
    ? `, ${passed} s`
    : `, ${Math.min(passed, most / 1000)} of at most ${Math.round(most / 100) / 10} s`;
}

function subject(step: Step, news: RunProgress | null): string {
  if (step.probe === 'tcp-connect') {
    const { address, port, role, startsMs } = step.input;
    if (role === 'target') return `waiting for ${endpoint(address, port)}`;
    if (news?.kind === 'attempt')
      return `connection ${news.made} of ${startsMs.length} to ${endpoint(address, port)}, ${news.opened} accepted`;
  }
  return stepWords(step);
}

function mostMs({ input }: Step): number | null {
  const limits = input as { endMs?: number; timeoutMs?: number; patienceMs?: number; holdMs?: number };
  const own = limits.endMs ?? limits.timeoutMs ?? limits.holdMs ?? null;
  return own === null ? null : Math.max(own, limits.patienceMs ?? 0);
}

/** What was found, and what is out of the question with it; null where nothing was measured. */
export function resultWords(observation: Observation): string | null {
  if (observation.data === null || observation.probe === 'answer') return null;
  const so = rulesOut(observation);
  return `${observationWords(observation)}${so === null ? '' : `: ${so}`}`;
}

function rulesOut({ probe, outcome, data }: Observation): string | null {
  switch (probe) {
    case 'ping':
      return outcome === 'replies' ? 'the host is up' : null;
    case 'alternate-ports':
      return outcome === 'some-answered' ? 'the host is up' : null;
    case 'tcp-connect':
      return outcome === 'refused' ? 'it is not lost in silence' : null;
    case 'hosts-file':
      return outcome === 'not-listed' ? 'no entry of this machine misleads' : null;
    case 'system-resolve':
      return outcome === 'resolved' ? 'the name leads somewhere' : null;
    case 'local-network':
      return data !== null && data.route.kind !== 'unknown' && data.route.device !== null
        ? 'this machine has a way there'
        : null;
    case 'trace-syn':
    case 'trace-command':
      return outcome === 'reached' ? 'the way there is open for it' : null;
    default:
      return null;
  }
}

/** `you ── 192.168.1.1 ── 10.20.0.1 ── ?`, as far as it is known. */
export function pathWords(hops: ReadonlyMap<number, string>, unicode: boolean): string {
  const last = Math.max(0, ...hops.keys());
  const names = Array.from({ length: last }, (_, i) => hops.get(i + 1) ?? '·');
  return ['you', ...names, '...'].join(unicode ? ' ── ' : ' -- ');
}
