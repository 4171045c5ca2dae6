import { endpoint } from '../ground/address.ts';
import type { Evidence } from '../model/evidence.ts';
import type { Protocol, TalkEnd, Trace } from '../model/measured.ts';
import type { Observation, ObservationOf } from '../model/probes.ts';
import type { Cause, Hop, Path, Report, ReportTarget } from '../model/report.ts';
import type { Rule } from '../model/rule.ts';
import { isVantage } from '../model/views.ts';
import { reasonWords } from '../report/reason-words.ts';
import {
  acceptedWords,
  guessedProtocol,
  proxySet,
  proxyUnknown,
  sentToLocalhost,
  whyNotChecked,
} from '../report/remarks.ts';
import { headlineOf } from '../report/wording.ts';
import { answerNotes } from './answer-notes.ts';
import { bothSidesOf } from './both-sides.ts';
import { factsOf } from './facts/index.ts';
import { proxyVariablesFor } from './facts/service/proxy.ts';
import { outcomeOf } from './outcome.ts';
import { type RunReadings, readingsOf } from './readings/index.ts';
import { summarizeTrace } from './readings/trace-summary.ts';
import { judge } from './rules/judge.ts';
import type { JudgedView } from './rules/match.ts';
import { decidedThere } from './ruleset/decided.ts';
import { decidedHere } from './ruleset/own-rules.ts';

/** Evidence -> Report: pure, so a saved run can be judged again without the network. */
export function reportOf(
  evidence: Evidence,
  rules: readonly Rule[],
  run: { version: string; durationMs: number },
): Report {
  const seen = readingsOf(evidence);
  const views = judgedFrom(seen);
  const { causes: found, ruledOut, cannotTell } = judge(rules, views);
  const paths = pathsOf(seen.observations);
  const causes = found.map((cause) => withKnownHop(cause, paths));
  const outcome = outcomeOf(views.map(({ facts }) => facts));
  const { vantage } = evidence;
  const { target } = evidence.request;
  const report: Omit<Report, 'headline'> = {
    schema: 'reachdoctor.report/1',
    tool: { name: 'reachdoctor', version: run.version },
    startedAt: evidence.startedAt,
    durationMs: run.durationMs,
    target: {
      input: target.input,
      host: target.host,
      port: target.port,
      service: target.service,
      addresses: targetAddresses(seen),
    },
    outcome,
    causes,
    ruledOut,
    cannotTell: [
      ...cannotTell,
      ...answerNotes(
        seen,
        views.map(({ facts }) => facts),
        causes,
      ),
      ...views.flatMap(guessNote),
      ...views.flatMap(localhostNote),
      ...proxyNote(evidence),
    ],
    notChecked: notChecked(seen.observations),
    paths,
    observations: evidence.observations,
    vantage: {
      os: vantage.os,
      addresses: ownAddresses(seen),
      resolvers: vantage.resolvers,
      privileges: vantage.privileges,
      ...(evidence.request.seenAs == null ? {} : { seenAs: evidence.request.seenAs }),
    },
    ...(evidence.case === undefined ? {} : { case: evidence.case }),
    ...(evidence.views === undefined ? {} : { views: evidence.views }),
    ...otherEndsOf(seen, views),
    ...(seen.sights.length === 0 ? {} : { sights: [...seen.sights] }),
  };
  return { ...report, headline: headlineOf(report, confirmed(views)) };
}

/** An interface that is down is left out of the system's list, and its address is still what packets are sent with. */
function ownAddresses({ vantage, observations }: Pick<RunReadings, 'vantage' | 'observations'>): string[] {
  const sources = observations.flatMap((o) => {
    if (o.probe !== 'local-network') return [];
    const { data } = o as ObservationOf<'local-network'>;
    return data?.route.kind === 'unicast' && data.route.source !== null ? [data.route.source] : [];
  });
  return [...new Set([...vantage.addresses, ...sources])];
}

/** The hop after the fault, where any path to the address names it. */
function withKnownHop(cause: Cause, paths: readonly Path[]): Cause {
  const { where } = cause;
  if (where?.kind !== 'between' || where.next.address !== null || where.next.hop === null) return cause;
  const { hop } = where.next;
  const named = paths
    .filter((path) => cause.address === null || path.address === cause.address)
    .flatMap((path) => path.hops)
    .filter((one) => one.hop === hop && one.answer === 'time-exceeded' && one.address !== null);
  const [first] = named;
  if (first === undefined || named.some(({ address }) => address !== first.address)) return cause;
  return { ...cause, where: { ...where, next: { ...where.next, address: first.address } } };
}

/** The facts, seen from each address that was tried; from none where the name led to none. */
export const viewsOf = (evidence: Evidence): JudgedView[] => judgedFrom(readingsOf(evidence));

/** What the report says of the user's own words: where they do not fit, and what they made be measured. */
export function answerNotesOf(evidence: Evidence, causes: Report['causes']): Report['cannotTell'] {
  const seen = readingsOf(evidence);
  return answerNotes(
    seen,
    judgedFrom(seen).map(({ facts }) => facts),
    causes,
  );
}

const judgedFrom = ({ perAddress }: RunReadings): JudgedView[] =>
  perAddress.map((readings) => {
    const { address, observations, otherEnd, evidence } = readings;
    return {
      address,
      facts: factsOf(readings),
      observations: [
        ...observations,
        ...evidence.observations.filter(isVantage),
        ...(otherEnd === null ? [] : [otherEnd.observation]),
      ],
      rule: otherEnd === null ? null : decidedThere(otherEnd).rule,
      ownRule: decidedHere(readings)?.rule ?? null,
    };
  });

function otherEndsOf({ perAddress }: RunReadings, views: readonly JudgedView[]): Pick<Report, 'otherEnds'> {
  const otherEnds = perAddress.flatMap(({ otherEnd }, i) => {
    const view = views[i];
    if (otherEnd === null || view === undefined) return [];
    return bothSidesOf(view.facts, view.address, otherEnd.observation.input.by) ?? [];
  });
  return otherEnds.length === 0 ? {} : { otherEnds };
}

/** For a healthy run's second line: which address accepted, how soon, and what it spoke. */
function confirmed(views: readonly JudgedView[]): string | null {
  const facts = views.find((view) => view.facts['tcp.outcome'] === 'open')?.facts;
  const answerMs = facts?.['tcp.answerMs'];
  if (facts === undefined || typeof answerMs !== 'number') return null;
  const heard = facts['service.healthy'] === true ? (facts['service.heard'] as Protocol | null) : null;
  return acceptedWords(Number(facts.port), String(facts['target.address']), answerMs, heard);
}

const targetAddresses = ({ addresses, outcomes }: RunReadings): ReportTarget['addresses'] =>
  addresses.map(({ address, family, source }, i) => ({
    address,
    family,
    source,
    outcome: outcomes[i]?.outcome ?? 'not-tried',
  }));

function guessNote({ facts, address }: JudgedView): Report['cannotTell'] {
  const protocol = facts['service.expected'] as Protocol | null;
  const ended = facts['service.ended'] as TalkEnd | null;
  if (facts['service.named'] !== false || facts['service.healthy'] !== null) return [];
  if (protocol === null || ended === null || facts['service.heard'] !== null) return [];
  const said = guessedProtocol({
    host: String(facts.host),
    port: Number(facts.port),
    address,
    protocol,
    ended,
    waitedS: facts['service.waitedS'] as number | null,
  });
  return said === null ? [] : [said];
}

const localhostNote = ({ facts }: JudgedView): Report['cannotTell'] =>
  facts['http.redirectsToLocalhost'] === true ? [sentToLocalhost(String(facts['http.location']))] : [];

function proxyNote(evidence: Evidence): Report['cannotTell'] {
  const asked = evidence.observations.find(({ probe }) => probe === 'proxy-connect');
  if (asked?.probe === 'proxy-connect' && asked.outcome === 'unresolved')
    return [
      proxyUnknown(
        evidence.vantage.proxy?.variable ?? null,
        endpoint(asked.input.proxyHost, asked.input.proxyPort),
      ),
    ];
  const names = proxyVariablesFor(evidence);
  return names.length === 0 ? [] : [proxySet(names)];
}

const CONVERSATIONS: ReadonlySet<string> = new Set(['tls', 'ssh', 'http', 'greeting']);

function notChecked(observations: readonly Observation[]): Report['notChecked'] {
  const seen = new Map<string, Report['notChecked'][number]>();
  for (const { probe, outcome, reason, enable } of observations) {
    const isUnspoken = outcome === 'not-connected' && CONVERSATIONS.has(probe);
    const isUnread = outcome === 'unreadable';
    if (outcome !== 'not-available' && outcome !== 'failed' && !isUnspoken && !isUnread) continue;
    const why = reason === null ? whyNotChecked(outcome === 'failed') : reasonWords(reason);
    seen.set(`${probe} ${why}`, { probe, reason: why, enable });
  }
  return [...seen.values()];
}

function pathsOf(observations: readonly Observation[]): Path[] {
  const names = new Map<string, string>();
  for (const o of observations)
    if (o.probe === 'reverse-names')
      for (const [address, name] of Object.entries(o.data?.names ?? {})) names.set(address, name);
  return observations.flatMap((o) => {
    if (
      (o.probe !== 'trace-syn' && o.probe !== 'trace-command') ||
      o.data === null ||
      o.input.role === 'gateway'
    )
      return [];
    return [pathOf(o.data, names)];
  });
}

function pathOf(trace: Trace, names: ReadonlyMap<string, string>): Path {
  const summary = summarizeTrace(trace);
  const hops = trace.replies.map((reply): Hop => {
    const ends = reply.answer === 'syn-ack' || reply.answer === 'rst' || reply.answer === 'reply';
    const address = reply.from ?? (ends ? trace.address : null);
    return {
      hop: reply.ttl,
      address,
      name: address === null ? null : (names.get(address) ?? null),
      rttMs: reply.rttMs,
      answer: reply.answer,
    };
  });
  // The first answer of the end is the end; what lies beyond it repeats it.
  const end = summary.answeredAt ?? summary.rejection?.ttl ?? null;
  return {
    method: trace.method,
    port: trace.port,
    address: trace.address,
    reached: summary.reached,
    lastHop: summary.lastHop > 0 ? summary.lastHop : null,
    hops: end === null ? hops : hops.filter(({ hop }) => hop <= end),
  };
}
