import { expect, test } from 'vitest';
import { interfaces } from '../../src/doors/interfaces.ts';

test('interfaces have their addresses and prefixes', () => {
  const address = {
    address: '192.0.2.7',
    netmask: '255.255.255.0',
    family: 'IPv4' as const,
    mac: '',
    internal: false,
  };
  expect(interfaces(() => ({ d0: [{ ...address, cidr: '192.0.2.7/24' }], d1: undefined }))).toEqual([
    { name: 'd0', up: true, addresses: [{ address: '192.0.2.7', prefix: 24, family: 4 }] },
    { name: 'd1', up: true, addresses: [] },
  ]);
});

test('where they may not be asked for none is known, and nothing is thrown', () => {
  const denied = () => {
    throw new Error('uv_interface_addresses returned Unknown system error 13');
  };
  expect(interfaces(denied)).toEqual([]);
});
