import type { Look } from '../model/look.ts';
import type { Incident, WatchState } from '../model/watch.ts';
import { clockTime, lookWords, span } from './look-words.ts';
import { pageOf, type TerminalOptions } from './page.ts';
import { safe } from './sanitize.ts';
import { counted, duration } from './units.ts';
import { cutTo } from './width.ts';

export interface WatchView {
  target: string;
  everyMs: number;
  /** Since the watch began. */
  watchedMs: number;
  state: WatchState;
  /** Outcome and cause of the last diagnosis, as `verdict` says them; empty = there was none. */
  verdict: readonly string[];
  /** A diagnosis is at work. */
  diagnosing: boolean;
  rows: number;
  timeZone?: string | undefined;
}

const BARS = { fancy: '▁▂▃▄▅▆▇█', simple: '_.-:=+*#' };

/** One screen: now, the last connect times, the last verdict, the last incidents. No line is as long as the terminal. */
export function watchScreen(view: WatchView, options: TerminalOptions): string[] {
  const page = pageOf(options);
  const width = Math.max(20, options.width - 1);
  const cut = (text: string): string => cutTo(page.plain(text), width, page.sign('…', '...'));
  const { state } = view;
  const head = [
    page.paint('bold', cut(`${safe(view.target)}, every ${span(view.everyMs)}, for ${span(view.watchedMs)}`)),
    ...nowLine(view, page, width),
    ...sparkline(state.recent, page, width),
    cut(`  ${totals(state)}`),
  ];
  const verdict = view.diagnosing
    ? [cut('  Diagnosing ...')]
    : state.mode === 'down' || state.mode === 'new'
      ? view.verdict.map(cut)
      : [];
  const foot = ['', page.paint('dim', cut('Ctrl-C ends it.'))];
  const room = Math.max(0, view.rows - 1 - head.length - verdict.length - foot.length - 2);
  const incidents = [...state.incidents].reverse().flatMap((one) => incidentLines(one, view.timeZone));
  const shown = incidents.slice(0, room).map(cut);
  return [...head, ...verdict, ...(shown.length === 0 ? [] : ['', ...shown]), ...foot];
}

type Paper = ReturnType<typeof pageOf>;

function nowLine({ state }: WatchView, page: Paper, width: number): string[] {
  const { last, mode } = state;
  if (last === null) return ['  Looking ...'];
  const isUp = last.kind === 'open';
  const sign = isUp ? page.sign('✓', '+') : last.kind === 'unknown' ? '?' : page.sign('✗', 'x');
  const words = mode === 'unsure' ? `${lookWords(last)}; looking again` : lookWords(last);
  const text = cutTo(page.plain(words), width - 2, page.sign('…', '...'));
  return [`${page.paint(isUp ? 'green' : 'red', sign)} ${text}`];
}

/** The newest right; the height between the fastest and the slowest that are shown. */
export function sparkline(recent: WatchState['recent'], page: Paper, width: number): string[] {
  const shown = recent.slice(-Math.min(120, width - 2));
  const times = shown.filter((ms) => ms !== null);
  if (shown.length === 0) return [];
  const [least, most] = [Math.min(...times), Math.max(...times)];
  const bars = page.sign(BARS.fancy, BARS.simple);
  // Below a millisecond differences are those of this machine.
  const range = Math.max(1, most - least);
  const line = shown.map((ms) => {
    if (ms === null) return page.paint('red', page.sign('✗', 'x'));
    return bars[Math.min(bars.length - 1, Math.floor(((ms - least) / range) * bars.length))] ?? '';
  });
  const scale =
    times.length === 0 ? 'none opened' : `connecting took ${duration(least)} to ${duration(most)}`;
  return [`  ${line.join('')}`, page.paint('dim', cutTo(`  ${scale}`, width, page.sign('…', '...')))];
}

/** `120 looks, 3 failed, 1 of them alone; 2 incidents, 1 min 10 s in all`. */
export function totals(state: WatchState): string {
  const known = state.looks - state.unknown;
  const failures = known - state.opened;
  const parts = [
    counted(state.looks, 'look'),
    failures === 0 ? null : `${failures} failed`,
    state.blips === 0 ? null : `${state.blips} of them alone`,
    state.unknown === 0 ? null : `${state.unknown} could not be made`,
  ].filter((part) => part !== null);
  const incidents =
    state.incidentCount === 0
      ? 'no incident'
      : `${counted(state.incidentCount, 'incident')}${state.downMs > 0 ? `, ${span(state.downMs)} in all` : ''}`;
  return `${parts.join(', ')}; ${incidents}`;
}

/** One incident in two or three lines: when and how long, what was found, what was different. */
export function incidentLines(incident: Incident, timeZone?: string): string[] {
  const { n, onset, recovered, verdict, worst } = incident;
  const until = recovered === null ? 'and goes on' : `for ${span(between(onset, recovered))}`;
  const worse = worst.kind === onset.kind ? '' : `; at worst ${lookWords(worst)}`;
  return [
    `${n}. ${clockTime(onset.at, timeZone)} ${until}: ${lookWords(onset)}${worse}`,
    ...(verdict === null ? [] : [`   ${safe(verdict.headline)}`]),
  ];
}

const between = (one: Look, other: Look): number => Math.max(0, Date.parse(other.at) - Date.parse(one.at));

/** How long, how many looks, how many incidents: one sentence. */
export const watchedLine = ({
  target,
  watchedMs,
  state,
}: Pick<WatchView, 'target' | 'watchedMs' | 'state'>): string =>
  `${safe(target)} was watched for ${span(watchedMs)}: ${totals(state)}.`;

/** The last words of a watch, before what changed. */
export function watchSummary(
  { target, watchedMs, state, timeZone }: Pick<WatchView, 'target' | 'watchedMs' | 'state' | 'timeZone'>,
  options: TerminalOptions,
): string {
  const page = pageOf(options);
  page.say('', watchedLine({ target, watchedMs, state }), 'bold');
  const left = state.incidentCount - state.incidents.length;
  if (left > 0) page.say('  ', `The first ${left} are not kept; the last ${state.incidents.length}:`, 'dim');
  for (const incident of state.incidents)
    for (const line of incidentLines(incident, timeZone))
      page.say(line.startsWith(' ') ? '     ' : '  ', line.trim());
  return page.text();
}
