import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { viewsOf } from '../../../src/judge/report-of.ts';
import type { Evidence } from '../../../src/model/evidence.ts';

/** Both ends of a run of the lab: the target is an IPv4 address. */
const saved = readFileSync(
  new URL('../../scenarios/both-ends-host-drops/evidence.json', import.meta.url),
  'utf8',
);

function factsWith(...addresses: string[]) {
  const evidence = JSON.parse(saved) as Evidence;
  for (const o of evidence.observations)
    if (o.probe === 'other-end' && o.data !== null)
      o.data.listens = addresses.map((address) => ({ address, port: 8080, queued: null, limit: null }));
  return viewsOf(evidence)[0]!.facts;
}

it.each([
  [[], 'nobody', null],
  [['0.0.0.0'], 'here', 'all IPv4 addresses'],
  [['0.0.0.0', '::'], 'here', 'all addresses'],
  [['203.0.113.80'], 'here', '203.0.113.80'],
  [['127.0.0.1'], 'elsewhere', '127.0.0.1'],
  // Of IPv6 alone, or of both: that table does not tell.
  [['127.0.0.1', '::'], null, '127.0.0.1, all IPv6 addresses'],
])('who listens there on %j is %s', (addresses, listens, on) => {
  expect(factsWith(...addresses)).toMatchObject({ 'there.listens': listens, 'there.listensOn': on });
});
