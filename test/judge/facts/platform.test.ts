import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { viewsOf } from '../../../src/judge/report-of.ts';
import type { Evidence } from '../../../src/model/evidence.ts';

const hostOff = (os: string): Evidence => {
  const saved = new URL('../../scenarios/host-off/evidence.json', import.meta.url);
  const evidence = JSON.parse(readFileSync(saved, 'utf8')) as Evidence;
  // As a system without the native sweep sees it: the errno, and when it came.
  const observations = evidence.observations.filter(({ probe }) => !/^trace|^ping/.test(probe));
  return { ...evidence, vantage: { ...evidence.vantage, os }, observations };
};

it('three seconds are the time of a failed ARP on Linux, and say nothing elsewhere', () => {
  const late = (os: string) => viewsOf(hostOff(os)).map(({ facts }) => facts['refusal.late']);
  expect(late('linux')).toEqual([true]);
  expect(late('darwin')).toEqual([null]);
  expect(late('win32')).toEqual([null]);
});
