import { describe, expect, it } from 'vitest';
import type { Report } from '../../src/model/report.ts';
import type { Seen, Sight, View } from '../../src/model/views.ts';
import { render } from '../../src/report/index.ts';
import { railsOf } from '../../src/report/picture/rails.ts';
import { railLines } from '../../src/report/picture/rails-text.ts';
import { elsewhereLine, sightNotes, sightTable } from '../../src/report/sight-words.ts';
import { routerDrop } from './samples.ts';

const ADDRESS = routerDrop.target.addresses[0]!.address;
const { port } = routerDrop.target;

const seen = (outcome: Seen['outcome'], more: Partial<Seen> = {}): Seen => ({
  port,
  outcome,
  code: null,
  elapsedMs: 12,
  sender: null,
  ...more,
});
const sight = (view: string, target: Seen['outcome'], more: Partial<Sight> = {}): Sight => ({
  view,
  address: ADDRESS,
  target: seen(target),
  reference: seen('open', { port: 22 }),
  control: null,
  boundary: target === 'timeout' ? { hop: 2, address: '198.51.100.2' } : null,
  routers: [],
  names: null,
  isInside: false,
  proves: true,
  ...more,
});
const view = (name: string, more: Partial<View> = {}): View => ({
  name,
  kind: 'vantage',
  by: `ssh:${name}.example.net`,
  ok: true,
  reason: null,
  clockOffsetMs: null,
  privileges: 'user',
  given: { what: ['address', 'port', 'reference'], to: 'own-machine' },
  ...more,
});
const report = (sights: Sight[], views: View[]): Report => ({ ...routerDrop, sights, views });

/** Two reach it, two and this machine do not; one place has lost its network, one could not be reached. */
const mixed = report(
  [
    sight('here', 'timeout'),
    sight('a', 'open'),
    sight('b', 'open'),
    sight('c', 'timeout'),
    sight('d', 'refused', { target: seen('refused', { sender: ADDRESS }) }),
    sight('e', 'timeout', { reference: seen('timeout'), boundary: null, proves: false }),
  ],
  [
    ...['a', 'b', 'c', 'd'].map((name) => view(name)),
    view('e', { tool: 'busybox nc', notChecked: ['sender', 'sweep'] }),
    view('f', { ok: false, reason: 'ssh could not log in (exit code 255)' }),
  ],
);

describe('what other places see, in words', () => {
  it('is one line on the first screen', () => {
    expect(elsewhereLine(mixed)).toBe(
      'open from ssh:a.example.net and ssh:b.example.net; no answer from ssh:c.example.net; refused from ssh:d.example.net; nothing is reached from ssh:e.example.net; could not look from ssh:f.example.net',
    );
    expect(elsewhereLine(routerDrop)).toBeNull();
  });

  it('does not call a place lost from which routers answer, though nothing there proves anything', () => {
    const uncompared = sight('a', 'timeout', { reference: null, proves: false });
    const told = report([sight('here', 'timeout'), uncompared], [view('a')]);
    expect(elsewhereLine(told)).toBe('no answer (no comparison answers) from ssh:a.example.net');
    expect(sightTable(told)?.rows[1]?.at(-1)).toBe('proves nothing: no comparison answers');
    expect(railsOf(told)?.groups.at(-1)?.gate).toBe('no answer (no comparison answers)');
  });

  it('is a table with a row a place, this machine first', () => {
    expect(sightTable(mixed)).toEqual({
      head: ['From', `TCP ${port}`, 'TCP 22', 'Ends after', ''],
      rows: [
        ['this machine', 'no answer', 'open (12 ms)', '198.51.100.2 (hop 2)', ''],
        ['ssh:a.example.net', 'open (12 ms)', 'open (12 ms)', '', ''],
        ['ssh:b.example.net', 'open (12 ms)', 'open (12 ms)', '', ''],
        ['ssh:c.example.net', 'no answer', 'open (12 ms)', '198.51.100.2 (hop 2)', ''],
        ['ssh:d.example.net', `refused by ${ADDRESS}`, 'open (12 ms)', '', ''],
        ['ssh:e.example.net', 'no answer', 'no answer', '', 'proves nothing: it reaches nothing'],
      ],
    });
  });

  it('says which address, and what the name leads to, where they differ', () => {
    const other = '203.0.113.99';
    const table = sightTable(
      report(
        [
          sight('here', 'timeout', { names: [ADDRESS] }),
          sight('a', 'open', { address: other, names: [other] }),
        ],
        [view('a')],
      ),
    );
    expect(table?.head).toEqual(['From', 'To', `TCP ${port}`, 'TCP 22', 'Ends after', 'Name leads to']);
    expect(table?.rows[1]).toEqual(['ssh:a.example.net', other, 'open (12 ms)', 'open (12 ms)', '', other]);
  });

  it('tells what failed, what could not be told, and what was handed to whom', () => {
    const notes = sightNotes(mixed);
    expect(notes[0]).toBe('ssh:f.example.net counts for nothing: ssh could not log in (exit code 255).');
    expect(notes[1]).toBe(
      'ssh:e.example.net connects with busybox nc, which does not tell who sent an error and where packets end on the way.',
    );
    expect(notes[2]).toContain("Handed over: the target's addresses, the port and a second port, to ");
  });

  it('names a public service as what it is', () => {
    const given = { what: ['name', 'port'], to: 'public-service', at: 'api.globalping.io' } as const;
    const one = view('a', {
      by: 'globalping:DE',
      place: 'Falkenstein, DE',
      given: { ...given, what: [...given.what] },
    });
    const told = report([sight('here', 'timeout'), sight('a', 'open')], [one]);
    expect(sightNotes(told)).toEqual([
      'Left the house: the name and the port, to api.globalping.io, which may keep and show it; the target saw connections from its probes.',
    ]);
    expect(elsewhereLine(told)).toBe('open from globalping:DE (Falkenstein, DE)');
  });
});

describe('the rails', () => {
  it('meet where they share a fate; identical breaks are one gate with a count', () => {
    expect(railsOf(mixed)?.groups).toEqual([
      { kind: 'open', gate: null, places: ['ssh:a.example.net', 'ssh:b.example.net'] },
      { kind: 'refused', gate: `refused by ${ADDRESS}`, places: ['ssh:d.example.net'] },
      { kind: 'ends', gate: 'no answer after 198.51.100.2', places: ['this machine', 'ssh:c.example.net'] },
      { kind: 'nothing', gate: 'reaches nothing at all', places: ['ssh:e.example.net'] },
    ]);
    expect(railsOf(routerDrop)).toBeNull();
  });

  it('are lines that fit, in both character sets', () => {
    const rails = railsOf(mixed)!;
    expect(railLines(rails, { unicode: true, width: 76 })).toEqual([
      `ssh:a.example.net ──┬─► TCP ${port} of ${ADDRESS}`,
      'ssh:b.example.net ──┘',
      `ssh:d.example.net ────◄ refused by ${ADDRESS}`,
      'this machine      ──┬─╳ 2× no answer after 198.51.100.2',
      'ssh:c.example.net ──┘',
      'ssh:e.example.net ────╳ reaches nothing at all',
    ]);
    for (const width of [30, 40, 76])
      for (const line of railLines(rails, { unicode: false, width })) {
        expect(line).toMatch(/^[\x20-\x7e]*$/);
        expect(line.length).toBeLessThanOrEqual(width);
      }
  });

  it('stand in every report', async () => {
    for (const format of ['terminal', 'text', 'markdown', 'html'] as const) {
      const text = await render(format, mixed, { verbose: true, color: false, unicode: true, width: 100 });
      expect(text).toContain('Seen from elsewhere');
      expect(text).toContain('198.51.100.2');
      expect(text).toMatch(/2 ?×/);
    }
    expect(JSON.parse(await render('json', mixed)).sights).toHaveLength(6);
  });

  it('hold names of strangers that are no markup', async () => {
    const hostile = view('a', { by: 'ssh:x', place: '<script>alert(1)</script>\u001b[31m' });
    const text = await render('html', report([sight('here', 'timeout'), sight('a', 'open')], [hostile]));
    expect(text).not.toContain('<script>');
    expect(text).not.toContain('\u001b');
  });
});
