import { endpoint, includesAddress, sameAddress } from '../ground/address.ts';
import type { ObservationOf } from '../model/probes.ts';
import type { Cause, Report, Where } from '../model/report.ts';
import { LIKELIHOOD, OWNER } from './names.ts';
import { actorOf, CERTAIN, isElsewhere, isRemark, isUnclear, leadOf } from './tasks.ts';
import { typedHost } from './typed-name.ts';
import { asSentence, counted, dropEnd, listed, percent } from './units.ts';

/**
 * The words of reachdoctor, in one place: the same thing is called the same everywhere. Nothing here is
 * sanitised or escaped; renderers do that before (`safeDeep`) and after (per format).
 */

export const likely = (cause: Cause): string =>
  `${LIKELIHOOD[cause.likelihood]} (${percent(cause.confidence)})`;

export const targetName = (report: Report): string =>
  endpoint(typedHost(report) ?? report.target.host, report.target.port);

/** `hop 3 (198.51.100.9)`, `hop 4 (not identified)`, `198.51.100.9`. */
function hopWords(hop: number | null, address: string | null): string {
  if (hop === 0) return 'this machine';
  if (hop === null) return address ?? 'a device that did not identify itself';
  return `hop ${hop} (${address ?? 'not identified'})`;
}

/** What was ruled out, a line a proof: one often excludes several causes. They stand by their ids, which --explain takes. */
export function ruledOutTexts({ ruledOut }: Pick<Report, 'ruledOut'>): string[] {
  const byProof = new Map<string, string[]>();
  for (const { id, text } of ruledOut) byProof.set(text, [...(byProof.get(text) ?? []), id]);
  return [...byProof].map(([text, ids]) => `${asSentence(text)} This excludes ${listed(ids, ids.length)}.`);
}

/** Where a cause is, to stand after "Where:". */
export function whereWords(where: Where): string {
  switch (where.kind) {
    case 'this-machine':
      return 'on this machine';
    case 'resolver':
      return where.address === null ? 'at the DNS resolver' : `at the DNS resolver ${where.address}`;
    case 'hop':
      return `at ${hopWords(where.hop, where.address)}`;
    case 'between':
      return `between ${hopWords(where.hop, where.address)} and ${hopWords(where.next.hop, where.next.address)}`;
    case 'target':
      return where.address === null
        ? 'at the target host itself'
        : `at the target host itself, ${where.address}`;
  }
}

/** The same in few words, for the line of the cause; null where the title says it already. */
export function shortWhere(where: Where | null): string | null {
  switch (where?.kind) {
    case 'hop':
      return `at ${hopWords(where.hop, where.address)}`;
    case 'between':
      return where.hop === 0 ? `next to this machine` : `after ${hopWords(where.hop, where.address)}`;
    default:
      return null;
  }
}

/** What the connection attempts saw, as the second half of the first line. Observed, not concluded. */
function symptom(report: Report, brief: boolean): string {
  const addresses = report.target.addresses.filter(({ outcome }) => outcome !== 'not-tried');
  if (report.target.addresses.length === 0) return 'no address was found for the name';
  const [first] = addresses;
  if (first === undefined) return 'no connection was tried';
  const open = addresses.filter(({ outcome }) => outcome === 'open').length;
  if (open > 0 && open < addresses.length) {
    return `${open} of ${counted(addresses.length, 'address', 'addresses')} ${open === 1 ? 'connects' : 'connect'}`;
  }
  const same = addresses.every(({ outcome }) => outcome === first.outcome);
  const who =
    addresses.length > 1
      ? `any of ${addresses.length} addresses`
      : brief || first.address === report.target.host
        ? null
        : first.address;
  if (!same) return `none of ${addresses.length} addresses accepts a connection`;
  switch (first.outcome) {
    case 'open':
      return 'connections are accepted';
    case 'refused':
      return who === null ? 'the connection was refused' : `the connection to ${who} was refused`;
    case 'unreachable':
      return who === null
        ? ((brief ? null : reportedBy(report, first.address)) ?? 'it was reported unreachable')
        : addresses.length > 1
          ? `all ${addresses.length} addresses were reported unreachable`
          : `${who} was reported unreachable`;
    case 'local-error':
      return who === null ? 'this machine could not send to it' : `this machine could not send to ${who}`;
    default:
      return who === null ? 'no answer' : `no answer from ${who}`;
  }
}

/** Who says that it cannot be reached, where a trace of the port heard it. */
function reportedBy({ paths, target, vantage }: Report, address: string): string | null {
  const path = paths.find((one) => one.port === target.port && sameAddress(one.address, address));
  const sender = path?.hops.find(({ answer }) => answer === 'unreachable')?.address ?? null;
  if (sender === null) return null;
  if (includesAddress(vantage.addresses, sender)) return null;
  return sameAddress(sender, address)
    ? 'the host itself rejects the connection'
    : `${sender} reports it unreachable`;
}

/**
 * The first line of every report: the outcome, and what was seen of it.
 * @param fits tells whether the line may be that long; without room the address is left to what follows.
 */
export function outcomeLine(report: Report, fits: (text: string) => boolean = () => true): string {
  const whole = outcomeSentence(report, symptom(report, false));
  return fits(whole) ? whole : outcomeSentence(report, symptom(report, true));
}

/** The status of the web server, where something is said about it and the cause does not tell it itself. */
function answerWords(report: Report): string {
  const lead = leadOf(report);
  const answer = lead === null ? null : webAnswer(report);
  return lead === null || answer === null || isAnswer(lead, answer)
    ? ''
    : ` and answers ${answer.status}${answer.reason ? ` ${answer.reason}` : ''}`;
}

/** What the web server of the target answered, where that is no page. */
function webAnswer({ observations }: Report): { status: number; reason: string | null } | null {
  for (const one of observations) {
    if (one.probe !== 'http' && one.probe !== 'tls') continue;
    const { input, data } = one as ObservationOf<'http'> | ObservationOf<'tls'>;
    if (input.role !== undefined || data?.http?.status == null || data.http.status < 300) continue;
    return { status: data.http.status, reason: data.http.reason };
  }
  return null;
}

/** The cause is the answer itself: a 404, a 401. */
const isAnswer = ({ observed, title }: Cause, { status }: { status: number }): boolean =>
  observed === true && title.includes(String(status));

/** Statuses from here on say that the server fails; those below, that it answers something else than a page. */
const SERVER_ERROR = 500;

/** It is reachable, and somebody else has something to mend. */
export function isFaulty(report: Report): boolean {
  const lead = report.outcome === 'reachable' ? leadOf(report) : null;
  if (lead === null || lead.owner === 'you') return false;
  const answer = webAnswer(report);
  return answer === null || answer.status >= SERVER_ERROR || !isAnswer(lead, answer);
}

function outcomeSentence(report: Report, seen: string): string {
  const name = targetName(report);
  const target = typedHost(report) === null ? name : `${name} (${report.target.host} in DNS)`;
  switch (report.outcome) {
    case 'reachable':
      return `${target} is reachable${answerWords(report)}.`;
    case 'impaired':
      return seen === 'connections are accepted'
        ? `${target} accepts connections, and does not work as it should.`
        : `${target} is partly reachable: ${seen}.`;
    case 'unreachable':
      return `${target} cannot be reached: ${seen}.`;
    case 'undetermined':
      return `${target} could not be tested: it is not known whether it is reachable.`;
  }
}

/** In the line of the cause; behind the host itself there is no place. */
const placeOf = ({ where, address }: Cause): string | null =>
  where?.kind === 'between' &&
  where.address !== null &&
  address !== null &&
  sameAddress(where.address, address)
    ? null
    : shortWhere(where);

/**
 * The second line: the leading cause with its likelihood, and as much of where and who as fits.
 * @param fits tells whether the line may be that long.
 */
export function causeLine(report: Report, fits: (text: string) => boolean = () => true): string {
  const [cause] = report.causes;
  if (cause === undefined || isRemark(report)) {
    if (report.outcome === 'reachable') return asSentence(report.headline);
    // What is true of the run, where the headline is not the first line once more.
    if (report.outcome === 'undetermined')
      return asSentence(report.headline) === outcomeLine(report)
        ? 'Nothing was measured that says anything about it; what was tried is below.'
        : asSentence(report.headline);
    return 'No known cause explains what was observed.';
  }
  if (isUnclear(cause)) return asSentence(notClear(report));
  const start = cause.observed === true ? dropEnd(cause.title) : `${likely(cause)}: ${dropEnd(cause.title)}`;
  const place = placeOf(cause);
  const actor = actorOf(cause);
  const owner = `For the ${OWNER[actor]}.`;
  const whole = place === null || start.includes(place) ? `${start}.` : `${start}, ${place}.`;
  const near = place?.replace(/ \([^)]*\)$/, '');
  const brief = near === undefined || start.includes(near) ? whole : `${start}, ${near}.`;
  const candidates = [actor === 'you' ? whole : `${whole} ${owner}`, whole, brief];
  return candidates.find(fits) ?? `${start}.`;
}

/** No cause is likely enough to be the answer: what would decide takes its place. */
function notClear({ causes, cannotTell }: Report): string {
  const decides = causes[0]?.verify[0]?.do ?? cannotTell[0]?.decidedBy ?? null;
  return decides === null
    ? 'not clear: nothing that was measured speaks for one cause.'
    : `not clear: nothing that was measured speaks for one cause. To find out: ${decides}`;
}

/** A cause that is not the first and nearly as likely: the reader must not take the first as settled. */
export function rivals(report: Report): Cause[] {
  const [lead, ...others] = report.causes;
  if (lead === undefined || isRemark(report)) return [];
  // Beside what was read only what is all but certain is a fault of its own; another address has its own cause.
  return others.filter((other) =>
    lead.observed === true
      ? other.observed === true || other.confidence >= CERTAIN
      : other.confidence >= 0.2 && (other.confidence >= lead.confidence / 2 || isElsewhere(lead, other)),
  );
}

/** How a rival is introduced, after the line of the leading cause. */
export function rivalLine(cause: Cause, lead: Cause | undefined): string {
  if (cause.observed === true || lead?.observed === true) return `And: ${asSentence(cause.title)}`;
  if (lead !== undefined && isElsewhere(lead, cause))
    return cause.address !== null && cause.title.includes(cause.address)
      ? `And: ${asSentence(cause.title)}`
      : `And at ${cause.address}: ${asSentence(cause.title)}`;
  const word = cause.likelihood === 'possible' ? 'possibly' : cause.likelihood;
  return `Or ${word} (${percent(cause.confidence)}): ${asSentence(cause.title)}`;
}

/** Who can fix it; with rivals in another's hands, all who may have to look. */
export function ownersOf(report: Report): string {
  const [lead] = report.causes;
  if (lead === undefined) return '';
  return [...new Set([lead, ...rivals(report)].map((cause) => OWNER[actorOf(cause)]))].join(', or ');
}

/**
 * One sentence that holds outcome and cause, for `headline` in JSON.
 * @param confirmed for a reachable target: what was confirmed ("TCP 443 on 192.0.2.7 accepted the connection in 12 ms").
 */
export function headlineOf(report: Omit<Report, 'headline'>, confirmed: string | null = null): string {
  const whole: Report = { ...report, headline: '' };
  const [cause] = report.causes;
  if (report.outcome === 'reachable' && cause === undefined)
    return asSentence(confirmed ?? outcomeLine(whole));
  if (cause === undefined) return outcomeLine(whole);
  if (isRemark(whole))
    return `${asSentence(confirmed ?? outcomeLine(whole))} Also seen: ${asSentence(cause.because[0]?.text ?? cause.title)}`;
  // What was confirmed comes first: a finding beside it is a remark, however likely.
  if (report.outcome === 'reachable')
    return `${dropEnd(confirmed ?? outcomeLine(whole))}; beside that: ${dropEnd(cause.title)}.`;
  if (isUnclear(cause)) return `${targetName(whole)}: ${notClear(whole)}`;
  const place = placeOf(cause);
  const title = dropEnd(cause.title);
  const said = place === null || title.includes(place) ? title : `${title}, ${place}`;
  return `${targetName(whole)}: ${said}.`;
}
