/** Without the `> ` of a mail, or the spaces of a list, that stand before every line. */
export function unquoted(lines: string[]): string[] {
  const said = lines.filter((line) => line.trim() !== '' && !line.startsWith('```'));
  if (said.length === 0) return lines;
  if (said.every((line) => line.startsWith('>'))) return lines.map((line) => line.replace(/^>+ ?/, ''));
  const depth = said.reduce((least, line) => Math.min(least, /^ {0,16}/.exec(line)![0].length), 16);
  return depth < 2 ? lines : lines.map((line) => line.slice(Math.min(depth, line.search(/\S|$/))));
}
