// target,expect,cause
// db.example.com:5432,filtered,"a ""quoted"" cell, with a comma"

/** A row of comma-separated values (RFC 4180) and the line on which it begins, from 1. */
export interface CsvRow {
  line: number;
  cells: string[];
}

/**
 * Rows of a text. Cells may be quoted, with `""` for a quotation mark and with line ends in them. Blank lines and lines that
 * begin with # are left out. `unclosed` = the line of a quotation mark that never ends; null = there is none.
 */
export function parseCsv(
  text: string,
  separator: ',' | ';' = ',',
): { rows: CsvRow[]; unclosed: number | null } {
  const rows: CsvRow[] = [];
  const lines = text.split(/\r\n|\r|\n/);
  for (let i = 0; i < lines.length; i++) {
    const first = lines[i] ?? '';
    if (first.trim() === '' || first.startsWith('#')) continue;
    const line = i + 1;
    const cells: string[] = [];
    let rest = first;
    for (;;) {
      if (/^[ \t]*"/.test(rest)) {
        let cell = '';
        let from = rest.indexOf('"') + 1;
        for (;;) {
          const end = rest.indexOf('"', from);
          if (end < 0) {
            i++;
            if (i >= lines.length) return { rows, unclosed: line };
            cell += `${rest.slice(from)}\n`;
            rest = lines[i] ?? '';
            from = 0;
          } else if (rest[end + 1] === '"') {
            cell += rest.slice(from, end + 1);
            from = end + 2;
          } else {
            cell += rest.slice(from, end);
            rest = rest.slice(end + 1);
            break;
          }
        }
        const next = rest.indexOf(separator);
        cells.push(cell + (next < 0 ? rest : rest.slice(0, next)).trim());
        if (next < 0) break;
        rest = rest.slice(next + 1);
      } else {
        const next = rest.indexOf(separator);
        cells.push((next < 0 ? rest : rest.slice(0, next)).trim());
        if (next < 0) break;
        rest = rest.slice(next + 1);
      }
    }
    rows.push({ line, cells });
  }
  return { rows, unclosed: null };
}
