/** Columns on a terminal. Text is `safe`: it has no control or zero-width characters but combining marks. */

const WIDE =
  /[\u{1100}-\u{115f}\u{231a}\u{231b}\u{2329}\u{232a}\u{23e9}-\u{23ec}\u{23f0}\u{23f3}\u{25fd}\u{25fe}\u{2614}\u{2615}\u{2648}-\u{2653}\u{267f}\u{2693}\u{26a1}\u{26aa}\u{26ab}\u{26bd}\u{26be}\u{26c4}\u{26c5}\u{26ce}\u{26d4}\u{26ea}\u{26f2}\u{26f3}\u{26f5}\u{26fa}\u{26fd}\u{2705}\u{270a}\u{270b}\u{2728}\u{274c}\u{274e}\u{2753}-\u{2755}\u{2757}\u{2795}-\u{2797}\u{27b0}\u{27bf}\u{2b1b}\u{2b1c}\u{2b50}\u{2b55}\u{2e80}-\u{303e}\u{3041}-\u{a4cf}\u{a960}-\u{a97f}\u{ac00}-\u{d7a3}\u{f900}-\u{faff}\u{fe10}-\u{fe19}\u{fe30}-\u{fe6f}\u{ff00}-\u{ff60}\u{ffe0}-\u{ffe6}\u{1f000}-\u{1faff}\u{20000}-\u{3fffd}]/u;
const MARK = /^\p{M}$/u;

export function widthOf(text: string): number {
  let width = 0;
  for (const character of text) {
    if (character >= ' ' && character <= '~') width += 1;
    else if (!MARK.test(character)) width += WIDE.test(character) ? 2 : 1;
  }
  return width;
}

/** The longest beginning that fits, and the rest. */
function splitAt(text: string, width: number): [string, string] {
  let used = 0;
  let end = 0;
  for (const character of text) {
    const more = widthOf(character);
    if (used + more > width && end > 0) break;
    used += more;
    end += character.length;
  }
  return [text.slice(0, end), text.slice(end)];
}

export function cutTo(text: string, width: number, ellipsis: string): string {
  if (widthOf(text) <= width) return text;
  if (width <= widthOf(ellipsis)) return splitAt(text, Math.max(1, width))[0];
  return splitAt(text, width - widthOf(ellipsis))[0] + ellipsis;
}

/** Keeps both ends: of a long name the first label and the domain both tell something. */
export function cutMiddle(text: string, width: number, ellipsis: string): string {
  if (widthOf(text) <= width) return text;
  const room = width - widthOf(ellipsis);
  if (room < 4) return cutTo(text, width, ellipsis);
  const [head] = splitAt(text, Math.ceil(room / 2));
  let tail = '';
  for (const character of [...text].reverse()) {
    if (widthOf(character) + widthOf(tail) > Math.floor(room / 2)) break;
    tail = character + tail;
  }
  return head + ellipsis + tail;
}

/** Breaks at spaces; a word longer than a line is broken where the line ends. Line ends of the text stay. */
export function wrap(text: string, width: number): string[] {
  const room = Math.max(8, width);
  return text.split('\n').flatMap((paragraph) => {
    const lines: string[] = [];
    let line = '';
    for (let word of paragraph.split(' ').filter((part) => part !== '')) {
      if (line !== '' && widthOf(line) + 1 + widthOf(word) <= room) {
        line += ` ${word}`;
        continue;
      }
      if (line !== '') lines.push(line);
      while (widthOf(word) > room) {
        const [head, rest] = splitAt(word, room);
        lines.push(head);
        word = rest;
      }
      line = word;
    }
    return line === '' && lines.length > 0 ? lines : [...lines, line];
  });
}

export function padTo(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - widthOf(text)));
}
