import type { ManyCause, ManyReport, SharedCause, TargetResult, Verdict } from '../../model/many.ts';
import { OWNER } from '../names.ts';
import { asSentence, counted, dropEnd, percent } from '../units.ts';

/** The words of a run with many targets, in one place. */

/** What came of one target, in a word or two. */
export function resultWord({ outcome, state, verdict }: TargetResult): string {
  if (verdict === 'not-tested') return 'not tested';
  return state ?? (outcome === 'unreachable' ? 'not sent' : (outcome ?? 'not tested'));
}

/** The same beside what it was to be: `refused, as expected`, `reachable, not filtered`. */
export function resultWords(result: TargetResult): string {
  const { expected, verdict, missed } = result;
  const from = expected.from === null || verdict === 'not-tested' ? '' : ` from ${expected.from}`;
  const word = `${resultWord(result)}${from}`;
  if (verdict === 'held') return expected.state === 'reachable' ? word : `${word}, as expected`;
  if (verdict !== 'failed') return word;
  if (missed === 'within') return `${word}, later than ${(expected.withinMs ?? 0) / 1000} s`;
  if (missed === 'cause') return `${word}, not by ${expected.cause}`;
  return expected.state === 'reachable' ? word : `${word}, not ${expected.state}`;
}

/** To stand after "stop": `after 198.51.100.9 (hop 3)`. */
export function stopPlace({ where, stop }: Pick<ManyCause, 'where' | 'stop'>): string {
  const at = where === null ? (stop === null ? null : { kind: 'between' as const, ...stop }) : where;
  if (at?.kind !== 'between' && at?.kind !== 'hop') return 'on the way';
  if (at.hop === 0) return 'next to this machine';
  if (at.address === null) return 'on the way';
  const named = at.hop === null ? at.address : `${at.address} (hop ${at.hop})`;
  return `${at.kind === 'hop' ? 'at' : 'after'} ${named}`;
}

/** To stand after "failures". */
function stopWords(cause: ManyCause): string {
  const { where } = cause;
  switch (where?.kind) {
    case 'resolver':
      return `come from the DNS resolver${where.address === null ? '' : ` ${where.address}`}`;
    case 'this-machine':
      return 'come from this machine';
    case 'target':
      return 'have one cause';
    default:
      return where === null && cause.stop === null ? 'have one cause' : `stop ${stopPlace(cause)}`;
  }
}

/** `14 of 14 failures stop after 198.51.100.9 (hop 3)`. */
export const sharedHeadline = ({ cause, targets }: SharedCause, { counts }: ManyReport): string =>
  `${targets.length} of ${counted(counts.failed, 'failure')} ${stopWords(cause)}`;

/** The same with cause, owner and how it is known: a sentence or more. */
export function sharedSentences(shared: SharedCause, report: ManyReport): string {
  const { cause, targets, notSwept } = shared;
  const owner = cause.owner === 'you' ? '' : ` For the ${OWNER[cause.owner]}.`;
  const rival =
    cause.rival === null ? '' : ` Or (${percent(cause.rival.confidence)}): ${dropEnd(cause.rival.title)}.`;
  const depth =
    notSwept === 0 ? '' : ` Traced: ${targets.length - notSwept}; as silent, and not traced: ${notSwept}.`;
  const share = cause.observed ? '' : ` (${percent(cause.confidence)})`;
  return `${sharedHeadline(shared, report)}: ${dropEnd(titleOf(shared, report))}${share}.${owner}${rival}${depth}`;
}

/** Titles name ports and hosts: where the members' differ, the first stands for all. */
function titleOf({ cause, targets }: SharedCause, report: ManyReport): string {
  const titles = new Set(targets.map((n) => report.targets[n - 1]?.cause?.title));
  return titles.size === 1 ? cause.title : `${dropEnd(cause.title)}, and the like`;
}

const ONE: Record<Verdict, string> = {
  held: 'The target is as expected',
  failed: 'The target is not as expected',
  unknown: 'Nothing is known of the target',
  'not-tested': 'The target was not tested',
};

/** The first line of every output for people. */
export function countsSentence({ counts, targets, endedBy }: ManyReport): string {
  const parts = [
    counts.failed > 0 ? `${counts.failed} ${counts.failed === 1 ? 'is' : 'are'} not as expected` : null,
    counts.unknown > 0 ? `of ${counts.unknown} nothing is known` : null,
    counts['not-tested'] > 0
      ? `${counts['not-tested']} ${counts['not-tested'] === 1 ? 'was' : 'were'} not tested`
      : null,
  ].filter((part) => part !== null);
  const all = counted(targets.length, 'target');
  const said =
    targets.length === 1 && targets[0] !== undefined
      ? ONE[targets[0].verdict]
      : parts.length === 0
        ? `All ${all} are as expected`
        : `Of ${all} ${counts.held} ${counts.held === 1 ? 'is' : 'are'} as expected, ${parts.join(', ')}`;
  return `${said}${endedBy === null ? '' : `: the run was ended by ${endedBy}`}.`;
}

/** The leading cause in one line; empty where there is none. */
export const causeWords = ({ cause }: TargetResult): string => (cause === null ? '' : dropEnd(cause.title));

/** Several lines for whoever has to act. */
export const administratorLines = (result: TargetResult): string[] => [
  ...(result.headline === null ? [] : [asSentence(result.headline)]),
  ...result.text,
];

/** Why it is no pass, as a sentence. */
export function whyNot(result: TargetResult): string {
  if (result.verdict === 'not-tested') return 'Not tested: the run was ended before.';
  const expected =
    result.missed === null || result.missed === 'state'
      ? `expected: ${result.expected.state}`
      : result.missed === 'cause'
        ? `expected cause: ${result.expected.cause}`
        : `expected within ${(result.expected.withinMs ?? 0) / 1000} s`;
  return `${dropEnd(result.headline ?? resultWords(result))} (${expected}).`;
}
