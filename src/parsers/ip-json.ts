/** The objects of an `ip -j` answer; null where the text holds no JSON array. Errors may stand around it. */
export function objectsOf(text: string): Record<string, unknown>[] | null {
  const start = text.search(/^\[/m);
  const end = text.lastIndexOf(']');
  if (start < 0 || end < start) return null;
  let value: unknown;
  try {
    value = JSON.parse(text.slice(start, end + 1));
  } catch {
    // Cut off: what `ip` knows stays unknown.
    return null;
  }
  if (!Array.isArray(value)) return null;
  return value
    .slice(0, 1000)
    .filter((entry) => typeof entry === 'object' && entry !== null && !Array.isArray(entry));
}

export const textOf = (value: unknown): string | null =>
  typeof value === 'string' && value.length <= 200 ? value : null;
