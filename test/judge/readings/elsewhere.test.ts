import { expect, it } from 'vitest';
import { sightsOf } from '../../../src/judge/readings/elsewhere.ts';
import type { ConnectAttempt } from '../../../src/model/measured.ts';
import type { View } from '../../../src/model/views.ts';
import { attempt, connect, evidence } from '../../evidence.ts';

const NO_WAY = attempt('local-error', { code: 'ENETUNREACH' });
it.each<[string, ConnectAttempt[], boolean]>([
  ['its only attempt never left it', [NO_WAY], false],
  ['no attempt ever left it', [NO_WAY, NO_WAY], false],
  ['one of two left it', [NO_WAY, attempt('timeout')], true],
  ['its only attempt left it', [attempt('timeout')], true],
])('a place whose reference is answered proves something where %s: %s', (_, attempts, proves) => {
  const target = connect(attempts.at(-1)!.outcome, { attempts });
  const reference = connect('open', { id: 'tcp-2', role: 'reference-port', port: 22 });
  const there = [target, reference].map((one) => ({ ...one, id: `a-${one.id}`, view: 'a' }));
  const place = { name: 'a', kind: 'vantage', by: 'netns:a', ok: true } as View;
  const sights = sightsOf({ ...evidence({}, connect('timeout'), ...there), views: [place] });
  expect(sights.map(({ view, proves: known }) => [view, known])).toContainEqual(['a', proves]);
});
