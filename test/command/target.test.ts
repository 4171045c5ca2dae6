import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hostPort, parseTarget, type TargetOptions } from '../../src/command/target.ts';
import { isUsageError } from '../../src/command/usage-error.ts';
import { anySign } from '../any-sign.ts';

function good(input: string, options: TargetOptions = {}) {
  const target = parseTarget(input, options);
  if (isUsageError(target)) throw new Error(target.error);
  return target;
}
function sentence(input: string, options: TargetOptions = {}): string {
  const target = parseTarget(input, options);
  if (!isUsageError(target)) throw new Error(`accepted as ${JSON.stringify(target)}`);
  return target.error;
}

describe('a target is read as', () => {
  it.each([
    ['example.com:443', 'example.com', 443],
    ['EXAMPLE.Com:443', 'example.com', 443],
    ['example.com.:443', 'example.com', 443],
    ['  example.com:443 ', 'example.com', 443],
    ['localhost:9', 'localhost', 9],
    ['my_db.internal:5432', 'my_db.internal', 5432],
    ['192.0.2.7:443', '192.0.2.7', 443],
    ['[2001:db8::7]:443', '2001:db8::7', 443],
    ['[2001:0DB8:0:0::7]:443', '2001:db8::7', 443],
    ['[::ffff:192.0.2.7]:443', '192.0.2.7', 443],
    ['[fe80::1%eth0]:22', 'fe80::1%eth0', 22],
    ['[fe80::1%25eth0]:22', 'fe80::1%eth0', 22],
    ['münchen.example:443', 'xn--mnchen-3ya.example', 443],
    ['例え.テスト:80', 'xn--r8jz45g.xn--zckzah', 80],
    ['example.com:https', 'example.com', 443],
    ['https://example.com/path?q=1#part', 'example.com', 443],
    ['HTTPS://Example.com:8443', 'example.com', 8443],
    ['ssh://[2001:db8::7]', '2001:db8::7', 22],
    ['jdbc:postgresql://db.example.com/orders', 'db.example.com', 5432],
    ['tcp://192.0.2.7:4242', '192.0.2.7', 4242],
    ['1.example.com:80', '1.example.com', 80],
  ])('%s -> %s %i', (input, host, port) => {
    expect(good(input)).toMatchObject({ host, port });
  });

  it.each([
    ['db.example.com', { port: '5432' }, 'db.example.com', 5432],
    ['db.example.com', { port: 'postgresql' }, 'db.example.com', 5432],
    ['db.example.com', { service: 'postgres' }, 'db.example.com', 5432],
    ['db.example.com:6432', { service: 'postgres' }, 'db.example.com', 6432],
    ['2001:db8::7:443', { port: '22' }, '2001:db8::7:443', 22],
    ['fe80::1%eth0', { port: '22' }, 'fe80::1%eth0', 22],
    ['example.com:443', { port: '443' }, 'example.com', 443],
  ] as [string, TargetOptions, string, number][])('%s with %o', (input, options, host, port) => {
    expect(good(input, options)).toMatchObject({ host, port });
  });

  it.each([
    ['postgresql://db.example.com/orders?sslmode=require', true],
    ['jdbc:postgresql://db.example.com/orders?user=a&sslmode=verify-full', true],
    ['mysql://db.example.com/shop?ssl-mode=REQUIRED', true],
    ['mongodb://db.example.com/?tls=true', true],
    ['postgresql://db.example.com/orders?sslmode=prefer', undefined],
    ['postgresql://db.example.com/sslmode=require', undefined],
    ['https://example.com/?tls=true', undefined],
    ['db.example.com:5432', undefined],
  ])('%s demands TLS: %s', (input, demanded) => {
    expect(good(input).tlsRequired).toBe(demanded);
  });

  it('a service that the user named is told from one that the port suggests', () => {
    expect(good('example.com:443')).toMatchObject({ service: 'https', serviceNamed: false });
    expect(good('https://example.com')).toMatchObject({ service: 'https', serviceNamed: true });
    expect(good('example.com', { port: 'postgres' })).toMatchObject({
      service: 'postgresql',
      serviceNamed: true,
    });
    expect(good('example.com:8443', { service: 'https' })).toMatchObject({
      service: 'https',
      serviceNamed: true,
    });
    expect(good('example.com:4242')).toMatchObject({ service: null, serviceNamed: false });
  });

  it('the path of a URL is kept, encoded; its query and fragment are nowhere', () => {
    expect(good('https://example.com/a/../ü?q=1#secret')).toMatchObject({
      path: '/%C3%BC',
      input: 'https://example.com/a/../ü',
    });
    expect(good('https://example.com?q=1')).toMatchObject({ path: '/', input: 'https://example.com' });
    expect(good('example.com:443').path).toBe('/');
  });

  it('one word that reads as the same target again', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.domain().filter((name) => name.length < 200),
          fc.ipV4().filter((a) => Number(a.split('.')[0]) > 0 && Number(a.split('.')[0]) < 224),
          fc.ipV6().filter((a) => !/^(ff|fe[89ab]|::?$)/i.test(a)),
        ),
        fc.integer({ min: 1, max: 65535 }),
        (host, port) => {
          const target = parseTarget(host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`);
          if (isUsageError(target)) return; // e.g. ::ffff:0.0.0.1, 0::0
          expect(good(hostPort(target))).toMatchObject({ host: target.host, port });
        },
      ),
    );
  });
});

describe('bad input gets one sentence with what is wrong and a right one', () => {
  const cases: [string, TargetOptions?][] = [
    [''],
    ['   '],
    ['-oProxyCommand=x:22'],
    ['example.com 443'],
    ['exa mple.com:443'],
    ['a.example:1,b.example:2'],
    ['a.example:1;b.example:2'],
    ['a.example:1 b.example:2'],
    ['“example.com:443”'],
    ['example.com'],
    ['2001:db8::7'],
    ['2001:db8::7:443'],
    ['2001:db8:0:0:0:0:0:7:443'],
    ['2001:db8::7::1'],
    ['example.com:443:80'],
    ['example.com:'],
    [':443'],
    ['443'],
    ['example.com:0'],
    ['example.com:0443'],
    ['example.com:65536'],
    ['example.com:-1'],
    ['example.com:99999999999999999999999'],
    ['example.com:443-450'],
    ['example.com:4x3'],
    ['example.com:htps'],
    ['example.com:qqqqqq'],
    ['example.com', { port: 'postgrsql' }],
    ['example.com', { service: 'htp' }],
    ['example.com', { service: '' }],
    ['example.com', { port: '0x1bb' }],
    ['example.com:443', { port: '80' }],
    ['0177.0.0.1:80'],
    ['0x7f000001:80'],
    ['0x7f.0.0.1:80'],
    ['1.1:80'],
    ['1.2.3.4.5:80'],
    ['256.1.1.1:80'],
    ['a.1:80'],
    ['https://0177.0.0.1/'],
    ['0.0.0.0:80'],
    ['[::]:80'],
    ['224.0.0.1:80'],
    ['255.255.255.255:80'],
    ['[ff02::1]:80'],
    ['[fe80::1]:80'],
    ['[fe80::1%;reboot]:80'],
    ['[192.0.2.7]:80'],
    ['[example.com]:80'],
    ['[2001:db8::7:80'],
    ['2001:db8::7]:80'],
    ['[]:80'],
    ['foo..example:80'],
    ['.example:80'],
    ['-foo.example:80'],
    ['foo-.example:80'],
    ['foo!bar.example:80'],
    [`${'a'.repeat(64)}.example:80`],
    [`${'abcdefg.'.repeat(32)}example:80`],
    ['*.example.com:443'],
    ['foo%20bar:80'],
    ['a\u200db.example:80'],
    ['gopherx://example.com'],
    ['htps://example.com'],
    ['https:///path'],
    ['://example.com'],
    ['tcp://example.com'],
    ['https://user:hun/ter2@example.com/'],
    ['git@example.com:22'],
    ['root:hunter2@example.com:22'],
    ['example.com/path'],
    ['192.0.2.0/24'],
    ['example.com\u0000:443'],
    ['\u001b[31mexample.com:443'],
    ['exam\u202eple.com:443'],
    ['x'.repeat(5000)],
  ];
  it.each(cases)('%j %o', (input, options) => {
    const said = sentence(input, options);
    expect(said).toMatch(/^(fe80|ff02|[A-Z0-9:"-]).*[.]$/);
    expect(said).not.toMatch(/[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e]/);
    expect(said).not.toMatch(/hun|ter2/);
    expect(said.length).toBeLessThan(260);
  });

  it('all of them, as the user reads them', () => {
    expect(
      cases
        .map(
          ([input, options]) =>
            `${JSON.stringify(input.slice(0, 40))} ${options ? `${JSON.stringify(options)} ` : ''}-> ${sentence(input, options)}`,
        )
        .join('\n'),
    ).toMatchSnapshot();
  });

  it('an unknown service is answered with the nearest known name', () => {
    expect(sentence('example.com:htps')).toContain('write https');
    expect(sentence('example.com', { port: 'postgrsql' })).toContain('write postgresql');
  });

  it('the telnet habit is answered with the very target', () => {
    expect(sentence('db.example.com 5432')).toContain('write db.example.com:5432.');
  });

  it.each([
    [
      'ssh://git@example.com:2222',
      { host: 'example.com', port: 2222, service: 'ssh', input: 'ssh://example.com:2222' },
    ],
    [
      'mysql://app:hunter2@db.example',
      { host: 'db.example', port: 3306, service: 'mysql', input: 'mysql://db.example' },
    ],
    ['https://user:p@ss@[2001:db8::7]/x?y#z', { host: '2001:db8::7', port: 443, path: '/x' }],
    ['jdbc:postgresql://app@db.example:5433/shop', { host: 'db.example', port: 5433 }],
  ])('who logs in is left out of %s', (text, wanted) => {
    const target = parseTarget(text);
    expect(target).toMatchObject(wanted);
    expect(JSON.stringify(target)).not.toMatch(/hunter2|git@|app|user/);
  });

  it('no text whatever makes it throw, and control characters never come back', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: anySign, maxLength: 80 }),
        fc.option(fc.string({ maxLength: 8 })),
        (input, port) => {
          const target = parseTarget(input, port === null ? {} : { port });
          if (isUsageError(target)) expect(target.error).not.toMatch(/[\x00-\x1f\x7f-\x9f\u202a-\u202e]/);
          else expect(target.host).toMatch(/^[a-z0-9_][a-z0-9._-]*$|^[0-9a-f:.]+(%[\w.-]+)?$/);
        },
      ),
      { numRuns: 2000 },
    );
  });
});

it('the port of an example is the one that is meant', () => {
  const exampleOf = (input: string, options: TargetOptions = {}) =>
    /\[fe80::51%eth0\]:\d+/.exec(sentence(input, options))?.[0];
  expect([
    exampleOf('http://[fe80::51]/'),
    exampleOf('https://[fe80::51]/'),
    exampleOf('ssh://[fe80::51]'),
    exampleOf('http://[fe80::51]:8080/'),
    exampleOf('fe80::51', { service: 'http' }),
    exampleOf('fe80::51', { port: '25' }),
    exampleOf('[fe80::51]'),
  ]).toEqual([80, 443, 22, 8080, 80, 25, 443].map((port) => `[fe80::51%eth0]:${port}`));
});
