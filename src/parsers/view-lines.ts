// {"view":1,"case":"0123...","tool":"python3","root":false,"notChecked":["route"]}
// {"probe":"tcp-connect","input":{"address":"192.0.2.7","port":443,"role":"target", ...},"outcome":"open","data":{...}}
// {"end":"0123..."}

/** Why a text is no look of a vantage; the words for people stand where it is told. */
export type ViewRefusal = 'nothing' | 'cut' | 'other-case' | 'too-long' | 'not-json';

export interface ViewLines {
  /** As they came; not checked yet. */
  head: Record<string, unknown>;
  findings: Record<string, unknown>[];
}

const MOST_LINES = 400;

/**
 * What a vantage's script printed: a first line, an object a line, a last line. What stands before the first (a message
 * of the day) and after the last is left out. Without the last line it is a script that died, and nothing of it counts.
 */
export function parseViewLines(text: string, caseId: string): ViewLines | { refused: ViewRefusal } {
  const lines = text.split(/\r?\n/);
  const first = lines.findIndex((line) => line.startsWith('{"view":1,'));
  if (first < 0) return { refused: 'nothing' };
  const last = lines.findIndex((line, i) => i > first && line.startsWith('{"end":'));
  if (last < 0) return { refused: 'cut' };
  if (last - first > MOST_LINES) return { refused: 'too-long' };
  const objects = lines
    .slice(first, last + 1)
    .filter((line) => line.trim() !== '')
    .map(objectIn);
  if (!objects.every((one) => one !== null)) return { refused: 'not-json' };
  const [head, ...findings] = objects;
  const end = findings.pop();
  if (head?.case !== caseId || end?.end !== caseId) return { refused: 'other-case' };
  return { head, findings };
}

function objectIn(line: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}
