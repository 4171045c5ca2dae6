import { describe, expect, it } from 'vitest';
import { bothSidesOf } from '../../src/judge/both-sides.ts';
import type { Facts } from '../../src/model/facts.ts';

const LOOKED: Facts = { 'there.looked': true, 'there.reaches': true };
const sides = (facts: Facts) => bothSidesOf({ ...LOOKED, ...facts }, '203.0.113.80', 'ssh')!;

it('there are two sides only where the other end looked at an address', () => {
  expect(bothSidesOf({}, '203.0.113.80', 'ssh')).toBeNull();
  expect(bothSidesOf(LOOKED, null, 'ssh')).toBeNull();
  expect(sides({})).toMatchObject({ address: '203.0.113.80', by: 'ssh' });
});

describe('how many answers left', () => {
  const counts: Facts = { 'there.synAcks': 3, 'there.resets': 2, 'there.icmps': 1 };
  it.each([
    ['nothing', 0],
    ['syn-ack', 3],
    ['reset', 2],
    ['icmp', 1],
    [null, null],
  ])('%s: %s', (answers, answered) => {
    expect(sides({ ...counts, 'there.answers': answers }).answered).toBe(answered);
  });
  it('is not known where nobody counted', () => {
    expect(sides({ 'there.answers': 'reset', 'there.resets': null }).answered).toBeNull();
  });
});

describe('what becomes of the SYNs there is the first that holds', () => {
  const RULE: Facts = {
    'there.rulePlace': 'rule 7 of chain input',
    'there.firewall': 'ufw',
    'there.rule': 'drop',
  };
  const FILTERED: Facts = { 'there.reversePathFilter': true };
  const DROPPED: Facts = { ...RULE, 'there.verdict': 'dropped' };
  const FORWARDED: Facts = { 'there.verdict': 'forwarded', 'there.forwardedTo': '10.0.0.9:80' };
  const FULL: Facts = { 'there.queueFull': true };
  const NO_WAY: Facts = { 'there.routeBack': 'none' };
  const OTHER_WAY: Facts = {
    'there.routeBack': 'other',
    'there.routeDevice': 'eth1',
    'there.arrivalDevice': 'eth0',
  };
  const NOBODY: Facts = { 'there.listens': 'nobody' };
  const ELSEWHERE: Facts = { 'there.listens': 'elsewhere', 'there.listensOn': '127.0.0.1' };
  it.each<[string, Facts, object | null]>([
    ['nothing is known', {}, null],
    ['they do not arrive, so nothing does', { ...FILTERED, 'there.reaches': false }, null],
    [
      'whether they arrive is not known',
      { ...FILTERED, 'there.reaches': null },
      { kind: 'reverse-path-filter' },
    ],
    ['the reverse path, before any rule', { ...FILTERED, ...DROPPED }, { kind: 'reverse-path-filter' }],
    [
      'a rule drops, before the queue',
      { ...DROPPED, ...FULL },
      { kind: 'dropped', place: 'rule 7 of chain input', firewall: 'ufw', rule: 'drop' },
    ],
    [
      'a rule rejects',
      { ...RULE, 'there.verdict': 'rejected' },
      { kind: 'rejected', place: 'rule 7 of chain input', firewall: 'ufw', rule: 'drop' },
    ],
    [
      'a rule drops the answer',
      { ...RULE, 'there.verdict': 'delivered', 'there.answerVerdict': 'dropped' },
      { kind: 'answer-dropped', place: 'rule 7 of chain input', firewall: 'ufw', rule: 'drop' },
    ],
    [
      'a rule whose maker is not known',
      { 'there.verdict': 'dropped', 'there.rulePlace': 'a rule' },
      { kind: 'dropped', place: 'a rule', firewall: '', rule: '' },
    ],
    ['a rule that may drop', { ...RULE, 'there.verdict': 'may' }, null],
    [
      'a rule that sends the answer',
      { ...RULE, 'there.verdict': 'delivered', 'there.answerVerdict': 'sent' },
      null,
    ],
    ['a rule that stands nowhere', { 'there.verdict': 'dropped' }, null],
    ['forwarded, before the queue', { ...FORWARDED, ...FULL }, { kind: 'forwarded', to: '10.0.0.9:80' }],
    ['forwarded to what is not known', { 'there.verdict': 'forwarded' }, null],
    ['a place to go on to, and not sent there', { ...FORWARDED, 'there.verdict': 'delivered' }, null],
    ['the queue, before the way back', { ...FULL, ...NO_WAY }, { kind: 'queue-full' }],
    ['a queue that is not full', { 'there.queueFull': false }, null],
    ['no way back, before who listens', { ...NO_WAY, ...NOBODY }, { kind: 'no-route-back' }],
    [
      'another way back, before who listens',
      { ...OTHER_WAY, ...NOBODY },
      { kind: 'other-route-back', device: 'eth1', came: 'eth0' },
    ],
    ['the same way back', { 'there.routeBack': 'same' }, null],
    ['nobody listens', NOBODY, { kind: 'nobody-listens' }],
    ['somebody listens elsewhere', ELSEWHERE, { kind: 'other-address', on: '127.0.0.1' }],
    ['somebody listens elsewhere, nobody says where', { 'there.listens': 'elsewhere' }, null],
    ['somebody listens here', { ...ELSEWHERE, 'there.listens': 'here' }, null],
  ])('%s', (_, facts, fate) => {
    expect(sides(facts).fate).toEqual(fate);
  });
});
