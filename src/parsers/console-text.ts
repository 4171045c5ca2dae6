import { DECODER_NAMES, UPPER_HALVES } from './code-pages.ts';
import { knownWords } from './windows-words.ts';

/** Pages that a console may have, commonest first: of two that fit equally well the first is taken. */
const CANDIDATES = [
  850, 437, 852, 866, 857, 932, 936, 949, 950, 1252, 1250, 1251, 1254, 858, 860, 863, 865, 737, 775, 855, 862,
];

/**
 * What a program wrote, as text. Windows programs write the console's code page into a pipe, PowerShell writes UTF-16, and
 * everything else UTF-8. `codePage` is what `chcp` says; null where nobody knows it (a file that somebody sent): then the
 * page is taken in which most of the words are ones that Windows's network programs say.
 *
 * Never throws. Octets that a page does not have become U+FFFD.
 */
export function consoleText(bytes: Uint8Array, codePage: number | null): string {
  const marked = markedText(bytes);
  if (marked !== null) return marked;
  // Text of an OEM page that is also valid UTF-8 by chance hardly occurs beyond ASCII.
  const unicode = strictly('utf-8', bytes);
  if (unicode !== null) return unicode;
  if (codePage !== null) {
    const told = inPage(bytes, codePage);
    if (told !== null) return told;
  }
  const sample = bytes.subarray(0, 8192);
  let best: { page: number; score: number } | null = null;
  for (const page of CANDIDATES) {
    const score = knownWords(inPage(sample, page) ?? '');
    if (score > (best?.score ?? 0)) best = { page, score };
  }
  return (best === null ? null : inPage(bytes, best.page)) ?? new TextDecoder().decode(bytes);
}

/** The number in the answer of `chcp` (`Active code page: 850`, `Aktive Codepage: 850.`), whatever the language; null without one. */
export function codePageOf(text: string): number | null {
  const number = /(\d{3,5})\D{0,8}$/.exec(text.slice(0, 200).trimEnd().slice(-40))?.[1];
  return number === undefined ? null : Number(number);
}

function markedText(bytes: Uint8Array): string | null {
  const [a, b, c] = bytes;
  if (a === 0xff && b === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (a === 0xfe && b === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  if (a === 0xef && b === 0xbb && c === 0xbf) return new TextDecoder().decode(bytes);
  // UTF-16 whose mark was lost on the way: every other octet of English is zero.
  const start = bytes.subarray(0, 64);
  const zeros = start.filter((octet, index) => index % 2 === 1 && octet === 0).length;
  return start.length >= 8 && zeros > start.length * 0.4 ? new TextDecoder('utf-16le').decode(bytes) : null;
}

function strictly(encoding: string, bytes: Uint8Array): string | null {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    // Not in this encoding; which it is, is still unknown.
    return null;
  }
}

function inPage(bytes: Uint8Array, page: number): string | null {
  const upper = UPPER_HALVES[page];
  if (upper !== undefined) {
    let text = '';
    for (const octet of bytes) text += octet < 0x80 ? String.fromCharCode(octet) : upper[octet - 0x80];
    return text;
  }
  const name = DECODER_NAMES[page];
  if (name === undefined) return null;
  try {
    return new TextDecoder(name).decode(bytes);
  } catch {
    // A node built without full ICU knows few encodings: the page stays unread.
    return null;
  }
}
