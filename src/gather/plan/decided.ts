import { type RunReadings, readingsOf } from '../../judge/readings/index.ts';
import type { Evidence } from '../../model/evidence.ts';
import type { Observation, Step } from '../../model/probes.ts';
import type { Report } from '../../model/report.ts';
import { isWanted } from './enough.ts';
import { isOfPort, type Moment, nextLookMs, nowOf, possibleEnds } from './possible-ends.ts';

/** A lead that moves by less than this has not changed. */
const SAME_CONFIDENCE = 0.05;
/** What an answer calls for is thought of, and what that calls for; nothing takes more turns where a port is silent. */
const MOST_TURNS = 3;

export interface Deciding {
  judge(evidence: Evidence): Pick<Report, 'causes' | 'outcome'>;
  /** The plan. */
  next(seen: RunReadings): Step[];
}

/**
 * No outcome that is still possible of what is at work would change lead, place or confidence: each is put into the
 * evidence, with what it would make the plan ask next, and judged by the rules; the run as it would be if it ended now is
 * the measure. Where it is not known what a step may still bring, there is no telling.
 */
export function isDecided(
  wanted: readonly Step[],
  seen: RunReadings,
  now: { evidence: Evidence; nowMs: number },
  { judge, next }: Deciding,
): boolean {
  const { evidence, nowMs } = now;
  // Who says that it comes and goes wants it watched for as long as the time allows.
  if (seen.request.answers.symptom === 'intermittent') return false;
  if (!wanted.some(isOfPort)) return false;
  const ends = endsOf(wanted, { seen, evidence, nowMs });
  if (ends === null) return false;
  const asItIs = wanted.flatMap((step) => nowOf(step, { seen, evidence, nowMs }) ?? []);
  const verdict = verdictOf(judge(withThese(evidence, asItIs)));
  if (verdict === null) return false;
  for (const world of worldsOf(ends, { evidence, nowMs, next, turns: MOST_TURNS })) {
    const otherwise = world === null ? null : verdictOf(judge(world));
    if (otherwise === null || !isSame(verdict, otherwise)) return false;
  }
  return true;
}

/** How long from now the silence of a port will have lasted long enough to exclude more; null = it has. */
export function lookAgainMs(wanted: readonly Step[], moment: Moment): number | null {
  const times = wanted.flatMap((step) => nextLookMs(step, moment) ?? []);
  return times.length === 0 ? null : Math.min(...times);
}

type Ends = [Observation, ...Observation[]][];

function endsOf(steps: readonly Step[], moment: Moment): Ends | null {
  const ends = steps.map((step) => possibleEnds(step, moment));
  return ends.every((one): one is Ends[number] => one !== null && one.length > 0) ? ends : null;
}

/**
 * The evidence of all that may come: of each step the likeliest, and each other end of one step beside the likeliest of the
 * others. What the plan would ask then is part of it. Yields null where nobody knows what may come.
 */
function* worldsOf(
  ends: Ends,
  given: { evidence: Evidence; nowMs: number; next: Deciding['next']; turns: number },
): Generator<Evidence | null> {
  const likeliest = ends.map(([first]) => first);
  const others = ends.flatMap((some, i) => some.slice(1).map((other) => likeliest.with(i, other)));
  for (const chosen of [likeliest, ...others]) {
    const evidence = withThese(given.evidence, chosen);
    const seen = readingsOf(evidence);
    const fresh = given
      .next(seen)
      .filter((step) => !evidence.observations.some(({ id }) => id === step.id) && isWanted(step, seen));
    if (fresh.length === 0) {
      yield evidence;
      continue;
    }
    const more = given.turns === 0 ? null : endsOf(fresh, { seen, evidence, nowMs: given.nowMs });
    if (more === null) yield null;
    else yield* worldsOf(more, { ...given, evidence, turns: given.turns - 1 });
  }
}

interface Verdict {
  outcome: string;
  lead: string;
  where: string;
  confidence: number;
}

function verdictOf({ causes, outcome }: Pick<Report, 'causes' | 'outcome'>): Verdict | null {
  const [lead] = causes;
  if (lead === undefined) return null;
  return { outcome, lead: lead.id, where: JSON.stringify(lead.where), confidence: lead.confidence };
}

const isSame = (a: Verdict, b: Verdict): boolean =>
  a.outcome === b.outcome &&
  a.lead === b.lead &&
  a.where === b.where &&
  Math.abs(a.confidence - b.confidence) <= SAME_CONFIDENCE;

function withThese(evidence: Evidence, ends: readonly Observation[]): Evidence {
  const byId = new Map(ends.map((one) => [one.id, one]));
  const known = evidence.observations.map((o) => byId.get(o.id) ?? o);
  const fresh = ends.filter(({ id }) => !evidence.observations.some((o) => o.id === id));
  return { ...evidence, observations: [...known, ...fresh] };
}
