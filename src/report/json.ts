import type { Report } from '../model/report.ts';

/**
 * JSON.stringify escapes C0 and lone surrogates; these it lets through, and a terminal or an editor acts on them
 * (U+009B starts an escape sequence). `\uXXXX` is the same string to whoever parses it.
 */
const ACTIVE = /[\u007f-\u009f\p{Cf}\p{Zl}\p{Zp}]/gu;

function escaped(character: string): string {
  let units = '';
  for (let index = 0; index < character.length; index += 1) {
    units += `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`;
  }
  return units;
}

/** Exactly one document and a trailing newline. Every string keeps its value. */
export const renderJson = (report: Report): string => documentText(report);

/** The same for any other value; `lineText` puts it on one line, for streams of them. */
export const documentText = (value: object): string =>
  `${JSON.stringify(value, null, 2).replace(ACTIVE, escaped)}\n`;
export const lineText = (value: object): string => `${JSON.stringify(value).replace(ACTIVE, escaped)}\n`;
