/**
 * Text from the network, from tools and from users' rules comes from a stranger. `safe` makes every character
 * that a terminal, a pager or a browser would act upon visible; the escapes then take the syntax away that a
 * format gives to visible characters. `safe` comes first, always.
 */

/**
 * Cc (C0, DEL, C1), Cf (bidi, zero-width, BOM, soft hyphen, tags), Cs (lone surrogates), Zl and Zp (line
 * separators), and letters and marks that are drawn as nothing. Private use (Co) and unassigned (Cn) are what a font makes of them.
 */
const ACTIVE =
  /[\p{C}\p{Zl}\p{Zp}]|\u{034f}|[\u{115f}\u{1160}\u{3164}\u{ffa0}]|\u{17b4}|\u{17b5}|[\u{fe00}-\u{fe0f}]|[\u{e0100}-\u{e01ef}]/gu;
/** More combining marks in a row than any script needs climb over the neighbouring lines. */
const MARK_PILE = /(\p{M}{4})(\p{M}+)/gu;

const LINE_LIMIT = 2_000;
const BLOCK_LIMIT = 16_384;

/** `\x1b` for code points below 256, `\u{202e}` for the others. */
function visibleCharacter(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
}

function visible(text: string): string {
  return text
    .replace(ACTIVE, visibleCharacter)
    .replace(MARK_PILE, (_, kept: string, more: string) => kept + [...more].map(visibleCharacter).join(''));
}

/** At most `limit` UTF-16 units are kept; the rest is counted, not shown. Never cuts a surrogate pair. */
function capped(text: string, limit: number): { text: string; cut: number } {
  if (text.length <= limit) return { text, cut: 0 };
  const last = text.charCodeAt(limit - 1);
  const end = last >= 0xd800 && last <= 0xdbff ? limit - 1 : limit;
  return { text: text.slice(0, end), cut: text.length - end };
}

/** One line of text without a character that acts. Line ends become visible too. */
export function safe(text: string, limit = LINE_LIMIT): string {
  const part = capped(text, limit);
  return visible(part.text) + (part.cut === 0 ? '' : ` [${part.cut} more characters]`);
}

/** Several lines: line ends stay (CR LF becomes LF), tabs become spaces, everything else as in `safe`. */
export function safeBlock(text: string, limit = BLOCK_LIMIT): string {
  const part = capped(text, limit);
  const lines = part.text.replaceAll('\r\n', '\n').replaceAll('\t', '    ').split('\n');
  if (part.cut > 0) lines.push(`[${part.cut} more characters]`);
  return lines.map(visible).join('\n');
}

/** `raw` is printed as it came, `run` may be several lines, `script` is a file that is copied out: they keep their line ends. */
const BLOCKS = new Map([
  ['raw', BLOCK_LIMIT],
  ['run', BLOCK_LIMIT],
  ['script', 4 * BLOCK_LIMIT],
]);

/** The same value with every string (and every key) made safe. Numbers, booleans and null are left alone. */
export function safeDeep<T>(value: T): T {
  return eachString(
    value,
    (text, key) => {
      const limit = BLOCKS.get(key);
      return limit === undefined ? safe(text) : safeBlock(text, limit);
    },
    '',
  );
}

/** For what is `safeDeep` already: the same in ASCII. */
export function asciiDeep<T>(value: T): T {
  return eachString(value, ascii, '');
}

function eachString<T>(value: T, change: (text: string, key: string) => string, key: string): T {
  if (typeof value === 'string') return change(value, key) as T;
  if (Array.isArray(value)) return value.map((item) => eachString(item, change, key)) as T;
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [change(name, ''), eachString(inner, change, name)]),
  ) as T;
}

const TYPOGRAPHY: Record<string, string> = {
  '\u2013': '-',
  '\u2014': '-',
  '\u2018': "'",
  '\u2019': "'",
  '\u201c': '"',
  '\u201d': '"',
  '\u2026': '...',
  '\u00d7': 'x',
  '\u2192': '->',
  '\u2264': '<=',
  '\u2265': '>=',
  '\u00a0': ' ',
};

/** For terminals without Unicode: our own typography in ASCII, every other character visible as in `safe`. */
export function ascii(text: string): string {
  return text.replace(
    /[^\n\x20-\x7e]/gu,
    (character) => TYPOGRAPHY[character] ?? visibleCharacter(character),
  );
}

export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')
    .replaceAll('`', '&#96;');
}

function longestRun(text: string, character: '`' | '~'): number {
  let longest = 0;
  for (const run of text.match(character === '`' ? /`+/g : /~+/g) ?? [])
    longest = Math.max(longest, run.length);
  return longest;
}

/** A code span of `safe` text: nothing inside is a link, a mention, an entity or emphasis. Empty text gives ''. */
export function markdownCode(text: string): string {
  if (text.trim() === '') return '';
  const ticks = '`'.repeat(longestRun(text, '`') + 1);
  const pad = text.startsWith('`') || text.endsWith('`') || /^ .* $/.test(text) ? ' ' : '';
  return ticks + pad + text + pad + ticks;
}

/** Words that GitHub and others make a link or a mention of, escaped or not. In a code span they stay words. */
const EDGES = /^([("'[]*)(.*?)([)"'\],.:;!?]*)$/s;
const LINKED_WORD = /^(?=.*(?::\/\/|www\.|@|mailto:|xmpp:))/i;

function escapeMarkdownWord(word: string): string {
  if (LINKED_WORD.test(word)) {
    // Quotes that go on inside belong to the word: 'USER'@'ADDRESS'.
    const edge = /['"].*['"]@|@['"]/.test(word) ? /^([([]*)(.*?)([)\],.:;!?]*)$/s : EDGES;
    const [, opening = '', inner = '', closing = ''] = edge.exec(word) ?? [];
    if (inner !== '')
      return `${escapePunctuation(opening)}${markdownCode(inner)}${escapePunctuation(closing)}`;
  }
  return escapePunctuation(word);
}

function escapePunctuation(text: string): string {
  return text.replace(/[\\`*_[\]<>|~&$]/g, '\\$&').replace(/#(?=\w)/g, '\\#');
}

/**
 * One paragraph of `safe` text as inert Markdown. The result must not be wrapped: a marker that is harmless in the
 * middle of a line is a list, a heading or a quote at its start.
 */
export function escapeMarkdown(text: string): string {
  const words = text.trim().split(' ').map(escapeMarkdownWord).join(' ');
  return words.replace(/^([-+=#])/, '\\$1').replace(/^(\d{1,9})([.)])(?=\s|$)/, '$1\\$2');
}

/** For a cell of a table, where a pipe ends the cell even inside a code span. */
export function escapeCell(markdown: string): string {
  return markdown.replace(
    /(\\*)\|/g,
    (_, slashes: string) => `${slashes.length % 2 === 0 ? `${slashes}\\` : slashes}|`,
  );
}

/** A fenced block that no line of the text can close. */
export function markdownFence(text: string, info = 'text'): string {
  const fence = '`'.repeat(Math.max(3, longestRun(text, '`') + 1));
  return `${fence}${info}\n${text.replace(/\n+$/, '')}\n${fence}`;
}
