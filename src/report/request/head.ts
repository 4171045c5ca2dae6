import { endpoint, familyOf, reachOf, sameAddress } from '../../ground/address.ts';
import type { ObservationOf } from '../../model/probes.ts';
import type { Cause, Report, Where } from '../../model/report.ts';
import { isFromHere } from '../../model/views.ts';
import { OWNER_IN_FILE } from '../names.ts';
import { answeredBefore } from '../paths.ts';
import { PROTOCOL_WORD } from '../protocol-words.ts';
import { atOnce, isElsewhere, leadOf, toMend } from '../tasks.ts';
import { typedHost } from '../typed-name.ts';
import { asSentence, counted, dropEnd, listed } from '../units.ts';
import { causeLine, isFaulty, likely, outcomeLine, rivals, targetName, whereWords } from '../wording.ts';
import { attemptsOf, NO_ANSWER, timeOfDay, windowWords } from './attempts.ts';
import { type Block, heading, type Line, paragraph } from './document.ts';
import { referenceOf } from './reference.ts';

/** `TCP 5432 ... : A firewall on the way drops it, between hop 3 (A) and hop 4 (B)`. */
export function titleOf(report: Report): string {
  const cause = leadOf(report);
  if (cause === null) return dropEnd(outcomeLine(report));
  const title = withPlace(cause);
  const named = cause.title.includes(typedHost(report) ?? report.target.host);
  return `${named ? '' : `${targetName(report)}: `}${title}`;
}

/** The cause and where it is, without a full stop. */
export function withPlace({ where, title, owner }: Cause): string {
  // Who mends it on their own side needs no place; for others it says where to look.
  const place = owner === 'you' ? null : placeWords(where);
  return place === null || title.includes(place) ? dropEnd(title) : `${dropEnd(title)}, ${place}`;
}

const placeWords = (where: Where | null): string | null =>
  where?.kind === 'hop' || where?.kind === 'between' ? whereWords(where) : null;

/** Title, and who is asked for what, with which certainty. */
export function headOf(report: Report): Block[] {
  const cause = leadOf(report);
  const seen = seenOf(report);
  const blocks: Block[] = [heading(titleOf(report), 1)];
  if (cause === null)
    return [
      ...blocks,
      ...(dropEnd(seen) === titleOf(report) ? [] : [paragraph(seen)]),
      paragraph(causeLine(report)),
    ];
  const rows: [string, Line][] = [
    ['Seen', seen],
    ['For', forWhom(report, cause)],
    ...askedOf(cause).map((asked): [string, Line] => ['Asked', asked]),
    ['Certainty', certainty(report, cause)],
    ...(isWellFor(report, cause) ? [] : [['Effect', effect(report)] as [string, Line]]),
    ['Reference', { code: referenceOf(report) }],
  ];
  return [...blocks, { kind: 'pairs', rows }];
}

/** It is reachable, and what is left is the reader's own. */
export const isWellFor = ({ outcome }: Report, { owner }: Cause): boolean =>
  outcome === 'reachable' && owner === 'you';

/** What was seen, as a complaint: "is reachable" alone would close the ticket. */
export const seenOf = (report: Report): string =>
  isFaulty(report)
    ? `${dropEnd(outcomeLine(report))}, and there is something to look at.`
    : outcomeLine(report);

const askedOf = ({ fixes, owner }: Cause): string[] =>
  atOnce(fixes)
    .filter(({ who }) => who === owner)
    .slice(0, 1)
    .map((task) => task.do);

function forWhom(report: Report, { owner, where, address }: Cause): string {
  if (owner === 'you')
    return report.outcome === 'reachable' ? 'the sender' : 'the sender: it can be mended on this side';
  const pass = '; if that is not you, please pass this on';
  const devices = [
    where?.kind === 'between' || where?.kind === 'hop' ? { hop: where.hop, address: where.address } : null,
    where?.kind === 'between' ? where.next : null,
  ].flatMap((one) =>
    one === null || one.address === null || one.hop === 0 ? [] : [`${one.address} (hop ${one.hop})`],
  );
  if (owner === 'network-admin' && devices.length > 0) return `whoever runs ${listed(devices)}${pass}`;
  const of = where?.kind === 'resolver' ? where.address : (address ?? report.target.host);
  if (owner === 'network-admin')
    return `whoever runs the network on the way to ${of ?? report.target.host}${pass}`;
  const who = OWNER_IN_FILE[owner].toLowerCase().replace('dns', 'DNS');
  const at = of ?? report.target.host;
  return owner === 'service-owner'
    ? `the ${who} on ${endpoint(at, report.target.port)}${pass}`
    : `the ${who} of ${at}${pass}`;
}

function certainty(report: Report, cause: Cause): string {
  if (cause.observed === true) return 'read, not inferred';
  const others = rivals(report)
    .filter((other) => !isElsewhere(cause, other))
    .map((other) => `${likely(other).toLowerCase()}: ${dropEnd(other.title)}`);
  return `${likely(cause).toLowerCase()}${others.length === 0 ? '' : `; or ${others.join('; or ')}`}`;
}

/** Services that are called by the letters of their protocol and an S. */
const INSIDE_TLS = /^(https|imaps|pop3s|smtps|ldaps|ftps)$/;

function effect(report: Report): string {
  const { target, outcome } = report;
  const { service } = target;
  const spoken: Readonly<Record<string, string>> = PROTOCOL_WORD;
  const what =
    service !== null && Object.hasOwn(spoken, service)
      ? spoken[service]
      : service !== null && INSIDE_TLS.test(service)
        ? service.toUpperCase()
        : `TCP ${target.port}`;
  const works = openPorts(report);
  const rest = works.length === 0 ? '' : `; TCP ${listed(works)} of the same address works`;
  const fails =
    outcome === 'unreachable'
      ? 'cannot be used'
      : outcome === 'undetermined'
        ? 'could not be tested'
        : 'does not work as it should';
  // A fault may hurt nobody: a slow answer, a device that answers in the host's place and hands on.
  if (outcome === 'reachable')
    return `${what} on ${target.host} is reached from this client; what its use suffers: (FILL IN)`;
  return `${what} on ${target.host} ${fails} from this client, since (FILL IN)${rest}`;
}

const openPorts = (report: Report): string[] => [
  ...new Set(
    report.observations
      .filter(isFromHere)
      .flatMap((o) =>
        o.probe !== 'alternate-ports'
          ? []
          : ((o as ObservationOf<'alternate-ports'>).data?.ports ?? [])
              .filter(
                ({ outcome, port }) =>
                  outcome === 'open' &&
                  port !== report.target.port &&
                  answeredBefore(report, (o as ObservationOf<'alternate-ports'>).input.address, port) ===
                    null,
              )
              .map(({ port }) => String(port)),
      ),
  ),
];

/** The address that packets leave this machine with, towards the address in question. */
export function sourceOf(report: Report): string | null {
  const address = concerned(report);
  for (const o of report.observations.filter(isFromHere)) {
    if (o.probe !== 'local-network') continue;
    const { input, data } = o as ObservationOf<'local-network'>;
    if (data?.route.source != null && (address === null || input.address === address))
      return data.route.source;
  }
  const family = address === null ? null : familyOf(address);
  return report.vantage.addresses.find((one) => family === null || familyOf(one) === family) ?? null;
}

/** The address of the target that the request is about. */
export const concerned = (report: Report): string | null =>
  leadOf(report)?.address ??
  report.target.addresses.find(({ outcome }) => outcome !== 'open' && outcome !== 'not-tried')?.address ??
  report.target.addresses[0]?.address ??
  null;

/** How the far end sees the source, as far as that can be told from here. */
function seenBy(report: Report, source: string | null): string {
  const { seenAs } = report.vantage;
  if (seenAs !== undefined) return `${seenAs}, as the sender says`;
  if (source === null) return 'not known';
  const address = concerned(report);
  if (reachOf(source) === 'public') return source;
  return address !== null && reachOf(address) === 'public'
    ? `not ${source}: a private address, translated on the way. Look for the destination port and the time`
    : `${source}, unless it is translated on the way. Look for the destination port and the time`;
}

/** A paragraph that can be pasted into any ticket as it stands. */
export function ticketOf(report: Report): Block[] {
  const lines = ticketLines(report);
  return lines.length === 0 ? [] : [heading('Ticket text (to copy)'), { kind: 'quote', lines }];
}

/** Its lines; none where nobody else is to be asked. */
export function ticketLines(report: Report): string[] {
  const cause = leadOf(report);
  if (cause === null || cause.owner === 'you') return [];
  const source = sourceOf(report);
  const { shown, more } = attemptsOf(report);
  const seen =
    source === null ? '____' : (report.vantage.seenAs ?? (reachOf(source) === 'public' ? source : '____'));
  return [
    `${dropEnd(seenOf(report))}. Since: ____.`,
    `Client: ${source ?? 'address not known'} (seen by you as: ${seen}).`,
    shown.length === 0
      ? `Tried ${windowWords(report)}: no connection could be tried.`
      : `Tried ${windowWords(report)}: ${counted(shown.length + more, 'attempt')} at TCP ${report.target.port} of ${listed([...new Set(shown.map(({ to }) => to))])}.`,
    ...cause.because.slice(0, 2).map(({ text }) => asSentence(text)),
    `Cause${cause.observed === true ? '' : `, ${likely(cause).toLowerCase()}`}: ${dropEnd(cause.title)}.`,
    ...askedOf(cause).map(
      (asked) =>
        `Please: ${asSentence(asked)}${cause.layer === 'service' ? '' : ' Or tell us that it is meant so, and what to use instead.'}`,
    ),
    ...toMend(report)
      .slice(1)
      .map((other) => `And: ${dropEnd(other.title)}. ${atOnce(other.fixes)[0]?.do ?? ''}`.trim()),
    `Reference: ${referenceOf(report)}`,
  ];
}

/** The five-tuple, as sent and as the far end sees it, and every attempt with its time. */
export function connectionOf(report: Report): Block[] {
  const address = concerned(report);
  const lead = leadOf(report);
  if (address === null || lead === null || lead.layer === 'dns' || lead.owner === 'you') return [];
  const source = sourceOf(report);
  const to = endpoint(address, report.target.port);
  const { shown, more } = attemptsOf(report);
  const ports = shown.flatMap(({ sourcePort, to: where }) =>
    where === address && /^\d+$/.test(sourcePort) ? [sourcePort] : [],
  );
  const protocol = `TCP (IPv${familyOf(address)})`;
  const sent = `${source ?? 'not known'}${ports.length === 0 ? '' : `, port${ports.length === 1 ? '' : 's'} ${listed(ports, MOST_PORTS)}`}`;
  const local = source !== null && sameAddress(source, address);
  const rows: Line[][] = [['as sent', sent, { code: to }, protocol]];
  if (!local)
    rows.push(['as you see it', seenBy(report, source), `${to}, unless you translate it, too`, protocol]);
  const blocks: Block[] = [
    heading('The connection'),
    { kind: 'table', head: ['', 'source', 'destination', 'protocol'], rows },
  ];
  if (shown.length === 0) return blocks;
  blocks.push({
    kind: 'table',
    head: ['Sent at (UTC)', 'Source port', 'To', 'Answer'],
    rows: shown.map((one) => [timeOfDay(one.at), one.sourcePort, { code: one.to }, one.result]),
  });
  if (more > 0) blocks.push(paragraph(`and ${counted(more, 'attempt')} more.`));
  const unanswered = shown.some(({ result }) => result === NO_ANSWER);
  const day = new Date(report.startedAt).toISOString().slice(0, 10);
  blocks.push(
    paragraph(
      `All on ${day}, by the clock of the client, which was not compared with another one.${unanswered ? ' A SYN without an answer was sent again by the kernel after about 1 s and 3 s.' : ''}`,
    ),
  );
  return blocks;
}

const MOST_PORTS = 12;
