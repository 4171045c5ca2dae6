import { addressKey } from '../ground/address.ts';
import type { Report } from '../model/report.ts';
import { type Given, HERE, type Seen, type Sight, type View, type ViewGap } from '../model/views.ts';
import { duration, listed } from './units.ts';

/** What other places see of the target, in words: the table view x (target, reference), and a line for the first screen. */

const OUTCOME: Record<Seen['outcome'], string> = {
  open: 'open',
  refused: 'refused',
  unreachable: 'unreachable',
  timeout: 'no answer',
  'local-error': 'not sent',
  pending: 'no reply',
};

export const seenWord = (seen: Seen | null): string => (seen === null ? 'not tried' : OUTCOME[seen.outcome]);

/** `open (12 ms)`, `refused by 192.0.2.1`, `no answer`. */
function seenWords(seen: Seen | null): string {
  if (seen === null) return '';
  const word = OUTCOME[seen.outcome];
  if (seen.outcome === 'open')
    return seen.elapsedMs === null ? word : `${word} (${duration(seen.elapsedMs)})`;
  return seen.sender === null || seen.outcome === 'timeout' ? word : `${word} by ${seen.sender}`;
}

export const vantagesOf = ({ views = [] }: Pick<Report, 'views'>): View[] =>
  views.filter(({ kind }) => kind === 'vantage');

/** `this machine`, `ssh:db1`, `globalping:DE (Falkenstein, DE)`. */
export function placeName({ views = [] }: Pick<Report, 'views'>, name: string): string {
  if (name === HERE) return 'this machine';
  const view = views.find((one) => one.name === name);
  const by = view?.by ?? name;
  return view?.place == null ? by : `${by} (${view.place})`;
}

/** Head and rows of the table; columns that nothing stands in are left out. Null where nobody looked from elsewhere. */
export function sightTable(report: Report): { head: string[]; rows: string[][] } | null {
  const { sights = [], target } = report;
  if (sights.length === 0) return null;
  const reference = sights.find((one) => one.reference !== null)?.reference?.port;
  const several = new Set(sights.map(({ address }) => addressKey(address))).size > 1;
  const names = new Set(sights.map((one) => one.names?.join(', ')));
  const columns: [string, (sight: Sight) => string][] = [
    ['From', ({ view }) => placeName(report, view)],
    ...(several ? ([['To', ({ address }) => address]] as [string, (sight: Sight) => string][]) : []),
    [`TCP ${target.port}`, (sight) => seenWords(sight.target)],
    [reference === undefined ? 'Reference' : `TCP ${reference}`, (sight) => seenWords(sight.reference)],
    ['Reference host', (sight) => seenWords(sight.control)],
    ['Ends after', (sight) => boundaryWords(sight)],
    ['Name leads to', ({ names: found }) => (names.size > 1 ? namesWords(found) : '')],
    [
      '',
      (sight) => (sight.proves ? '' : `proves nothing: ${isLost(sight) ? 'it reaches nothing' : UNCOMPARED}`),
    ],
  ];
  const kept = columns.filter(([, cell]) => sights.some((sight) => cell(sight) !== ''));
  return {
    head: kept.map(([title]) => title),
    rows: sights.map((sight) => kept.map(([, cell]) => cell(sight))),
  };
}

function boundaryWords({ target, boundary }: Sight): string {
  if (boundary === null || target?.outcome === 'open') return '';
  return `${boundary.address ?? 'a router'} (hop ${boundary.hop})`;
}

const UNCOMPARED = 'no comparison answers';
/** No router answered either. */
const isLost = ({ boundary }: Sight): boolean => boundary === null;

/** `no answer (no comparison answers)`: why what a place sees proves nothing; `lost` where it reaches nothing at all. */
export const doubtWords = (sight: Sight, lost: string): string =>
  isLost(sight) ? lost : `${seenWord(sight.target)} (${UNCOMPARED})`;

const namesWords = (names: string[] | null): string =>
  names === null ? '' : names.length === 0 ? 'nothing' : names.join(', ');

/** `open from ssh:a and ssh:b; no answer from docker:c`, of the address that the verdict is about. Null = nobody looked. */
export function elsewhereLine(report: Report): string | null {
  const { sights = [], views = [] } = report;
  const failed = vantagesOf(report).filter(({ ok }) => !ok);
  const others = aboutOne(report).filter(({ view }) => view !== HERE);
  const said = new Map<string, string[]>();
  for (const sight of others) {
    const word = sight.proves
      ? (openInstead(sight, report) ?? seenWord(sight.target))
      : doubtWords(sight, 'nothing is reached');
    said.set(word, [...(said.get(word) ?? []), placeName({ views }, sight.view)]);
  }
  const parts = [...said].map(([word, places]) => `${word} from ${listed(places)}`);
  const silent = vantagesOf(report).filter(({ ok, name }) => ok && !sights.some(({ view }) => view === name));
  if (silent.length > 0) parts.push(`not tried from ${listed(silent.map(({ by, name }) => by ?? name))}`);
  if (failed.length > 0)
    parts.push(`could not look from ${listed(failed.map(({ by, name }) => by ?? name))}`);
  return parts.length === 0 ? null : parts.join('; ');
}

/** `open at 192.0.2.8`: where the name leads elsewhere there, and that answers. */
function openInstead({ view, target }: Sight, { sights = [] }: Report): string | null {
  if (target?.outcome === 'open') return null;
  const ours = new Set(sights.filter((one) => one.view === HERE).map(({ address }) => addressKey(address)));
  const other = sights.find(
    (one) => one.view === view && one.target?.outcome === 'open' && !ours.has(addressKey(one.address)),
  );
  return other === undefined ? null : `open at ${other.address}`;
}

/** The rows about the address that the lead is about, else the first that fails here, else the first. */
export function aboutOne({ sights = [], causes, target }: Report): Sight[] {
  const address =
    causes[0]?.address ??
    target.addresses.find(({ outcome }) => outcome !== 'open' && outcome !== 'not-tried')?.address ??
    sights[0]?.address ??
    null;
  const about = sights.filter((one) => address !== null && addressKey(one.address) === addressKey(address));
  return about.length > 0 ? about : sights.filter((one) => one.address === sights[0]?.address);
}

const GAPS: Record<ViewGap, string> = {
  errno: 'how a connection failed',
  time: 'how long it took',
  sender: 'who sent an error',
  sweep: 'where packets end on the way',
  name: 'what the name leads to there',
  route: 'the route there',
};

const GIVEN: Record<Given, string> = {
  name: 'the name',
  address: "the target's addresses",
  port: 'the port',
  reference: 'a second port',
  control: 'the reference host',
};

const GIVEN_KINDS = Object.keys(GIVEN).length;

/** Under the table: places that failed, what others could not tell, and what was handed to whom. */
export function sightNotes(report: Report): string[] {
  const places = vantagesOf(report);
  const notes = places
    .filter(({ ok }) => !ok)
    .map(
      ({ by, reason }) =>
        `${by ?? 'A place'} counts for nothing: ${reason ?? 'it could not be looked from there'}.`,
    );
  for (const { by, ok, tool, notChecked = [] } of places)
    if (ok && notChecked.length > 0)
      notes.push(
        `${by ?? 'A place'} connects with ${tool ?? 'what it has'}, which does not tell ${listed(notChecked.map((one) => GAPS[one]))}.`,
      );
  for (const to of ['own-machine', 'public-service'] as const) {
    const told = places.filter(({ given }) => given?.to === to && given.what.length > 0);
    if (told.length === 0) continue;
    const what = [...new Set(told.flatMap(({ given }) => given?.what ?? []))].map((one) => GIVEN[one]);
    const whom = [...new Set(told.map(({ given, by, name }) => given?.at ?? by ?? name))];
    notes.push(
      to === 'own-machine'
        ? `Handed over: ${listed(what, GIVEN_KINDS)}, to ${listed(whom)}; the target saw connections from there.`
        : `Left the house: ${listed(what, GIVEN_KINDS)}, to ${listed(whom)}, which may keep and show it; the target saw connections from its probes.`,
    );
  }
  return notes;
}
