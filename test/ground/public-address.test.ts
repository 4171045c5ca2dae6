import { describe, expect, it } from 'vitest';
import { isPublicAddress, isPublicName } from '../../src/ground/public-address.ts';

describe('a public address', () => {
  it.each([
    '1.1.1.1',
    '9.9.9.9',
    '100.63.255.255',
    '100.128.0.1',
    '172.15.0.1',
    '172.32.0.1',
    '192.0.1.1',
    '198.17.255.255',
    '198.20.0.1',
    '223.255.255.255',
    '2606:4700::1111',
    '2001:4860:4860::8888',
    '2001:200::1',
    '2a00::1',
    '3ffe::1',
  ])('%s', (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });
  it.each([
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '127.0.0.1',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.0.0.8',
    '192.0.2.7',
    '192.88.99.1',
    '192.168.1.1',
    '198.18.0.1',
    '198.19.255.255',
    '198.51.100.7',
    '203.0.113.7',
    '224.0.0.1',
    '240.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:10.0.0.1',
    '::ffff:1.1.1.1%eth0',
    '64:ff9b::a00:1',
    '100::1',
    '2001::1',
    '2001:2::1',
    '2001:10::1',
    '2001:20::1',
    '2001:db8::1',
    '2002:a00:1::1',
    '3fff::1',
    'fc00::1',
    'fd12::1',
    'fe80::1',
    'fe80::1%eth0',
    'fec0::1',
    'ff02::1',
    'example.com',
    '',
    '1.1.1',
  ])('not %s', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });
});

describe('a public name', () => {
  it.each(['example.com', 'EXAMPLE.com.', 'xn--bcher-kva.example.org', 'local.example.com', 'home.de'])(
    '%s',
    (name) => {
      expect(isPublicName(name)).toBe(true);
    },
  );
  it.each([
    'db',
    'localhost',
    'printer.local',
    'PRINTER.Local.',
    'db.corp',
    'nas.home',
    'router.lan',
    'x.home.arpa',
    'a.internal',
    'foo.test',
    'foo.example',
    'foo.invalid',
    'abc.onion',
  ])('not %s', (name) => {
    expect(isPublicName(name)).toBe(false);
  });
});
