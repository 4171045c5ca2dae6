import type {
  Change,
  Comparison,
  NamedCause,
  PathEnd,
  Phase,
  SeenCertificate,
  Subject,
} from '../model/comparison.ts';
import { CONNECT, OUTCOME_WORD } from './names.ts';
import { pageOf, type TerminalOptions } from './page.ts';
import { safeDeep } from './sanitize.ts';
import { counted, dropEnd, duration, listed, percent } from './units.ts';
import { whereWords } from './wording.ts';

const SUBJECT: Record<Subject, string> = {
  target: 'target',
  outcome: 'outcome',
  addresses: 'addresses',
  cause: 'cause',
  place: 'place of the cause',
  path: 'path',
  resolvers: 'resolvers',
  answers: 'DNS answers',
  certificate: 'certificate',
  service: 'what the service says',
  times: 'times',
  vantage: "this machine's addresses",
};

const MISSING = {
  before: 'not measured before',
  after: 'not measured now',
  both: 'not measured in both',
} as const;

/** What is different between two runs, for people, with a trailing newline. Nothing in it acts on a terminal. */
export function renderComparison(comparison: Comparison, options: TerminalOptions): string {
  const page = pageOf(options);
  const { before, after, changes, same, notCompared } = safeDeep(comparison);
  page.say('', changes.length === 0 ? 'Nothing changed.' : `${counted(changes.length, 'change')}:`, 'bold');
  for (const change of changes) page.say(`  ${page.sign('·', '-')} `, changeWords(change));
  page.blank();
  page.say('  Before  ', `${moment(before.startedAt)}: ${before.headline}`, null, 'dim');
  page.say('  Now     ', `${moment(after.startedAt)}: ${after.headline}`, null, 'dim');
  if (same.length > 0)
    page.say(
      '  Same    ',
      listed(
        same.map((one) => SUBJECT[one]),
        same.length,
      ),
      'dim',
      'dim',
    );
  if (notCompared.length > 0) page.say('  Not compared: ', notComparedWords(notCompared), 'dim', 'dim');
  return page.text();
}

function notComparedWords(list: Comparison['notCompared']): string {
  return (['before', 'after', 'both'] as const)
    .flatMap((missing) => {
      const names = list.filter((one) => one.missing === missing).map(({ about }) => SUBJECT[about]);
      return names.length === 0 ? [] : [`${listed(names, names.length)} (${MISSING[missing]})`];
    })
    .join('; ');
}

/** `2026-11-27 12:00:03 UTC`. */
const moment = (iso: string): string => `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`;

/** One change as a sentence. Strings of the comparison are sanitised by the caller (`safeDeep`). */
export function changeWords(change: Change): string {
  switch (change.about) {
    case 'target':
      return `The runs are of two targets: ${change.before}, now ${change.after}.`;
    case 'outcome':
      return `Outcome: ${OUTCOME_WORD[change.before].toLowerCase()} before, ${OUTCOME_WORD[change.after].toLowerCase()} now.`;
    case 'addresses':
      return addressWords(change);
    case 'cause':
      return causeWords(change.before, change.after);
    case 'place':
      return `Place: ${whereWords(change.before)} before, ${whereWords(change.after)} now.`;
    case 'path':
      return change.kind === 'hop'
        ? `Path (${change.what}): hop ${change.hop} was ${change.before}, and is ${change.after}.`
        : `Path (${change.what}): ${endWords(change.before)} before, ${endWords(change.after)} now.`;
    case 'resolvers':
      return `Resolvers of this machine: ${goneAndAdded(change)}.`;
    case 'answers':
      return `Resolver ${change.resolver} (${change.type}): ${listed(change.before)} before, ${listed(change.after)} now.`;
    case 'certificate':
      return `Certificate of ${change.address}: ${certificateWords(change.field, change.before, change.after)}.`;
    case 'service':
      return `${change.probe.toUpperCase()} at ${change.address}: ${change.before.replaceAll('-', ' ')} before, ${change.after.replaceAll('-', ' ')} now.`;
    case 'times':
      return `${PHASE[change.phase]} took ${duration(change.beforeMs)} before, ${duration(change.afterMs)} now.`;
    case 'vantage':
      return `Addresses of this machine: ${goneAndAdded(change)}.`;
  }
}

const PHASE: Record<Phase, string> = {
  name: 'Looking up the name',
  connect: 'Connecting',
  tls: 'The TLS handshake',
  'first-octet': 'The first octet of the service',
  'round-trip': 'The fastest ping',
};

function addressWords({ address, before, after }: Extract<Change, { about: 'addresses' }>): string {
  if (before === null && after !== null) return `${address} is new among the addresses: ${CONNECT[after]}.`;
  if (after === null) return `${address} is no longer among the addresses.`;
  return `${address}: ${before === null ? 'not known' : CONNECT[before]} before, ${CONNECT[after]} now.`;
}

function causeWords(before: NamedCause | null, after: NamedCause | null): string {
  const named = (cause: NamedCause) => `"${dropEnd(cause.title)}" (${percent(cause.confidence)})`;
  if (before === null) return after === null ? 'No cause.' : `A cause is found now: ${named(after)}.`;
  if (after === null) return `The cause is gone: ${named(before)}.`;
  if (before.id === after.id)
    return `The same cause is ${after.confidence > before.confidence ? 'more' : 'less'} likely: ${dropEnd(after.title)}, ${percent(before.confidence)} before, ${percent(after.confidence)} now.`;
  return `Another cause leads: ${named(before)} before, ${named(after)} now.`;
}

function endWords({ reached, lastHop, lastAddress }: PathEnd): string {
  if (reached) return 'it reached the host';
  if (lastHop === null) return 'no router answered';
  return `it fell silent after hop ${lastHop}${lastAddress === null ? '' : ` (${lastAddress})`}`;
}

function goneAndAdded({ gone, added }: { gone: string[]; added: string[] }): string {
  const parts = [
    gone.length === 0 ? null : `${listed(gone)} ${gone.length === 1 ? 'is' : 'are'} gone`,
    added.length === 0 ? null : `${listed(added)} ${added.length === 1 ? 'is' : 'are'} new`,
  ];
  return parts.filter((part) => part !== null).join(', ');
}

function certificateWords(
  field: keyof SeenCertificate,
  before: SeenCertificate,
  after: SeenCertificate,
): string {
  switch (field) {
    case 'notAfter':
      return `valid until ${before.notAfter ?? 'not known'} before, ${after.notAfter ?? 'not known'} now`;
    case 'trustCode':
      return `${before.trustCode ?? 'trusted'} before, ${after.trustCode ?? 'trusted'} now`;
    case 'nameMatches': {
      const words = (fits: boolean | null) =>
        fits === null ? 'not compared' : fits ? 'is for the name' : 'is for another name';
      return `${words(before.nameMatches)} before, ${words(after.nameMatches)} now`;
    }
    case 'version':
      return `${before.version ?? 'no TLS version'} before, ${after.version ?? 'no TLS version'} now`;
    default:
      return `${field} ${before[field]} before, ${after[field]} now`;
  }
}
