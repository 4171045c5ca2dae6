import { describe, expect, it } from 'vitest';
import type { Observation } from '../../../src/model/probes.ts';
import { factsAt, localNetwork, observation, trace } from '../../evidence.ts';

const at = (address: string, source: string | null, ...more: Observation[]) =>
  factsAt(address, { target: { host: address } }, localNetwork({ address, route: { source } }), ...more);

describe('where the target is', () => {
  it('loopback, private, public', () => {
    expect(at('127.0.0.1', null)['target.reach']).toBe('nowhere');
    expect(at('10.8.4.20', null)['target.reach']).toBe('private');
    expect(at('2001:db8::7', null)['target.reach']).toBe('public');
    expect(at('10.8.4.20', null)['vantage.reach']).toBeNull();
    expect(at('10.8.4.20', '192.168.1.5')['vantage.reach']).toBe('private');
  });

  it('one private range, two, and what cannot be told', () => {
    expect(at('10.8.4.20', '10.200.0.5')['target.ownRange']).toBe(true);
    expect(at('10.8.4.20', '192.168.1.5')['target.ownRange']).toBe(false);
    expect(at('192.0.2.7', '192.168.1.5')['target.ownRange']).toBeNull();
    expect(at('172.17.255.2', '192.168.1.5')['target.withinOneHost']).toBe('Docker');
    expect(at('172.18.0.2', '192.168.1.5')['target.withinOneHost']).toBeNull();
    expect(at('fd00:1:2::7', 'fd00:1:2:9::5')['target.ownRange']).toBe(true);
    expect(at('fd00:1:2::7', 'fd00:1:3::5')['target.ownRange']).toBeNull();
  });

  it('packets leave the own network where a router has an address of the outside', () => {
    const leaves = (...routers: string[]) =>
      at('10.8.4.20', '192.168.1.5', trace('target', [...routers, '*', '*', '*'], { address: '10.8.4.20' }))[
        'path.leavesNetwork'
      ];
    expect(leaves('192.168.1.1', '8.8.4.1')).toBe(true);
    expect(leaves('192.168.1.1', '100.64.0.1')).toBe(true);
    expect(leaves('192.168.1.1', '10.1.1.1')).toBe(false);
    expect(leaves()).toBeNull();
  });

  it('a cloud is known by the reverse name of the address itself', () => {
    const named = (names: Record<string, string>) =>
      at(
        '192.0.2.7',
        null,
        observation(
          'reverse-names',
          'reverse-names-1',
          { addresses: [], resolvers: [], timeoutMs: 1 },
          'named',
          {
            names,
          },
        ),
      )['target.cloud'];
    expect(named({ '192.0.2.7': 'ec2-192-0-2-7.compute-1.amazonaws.com' })).toBe('AWS');
    expect(named({ '192.0.2.7': 'amazonaws.com.example.net' })).toBeNull();
    expect(named({ '192.0.2.8': 'ec2-192-0-2-8.compute-1.amazonaws.com' })).toBeNull();
  });

  it('the networks of containers and virtual machines have their own devices', () => {
    const by = (device: string) =>
      factsAt('10.8.4.20', {}, localNetwork({ address: '10.8.4.20', route: { device } }))[
        'local.virtualDevice'
      ];
    for (const device of ['docker0', 'br-7f3a9c01d2e4', 'virbr0', 'vmnet8']) expect(by(device)).toBe(true);
    for (const device of ['eth0', 'br-lan', 'br0', 'wlan0']) expect(by(device)).toBe(false);
  });
});
