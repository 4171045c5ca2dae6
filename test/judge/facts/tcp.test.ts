import { describe, expect, it } from 'vitest';
import type { Observation } from '../../../src/model/probes.ts';
import {
  attempt,
  attempts,
  connect,
  facts,
  factsAt,
  HOST,
  PORT,
  ping,
  replyTtl,
  resolved,
  type Wish,
} from '../../evidence.ts';

describe('one address', () => {
  it('nothing is known before it was tried', () => {
    expect(facts({})).toMatchObject({
      'tcp.outcome': null,
      'tcp.attempts': null,
      'tcp.mixed': null,
      'tcp.silent': null,
      'addresses.open': null,
    });
  });

  it('another address was tried, this one was not', () => {
    expect(facts({}, connect('open', { address: '192.0.2.8' }))).toMatchObject({
      'tcp.outcome': null,
      'tcp.opened': null,
    });
  });

  it('the reference host says nothing about the target', () => {
    expect(facts({}, connect('open', { role: 'reference-host' }))).toMatchObject({
      'tcp.outcome': null,
      'tcp.opened': null,
    });
  });

  it('refused, with its errno and how soon', () => {
    expect(facts({}, connect('refused'))).toMatchObject({
      'tcp.outcome': 'refused',
      'tcp.code': 'ECONNREFUSED',
      'tcp.answerMs': 12,
      'tcp.localFailure': false,
      'tcp.waitedMs': 0,
    });
  });

  it('silence at first and a sample that was accepted: it can be reached, at times', () => {
    const sample = connect('open', {
      id: 'tcp-sample-1',
      role: 'sample',
      attempts: [attempt('timeout'), attempt('open')],
    });
    expect(facts({}, connect('timeout'), sample)).toMatchObject({
      'tcp.outcome': 'open',
      'tcp.mixed': true,
      'addresses.open': 1,
      'addresses.failed': 0,
    });
    expect(facts({}, connect('refused'), sample)['tcp.outcome']).toBe('refused');
  });

  it.each([
    [[1010, 1011, 1012, 1013], true],
    [[1010, 1011, 1012], false],
    [[1010, 1011, 1012, 1013, 3], false],
  ])('accepted after %j ms: late always is %s', (times, always) => {
    const sample = connect('open', {
      id: 'tcp-sample-1',
      role: 'sample',
      attempts: times.map((elapsedMs) => attempt('open', { elapsedMs })),
    });
    expect(facts({}, sample, ping('replies'))['tcp.lateAlways']).toBe(always);
  });

  describe('source ports that were used before', () => {
    type Fate = 'open' | 'timeout';
    const of = (role: 'sample' | 'same-flow', fates: Record<number, Fate>, late: number[] = []) =>
      connect('open', {
        id: `tcp-${role}`,
        role,
        attempts: Object.entries(fates).map(([sourcePort, fate]) =>
          attempt(fate, {
            sourcePort: Number(sourcePort),
            ...(late.includes(Number(sourcePort)) ? { elapsedMs: 1010 } : {}),
          }),
        ),
      });
    const before = { 40001: 'open', 40002: 'timeout', 40003: 'open', 40004: 'timeout' } as const;

    it.each<[string, Record<number, Fate>, boolean | null]>([
      ['all fare as before: a way, not chance', before, true],
      ['one that was silent is accepted', { ...before, 40002: 'open' }, false],
      ['one that was accepted is silent', { ...before, 40001: 'timeout' }, false],
      ['one of a fate is too few', { 40001: 'open', 40003: 'open', 40004: 'timeout' }, null],
      ['others tell nothing', { 41001: 'open', 41002: 'timeout', 41003: 'open', 41004: 'timeout' }, null],
    ])('%s', (_, again, byFlow) => {
      expect(facts({}, connect('open'), of('sample', before), of('same-flow', again))['tcp.byFlow']).toBe(
        byFlow,
      );
    });

    it('one that was accepted only when its SYN was sent again is of neither fate', () => {
      const sample = of('sample', before, [40003]);
      expect(facts({}, connect('open'), sample, of('same-flow', before))['tcp.byFlow']).toBeNull();
    });

    it('nobody asked again', () => {
      expect(facts({}, connect('open'), of('sample', before))['tcp.byFlow']).toBeNull();
    });
  });

  it('an answer to the second SYN is counted from the first one on', () => {
    const seen = attempts(attempt('pending'), attempt('refused', { startMs: 300, elapsedMs: 20 }));
    expect(facts({}, seen)['tcp.answerMs']).toBe(320);
  });

  it('silence has no answer, only a time that was waited', () => {
    expect(facts({}, connect('timeout'))).toMatchObject({
      'tcp.outcome': 'timeout',
      'tcp.answerMs': null,
      'tcp.waitedMs': 4100,
      'tcp.code': null,
    });
  });

  it('an attempt that is still waiting after 700 ms is pending, and not yet silent', () => {
    expect(facts({}, connect('pending'))).toMatchObject({
      'tcp.outcome': 'pending',
      'tcp.silent': 0,
      'tcp.attempts': 0,
    });
  });

  it('an attempt given up unanswered after a second is silent, whatever ended the wait', () => {
    expect(facts({}, attempts(attempt('pending', { elapsedMs: 1200 })))['tcp.silent']).toBe(1);
  });

  it('an attempt that was stopped before an answer is pending, never failed', () => {
    const stopped = { ...connect('pending'), outcome: 'cancelled', final: true } as Observation;
    expect(facts({}, stopped)).toMatchObject({ 'tcp.outcome': 'pending', 'addresses.failed': 0 });
    const before = { ...stopped, data: { attempts: [] } } as Observation;
    expect(facts({}, before)).toMatchObject({ 'tcp.outcome': null, 'addresses.failed': null });
  });

  it('a failure of this machine is told from an answer of the network', () => {
    const own = attempts(attempt('local-error', { code: 'ENETUNREACH' }));
    expect(facts({}, own)).toMatchObject({
      'tcp.outcome': 'local-error',
      'tcp.localFailure': true,
      'tcp.code': 'ENETUNREACH',
    });
  });
});

describe('several attempts', () => {
  const sample = (...made: ReturnType<typeof attempt>[]) =>
    connect('open', { id: 'tcp-sample-1', role: 'sample', attempts: made });

  it('some accepted and some silent is mixed, with the share of silence', () => {
    const seen = [connect('open'), sample(attempt('open'), attempt('timeout'), attempt('timeout'))];
    expect(facts({}, ...seen)).toMatchObject({
      'tcp.mixed': true,
      'tcp.opened': 2,
      'tcp.silent': 2,
      'tcp.silentShare': 0.5,
      'tcp.attempts': 4,
    });
  });

  it('all accepted is not mixed', () => {
    expect(facts({}, connect('open'), sample(attempt('open'), attempt('open')))).toMatchObject({
      'tcp.mixed': false,
      'tcp.silentShare': 0,
    });
  });

  it('accepted first, then silence only: a limit, and no loss that comes and goes', () => {
    const first = connect('open');
    expect(facts({}, first, sample(attempt('timeout'), attempt('timeout')))['tcp.openedThenSilent']).toBe(
      true,
    );
    expect(
      facts(
        {},
        first,
        sample(
          attempt('timeout', { startMs: 0 }),
          attempt('open', { startMs: 100 }),
          attempt('timeout', { startMs: 200 }),
        ),
      )['tcp.openedThenSilent'],
    ).toBe(false);
    expect(facts({}, first, sample(attempt('timeout')))['tcp.openedThenSilent']).toBe(false);
  });

  it('accepted after a second was accepted by a retransmitted SYN', () => {
    const late = attempts(attempt('open', { elapsedMs: 1013 }));
    expect(facts({}, late, ping('replies'))['tcp.slowOpen']).toBe(true);
    expect(facts({}, late, sample(attempt('open', { elapsedMs: 9 })))['tcp.slowOpen']).toBe(true);
    expect(facts({}, attempts(attempt('open', { elapsedMs: 250 })))['tcp.slowOpen']).toBe(false);
  });

  it('on a path that takes 1.5 s nothing of that is late, silent or lost', () => {
    const far = (startMs: number) => attempt('open', { startMs, elapsedMs: 1510 });
    const seen = facts(
      {},
      attempts(
        far(0),
        attempt('pending', { startMs: 250, elapsedMs: 1260 }),
        attempt('pending', { elapsedMs: 1010 }),
      ),
      sample(far(0), far(0), attempt('timeout', { elapsedMs: 1500 })),
    );
    expect(seen).toMatchObject({
      'tcp.roundTripMs': 1510,
      'tcp.slowOpen': false,
      'tcp.silent': 0,
      'tcp.mixed': false,
    });
  });

  it('refused while others are accepted is counted, and whether the refusals came after', () => {
    const refused = (startMs: number) => attempt('refused', { startMs });
    const open = (startMs: number) => attempt('open', { startMs });
    expect(facts({}, attempts(open(0)), sample(refused(0), open(1), refused(2)))).toMatchObject({
      'tcp.refusedToo': 2,
      'tcp.openedThenRefused': false,
    });
    expect(facts({}, attempts(open(0)), sample(refused(0), refused(1)))).toMatchObject({
      'tcp.openedThenRefused': true,
    });
    expect(facts({}, attempts(refused(0)))['tcp.refusedToo']).toBe(0);
  });

  it('the second socket was accepted while the first one waited: its SYN was lost', () => {
    const seen = attempts(
      attempt('pending', { elapsedMs: 310 }),
      attempt('open', { startMs: 300, elapsedMs: 9 }),
    );
    expect(facts({}, seen)).toMatchObject({ 'tcp.outcome': 'open', 'tcp.slowOpen': true });
  });
});

describe('several addresses', () => {
  const NAME: Wish = { target: { host: 'db.example.com' } };
  const V6 = '2001:db8::7';
  const all = (...seen: Observation[]) => factsAt(HOST, NAME, ...seen);
  const noRoute = attempt('local-error', { code: 'ENETUNREACH' });

  it('are counted and listed', () => {
    const seen = [
      resolved(HOST, '192.0.2.8', '192.0.2.9'),
      connect('open'),
      connect('refused', { id: 'tcp-2', address: '192.0.2.8' }),
    ];
    expect(all(...seen)).toMatchObject({
      'addresses.open': 1,
      'addresses.failed': 1,
      'addresses.openList': HOST,
      'addresses.failedList': '192.0.2.8',
      'addresses.partOfFamilyFails': true,
      'addresses.brokenFamily': null,
    });
  });

  it('one family fails and the other works: that family is broken', () => {
    const seen = [resolved(V6, HOST), connect('timeout', { address: V6 }), connect('open', { id: 'tcp-2' })];
    expect(all(...seen)).toMatchObject({ 'addresses.brokenFamily': 6, 'addresses.partOfFamilyFails': false });
  });

  it('a family that this machine has no route for is no failure where the other one works', () => {
    const seen = [
      resolved(V6, HOST),
      connect('local-error', { address: V6, attempts: [noRoute] }),
      connect('open', { id: 'tcp-2' }),
    ];
    expect(all(...seen)).toMatchObject({ 'addresses.failed': 0, 'addresses.brokenFamily': null });
  });

  it('and is one where nothing works', () => {
    const seen = [
      resolved(V6, HOST),
      connect('local-error', { address: V6, attempts: [noRoute] }),
      connect('refused', { id: 'tcp-2' }),
    ];
    expect(all(...seen)).toMatchObject({ 'addresses.failed': 2, 'addresses.brokenFamily': null });
  });

  it('one that is still waiting has not failed', () => {
    expect(all(resolved(HOST), connect('pending'))).toMatchObject({
      'addresses.open': 0,
      'addresses.failed': 0,
    });
  });
});

describe('a port that refused, and accepts a SYN a moment later', () => {
  const since = (first: 'refused' | 'open', port: number, answer: 'syn-ack' | 'rst' | null) => {
    const later = replyTtl(port, answer === null ? null : 61);
    Object.assign(later.data as object, { answer });
    return facts({}, connect(first), later);
  };

  it('has a server behind it that does not refuse', () => {
    expect(since('refused', PORT, 'syn-ack')).toMatchObject({
      'tcp.acceptedSince': true,
      'tcp.refuser': `one of the servers behind ${HOST}`,
    });
  });

  it('has one as well where one of a few more connections is accepted', () => {
    const again = (...outcomes: ('refused' | 'open')[]) => ({
      ...attempts(...outcomes.map((outcome, i) => attempt(outcome, { startMs: 60 * i, elapsedMs: 2 }))),
      id: 'tcp-again-1',
    });
    const more = (...outcomes: ('refused' | 'open')[]) => {
      const sample = again(...outcomes);
      Object.assign(sample.input, { role: 'sample', stopAtFirstAnswer: false });
      return facts({}, connect('refused'), sample);
    };
    expect(more('refused', 'open', 'refused')).toMatchObject({
      'tcp.outcome': 'refused',
      'tcp.acceptedSince': true,
      'tcp.refuser': `one of the servers behind ${HOST}`,
    });
    expect(more('refused', 'refused')['tcp.acceptedSince']).toBeNull();
  });

  it('not where it refuses again, another port was asked, or nothing was heard', () => {
    expect(since('refused', PORT, 'rst')).toMatchObject({ 'tcp.acceptedSince': false, 'tcp.refuser': HOST });
    expect(since('refused', PORT + 1, 'syn-ack')['tcp.acceptedSince']).toBeNull();
    expect(since('refused', PORT, null)['tcp.acceptedSince']).toBeNull();
    expect(since('open', PORT, 'syn-ack')['tcp.acceptedSince']).toBeNull();
  });
});

it('sockets that were closed because another one was accepted are not silent', () => {
  const made = [attempt('open', { elapsedMs: 2050 }), attempt('pending', { startMs: 250, elapsedMs: 1800 })];
  const first = { ...attempts(...made) };
  expect(facts({}, first, ping('replies'))).toMatchObject({
    'tcp.silent': 0,
    'tcp.mixed': false,
    'tcp.late': 1,
  });
  const sample = { ...first, input: { ...first.input, role: 'sample', stopAtFirstAnswer: false } };
  expect(facts({}, sample as Observation, ping('replies'))['tcp.silent']).toBe(1);
});
