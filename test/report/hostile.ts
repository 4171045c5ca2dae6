import fc from 'fast-check';
import type { Report } from '../../src/model/report.ts';
import { anySign } from '../any-sign.ts';
import { SAMPLES } from './samples.ts';

/** Strings as a stranger would choose them, for banners, names and tool output. */
export const NASTY = [
  '\u001b[2J\u001b]0;owned\u0007',
  '\u009b31m',
  '\r\nCONNECTED\r\n',
  'a\nb',
  '\u202egnp.exe\u202c',
  '\u2066x\u2069',
  '\u200b\u200d\u2060\ufeff',
  '\u2028\u2029\u0085',
  '\ud800',
  'x\udfff',
  '\u{e0041}\u{e0042}',
  '<img src=x onerror=alert(1)>',
  '</style></title><script>alert(1)</script>',
  '"><svg onload=alert(1)>',
  "' onmouseover='alert(1)",
  '[click](javascript:alert(1))',
  '![x](https://evil.example/x.png)',
  '<https://evil.example>',
  'https://evil.example/?a=b',
  'www.evil.example',
  '@everyone a@evil.example',
  '`` ` ```',
  '```\n# heading\n```',
  '~~~\n<b>\n~~~',
  '| a | b |',
  'a\\|b \\',
  '`a|b`',
  '**bold** _em_ ~~del~~ $x$ &lt;&#60;',
  '# heading',
  '- list',
  '1. list',
  '> quote',
  '---',
  '===',
  '[ref]: https://evil.example',
  '日本語のとても長い名前',
  `e${'\u0301'.repeat(60)}`,
  'A'.repeat(5_000),
  '\t\u0000\u007f',
  '',
  ' ',
  '__proto__',
];

export const nasty = fc.oneof(
  fc.constantFrom(...NASTY),
  fc.string({ unit: anySign, maxLength: 40 }),
  fc
    .array(fc.oneof(fc.constantFrom(...NASTY), fc.string({ maxLength: 5 })), { maxLength: 4 })
    .map((parts) => parts.join(' ')),
);

/** Fields whose words are closed: the engine writes them, no stranger does. */
const CLOSED = new Set([
  'schema',
  'outcome',
  'likelihood',
  'layer',
  'owner',
  'who',
  'kind',
  'answer',
  'family',
  'source',
  'privileges',
  'role',
  'protocol',
  'startedAt',
  'method',
]);

/** The same report with every string from outside passed through `change`. Equal strings stay equal. */
export function withStrings(report: Report, change: (text: string) => string): Report {
  const deep = (value: unknown, key: string): unknown => {
    if (typeof value === 'string') return CLOSED.has(key) ? value : change(value);
    if (Array.isArray(value)) return value.map((item) => deep(item, key));
    if (value === null || typeof value !== 'object') return value;
    const observation = 'probe' in value && 'final' in value;
    return Object.fromEntries(
      Object.entries(value).map(([name, inner]) => [
        name,
        observation && name === 'probe' ? inner : deep(inner, name),
      ]),
    );
  };
  return deep(report, '') as Report;
}

/** A sample in which every string from outside has something nasty before and after it. */
export const hostileReport = fc
  .tuple(fc.constantFrom(...Object.values(SAMPLES)), fc.array(nasty, { minLength: 6, maxLength: 12 }))
  .map(([report, parts]) => {
    const seen = new Map<string, string>();
    return withStrings(report, (text) => {
      const known = seen.get(text);
      if (known !== undefined) return known;
      const hostile = `${parts[seen.size % parts.length]}${text}${parts[(seen.size * 7 + 3) % parts.length]}`;
      seen.set(text, hostile);
      return hostile;
    });
  });

/** What no output may contain, but for the line ends that we write ourselves. */
export const ACTIVE_CHARACTER = /(?!\n)[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;
