import { describe, expect, it } from 'vitest';
import { connect, facts, HOST, type Hop, trace } from '../../../evidence.ts';

const [R1, R2] = ['10.0.0.1', '10.0.1.1'];

describe('the host hands the port on', () => {
  const of = (...hops: Hop[]) => {
    const known = facts({}, connect('refused'), trace('target', hops));
    return [known['refusal.handedOn'], known['refusal.handedOnAt']];
  };
  it.each<[string, Hop[], boolean | null, number | null]>([
    ['a TTL runs out at its own address, and the next draws the reset', [R1, HOST, 'rst'], true, 2],
    ['and at two of them, behind address translation', [R1, HOST, HOST, 'rst'], true, 3],
    ['routers only', [R1, R2, 'rst'], false, null],
    ['nobody is heard before the reset', ['*', '*', 'rst'], false, null],
    ['it accepts', [R1, HOST, 'syn-ack'], null, null],
    ['no reset came', [R1, HOST, '*'], null, null],
  ])('%s', (_, hops, is, at) => {
    expect(of(...hops)).toEqual([is, at]);
  });
  it('so that it is not the host that refuses', () => {
    const refuser = (...hops: Hop[]) => facts({}, connect('refused'), trace('target', hops))['tcp.refuser'];
    expect(refuser(R1, HOST, 'rst')).toBe(`the machine or container behind ${HOST}`);
    expect(refuser(R1, R2, 'rst')).toBe(HOST);
  });
});
