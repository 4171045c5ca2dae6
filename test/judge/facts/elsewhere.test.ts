import { describe, expect, it } from 'vitest';
import { readingsOf } from '../../../src/judge/readings/index.ts';
import { reportOf, viewsOf } from '../../../src/judge/report-of.ts';
import type { Evidence } from '../../../src/model/evidence.ts';
import type { Observation } from '../../../src/model/probes.ts';
import type { View } from '../../../src/model/views.ts';
import { attempt, connect, evidence, GATEWAY, HOST, observation, otherPorts, trace } from '../../evidence.ts';

const OTHER = '192.0.2.8';
const FAR = '198.51.100.1';

const view = (name: string, more: Partial<View> = {}): View => ({
  name,
  kind: 'vantage',
  by: `netns:${name}`,
  ok: true,
  reason: null,
  clockOffsetMs: null,
  privileges: 'user',
  ...more,
});
const at = (name: string, ...observations: Observation[]): Observation[] =>
  observations.map((one, i) => ({ ...one, id: `${name}-${i}`, view: name }));
const reference = (outcome: 'open' | 'timeout', address = HOST) =>
  connect(outcome, { role: 'reference-port', port: 22, address });
const opens = (name: string) => at(name, connect('open'), reference('open'));
const fails = (name: string) => at(name, connect('timeout'), reference('open'));
const onLink = observation('local-network', 'local-1', { address: HOST }, 'measured', {
  route: { kind: 'unicast', device: 'eth0', gateway: null, source: '192.0.2.9', onLink: true },
  neighbour: null,
  interfaces: [],
});
const named = (...addresses: string[]) =>
  observation('system-resolve', 'name-1', { host: 'db.example.com' }, 'resolved', {
    addresses: addresses.map((address) => ({ address, family: 4 as const })),
    code: null,
  });

/** This client's own observations, and what each place saw. */
function seen(here: Observation[], places: Record<string, Observation[]>, host = HOST): Evidence {
  return {
    ...evidence({ target: { host } }, ...here, ...Object.values(places).flat()),
    views: Object.keys(places).map((name) => view(name)),
  };
}
const factsOf = (one: Evidence) => viewsOf(one)[0]!.facts;
const SILENT = [connect('timeout'), otherPorts({ 22: 'open' })];

describe('what places together say', () => {
  it('nobody looked: nothing is known', () => {
    expect(factsOf(evidence({}, ...SILENT))).toMatchObject({
      'elsewhere.looked': null,
      'elsewhere.onlyHere': null,
      'elsewhere.bySource': null,
    });
  });

  it('only here, where everybody else reaches it', () => {
    expect(factsOf(seen(SILENT, { a: opens('a'), b: opens('b') }))).toMatchObject({
      'elsewhere.looked': 2,
      'elsewhere.open': 2,
      'elsewhere.failing': 0,
      'elsewhere.onlyHere': true,
      'elsewhere.everywhere': false,
      'elsewhere.bySource': 'suspected',
      'elsewhere.openFrom': 'netns:a, netns:b',
    });
  });

  it('everywhere, and whether in the same way', () => {
    const facts = factsOf(seen(SILENT, { a: fails('a') }));
    expect(facts).toMatchObject({
      'elsewhere.everywhere': true,
      'elsewhere.onlyHere': false,
      'elsewhere.sameAnswer': true,
      'elsewhere.bySource': 'no',
      'elsewhere.failsFrom': 'netns:a',
    });
    const refused = at('a', connect('refused'));
    expect(factsOf(seen(SILENT, { a: refused }))).toMatchObject({
      'elsewhere.everywhere': true,
      'elsewhere.sameAnswer': false,
    });
  });

  it('by source is shown by two against two, suspected below', () => {
    const three = { a: fails('a'), b: opens('b') };
    expect(factsOf(seen(SILENT, three))['elsewhere.bySource']).toBe('suspected');
    expect(factsOf(seen(SILENT, { ...three, c: opens('c') }))['elsewhere.bySource']).toBe('shown');
  });

  it('by source is not even suspected where all are open, or all fail', () => {
    const here = [connect('open'), otherPorts({ 22: 'open' })];
    expect(factsOf(seen(here, { a: opens('a'), b: opens('b') }))['elsewhere.bySource']).toBe('no');
    expect(factsOf(seen(SILENT, { a: fails('a'), b: fails('b') }))['elsewhere.bySource']).toBe('no');
  });

  it('open from here and not from elsewhere', () => {
    const here = [connect('open'), otherPorts({ 22: 'open' })];
    expect(factsOf(seen(here, { a: fails('a'), b: opens('b') }))).toMatchObject({
      'elsewhere.onlyElsewhere': true,
      'elsewhere.onlyHere': false,
      'elsewhere.bySource': 'suspected',
    });
  });
});

describe('a place that proves nothing', () => {
  const nothing = at('a', connect('timeout'), reference('timeout'));
  it('is one whose reference fails, too: it is no evidence that everybody fails', () => {
    expect(factsOf(seen(SILENT, { a: nothing }))).toMatchObject({
      'elsewhere.looked': 1,
      'elsewhere.provesNothing': 1,
      'elsewhere.failing': 0,
      'elsewhere.everywhere': null,
      'elsewhere.onlyHere': null,
    });
  });
  it('does not hide what others see', () => {
    expect(factsOf(seen(SILENT, { a: nothing, b: opens('b') }))['elsewhere.onlyHere']).toBe(true);
  });
  it('is one that has no way to the address, which a single attempt shows', () => {
    const noWay = connect('local-error', { attempts: [attempt('local-error', { code: 'ENETUNREACH' })] });
    expect(factsOf(seen(SILENT, { a: at('a', noWay, reference('open')) }))).toMatchObject({
      'elsewhere.provesNothing': 1,
      'elsewhere.everywhere': null,
    });
  });
  it('proves something where its reference host answers, or its port is accepted', () => {
    const control = connect('open', { role: 'reference-host', address: OTHER });
    const withControl = at('a', connect('timeout'), reference('timeout'), control);
    expect(factsOf(seen(SILENT, { a: withControl }))['elsewhere.everywhere']).toBe(true);
    const accepted = at('a', connect('open'), reference('timeout'));
    expect(factsOf(seen(SILENT, { a: accepted }))['elsewhere.onlyHere']).toBe(true);
  });
  it('or, with no reference at all, where its packets end after the same router as ours', () => {
    const here = [connect('timeout'), trace('target', [GATEWAY, FAR, '*', '*'])];
    const same = at('a', connect('timeout'), trace('target', ['10.9.9.1', FAR, '*', '*']));
    const own = at('a', connect('timeout'), trace('target', ['10.9.9.1', '*', '*']));
    expect(factsOf(seen(here, { a: same }))).toMatchObject({
      'elsewhere.everywhere': true,
      'elsewhere.sameBoundary': true,
    });
    expect(factsOf(seen(here, { a: own }))['elsewhere.provesNothing']).toBe(1);
  });
  it('nor where its packets never left it, for want of a route, whatever another host answers', () => {
    const routeless = connect('unreachable', {
      attempts: [attempt('unreachable', { code: 'ENETUNREACH', local: true })],
    });
    const control = connect('open', { role: 'reference-host', address: OTHER });
    expect(factsOf(seen(SILENT, { a: at('a', routeless, control) }))['elsewhere.provesNothing']).toBe(1);
  });
  it('a view that failed is no place at all', () => {
    const failed = { ...seen(SILENT, {}), views: [view('a', { ok: false, reason: 'it was stopped' })] };
    expect(factsOf(failed)).toEqual(factsOf(evidence({}, ...SILENT)));
  });
});

describe('where the ways part', () => {
  const here = [...SILENT, trace('target', [GATEWAY, FAR, '*', '*'])];
  const way = (name: string, ...hops: string[]) =>
    at(name, connect('open'), reference('open'), trace('reference', hops));
  it('an open way through our last router means that it is not that router alone', () => {
    const through = way('a', '10.9.9.1', FAR, 'syn-ack');
    expect(factsOf(seen(here, { a: through }))['elsewhere.passesOurStop']).toBe(true);
    const around = way('a', '10.9.9.1', '198.51.100.77', 'syn-ack');
    expect(factsOf(seen(here, { a: around }))['elsewhere.passesOurStop']).toBe(false);
  });
  it('one router on an open way is a way that was seen', () => {
    const one = (hop: string) =>
      factsOf(seen(here, { a: way('a', hop, 'syn-ack') }))['elsewhere.passesOurStop'];
    expect([one(FAR), one('10.9.9.1')]).toEqual([true, false]);
  });
  it('is not known where no way was seen', () => {
    expect(factsOf(seen(here, { a: opens('a') }))['elsewhere.passesOurStop']).toBeNull();
  });
  it('failing places end after the same router or after others', () => {
    const end = (...hops: string[]) => at('a', connect('timeout'), reference('open'), trace('target', hops));
    expect(factsOf(seen(here, { a: end('10.9.9.1', FAR, '*') }))['elsewhere.sameBoundary']).toBe(true);
    expect(factsOf(seen(here, { a: end('10.9.9.1', OTHER, '*') }))['elsewhere.sameBoundary']).toBe(false);
    expect(factsOf(seen(here, { a: fails('a') }))['elsewhere.sameBoundary']).toBeNull();
  });
  it('the same device refuses, or others do', () => {
    const told = (from: string) =>
      connect('unreachable', {
        attempts: [attempt('unreachable', { told: { from, icmpType: 3, icmpCode: 13 } })],
      });
    const refusing = [told(FAR), otherPorts({ 22: 'open' })];
    const same = { a: at('a', told(FAR), reference('open')) };
    const other = { a: at('a', told('10.9.9.1'), reference('open')) };
    expect(factsOf(seen(refusing, same))['elsewhere.sameSender']).toBe(true);
    expect(factsOf(seen(refusing, other))['elsewhere.sameSender']).toBe(false);
  });
});

describe('the perimeter', () => {
  it('inside it works, outside it fails', () => {
    const places = { in: [...opens('in'), ...at('in', onLink)], out: fails('out') };
    expect(factsOf(seen(SILENT, places))).toMatchObject({
      'elsewhere.perimeter': true,
      'elsewhere.insideFrom': 'netns:in',
      'elsewhere.outsideFailing': 1,
      // Who is inside does not tell by which source.
      'elsewhere.bySource': 'no',
    });
  });
  it('is none where somebody outside reaches it, or the inside fails', () => {
    const inside = [...opens('in'), ...at('in', onLink)];
    expect(factsOf(seen(SILENT, { in: inside, out: opens('out') }))['elsewhere.perimeter']).toBe(false);
    const broken = [...fails('in'), ...at('in', onLink)];
    expect(factsOf(seen(SILENT, { in: broken }))).toMatchObject({
      'elsewhere.perimeter': false,
      'elsewhere.insideFails': true,
      'elsewhere.insideFailsFrom': 'netns:in',
    });
    expect(factsOf(seen(SILENT, { in: inside }))['elsewhere.insideFails']).toBe(false);
    const refused = at('in', connect('refused'), onLink);
    expect(factsOf(seen(SILENT, { in: refused }))['elsewhere.insideFails']).toBe(false);
    expect(factsOf(seen(SILENT, { out: opens('out') }))['elsewhere.perimeter']).toBeNull();
  });
});

describe('names and addresses', () => {
  const two = (first: 'open' | 'timeout', second: 'open' | 'timeout') => [
    connect(first),
    connect(second, { address: OTHER, id: 'tcp-2' }),
  ];
  it('one address of the name fails for everybody, the other for nobody', () => {
    const here = [named(HOST, OTHER), ...two('timeout', 'open'), otherPorts({ 22: 'open' })];
    const dead = at('a', ...two('timeout', 'open'), reference('open'), reference('open', OTHER));
    const well = at('a', ...two('open', 'open'));
    expect(factsOf(seen(here, { a: dead }, 'db.example.com'))['elsewhere.someBackends']).toBe(true);
    expect(factsOf(seen(here, { a: well }, 'db.example.com'))['elsewhere.someBackends']).toBeNull();
    const notTried = at('a', connect('timeout'), reference('open'));
    expect(factsOf(seen(here, { a: notTried }, 'db.example.com'))['elsewhere.someBackends']).toBe(false);
  });
  it('the name leads to another address there, where the port is open', () => {
    const here = [named(HOST), ...SILENT];
    const there = at(
      'a',
      named(OTHER),
      connect('timeout'),
      reference('open'),
      connect('open', { address: OTHER }),
    );
    const facts = factsOf(seen(here, { a: there }, 'db.example.com'));
    expect(facts).toMatchObject({
      'elsewhere.namesDiffer': true,
      'elsewhere.otherAddress': OTHER,
      'elsewhere.otherAddressOpen': true,
      'elsewhere.otherAddressFrom': 'netns:a',
      'elsewhere.nameOnlyThere': false,
    });
  });
  it('sets that overlap do not differ', () => {
    const here = [named(HOST), ...SILENT];
    const there = at('a', named(OTHER, HOST), connect('timeout'), reference('open'));
    expect(factsOf(seen(here, { a: there }, 'db.example.com'))['elsewhere.namesDiffer']).toBe(false);
  });
  it('a name that is known elsewhere alone', () => {
    const lost = observation('system-resolve', 'name-1', { host: 'db.example.com' }, 'not-found', {
      addresses: [],
      code: 'ENOTFOUND',
    });
    const there = at('a', named(OTHER), connect('open', { address: OTHER }));
    expect(factsOf(seen([lost], { a: there }, 'db.example.com'))).toMatchObject({
      'elsewhere.nameOnlyThere': true,
      'elsewhere.otherAddress': OTHER,
    });
  });
});

describe('the table', () => {
  it('has this client first, then a row a place', () => {
    const { sights } = readingsOf(seen(SILENT, { a: opens('a'), b: fails('b') }));
    expect(
      sights.map(({ view: place, target, reference: ref }) => [place, target?.outcome, ref?.outcome]),
    ).toEqual([
      ['here', 'timeout', 'open'],
      ['a', 'open', 'open'],
      ['b', 'timeout', 'open'],
    ]);
  });
  it('what others see changes nothing of what this client saw', () => {
    const run = { version: '0', durationMs: 1 };
    const alone = reportOf(evidence({}, ...SILENT), [], run);
    const together = reportOf(seen(SILENT, { a: opens('a') }), [], run);
    expect(together).toMatchObject({
      outcome: alone.outcome,
      target: alone.target,
      paths: alone.paths,
      notChecked: alone.notChecked,
    });
  });
});
