import { describe, expect, it } from 'vitest';
import { listeningFacts } from '../../../src/judge/facts/listening.ts';
import type { Readings } from '../../../src/judge/readings/index.ts';
import type { ProbeCatalogue } from '../../../src/model/probes.ts';
import { connect, facts, HOST, localNetwork } from '../../evidence.ts';

type Told = Pick<ProbeCatalogue['local-network']['data'], 'listeners' | 'container'>;
const told = (more: Told) => {
  const look = localNetwork({ route: { kind: 'local', gateway: null } });
  Object.assign(look.data as object, more);
  return facts({}, look);
};
const at = (address: string, waiting = 0) => ({ address, waiting });

describe('who listens on this machine', () => {
  it('is not known where the table was not read', () => {
    expect(facts({}, localNetwork())).toMatchObject({ 'local.listens': null, 'local.listensAt': null });
  });

  it('the address itself, every address, and :: take the connection', () => {
    for (const address of [HOST, '0.0.0.0', '::', `::ffff:${HOST}`])
      expect(told({ listeners: [at(address, 3)] })).toMatchObject({
        'local.listens': true,
        'local.listensAt': null,
        'local.waiting': 3,
      });
  });

  it(':: may be of IPv6 alone: where IPv4 is refused, who listens is not known', () => {
    const look = localNetwork({ route: { kind: 'local', gateway: null } });
    Object.assign(look.data as object, { listeners: [at('::')] });
    expect(facts({}, look, connect('refused'))['local.listens']).toBeNull();
    expect(facts({}, look, connect('timeout'))['local.listens']).toBe(true);
    Object.assign(look.data as object, { listeners: [at('::'), at('0.0.0.0')] });
    expect(facts({}, look, connect('refused'))['local.listens']).toBe(true);
  });

  it('another address does not, and is named', () => {
    expect(told({ listeners: [at('127.0.0.1', 3), at('::1')] })).toMatchObject({
      'local.listens': false,
      'local.listensAt': '127.0.0.1, ::1',
      'local.connectAt': '127.0.0.1, ::1',
      'local.waiting': null,
    });
  });

  it('every address of IPv4 is connected to at 127.0.0.1', () => {
    const look = localNetwork({ route: { kind: 'local', gateway: null } });
    Object.assign(look.data as object, { listeners: [at('0.0.0.0', 2)] });
    const readings = { address: '::1', here: { 'local-network': [look] }, connects: { outcome: 'refused' } };
    expect(listeningFacts(readings as unknown as Readings)).toMatchObject({
      'local.listensAt': '0.0.0.0',
      'local.connectAt': '127.0.0.1',
    });
  });

  it('nobody listens', () => {
    expect(told({ listeners: [] })).toMatchObject({ 'local.listens': false, 'local.listensAt': null });
  });

  it('a container is told by its mark only', () => {
    expect(told({ container: 'podman' })['local.container']).toBe('podman');
    expect(told({})['local.container']).toBeNull();
  });
});
