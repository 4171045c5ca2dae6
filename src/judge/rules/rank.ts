import type { Likelihood } from '../../model/report.ts';
import type { Rule } from '../../model/rule.ts';
import type { Match } from './match.ts';

export interface Ranked extends Match {
  /** Its part of the whole that all matching causes share with "something that is not in the catalogue". */
  share: number;
}

/** Below this a cause is not worth a line. */
export const LEAST_SHARE = 0.02;
/** No lab of a hundred scenarios can show that a claim is right more often than this. */
export const MOST_SHARE = 0.99;

/**
 * Softmax over the log-odds of the causes and of "something that is not in the catalogue", whose log-odds are 0 by
 * convention: a single cause of log-odds x gets the probability 1 / (1 + e^-x). The rest up to 1 is that something.
 */
export function sharesOf(logOdds: readonly number[]): number[] {
  const most = Math.max(0, ...logOdds);
  const powers = logOdds.map((x) => Math.exp(x - most));
  const whole = powers.reduce((sum, x) => sum + x, Math.exp(-most));
  return powers.map((x) => Math.min(x / whole, MOST_SHARE));
}

/**
 * All of them, best first; equals in the order of their ids, so that two runs never differ. What was read takes no part
 * in the whole that the inferred ones share: an expired certificate does not make a wrong name less true.
 */
export function rank(matches: readonly Match[]): Ranked[] {
  const inferred = matches.filter(({ rule }) => !isRead(rule));
  const shares = sharesOf(inferred.map((match) => match.logOdds));
  return [
    ...matches.filter(({ rule }) => isRead(rule)).map((match) => ({ ...match, share: MOST_SHARE })),
    ...inferred.map((match, i) => ({ ...match, share: shares[i]! })),
  ].sort(byShare);
}

export const isRead = (rule: Rule): boolean => rule.observed === true;

/** What was read stands first, and among itself by the weight of what was read. */
export function byShare(a: Ranked, b: Ranked): number {
  const read = Number(isRead(b.rule)) - Number(isRead(a.rule));
  const odds = isRead(a.rule) && isRead(b.rule) ? b.logOdds - a.logOdds : 0;
  return read || odds || b.share - a.share || compareIds(a.rule.id, b.rule.id);
}

/** Whether the first is the likelier one. Shares compare only within one whole. */
export const isLikelier = (a: Ranked, b: Ranked): boolean =>
  isRead(a.rule) === isRead(b.rule) && !isRead(a.rule) ? a.share > b.share : a.logOdds > b.logOdds;

/** By code units: no locale may change a diagnosis. */
export const compareIds = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

export function likelihoodOf(confidence: number): Likelihood {
  return confidence >= 0.8 ? 'very likely' : confidence >= 0.5 ? 'likely' : 'possible';
}

/** A lesser finding is listed with this much at the least; the lead claims 0.99 at the most. */
export const LEAST_CLAIM = 0.001;

/** Several addresses with a fault each share one whole all the same: what is inferred is at most 1 together. */
export function scaleOf(findings: readonly { rule: Rule; confidence: number }[]): number {
  const inferred = findings.filter(({ rule }) => !isRead(rule));
  const sum = inferred.reduce((total, { confidence }) => total + confidence, 0);
  return Math.min(1, (1 - LEAST_CLAIM * inferred.filter(({ rule }) => rule.lesser === true).length) / sum);
}
