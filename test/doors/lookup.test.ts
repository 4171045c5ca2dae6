import { expect, test } from 'vitest';
import { lookup, parseGetent } from '../../src/doors/lookup.ts';

test('every address once, in the order of the system, whatever its socket types', () => {
  const text = '192.0.2.7       STREAM db.example.com\n192.0.2.7       DGRAM\n2001:db8::7     STREAM\n';
  expect(parseGetent(text)).toEqual([
    { address: '192.0.2.7', family: 4 },
    { address: '2001:db8::7', family: 6 },
  ]);
});

test('text that is no address is no address', () => {
  expect(parseGetent('999.1.1.1 STREAM x\nfe80::zz STREAM\n\n')).toEqual([]);
});

test('localhost resolves without a network', async () => {
  const found = await lookup('localhost');
  expect(found.map(({ address }) => address)).toContainEqual(expect.stringMatching(/^(127\.0\.0\.1|::1)$/));
});

test('a name that no system knows rejects with a code', async () => {
  await expect(lookup('no-such-name.invalid')).rejects.toHaveProperty('code');
});
