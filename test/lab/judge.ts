import type { Report } from '../../src/model/report.ts';
import type { Truth, WherePattern } from './scenario.ts';

export interface Verdict {
  outcomeRight: boolean;
  causeRight: boolean;
  whereRight: boolean;
  /** Null where the first cause is not above its limit, else by how much it may be at most. */
  overclaimed: number | null;
  exitRight: boolean;
  /** What a person needs to see of each mistake. */
  complaints: string[];
  /** The first cause and its confidence; null when the report names none. */
  claim: { id: string; confidence: number } | null;
  /**
   * What the report puts on the causes that the evidence cannot tell from the truth (all acceptable ones together),
   * or on its first cause where that is wrong. Null where nothing was claimed and nothing was to be claimed.
   */
  forecast: { probability: number; right: boolean } | null;
}

/** What the report says of a place of --from: `open` where one of the addresses is. */
function seenFrom({ views = [], sights = [] }: Report, place: string): string {
  const view = views.find(({ by }) => by === place);
  if (view === undefined) return 'not there';
  if (!view.ok) return 'failed';
  const proving = sights.filter((sight) => sight.view === view.name && sight.proves);
  if (proving.length === 0) return 'proves-nothing';
  return proving.some(({ target }) => target?.outcome === 'open') ? 'open' : 'fails';
}

/** Rounding of a printed confidence is no over-claim. */
const ROUNDING = 0.005;

function matches(pattern: unknown, value: unknown): boolean {
  if (pattern === null || typeof pattern !== 'object') return Object.is(pattern, value ?? null);
  if (value === null || typeof value !== 'object') return false;
  return Object.entries(pattern).every(([key, part]) =>
    matches(part, (value as Record<string, unknown>)[key]),
  );
}
export const placeMatches = (patterns: WherePattern[], where: unknown) =>
  patterns.some((pattern) => matches(pattern, where ?? null));

const asList = <T>(value: T | T[]): T[] => (Array.isArray(value) ? value : [value]);
const EXIT: Record<string, number> = { reachable: 0, impaired: 1, unreachable: 1, undetermined: 3 };

/** Nothing is wrong with it: the first truth has no cause, and no other one calls it unreachable or more than slow. */
export function isHealthy(truths: Truth | Truth[]): boolean {
  const [first, ...others] = asList(truths);
  return (
    first?.causes.length === 0 &&
    asList(first.outcome).includes('reachable') &&
    others.every(({ outcome }) => asList(outcome).includes('reachable'))
  );
}

/** The alternative whose outcome fits the report's, else the first. */
export function truthFor(report: Report, truths: Truth | Truth[]): Truth {
  const all = asList(truths);
  const first = all[0];
  if (!first) throw new Error('a scenario without a truth');
  const fitting = all.filter((truth) => asList(truth.outcome).includes(report.outcome));
  return fitting.find((truth) => truth.causes.length > 0 === report.causes.length > 0) ?? fitting[0] ?? first;
}

export function judge(report: Report, exitCode: number, truths: Truth | Truth[]): Verdict {
  const truth = truthFor(report, truths);
  const complaints: string[] = [];
  const first = report.causes[0] ?? null;
  const claim = first ? { id: first.id, confidence: first.confidence } : null;

  const outcomeRight = asList(truth.outcome).includes(report.outcome);
  if (!outcomeRight)
    complaints.push(`outcome is ${report.outcome}, not ${asList(truth.outcome).join(' or ')}`);

  let causeRight =
    truth.causes.length === 0 ? first === null : first !== null && truth.causes.includes(first.id);
  if (!causeRight) {
    const said = first ? `${first.id} (${first.confidence.toFixed(2)})` : 'nothing';
    complaints.push(`says ${said}, not ${truth.causes.join(' or ') || 'that all is well'}`);
  }
  if (first && truth.mustNotClaim?.includes(first.id)) {
    causeRight = false;
    complaints.push(`must not claim ${first.id}`);
  }
  const everything = new Set(
    report.causes.flatMap((cause) => [cause.id, ...cause.explains.map((hidden) => hidden.id)]),
  );
  for (const id of truth.alsoFinds ?? []) {
    if (everything.has(id)) continue;
    causeRight = false;
    complaints.push(`does not find ${id} as well`);
  }

  const whereRight = !truth.where || truth.causes.length === 0 || placeMatches(truth.where, first?.where);
  if (!whereRight && truth.where)
    complaints.push(
      `place is ${JSON.stringify(first?.where ?? null)}, not ${truth.where.map((w) => JSON.stringify(w)).join(' or ')}`,
    );

  if (truth.rule !== undefined) {
    const { firewall, text } = truth.rule;
    const quoted = first?.rule;
    if (quoted?.firewall !== firewall || !quoted.text.includes(text)) {
      causeRight = false;
      complaints.push(`quotes ${JSON.stringify(quoted ?? null)}, not ${text} of ${firewall}`);
    }
  }

  for (const [place, expected] of Object.entries(truth.places ?? {})) {
    const said = seenFrom(report, place);
    if (said === expected) continue;
    causeRight = false;
    complaints.push(`${place} is ${said}, not ${expected}`);
  }

  const limit = truth.maxConfidence ?? 1;
  const overclaimed = first && first.confidence > limit + ROUNDING ? limit : null;
  if (overclaimed !== null)
    complaints.push(`claims ${first?.confidence.toFixed(2)}, the evidence allows ${limit}`);

  if (first && first.confidence < (truth.minConfidence ?? 0))
    complaints.push(
      `claims only ${first.confidence.toFixed(2)}, both ends together prove ${truth.minConfidence}`,
    );

  const expectedExit = EXIT[report.outcome];
  const exitRight = exitCode === expectedExit;
  if (!exitRight) complaints.push(`exit code is ${exitCode}, ${report.outcome} is ${expectedExit}`);

  const inferred = report.causes.filter(({ observed }) => observed !== true);
  const sum = inferred.reduce((total, cause) => total + cause.confidence, 0);
  if (sum > 1 + report.causes.length * ROUNDING) complaints.push(`confidences add up to ${sum.toFixed(2)}`);

  const mass = report.causes
    .filter((cause) => truth.causes.includes(cause.id))
    .reduce((total, cause) => total + cause.confidence, 0);
  const forecast = first
    ? { probability: causeRight ? Math.min(1, mass) : first.confidence, right: causeRight }
    : causeRight
      ? null
      : { probability: 0, right: true };
  return { outcomeRight, causeRight, whereRight, overclaimed, exitRight, complaints, claim, forecast };
}
