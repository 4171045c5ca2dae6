import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addressesOfNode, addressesSaid, lookup, parseGetent } from '../../src/doors/lookup.ts';

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

const codeOf = (how: string, exitCode: number | null, output = '') => {
  try {
    return addressesSaid({ how, exitCode, output });
  } catch (error) {
    return (error as NodeJS.ErrnoException).code;
  }
};

test('only exit code 2 of getent says that there is no address', () => {
  expect(codeOf('ended with exit code 2', 2)).toBe('NO_ADDRESS');
  for (const exitCode of [1, 3, 126, 127, 139])
    expect(codeOf(`ended with exit code ${exitCode}`, exitCode, '192.0.2.7 STREAM x\n')).toBe('NOT_ASKED');
  for (const how of [
    'was killed (SIGSEGV)',
    'could not be started (EAGAIN)',
    'was stopped',
    'printed too much',
  ])
    expect(codeOf(how, null)).toBe('NOT_ASKED');
  expect(codeOf('ended with exit code 0', 0, 'garbage\n')).toBe('NOT_ASKED');
});

describe.skipIf(process.platform === 'win32')('without getent', () => {
  const platform = process.platform;
  beforeAll(() => Object.defineProperty(process, 'platform', { value: 'darwin' }));
  afterAll(() => Object.defineProperty(process, 'platform', { value: platform }));

  test('another node asks', async () => {
    const found = await lookup('localhost');
    expect(found.map(({ address }) => address)).toContainEqual(expect.stringMatching(/^(127\.0\.0\.1|::1)$/));
  });

  test('it says the code of the system', async () => {
    await expect(lookup('no-such-name.invalid')).rejects.toMatchObject({
      code: expect.stringMatching(/^(ENOTFOUND|EAI_AGAIN)$/),
    });
    // Not an option either.
    await expect(lookup('--version')).rejects.toHaveProperty('code');
  });

  test('it ends when nobody wants to know any more', async () => {
    await expect(lookup('localhost', AbortSignal.abort())).rejects.toMatchObject({ code: 'NOT_ASKED' });
  });

  test('only what it says counts', () => {
    const ended = (exitCode: number | null, output: string) => () =>
      addressesOfNode({ how: 'ended', exitCode, output });
    expect(ended(0, '192.0.2.7\n2001:db8::7')()).toHaveLength(2);
    expect(ended(0, '!ENOTFOUND')).toThrow(expect.objectContaining({ code: 'ENOTFOUND' }));
    for (const one of [ended(1, '192.0.2.7'), ended(null, '!ENOTFOUND'), ended(0, ''), ended(0, 'x')])
      expect(one).toThrow(expect.objectContaining({ code: 'NOT_ASKED' }));
  });
});
