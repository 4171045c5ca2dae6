import type { Look, LookKind } from '../../model/look.ts';
import type { Before, Incident, Verdict, WatchEvent, WatchState } from '../../model/watch.ts';

/** What is kept does not grow with the time that is watched. */
export const MOST_RECENT = 240;
export const MOST_INCIDENTS = 20;

export const NOTHING_SEEN: WatchState = {
  mode: 'new',
  doubt: null,
  last: null,
  stretch: null,
  recent: [],
  incidents: [],
  incidentCount: 0,
  looks: 0,
  opened: 0,
  unknown: 0,
  blips: 0,
  downMs: 0,
};

/** From working to farthest from it. */
const WORSE: LookKind[] = [
  'unknown',
  'open',
  'refused',
  'unreachable',
  'silent',
  'not-sent',
  'name-late',
  'name',
];

/**
 * One more look. Pure. One look that fails is looked at again before it is an incident: one lost packet is none. A look
 * that this machine could not make changes nothing.
 */
export function afterLook(state: WatchState, look: Look): { state: WatchState; events: WatchEvent[] } {
  const seen: WatchState = {
    ...state,
    looks: state.looks + 1,
    last: look,
    recent:
      look.kind === 'unknown'
        ? state.recent
        : [...state.recent, look.kind === 'open' ? (look.ms ?? 0) : null].slice(-MOST_RECENT),
  };
  if (look.kind === 'unknown') return { state: { ...seen, unknown: seen.unknown + 1 }, events: [] };
  return look.kind === 'open' ? opened(seen, look) : failed(seen, look);
}

function opened(state: WatchState, look: Look): { state: WatchState; events: WatchEvent[] } {
  const counted = { ...state, opened: state.opened + 1, mode: 'up' as const, doubt: null };
  if (state.mode === 'unsure') {
    const events: WatchEvent[] =
      state.doubt === null ? [] : [{ kind: 'blip', look: state.doubt, next: look }];
    return {
      state: { ...counted, blips: state.blips + events.length, stretch: longer(state.stretch, look) },
      events,
    };
  }
  const open = state.incidents.at(-1);
  if (state.mode !== 'down' || open === undefined)
    return { state: { ...counted, stretch: longer(state.stretch, look) }, events: [] };
  const incident: Incident = { ...open, recovered: look };
  const downMs = Math.max(0, Date.parse(look.at) - Date.parse(open.onset.at));
  return {
    state: {
      ...counted,
      incidents: [...state.incidents.slice(0, -1), incident],
      downMs: state.downMs + downMs,
      stretch: longer(null, look),
    },
    events: [{ kind: 'recovered', incident, downMs }],
  };
}

function longer(stretch: Before | null, look: Look): Before {
  const times = [look.ms, stretch?.fastestMs ?? null, stretch?.slowestMs ?? null].filter((ms) => ms !== null);
  return {
    last: look,
    since: stretch?.since ?? look.at,
    looks: (stretch?.looks ?? 0) + 1,
    fastestMs: times.length === 0 ? null : Math.min(...times),
    slowestMs: times.length === 0 ? null : Math.max(...times),
  };
}

function failed(state: WatchState, look: Look): { state: WatchState; events: WatchEvent[] } {
  if (state.mode === 'up' || state.mode === 'new')
    return { state: { ...state, mode: 'unsure', doubt: look }, events: [] };
  if (state.mode === 'unsure') return onset(state, look);
  const open = state.incidents.at(-1);
  if (open === undefined) return { state, events: [] };
  const incident = withFailure(open, look);
  const events: WatchEvent[] =
    incident.kinds.length > open.kinds.length ? [{ kind: 'changed', n: open.n, look }] : [];
  return { state: { ...state, incidents: [...state.incidents.slice(0, -1), incident] }, events };
}

function onset(state: WatchState, look: Look): { state: WatchState; events: WatchEvent[] } {
  const first = state.doubt ?? look;
  const n = state.incidentCount + 1;
  const fresh: Incident = {
    n,
    before: state.stretch,
    onset: first,
    verdict: null,
    worst: first,
    kinds: [first.kind],
    failed: 1,
    recovered: null,
  };
  const incident = withFailure(fresh, look);
  return {
    state: {
      ...state,
      mode: 'down',
      doubt: null,
      stretch: null,
      incidentCount: n,
      incidents: [...state.incidents, incident].slice(-MOST_INCIDENTS),
    },
    events: [{ kind: 'onset', incident }],
  };
}

function withFailure(incident: Incident, look: Look): Incident {
  const isWorse = WORSE.indexOf(look.kind) > WORSE.indexOf(incident.worst.kind);
  return {
    ...incident,
    worst: isWorse ? look : incident.worst,
    kinds: incident.kinds.includes(look.kind) ? incident.kinds : [...incident.kinds, look.kind],
    failed: incident.failed + 1,
  };
}

/** The verdict of the incident that is open, or was the last. */
export function withVerdict(state: WatchState, n: number, verdict: Verdict): WatchState {
  return {
    ...state,
    incidents: state.incidents.map((incident) => (incident.n === n ? { ...incident, verdict } : incident)),
  };
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const LONGEST_REST_MS = 15 * MINUTE_MS;

/**
 * Whether an onset may be diagnosed as a whole: what comes and goes costs its host a whole diagnosis at growing
 * distances, 1, 2, 4, 8 and then every 15 minutes, until it is quiet for an hour. Times in ms of one clock.
 */
export function mayDiagnose(earlier: readonly number[], now: number): boolean {
  const lately = earlier.filter((at) => now - at < HOUR_MS);
  const last = lately.at(-1);
  if (last === undefined) return true;
  return now - last >= Math.min(LONGEST_REST_MS, MINUTE_MS * 2 ** (lately.length - 1));
}
