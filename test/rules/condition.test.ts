import { describe, expect, test } from 'vitest';
import { factsNamedIn, judgeCondition, type Truth } from '../../src/judge/rules/condition.ts';
import type { Condition } from '../../src/model/rule.ts';
import { facts } from './small.ts';

const known = facts({ 'tcp.outcome': 'timeout', 'path.target.lastHop': 3, 'ping.replies': true });
const truth = (condition: Condition) => judgeCondition(condition, known).truth;

const yes: Condition = { 'tcp.outcome': 'timeout' };
const no: Condition = { 'tcp.outcome': 'open' };
const unknown: Condition = { 'path.reference.lastHop': 4 };

describe('one fact', () => {
  const cases: [string, Condition, Truth][] = [
    ['equal', yes, true],
    ['different', no, false],
    ['not measured is unknown, not different', unknown, null],
    ['not: another value', { 'tcp.outcome': { not: 'open' } }, true],
    ['not: the value', { 'tcp.outcome': { not: 'timeout' } }, false],
    ['not: of what was not measured is unknown', { 'path.reference.lastHop': { not: 4 } }, null],
    ['above is strict', { 'path.target.lastHop': { above: 3 } }, false],
    ['atLeast is not', { 'path.target.lastHop': { atLeast: 3 } }, true],
    ['below is strict', { 'path.target.lastHop': { below: 3 } }, false],
    ['atMost is not', { 'path.target.lastHop': { atMost: 3 } }, true],
    ['two keys are both asked', { 'path.target.lastHop': { above: 1, below: 3 } }, false],
    ['in a list', { 'tcp.outcome': { in: ['refused', 'timeout'] } }, true],
    ['in another list', { 'tcp.outcome': { in: ['refused', 'open'] } }, false],
    ['in any list when not measured', { 'path.reference.lastHop': { in: [1, 2] } }, null],
    ['measured', { 'tcp.outcome': { measured: true } }, true],
    ['measured is known of what was not', { 'path.reference.lastHop': { measured: true } }, false],
    ['not measured is a fact that can be asked for', { 'path.reference.lastHop': { measured: false } }, true],
    ['not known to be: another value', { 'tcp.outcome': { notKnownToBe: 'open' } }, true],
    ['not known to be: the value', { 'tcp.outcome': { notKnownToBe: 'timeout' } }, false],
    [
      'not known to be: what was not measured is not known',
      { 'path.reference.lastHop': { notKnownToBe: 4 } },
      true,
    ],
    ['not known to be true', { 'ping.replies': { notKnownToBe: true } }, false],
    ['a comparison with null is never true or false', { 'tcp.outcome': { not: null } }, null],
    [
      'less than a fact that was not measured',
      { 'path.target.lastHop': { lessThan: 'path.reference.lastHop' } },
      null,
    ],
    ['equal to another fact', { 'path.target.lastHop': { equals: 'path.target.lastHop' } }, true],
    ['more than another fact', { port: { moreThan: 'path.target.lastHop' } }, true],
    ['less than another fact', { port: { lessThan: 'path.target.lastHop' } }, false],
    ['a name that Object.prototype has', { constructor: { measured: true } }, false],
  ];
  test.each(cases)('%s', (_, condition, expected) => {
    expect(truth(condition)).toBe(expected);
  });
});

describe('groups follow Kleene', () => {
  const cases: [string, Condition, Truth][] = [
    ['all: one unknown', { all: [yes, unknown] }, null],
    ['all: a false one decides over an unknown one', { all: [unknown, no] }, false],
    ['any: one unknown', { any: [no, unknown] }, null],
    ['any: a true one decides over an unknown one', { any: [unknown, yes] }, true],
    ['none: all false', { none: [no, no] }, true],
    ['none: one true decides over an unknown one', { none: [unknown, yes] }, false],
    ['none: one unknown', { none: [no, unknown] }, null],
    ['a map of several facts asks for all', { 'tcp.outcome': 'timeout', 'ping.replies': false }, false],
    ['a group beside a fact: both must hold', { 'tcp.outcome': 'timeout', any: [no, no] }, false],
    ['groups beside each other: all must hold', { all: [yes], any: [no, yes], none: [no] }, true],
    ['groups nest', { all: [{ any: [no, yes] }, { none: [{ all: [yes, no] }] }] }, true],
  ];
  test.each(cases)('%s', (_, condition, expected) => {
    expect(truth(condition)).toBe(expected);
  });
});

describe('only the facts that decided are named', () => {
  const used = (condition: Condition) => judgeCondition(condition, known).used;

  test('a true any is so by what is true in it', () => {
    expect(used({ any: [no, unknown, { 'ping.replies': true }] })).toEqual(['ping.replies']);
  });
  test('a false all is so by what is false in it', () => {
    expect(used({ all: [{ 'ping.replies': false }, yes, unknown] })).toEqual(['ping.replies']);
  });
  test('an unknown all is so by what is unknown in it', () => {
    expect(used({ all: [yes, unknown] })).toEqual(['path.reference.lastHop']);
  });
  test('both sides of a comparison of facts', () => {
    expect(used({ port: { moreThan: 'path.target.lastHop' } })).toEqual(['port', 'path.target.lastHop']);
  });
});

test('every fact of a condition is found, in groups and comparisons', () => {
  expect(
    factsNamedIn({
      all: [{ any: [yes] }, { none: [unknown] }, { port: { moreThan: 'path.target.lastHop' } }, yes],
    }),
  ).toEqual(['tcp.outcome', 'path.reference.lastHop', 'port', 'path.target.lastHop']);
});
