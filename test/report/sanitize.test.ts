import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ascii,
  escapeCell,
  escapeHtml,
  escapeMarkdown,
  markdownCode,
  markdownFence,
  safe,
  safeBlock,
  safeDeep,
} from '../../src/report/sanitize.ts';
import { ACTIVE_CHARACTER, NASTY, nasty } from './hostile.ts';

describe('safe', () => {
  it('makes what acts visible and leaves words alone', () => {
    expect(safe('220 mail.example.com ESMTP')).toBe('220 mail.example.com ESMTP');
    expect(safe('Größe 日本 ✓')).toBe('Größe 日本 ✓');
    expect(safe('\u001b[2J\u0007')).toBe('\\x1b[2J\\x07');
    expect(safe('\u009b31m\u007f')).toBe('\\x9b31m\\x7f');
    expect(safe('a\r\nb\tc')).toBe('a\\x0d\\x0ab\\x09c');
    expect(safe('\u202egnp\u2069\u200b\ufeff')).toBe('\\u{202e}gnp\\u{2069}\\u{200b}\\u{feff}');
    expect(safe('\u2028\u2029')).toBe('\\u{2028}\\u{2029}');
    expect(safe('a\ud800b\udfff')).toBe('a\\u{d800}b\\u{dfff}');
    expect(safe('\u{e0041}')).toBe('\\u{e0041}');
  });

  it('counts what it leaves out and never cuts a character in two', () => {
    expect(safe('abcdef', 4)).toBe('abcd [2 more characters]');
    expect(safe('abc\u{1f600}', 4)).toBe('abc [2 more characters]');
  });

  it('stops marks that pile up', () => {
    expect(safe(`e${'\u0301'.repeat(6)}`)).toBe(`e${'\u0301'.repeat(4)}\\u{301}\\u{301}`);
  });

  it('lets no control character out, whatever comes in', () => {
    fc.assert(
      fc.property(nasty, (text) => {
        expect(safe(text)).not.toMatch(/[\p{C}\u2028\u2029]/u);
        expect(safeBlock(text)).not.toMatch(ACTIVE_CHARACTER);
        expect(ascii(safeBlock(text))).toMatch(/^[\n\x20-\x7e]*$/);
      }),
      { numRuns: 500 },
    );
  });

  it('is done after once', () => {
    fc.assert(
      fc.property(nasty, (text) => {
        expect(safe(safe(text, 1e6), 1e6)).toBe(safe(text, 1e6));
      }),
    );
  });
});

describe('safeDeep', () => {
  it('reaches every string and key and leaves numbers and null', () => {
    const made = safeDeep({ a: ['\u0007', 1, null, true], '\u0007': { b: '\u0007' }, raw: 'a\n\u0007' });
    expect(made).toEqual({ a: ['\\x07', 1, null, true], '\\x07': { b: '\\x07' }, raw: 'a\n\\x07' });
  });

  it('does not follow a key named __proto__', () => {
    const made = safeDeep(JSON.parse('{"__proto__":{"polluted":"yes"}}') as object);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    expect(Object.hasOwn(made, '__proto__')).toBe(true);
  });
});

describe('ascii', () => {
  it('keeps the meaning of our own typography', () => {
    expect(ascii('the server’s “own” – 5 → 6 … é')).toBe('the server\'s "own" - 5 -> 6 ... \\xe9');
  });
});

describe('escapeHtml', () => {
  it('leaves nothing that opens or closes anything', () => {
    fc.assert(
      fc.property(nasty, (text) => {
        expect(escapeHtml(text)).not.toMatch(/[<>"'`]/);
        expect(escapeHtml(text)).not.toMatch(/&(?!amp;|lt;|gt;|quot;|#39;|#96;)/);
      }),
    );
  });
});

/** What is left to act when escaped punctuation and code spans are gone. */
function activeMarkdown(markdown: string): string {
  return markdown.replace(/\\[!-/:-@[-`{-~]|(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)/g, 'x');
}

describe('escapeMarkdown', () => {
  it('reads like the text where nothing acts', () => {
    const plain = 'Allow TCP 5432 from 10.0.0.5 to 192.0.2.7 (a "rule"), then wait 3.5 s.';
    expect(escapeMarkdown(plain)).toBe(plain);
    expect(escapeMarkdown('0.4 ms')).toBe('0.4 ms');
  });

  it('takes the syntax away', () => {
    expect(escapeMarkdown('**a** [b](c) <d>')).toBe('\\*\\*a\\*\\* \\[b\\](c) \\<d\\>');
    expect(escapeMarkdown('# a')).toBe('\\# a');
    expect(escapeMarkdown('1. a')).toBe('1\\. a');
    expect(escapeMarkdown('- a')).toBe('\\- a');
  });

  it('shows what renderers would make a link or a mention of as code', () => {
    expect(escapeMarkdown('see https://evil.example/ now')).toBe('see `https://evil.example/` now');
    expect(escapeMarkdown('(www.evil.example).')).toBe('(`www.evil.example`).');
    expect(escapeMarkdown('ask @everyone')).toBe('ask `@everyone`');
  });

  it('leaves nothing active, whatever comes in', () => {
    fc.assert(
      fc.property(nasty, (text) => {
        const left = activeMarkdown(escapeMarkdown(safe(text)));
        expect(left).not.toMatch(/[*_[\]<>|~&$`@]|:\/\/|www\./i);
        expect(left).not.toMatch(/^(#|[-+=]|\d{1,9}[.)]\s)/);
      }),
      { numRuns: 500 },
    );
  });
});

describe('markdownCode', () => {
  it('uses more backticks than the text has', () => {
    expect(markdownCode('a`b')).toBe('``a`b``');
    expect(markdownCode('`a`')).toBe('`` `a` ``');
    expect(markdownCode('')).toBe('');
  });
});

describe('escapeCell', () => {
  it('escapes a pipe once, in code and outside', () => {
    expect(escapeCell('a|b')).toBe('a\\|b');
    expect(escapeCell('a\\|b')).toBe('a\\|b');
    expect(escapeCell('a\\\\|b')).toBe('a\\\\\\|b');
  });
});

describe('markdownFence', () => {
  it('cannot be closed by a line of its text', () => {
    for (const text of NASTY) {
      const lines = markdownFence(safeBlock(text)).split('\n');
      const fence = lines.at(-1) ?? '';
      expect(lines[0]).toBe(`${fence}text`);
      for (const line of lines.slice(1, -1)) expect(line).not.toContain(fence);
    }
  });
});
