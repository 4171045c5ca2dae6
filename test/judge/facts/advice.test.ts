import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { isOfTheSystem, listenSettingOf } from '../../../src/ground/listen-settings.ts';
import { serviceNamed, serviceNames } from '../../../src/ground/services.ts';
import { viewsOf } from '../../../src/judge/report-of.ts';
import type { Evidence } from '../../../src/model/evidence.ts';

const urlOf = (path: string) => {
  const saved = new URL('../../scenarios/healthy/evidence.json', import.meta.url);
  const evidence = JSON.parse(readFileSync(saved, 'utf8')) as Evidence;
  const { request } = evidence;
  return viewsOf({ ...evidence, request: { ...request, target: { ...request.target, path } } })[0]?.facts.url;
};

it('a web server is asked again for the path that was asked for', () => {
  expect(urlOf('/partners/?')).toMatch(/^http:\/\/[^/]+:\d+\/partners\/%3F$/);
  expect(urlOf('/a;b=c/%20~me')).toMatch(/\/a;b=c\/%20~me$/);
});

it('nothing in it ends a quotation, or is a pattern for curl', () => {
  expect(urlOf("/it's/$(id)/`id`/[1-9]|x&y")).toMatch(/\/it%27s\/%24\(id\)\/%60id%60\/%5B1-9%5D%7Cx%26y$/);
});

it('every service with a setting of its own is in the table of services, by its name', () => {
  const settings = serviceNames().filter((name) => listenSettingOf(name) !== null);
  expect(settings.length).toBeGreaterThan(20);
  expect(settings.filter((name) => serviceNamed(name)?.name !== name)).toEqual([]);
  expect(listenSettingOf('microsoft-ds')).toMatch(/bind interfaces only/);
  expect([null, 'x', '__proto__', 'constructor'].map(listenSettingOf)).toEqual([null, null, null, null]);
  expect([isOfTheSystem('microsoft-ds'), isOfTheSystem('redis')]).toEqual([true, false]);
});
