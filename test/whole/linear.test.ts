import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

/** What a parser is given beside its text: any of these in any place. A call that cannot use them throws at once. */
const CONTEXT = { address: '192.0.2.7', protocol: 'tcp', maxTtl: 30, complete: true, tcpFlags: true };
/** An address and a context in one. */
const EITHER = Object.assign(new String('192.0.2.7'), CONTEXT);
const MORE = [
  [EITHER, CONTEXT],
  ['butskoy', CONTEXT],
];

const UNITS = [
  ...[
    ' ',
    '\t',
    '\n',
    '\r',
    '\r\n',
    '0',
    '1',
    'a',
    'A',
    '.',
    ':',
    '-',
    '*',
    '(',
    ')',
    '[',
    ']',
    '{',
    '"',
    '%',
    '\0',
  ],
  ...[
    '1.',
    ':1',
    '::',
    '1 ',
    ' 1',
    'a ',
    ' a',
    '1 ms ',
    '* ',
    ' * * *\n',
    '1.2.3.4 ',
    '1.2.3.4.',
    'ff:',
    ' <-> ',
  ],
  ...[
    '1  1.2.3.4  1 ms\n',
    ' 1  * * *\n',
    'from 1.2.3.4',
    'ttl=1 ',
    'time=1',
    'Reply from ',
    'gateway: ',
    'dev ',
  ],
  ...[
    'interface: ',
    ' flags: <',
    'nameserver ',
    '192.0.2.7 db\n',
    'HTTP/1.1 200 ',
    'a: b\r\n',
    'SSH-2.0-',
    '\u00e9',
    '\ufffd',
  ],
  ...[
    '1: a: <',
    'inet 1',
    'default via ',
    '   via',
    'statistics ---',
    '1 packets transmitted, ',
    'MTU: ',
    ', ',
  ],
];

/** A whole context is needed by those whose first argument is no text: they are not parsers of a stranger's text. */
const OURS = new Set([
  'word',
  'readBlock',
  'clientHello',
  'countersBetween',
  'ttlReply',
  'parsedTrace',
  'noCommonAlgorithm',
  'ruleText',
  'stepsOf',
  'resetFamilies',
  'unquoted',
  'isSamePlace',
  'rulesetOf',
  'ruleCounters',
  'grownBetween',
  'combineRulesets',
]);

const FOLDER = fileURLToPath(new URL('../../src/parsers/', import.meta.url));
const modules = await Promise.all(
  readdirSync(FOLDER, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map(async (file): Promise<[string, Record<string, unknown>]> => {
      return [file, (await import(`${FOLDER}${file}`)) as Record<string, unknown>];
    }),
);
const parsers = modules.flatMap(([file, exports]) =>
  Object.entries(exports)
    .filter(([name, value]) => typeof value === 'function' && !OURS.has(name))
    .map(([name, parse]): [string, (...args: unknown[]) => unknown] => [
      `${file} ${name}`,
      parse as (...args: unknown[]) => unknown,
    ]),
);

/** Time of our own on the processor, which other work on the machine does not add to. */
function cpuMs(act: () => void): number {
  const before = process.cpuUsage();
  act();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/**
 * 8 and 64 KiB of one thing: what is linear takes 8 times as long for 8 times as much, and what is quadratic 64 times. It is
 * stopped at the size at which it can be told, since the next would take minutes; what took long once is asked again, for
 * memory is tidied up at any time. It measures, and so it is no unit test. test/robust measures 256 KiB against 100 ms.
 */
function slowest(parse: (text: unknown) => unknown, unit: string): { size: number; ms: number } | null {
  for (const size of [8, 64]) {
    const text = unit.repeat(Math.ceil((size * 1024) / unit.length));
    const isLong = (ms: number): boolean => ms > 125;
    const ms = cpuMs(() => parse(text));
    if (isLong(ms) && isLong(cpuMs(() => parse(text)))) return { size, ms: Math.round(ms) };
  }
  return null;
}

/** The way to call it that it does not refuse: with octets or text, and what it needs beside them. */
function callable(parse: (...args: unknown[]) => unknown): (text: unknown) => unknown {
  for (const input of [(text: string) => text, (text: string) => Buffer.from(text)])
    for (const more of [...MORE, []])
      try {
        parse(input('192.0.2.7 1 ms\n'), ...more);
        return (text) => {
          try {
            parse(input(text as string), ...more);
          } catch {
            // Only time is measured here; that parsers do not throw is test/parsers/fixtures.test.ts's.
          }
        };
      } catch {
        // What was given does not fit this parser; the next may.
      }
  throw new Error('no way to call it is known: add one to MORE, or the function to OURS');
}

describe('a parser takes time in proportion to its input', () => {
  it.each(parsers)('%s', (_, parse) => {
    const call = callable(parse);
    const slow = UNITS.flatMap((unit) => {
      const found = slowest(call, unit);
      return found === null ? [] : [{ unit, ...found }];
    });
    expect(slow).toEqual([]);
  });
});
