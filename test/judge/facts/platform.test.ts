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

/** The saved run as another system sees it, whose sweep did not run. */
const seenFrom = (scenario: string, os: string, sweeps = false): Evidence => {
  const saved = new URL(`../../scenarios/${scenario}/evidence.json`, import.meta.url);
  const evidence = JSON.parse(readFileSync(saved, 'utf8')) as Evidence;
  const untold = evidence.observations
    .filter(({ probe }) => sweeps || probe !== 'trace-syn')
    .map((one) => JSON.parse(JSON.stringify(one, (key, value) => (key === 'told' ? undefined : value))));
  return { ...evidence, vantage: { ...evidence.vantage, os }, observations: untold };
};
const factOf = (evidence: Evidence, name: string) => viewsOf(evidence).map(({ facts }) => facts[name]);

it('silence may be a rejection only where the system keeps ICMP errors to itself, and no sweep heard them', () => {
  const name = 'tcp.silenceMayHideRejection';
  const [linux, mac, windows, swept] = [
    seenFrom('router-2-drops-the-port', 'linux'),
    seenFrom('router-2-drops-the-port', 'darwin'),
    seenFrom('router-2-drops-the-port', 'win32'),
    seenFrom('router-2-drops-the-port', 'win32', true),
  ].map((evidence) => factOf(evidence, name));
  expect([linux, mac, windows, swept]).toEqual([[false], [true], [true], [false]]);
});

it('a refusal may be a prohibition only where the errno does not tell', () => {
  const name = 'tcp.refusalMayHideProhibition';
  const seen = (os: string) => factOf(seenFrom('nothing-listens', os), name);
  expect([seen('linux'), seen('darwin'), seen('win32')]).toEqual([[false], [true], [false]]);
});

it("a denied connect() is the own filter's on Windows, and may be a route's elsewhere", () => {
  const denied = (os: string): Evidence => {
    const evidence = seenFrom('router-2-drops-the-port', os);
    const said = { outcome: 'local-error', code: 'EACCES', local: true, elapsedMs: 0 };
    const observations = evidence.observations.map((one) =>
      one.probe === 'tcp-connect' && one.input.role === 'target'
        ? {
            ...one,
            outcome: 'local-error',
            data: { attempts: one.data?.attempts.map((a) => ({ ...a, ...said })) },
          }
        : one,
    );
    return { ...evidence, observations: observations as Evidence['observations'] };
  };
  const seen = (os: string) => factOf(denied(os), 'tcp.deniedByOwnFilter');
  expect([seen('linux'), seen('darwin'), seen('win32')]).toEqual([[false], [false], [true]]);
});
