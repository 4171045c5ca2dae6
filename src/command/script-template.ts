import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { IS_SOURCE, PACKAGE_ROOT } from '../ground/package-root.ts';

/**
 * A script with its values filled in (`@NAME@`). They become quoted words of a program, so whatever does not fit `plain`
 * is refused (TypeError), whoever checked it before.
 */
export async function filledScript(
  of: 'there' | 'from',
  file: string,
  values: Readonly<Record<string, string>>,
  plain: RegExp,
): Promise<string> {
  const folder = IS_SOURCE ? `src/command/${of}/kit` : 'dist/kit';
  const template = await readFile(join(PACKAGE_ROOT, folder, file), 'utf8');
  for (const [name, value] of Object.entries(values))
    if (!plain.test(value)) throw new TypeError(`${name} of the case is no plain value`);
  return template.replace(/@([A-Z]+)@/g, (whole, name: string) => values[name] ?? whole);
}
