import { expect, it } from 'vitest';
import { FACT_TABLE } from '../../../src/judge/facts/index.ts';
import { facts, factsAt, HERE, HOST, localNetwork, resolved } from '../../evidence.ts';

it('every fact of the table is computed, measured or not, and no other', () => {
  expect(Object.keys(facts({})).sort()).toEqual(Object.keys(FACT_TABLE).sort());
});

it('a literal is an address, a name is not', () => {
  expect(facts({})).toMatchObject({
    host: HOST,
    port: 5432,
    'target.isAddress': true,
    'target.family': 4,
    'target.addressCount': 1,
  });
  const NAME = { target: { host: 'db.example.com' } };
  expect(factsAt('2001:db8::7', NAME, resolved('2001:db8::7', HOST))).toMatchObject({
    'target.isAddress': false,
    'target.family': 6,
    'target.addressCount': 2,
  });
  expect(factsAt(null, NAME, resolved())).toMatchObject({
    'target.address': null,
    'target.family': null,
    'target.addressCount': 0,
  });
});

it("this machine's address is the route's source, else one of the family, else unknown", () => {
  const wish = { vantage: { addresses: ['2001:db8::5', '10.9.9.9'] } };
  expect(facts(wish, localNetwork())['vantage.address']).toBe(HERE);
  expect(facts(wish)['vantage.address']).toBe('10.9.9.9');
  expect(facts({ vantage: { addresses: ['2001:db8::5'] } })['vantage.address']).toBeNull();
});

it('what the user does not know is unknown, like what was not asked', () => {
  expect(
    facts({
      answers: {
        symptom: 'hangs',
        'worked-before': 'yes',
        'others-can-reach': 'no',
        'vpn-or-proxy': 'unknown',
      },
    }),
  ).toMatchObject({
    symptom: 'hangs',
    'answer.workedBefore': true,
    'answer.othersCanReach': false,
    'answer.vpnOrProxy': null,
  });
  expect(facts({})).toMatchObject({ symptom: null, 'answer.workedBefore': null });
});
