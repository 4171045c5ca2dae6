import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  afterLook,
  MOST_INCIDENTS,
  MOST_RECENT,
  mayDiagnose,
  NOTHING_SEEN,
} from '../../../src/command/watch/incidents.ts';
import { watchOver } from '../../../src/command/watch/watch.ts';
import { LOOK_KINDS, type Look, type LookKind } from '../../../src/model/look.ts';
import type { Report } from '../../../src/model/report.ts';
import type { WatchEvent, WatchState } from '../../../src/model/watch.ts';
import { watchScreen, watchSummary } from '../../../src/report/watch-screen.ts';
import { SAMPLES } from '../../report/samples.ts';
import { virtualClock } from '../../virtual-clock.ts';

const START = Date.UTC(2026, 10, 27, 12);
const look = (kind: LookKind, second = 0, ms: number | null = kind === 'open' ? 12 : null): Look => ({
  at: new Date(START + second * 1000).toISOString(),
  kind,
  code: null,
  address: '192.0.2.7',
  ms,
});

/** Every look, a second apart. */
function seen(kinds: readonly LookKind[]): { state: WatchState; events: WatchEvent[] } {
  let state = NOTHING_SEEN;
  const events: WatchEvent[] = [];
  kinds.forEach((kind, second) => {
    const next = afterLook(state, look(kind, second));
    state = next.state;
    events.push(...next.events);
  });
  return { state, events };
}
const kinds = (...words: string[]) => words.join(' ').split(' ') as LookKind[];

describe('incidents', () => {
  it('have what was before, an onset, a worst look and a recovery', () => {
    const { state, events } = seen(kinds('open open refused refused silent refused open open'));
    expect(events.map(({ kind }) => kind)).toEqual(['onset', 'changed', 'recovered']);
    expect(state.incidents).toEqual([
      {
        n: 1,
        before: { last: look('open', 1), since: look('open').at, looks: 2, fastestMs: 12, slowestMs: 12 },
        onset: look('refused', 2),
        verdict: null,
        worst: look('silent', 4),
        kinds: ['refused', 'silent'],
        failed: 4,
        recovered: look('open', 6),
      },
    ]);
    expect(state).toMatchObject({ mode: 'up', downMs: 4000, looks: 8, opened: 4 });
  });

  it('one look that fails is none', () => {
    const { state, events } = seen(kinds('open silent open'));
    expect(events).toEqual([{ kind: 'blip', look: look('silent', 1), next: look('open', 2) }]);
    expect(state).toMatchObject({ incidentCount: 0, blips: 1, mode: 'up' });
  });

  it('what was down at the start has nothing before it', () => {
    expect(seen(kinds('refused refused')).state.incidents[0]).toMatchObject({ before: null, failed: 2 });
  });

  it('a look that this machine could not make changes nothing', () => {
    const { state, events } = seen(kinds('open refused unknown unknown refused unknown open'));
    expect(events.map(({ kind }) => kind)).toEqual(['onset', 'recovered']);
    expect(state).toMatchObject({ unknown: 3, looks: 7, opened: 2 });
    expect(state.recent).toEqual([12, null, null, 12]);
  });

  it('whatever is seen: onsets and recoveries take turns, and the counts agree', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...LOOK_KINDS), { maxLength: 200 }), (list) => {
        const { state, events } = seen(list);
        const turns = events
          .map(({ kind }) => kind)
          .filter((kind) => kind === 'onset' || kind === 'recovered');
        expect(turns.every((kind, index) => kind === (index % 2 === 0 ? 'onset' : 'recovered'))).toBe(true);
        expect(state.incidentCount).toBe(turns.filter((kind) => kind === 'onset').length);
        expect(state.mode === 'down').toBe(turns.at(-1) === 'onset');
        expect(state.opened + state.unknown).toBeLessThanOrEqual(state.looks);
      }),
    );
  });

  it('what is kept does not grow', () => {
    const day = kinds('open open refused refused');
    const sizeAfter = (days: number) =>
      JSON.stringify(seen(Array.from({ length: days * 400 }, (_, n) => day[n % 4] ?? 'open')).state).length;
    const { state } = seen(Array.from({ length: 4000 }, (_, n) => day[n % 4] ?? 'open'));
    expect([state.incidents.length, state.recent.length]).toEqual([MOST_INCIDENTS, MOST_RECENT]);
    // A few digits more.
    expect(sizeAfter(20) - sizeAfter(2)).toBeLessThan(100);
  });
});

describe('manners', () => {
  const MINUTE = 60_000;
  it('the first onset is diagnosed, then after 1, 2, 4, 8 and 15 minutes, until an hour is quiet', () => {
    const at: number[] = [];
    for (let now = 0; now < 60 * MINUTE; now += 10_000) if (mayDiagnose(at, now)) at.push(now);
    expect(at.map((now) => now / MINUTE)).toEqual([0, 1, 3, 7, 15, 30, 45]);
    expect(mayDiagnose(at, 46 * MINUTE)).toBe(false);
    expect(mayDiagnose(at, 106 * MINUTE)).toBe(true);
  });

  /** A watch in virtual time; `at` says what a look at that second brings. */
  async function watching(given: {
    at(second: number): LookKind;
    forMs: number;
    everyMs?: number;
    reports?: Report[];
    first?: Report;
  }) {
    const clock = virtualClock();
    const said: string[] = [];
    const looks: number[] = [];
    let diagnoses = 0;
    const reports = given.reports ?? [SAMPLES.healthy as Report];
    const watched = await watchOver({
      look: async () => {
        const second = clock.elapsed() / 1000;
        looks.push(second);
        return look(given.at(second), second);
      },
      everyMs: given.everyMs ?? 10_000,
      forMs: given.forMs,
      clock,
      signal: new AbortController().signal,
      first: given.first ?? null,
      diagnose: async () => {
        await clock.sleep(3000);
        return reports[Math.min(diagnoses++, reports.length - 1)] as Report;
      },
      onState: async () => {},
      onFirst: async () => void said.push('first'),
      onEvent: async ({ kind }) => void said.push(kind),
      onDiagnosed: async (_, report, comparison) =>
        void said.push(
          report === null ? 'not diagnosed' : `diagnosed, ${comparison?.changes.length ?? 'no'} changes`,
        ),
      isForsaken: () => false,
    });
    return { ...watched, said, looks, diagnoses };
  }

  it('one look an interval and no diagnosis but the first while all is well', async () => {
    const { looks, diagnoses, said } = await watching({ at: () => 'open', forMs: 63_000 });
    expect(looks).toEqual([3, 13, 23, 33, 43, 53]);
    expect({ diagnoses, said }).toEqual({ diagnoses: 1, said: ['first'] });
  });

  it('a run that was just made is not made again', async () => {
    const { diagnoses } = await watching({
      at: () => 'open',
      forMs: 20_000,
      first: SAMPLES.healthy as Report,
    });
    expect(diagnoses).toBe(0);
  });

  it('a failed look is repeated after a second; the onset is diagnosed and compared', async () => {
    const { looks, said, comparison, state } = await watching({
      at: (second) => (second > 20 && second < 60 ? 'silent' : 'open'),
      forMs: 80_000,
      reports: [SAMPLES.healthy as Report, SAMPLES['router-drops-the-port'] as Report],
    });
    expect(looks.slice(0, 5)).toEqual([3, 13, 23, 24, 34]);
    expect(said).toEqual([
      'first',
      'onset',
      expect.stringMatching(/^diagnosed, [1-9]\d* changes$/),
      'recovered',
    ]);
    expect(state.incidents[0]?.verdict).toMatchObject({ outcome: 'unreachable' });
    expect(comparison?.after.outcome).toBe('unreachable');
  });

  it('what is down at the start is not diagnosed twice', async () => {
    const { diagnoses, said } = await watching({ at: () => 'refused', forMs: 60_000 });
    expect({ diagnoses, said }).toEqual({ diagnoses: 1, said: ['first', 'onset', 'diagnosed, no changes'] });
  });

  it('an hour of coming and going is diagnosed a handful of times, and an outage that stays is, later', async () => {
    const flapping = await watching({
      at: (second) => (second % 60 < 30 ? 'open' : 'refused'),
      forMs: 3_600_000,
    });
    expect(flapping.state.incidentCount).toBeGreaterThan(50);
    expect(flapping.diagnoses).toBeLessThanOrEqual(8);
    const staying = await watching({
      at: (second) => (second < 20 || (second > 60 && second < 70) ? 'open' : 'refused'),
      forMs: 600_000,
    });
    expect(staying.said.filter((one) => /diagnosed/.test(one))).toEqual([
      expect.stringMatching(/^diagnosed/),
      'not diagnosed',
      expect.stringMatching(/^diagnosed/),
    ]);
  });

  it('ten looks a second would be no more than asked for: a day is as many looks as there are intervals', async () => {
    const { looks } = await watching({ at: () => 'open', forMs: 86_400_000, everyMs: 60_000 });
    expect(looks.length).toBe(1440);
  });
});

describe('the screen', () => {
  const kindsOfDay = kinds('open open open refused refused refused open open silent open silent silent');
  const { state } = seen(kindsOfDay);
  const view = {
    target: 'db.example.com:5432',
    everyMs: 10_000,
    watchedMs: 123_000,
    state,
    verdict: [
      '  db.example.com:5432 cannot be reached: no answer.',
      '  Very likely (99 %): A firewall on the way silently drops TCP 5432, after hop 2 (198.51.100.1).',
    ],
    diagnosing: false,
    rows: 24,
    timeZone: 'UTC',
  };

  it.each([60, 80, 120])('of %i columns', (width) => {
    const lines = watchScreen(view, { color: false, unicode: true, width, verbose: false });
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(width);
    expect(lines.join('\n')).toMatchSnapshot();
  });

  it('without Unicode', () => {
    const lines = watchScreen(view, { color: false, unicode: false, width: 80, verbose: false }).join('\n');
    expect(lines).toMatch(/^[\n\x20-\x7e]*$/);
    expect(lines).toMatchSnapshot();
  });

  it.each([24, 12, 6])('never has more than %i rows, whatever happened', (rows) => {
    const many = seen(Array.from({ length: 400 }, (_, n) => (n % 4 < 2 ? 'open' : 'refused'))).state;
    const lines = watchScreen(
      { ...view, state: many, rows },
      { color: true, unicode: true, width: 80, verbose: false },
    );
    expect(lines.length).toBeLessThan(Math.max(rows, 10));
  });

  it('before the first look, and at the end', () => {
    const plain = { color: false, unicode: true, width: 80, verbose: false };
    expect(
      watchScreen({ ...view, state: NOTHING_SEEN, verdict: [], diagnosing: true }, plain).join('\n'),
    ).toMatchSnapshot();
    expect(watchSummary(view, plain)).toMatchSnapshot();
  });
});
