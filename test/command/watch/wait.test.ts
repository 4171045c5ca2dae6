import { describe, expect, it } from 'vitest';
import { parseArgv } from '../../../src/command/flags.ts';
import type { Goal } from '../../../src/command/watch/options.ts';
import { isMet, waitUntil } from '../../../src/command/watch/wait.ts';
import type { Look, LookKind } from '../../../src/model/look.ts';
import { virtualClock } from '../../virtual-clock.ts';

const look = (kind: LookKind, more: Partial<Look> = {}): Look => ({
  at: '2026-11-27T12:00:00.000Z',
  kind,
  code: null,
  address: '192.0.2.7',
  ms: null,
  ...more,
});

/** Waits in a world that looks like this, one after another; the last one stays. */
async function waiting(kinds: LookKind[], given: { goal?: Goal; forMs?: number; takesMs?: number } = {}) {
  const clock = virtualClock();
  const said: string[] = [];
  let index = 0;
  const begun: number[] = [];
  const waited = await waitUntil(
    async () => {
      begun.push(clock.elapsed());
      await clock.sleep(given.takesMs ?? 0);
      const kind = kinds[Math.min(index++, kinds.length - 1)] ?? 'unknown';
      return look(kind);
    },
    {
      goal: given.goal ?? 'reachable',
      forMs: given.forMs ?? 60_000,
      everyMs: 1000,
      clock,
      signal: new AbortController().signal,
      onChange: ({ kind }) => said.push(kind),
    },
  );
  return { ...waited, said, begun };
}

describe('waiting', () => {
  it('ends at the first look that is right, and says a line where the cause changes', async () => {
    expect(await waiting(['name', 'name', 'refused', 'refused', 'open'])).toMatchObject({
      ended: 'met',
      looks: 5,
      waitedMs: 4000,
      said: ['name', 'refused', 'open'],
    });
  });

  it('is over at the deadline, and no look begins after it', async () => {
    const { ended, looks, begun } = await waiting(['refused'], { forMs: 3000 });
    expect({ ended, looks, begun }).toEqual({ ended: 'too-late', looks: 3, begun: [0, 1000, 2000] });
  });

  it('keeps its beat where looks take long, and never looks twice at once', async () => {
    const { begun } = await waiting(['silent'], { forMs: 10_000, takesMs: 2500 });
    expect(begun).toEqual([0, 2500, 5000, 7500]);
    expect((await waiting(['refused'], { forMs: 3000, takesMs: 400 })).begun).toEqual([0, 1000, 2000]);
  });

  it.each([
    ['reachable', 'open', null, true],
    ['reachable', 'refused', null, false],
    ['reachable', 'unknown', null, false],
    ['unreachable', 'open', null, false],
    ['unreachable', 'refused', 'open', true],
    ['unreachable', 'name', 'open', true],
    ['unreachable', 'not-sent', 'open', true],
    ['unreachable', 'silent', 'open', false],
    ['unreachable', 'silent', null, false],
    ['unreachable', 'silent', 'silent', true],
    ['unreachable', 'silent', 'unknown', false],
    ['unreachable', 'unknown', 'unknown', false],
  ] as [Goal, LookKind, LookKind | null, boolean][])('for %s, %s after %s: %s', (goal, now, before, met) => {
    expect(isMet(goal, look(now), before === null ? null : look(before))).toBe(met);
  });
});

describe('the command line', () => {
  const job = (...argv: string[]) => {
    const invocation = parseArgv(argv, '0.1.0');
    if (invocation.kind === 'bad') return invocation.error;
    return invocation.kind === 'until' ? invocation.job : invocation.kind;
  };

  it('a minute and a second where nothing is said', () => {
    expect(job('--wait-until', 'reachable', 'db.example.com:5432')).toMatchObject({
      kind: 'wait',
      goal: 'reachable',
      forMs: 60_000,
      everyMs: 1000,
      command: null,
    });
  });

  it('all after -- is the command, with every flag that is in it', () => {
    const argv =
      '--for 2m --every 5s --wait-until=unreachable db.example.com:5432 -- sh -c true --json --'.split(' ');
    expect(job(...argv)).toMatchObject({
      goal: 'unreachable',
      forMs: 120_000,
      everyMs: 5000,
      command: ['sh', '-c', 'true', '--json', '--'],
    });
  });

  it('-- without something to wait for ends the flags, as ever', () => {
    expect(job('--', 'db.example.com:5432')).toBe('diagnose');
    expect(job('--', 'db.example.com:5432', '--wait-until')).toContain('cannot begin with "-"');
  });

  it.each([
    ['--wait-until'],
    ['--wait-until reachabel db.example.com:5432'],
    ['--wait-until reachable'],
    ['--wait-until reachable db.example.com:5432 --'],
    ['--wait-until reachable db.example.com:5432 other.example.com:5432'],
    ['--wait-until reachable db.example.com:5432 --json -- true'],
    ['--wait-until reachable db.example.com:5432 --for 0s'],
    ['--wait-until reachable db.example.com:5432 --for 25h'],
    ['--wait-until reachable db.example.com:5432 --every 0.2s'],
    ['--wait-until reachable db.example.com:5432 --watch'],
    ['--wait-until reachable db.example.com:5432 --compare old.json'],
    ['--wait-until reachable db.example.com:5432 --replay run.json'],
    ['--every 2s db.example.com:5432'],
    ['--watch 1 db.example.com:5432'],
    ['--watch 10 --every 20s db.example.com:5432'],
    ['--watch'],
    ['--watch soon'],
    ['--compare'],
    ['--compare a.json b.json c.json'],
    ['--compare -'],
    ['--compare a.json b.json --diagnose db.example.com:5432'],
  ])('%s is one sentence', (line) => {
    const said = job(...line.split(' '));
    expect(said).toEqual(expect.stringMatching(/^\S.*\.$/));
    expect(said).not.toContain('\n');
  });

  it('the value of --watch may be left out before a target', () => {
    expect(job('--watch', 'db.example.com:5432')).toMatchObject({
      kind: 'watch',
      everyMs: 10_000,
      forMs: null,
    });
    expect(job('--watch', '192.0.2.7:5432')).toMatchObject({ target: { host: '192.0.2.7' } });
    expect(job('db.example.com:5432', '--watch')).toMatchObject({ target: { host: 'db.example.com' } });
    expect(job('--watch', '30', 'db.example.com:5432', '--for', '8h')).toMatchObject({
      everyMs: 30_000,
      forMs: 8 * 3_600_000,
    });
    expect(job('--watch', '1', 'localhost:5432')).toMatchObject({ everyMs: 1000 });
  });
});
