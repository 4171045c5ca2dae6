import type { FactTable } from '../../model/facts.ts';
import type { Cause, FoundRule, Report, Statement, Where } from '../../model/report.ts';
import type { Rule } from '../../model/rule.ts';
import { sameAt, tellsApart } from '../../report/remarks.ts';
import { FACT_TABLE } from '../facts/index.ts';
import { asMet } from './as-met.ts';
import { isTrue } from './condition.ts';
import { type JudgedView, type Match, matchRules, proofAgainst, scopeOf } from './match.ts';
import { placeOf } from './place.ts';
import {
  byShare,
  compareIds,
  isLikelier,
  isRead,
  LEAST_CLAIM,
  LEAST_SHARE,
  likelihoodOf,
  MOST_SHARE,
  type Ranked,
  rank,
  scaleOf,
} from './rank.ts';
import { checkIn, hereOwner, isForHere, taskIn } from './tasks.ts';
import { sentence } from './template.ts';
import { titleOf } from './title.ts';

export type { JudgedView } from './match.ts';

export interface Judgement {
  /** Best first; their confidences together are at most 1. */
  causes: Cause[];
  ruledOut: Report['ruledOut'];
  cannotTell: Report['cannotTell'];
}

/** From this share on a cause counts as one of those that could not be told apart. */
const RIVAL_SHARE = 0.1;

/** A cause with the view that it was read in: one that is not about an address brings its own into every view. */
interface Read extends Ranked {
  view: JudgedView;
}

/** A cause as it stands in one view, with what it explains there. */
interface Standing extends Read {
  explained: Read[];
  /** True for the first of its view. */
  leads: boolean;
}

/** One finding of the whole target: the same cause in every view that has it. */
interface Finding {
  rule: Rule;
  confidence: number;
  /** The reading that is quoted: of the first address where it leads, else where it is strongest. */
  main: Standing;
  all: Standing[];
}

/**
 * The causes of what was measured. Each address of the target is judged in a view of its own; causes that are not
 * about an address compete in all of them. See rules/README.md, "How causes are ranked".
 */
export function judge(
  rules: readonly Rule[],
  views: readonly JudgedView[],
  table: FactTable = FACT_TABLE,
): Judgement {
  const standings = standingsOf(rules, asMet(views), table);
  const combined = combine(standings);
  const explained = new Set(combined.flatMap(({ all }) => all.flatMap((s) => s.explained)).map(idOf));
  const named = new Set([...combined.map(idOf), ...explained]);
  const failing = standings.length > 0 ? standings.map((s) => s.view) : views;
  const ruledOut = ruledOutIn(failing, rules, table).filter((entry) => !named.has(entry.id));
  const settled = new Set([...ruledOut.map((entry) => entry.id), ...explained]);
  const findings = withoutOverclaim(combined, settled, rules);
  const tied = tiedWith(findings);
  const causes = findings.map((finding, i) => ({
    ...causeOf(finding, i === 0 ? findings : null),
    ...(tied.has(finding) ? { tie: true as const } : {}),
  }));
  return { causes, ruledOut, cannotTell: cannotTellAmong(findings, settled) };
}

// ---------------------------------------------------------------- views

interface RankedView {
  view: JudgedView;
  standings: Standing[];
}

function standingsOf(rules: readonly Rule[], views: readonly JudgedView[], table: FactTable): RankedView[] {
  const matched = views.map((view) => ({ view, matches: matchRules(rules, view, table) }));
  const aboutTarget = strongestById(
    matched.flatMap(({ view, matches }) =>
      matches.filter((m) => scopeOf(m.rule) === 'target').map((match) => ({ match, view })),
    ),
  );
  const aboutAddress = matched.map(({ view, matches }) => ({
    view,
    matches: matches.filter((m) => scopeOf(m.rule) === 'address').map((match) => ({ match, view })),
  }));
  // A view in which nothing is wrong with the address itself must not dilute those in which something is.
  const failing = aboutAddress.filter(({ matches }) => matches.length > 0);
  const judged = failing.length > 0 ? failing : aboutTarget.length > 0 ? aboutAddress.slice(0, 1) : [];
  return judged.map(({ view, matches }) => ({ view, standings: standIn([...matches, ...aboutTarget]) }));
}

interface Seen {
  match: Match;
  view: JudgedView;
}

function strongestById(seen: Seen[]): Seen[] {
  const best = new Map<string, Seen>();
  for (const one of seen) {
    const known = best.get(one.match.rule.id);
    if (known === undefined || one.match.logOdds > known.match.logOdds) best.set(one.match.rule.id, one);
  }
  return [...best.values()];
}

/**
 * Ranks what matches in one view and lets the deeper causes take over their symptoms. A cause takes over those that it
 * supersedes, and what these supersede, where it is itself at least as likely: a faint suspicion hides nothing.
 */
function standIn(seen: Seen[]): Standing[] {
  const views = new Map(seen.map(({ match, view }) => [match.rule.id, view]));
  const ranked: Read[] = rank(seen.map(({ match }) => match)).map((one) => ({
    ...one,
    view: views.get(one.rule.id)!,
  }));
  const taken = new Set<string>();
  const standings = new Map<string, Standing>();
  for (const one of ranked) {
    if (taken.has(one.rule.id)) continue;
    const standing: Standing = { ...one, explained: [], leads: false };
    const covers = supersededBy(one.rule, ranked);
    for (const other of ranked) {
      if (other === one || !covers.has(other.rule.id) || taken.has(other.rule.id) || isLikelier(other, one)) {
        continue;
      }
      // An equal whose id sorts first stands already, perhaps with symptoms of its own.
      const before = standings.get(other.rule.id);
      if (isRead(other.rule) === isRead(one.rule)) standing.share += before?.share ?? other.share;
      standing.explained.push(other, ...(before?.explained ?? []));
      standings.delete(other.rule.id);
      taken.add(other.rule.id);
    }
    standing.share = Math.min(standing.share, MOST_SHARE);
    standings.set(one.rule.id, standing);
  }
  return [...standings.values()].sort(byShare).map((s, i) => ({ ...s, leads: i === 0 }));
}

function supersededBy(rule: Rule, among: readonly Ranked[]): Set<string> {
  const covered = new Set<string>();
  const open = [...rule.supersedes];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (covered.has(id)) continue;
    covered.add(id);
    open.push(...(among.find((other) => other.rule.id === id)?.rule.supersedes ?? []));
  }
  return covered;
}

// ---------------------------------------------------------------- all views together

/**
 * One list for the whole target. A view's word counts in proportion: the first address counts twice, because it is
 * the one that programs try first. The lead is the best cause of the first failing address or, where it is likelier,
 * one that is not about an address; no other cause may claim more than the lead. Where each address has a fault of its
 * own, neither is counted in parts, and all of them together claim at most 1.
 */
function combine(views: readonly RankedView[]): Finding[] {
  const whole = views.length + 1;
  const byId = new Map<string, Finding>();
  views.forEach(({ standings }, i) => {
    const part = (i === 0 ? 2 : 1) / whole;
    for (const standing of standings) {
      const known = byId.get(standing.rule.id);
      const confidence = isOfOneAddress(standing, views) ? standing.share : standing.share * part;
      if (known === undefined) {
        byId.set(standing.rule.id, { rule: standing.rule, confidence, main: standing, all: [standing] });
      } else {
        known.confidence += confidence;
        known.all.push(standing);
      }
    }
  });
  const findings = [...byId.values()];
  for (const finding of findings) {
    finding.main =
      finding.all.find((one) => one.leads) ??
      finding.all.reduce((best, one) => (one.share > best.share ? one : best));
  }
  for (const finding of findings) if (isRead(finding.rule)) finding.confidence = MOST_SHARE;
  const read = (f: Finding): number => Number(isRead(f.rule));
  const odds = (f: Finding): number => (isRead(f.rule) ? f.main.logOdds : 0);
  findings.sort(
    (a, b) =>
      read(b) - read(a) ||
      odds(b) - odds(a) ||
      b.confidence - a.confidence ||
      compareIds(a.rule.id, b.rule.id),
  );
  const ofFirst = views[0]?.standings[0]?.rule.id;
  const lead = findings.find((f) => f.rule.id === ofFirst || scopeOf(f.rule) === 'target');
  const capped = [...findings.filter((f) => f === lead), ...findings.filter((f) => f !== lead)].map((f) => ({
    ...f,
    confidence: Math.min(f.confidence, lead?.confidence ?? 0),
  }));
  const scale = scaleOf(capped);
  return capped
    .map((f) => ({
      ...f,
      confidence: threeDigits(Math.max(f.confidence * (isRead(f.rule) ? 1 : scale), LEAST_CLAIM)),
    }))
    .filter((f) => f.confidence >= LEAST_SHARE || f.rule.lesser === true);
}

/** All but certain at its own address, and no cause at any other: there each address has a fault of its own. */
const isOfOneAddress = (standing: Standing, views: readonly RankedView[]): boolean =>
  standing.leads &&
  standing.share >= SURE_OF_ONE &&
  scopeOf(standing.rule) === 'address' &&
  views.every(({ standings }) =>
    standings.every(
      (other) => other === standing || other.rule.id !== standing.rule.id || other.share < LEAST_SHARE,
    ),
  );

const idOf = ({ rule }: { rule: Rule }): string => rule.id;

/** The most that a cause may claim which names an equal that nothing tells from it, and that has no share of its own. */
const MOST_BESIDE_EQUAL = 0.79;
/** From here on a cause is very likely. */
const SURE_OF_ONE = 0.8;
/** The most of a cause that only fits: below what a report takes for an answer (report/wording.ts). */
const MOST_WITHOUT_REASON = 0.19;

/**
 * The lead claims no more than it may. One that only fits what was measured is no answer; one that says itself that
 * another cause, which is considered, looks the same from here cannot be very likely where that one has no share.
 */
function withoutOverclaim(
  findings: Finding[],
  settled: ReadonlySet<string>,
  rules: readonly Rule[],
): Finding[] {
  const [lead] = findings;
  if (lead === undefined) return findings;
  const { rule, main } = lead;
  const shareOf = (id: string): number => findings.find((f) => f.rule.id === id)?.confidence ?? 0;
  const isConsidered = (id: string): boolean =>
    rules.some((other) => other.id === id && isTrue(other.when, main.view.facts));
  const hasEqual = rule.confusedWith.some(
    ({ id, if: when }) =>
      when !== undefined &&
      isTrue(when, main.view.facts) &&
      !settled.has(id) &&
      isConsidered(id) &&
      shareOf(id) < RIVAL_SHARE,
  );
  const most = !main.hasReason ? MOST_WITHOUT_REASON : hasEqual ? MOST_BESIDE_EQUAL : MOST_SHARE;
  return findings.map((f) => ({ ...f, confidence: Math.min(f.confidence, most) }));
}

/** The lead and those that are at least half as likely and, by the lead's own word or theirs, look the same from here. */
function tiedWith(findings: readonly Finding[]): Set<Finding> {
  const [lead, ...others] = findings;
  if (lead === undefined) return new Set();
  const names = (one: Finding, other: Finding): boolean =>
    one.rule.confusedWith.some(({ id }) => id === other.rule.id);
  const equals = others.filter(
    (f) =>
      f.confidence >= RIVAL_SHARE &&
      f.confidence >= lead.confidence / 2 &&
      (names(lead, f) || names(f, lead)),
  );
  return new Set(equals.length > 0 ? [lead, ...equals] : []);
}

/** Downwards, so that the sum stays below 1. */
const threeDigits = (x: number): number => Math.floor(x * 1000 + 1e-6) / 1000;

// ---------------------------------------------------------------- wording

/** `leads`: all findings where this one is the first, for the order of its checks. */
function causeOf(finding: Finding, leads: readonly Finding[] | null): Cause {
  const { rule, main } = finding;
  const { facts } = main.view;
  return {
    id: rule.id,
    title: titleOf(rule, facts),
    confidence: finding.confidence,
    likelihood: likelihoodOf(finding.confidence),
    ...(isRead(rule) ? { observed: true } : {}),
    layer: rule.layer,
    owner: hereOwner(rule.owner, facts),
    address: addressOf(main),
    where: whereOf(rule, main.view),
    because: [...main.because, ...sameElsewhere(finding)],
    against: main.against,
    fixes: rule.fix.filter((fix) => isForHere(fix, facts)).map((fix) => taskIn(fix, facts)),
    verify: checksOf(finding, leads),
    ...foundRuleOf(main),
    explains: explainedBy(finding),
  };
}

/** Where what speaks for it is what a packet filter's rule does: this machine's own filter, or the other end's. */
function foundRuleOf({ facts, view }: Standing): { rule?: FoundRule } {
  const isOwn = facts.some((fact) => fact.endsWith('.ruleVerdict'));
  const isTheirs = facts.some((fact) => fact.endsWith('.verdict') || fact.endsWith('.answerVerdict'));
  const rule = isOwn ? view.ownRule : isTheirs ? view.rule : null;
  return rule == null ? {} : { rule };
}

const addressOf = ({ rule, view }: Read): string | null => (scopeOf(rule) === 'target' ? null : view.address);

function whereOf(rule: Rule, view: JudgedView): Where | null {
  for (const place of rule.place) {
    if (place.if !== undefined && !isTrue(place.if, view.facts)) continue;
    if (place.at === 'nowhere') return null;
    const where = placeOf(place.at, view.facts);
    if (where !== null) return where;
  }
  return null;
}

function sameElsewhere({ main, all }: Finding): Statement[] {
  if (scopeOf(main.rule) === 'target') return [];
  const others = all.filter((one) => one !== main && one.leads);
  return others.map((one) => ({
    evidence: unique(one.because.flatMap((statement) => statement.evidence)),
    text: sameAt(one.view.address),
  }));
}

function explainedBy({ all }: Finding): Cause['explains'] {
  const found = new Map<string, Cause['explains'][number]>();
  for (const standing of all) {
    for (const one of standing.explained) {
      // Faint symptoms that nobody would have been shown are not findings.
      if (one.share < LEAST_SHARE && one.logOdds <= 0) continue;
      const address = addressOf(one);
      const key = `${one.rule.id} ${address}`;
      if (found.has(key)) continue;
      found.set(key, {
        id: one.rule.id,
        title: titleOf(one.rule, one.view.facts),
        address,
        because: one.because,
      });
    }
  }
  return [...found.values()];
}

// ---------------------------------------------------------------- what cannot be told apart

/**
 * Pairs of causes that this vantage cannot separate, each pair once, in the words of the likelier one. A cause that is
 * `settled` (ruled out, or explained by another) is no rival.
 */
function cannotTellAmong(
  findings: readonly Finding[],
  settled: ReadonlySet<string>,
): Judgement['cannotTell'] {
  const strong = findings.filter((f) => f.confidence >= RIVAL_SHARE);
  const pairs = new Set<string>();
  return strong.flatMap(({ rule, main: { view } }, i) =>
    rule.confusedWith.flatMap((entry) => {
      const both = strong.some((f) => f.rule.id === entry.id);
      // Of a cause that is not in the list at all, only the lead speaks.
      const said =
        i === 0 && entry.if !== undefined && isTrue(entry.if, view.facts) && !settled.has(entry.id);
      const pair = [rule.id, entry.id].sort(compareIds).join(' ');
      if (!(both || said) || pairs.has(pair)) return [];
      pairs.add(pair);
      return [{ text: sentence(entry.say, view.facts), decidedBy: sentence(entry.decidedBy, view.facts) }];
    }),
  );
}

/** The checks of a cause; those of the lead begin with the one that tells it from the runner-up. */
function checksOf({ rule, main }: Finding, leads: readonly Finding[] | null): Cause['verify'] {
  const { facts } = main.view;
  const given = rule.verify.filter((check) => isForHere(check, facts));
  const checks = given.map((check) => checkIn(check, main.view.facts));
  const second = leads?.[1];
  if (second === undefined || second.confidence < RIVAL_SHARE) return checks;

  const own = given.findIndex((check) => check.splits?.includes(second.rule.id));
  if (own >= 0) return withFirst(checks, own);
  const theirs = second.rule.verify.find(
    (check) => check.splits?.includes(rule.id) && isForHere(check, second.main.view.facts),
  );
  if (theirs !== undefined) return [checkIn(theirs, second.main.view.facts), ...checks];

  const entry = rule.confusedWith.find((e) => e.id === second.rule.id);
  const mirrored = second.rule.confusedWith.find((e) => e.id === rule.id);
  const decidedBy =
    entry !== undefined
      ? sentence(entry.decidedBy, main.view.facts)
      : mirrored !== undefined
        ? sentence(mirrored.decidedBy, second.main.view.facts)
        : null;
  if (decidedBy === null) return checks;
  const same = checks.findIndex((check) => isSameCheck(check, decidedBy));
  if (same >= 0) return withFirst(checks, same);
  const [title = '', other = ''] = [main, second.main].map((s) => titleOf(s.rule, s.view.facts));
  const who = hereOwner(rule.owner, facts);
  const expect = tellsApart(title, other);
  return [{ who, do: decidedBy, run: null, expect }, ...checks];
}

const withFirst = <T>(items: T[], index: number): T[] => [
  items[index]!,
  ...items.filter((_, i) => i !== index),
];

/** The same words, or the same tool: "tcpdump on the server shows the packets" is the check that runs tcpdump. */
function isSameCheck(check: Cause['verify'][number], decidedBy: string): boolean {
  const wanted = decidedBy.toLowerCase();
  const words = check.do.toLowerCase().replace(/[.:]\s*$/, '');
  if (words !== '' && (wanted.includes(words) || words.includes(wanted.replace(/[.:]\s*$/, '')))) return true;
  const tool = check.run?.split(/\s+/).find((word) => word !== 'sudo' && !word.includes('='));
  return tool !== undefined && wanted.split(/[^a-z0-9_-]+/).includes(tool.toLowerCase());
}

// ---------------------------------------------------------------- what it is not

/** Only proof that holds at every address that fails: "host-down" is not ruled out by the other address's answer. */
function ruledOutIn(
  views: readonly JudgedView[],
  rules: readonly Rule[],
  table: FactTable,
): Report['ruledOut'] {
  return rules.flatMap((rule) => {
    const proofs = views.map((view) => proofAgainst(rule, view, table));
    const first = proofs[0];
    if (first === undefined || first === null || proofs.includes(null)) return [];
    return [{ id: rule.id, text: first.text }];
  });
}

const unique = (ids: string[]): string[] => [...new Set(ids)];
