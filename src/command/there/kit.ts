import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { IS_SOURCE, PACKAGE_ROOT } from '../../ground/package-root.ts';
import type { Case } from '../../model/case.ts';

export type KitLanguage = 'sh' | 'ps1';

/**
 * The other end's script for one case. What is filled in was checked when the case was read or made: 32 hexadecimal
 * digits, addresses, ports, whole numbers; whatever else is refused here once more, since it becomes program text.
 */
export async function kitFor(
  of: Case,
  language: KitLanguage,
  how: { seconds: number; traceRules: boolean },
): Promise<{ text: string; sha256: string }> {
  const folder = IS_SOURCE ? 'src/command/there/kit' : 'dist/kit';
  const template = await readFile(join(PACKAGE_ROOT, folder, `kit.${language}`), 'utf8');
  const values: Record<string, string> = {
    CASE: of.id,
    TARGET: bare(of.target.address),
    PORT: String(of.target.port),
    REFERENCE: of.reference === null ? '' : String(of.reference.port),
    CLIENT: bare(of.client.seenAs ?? (of.client.translated === 'yes' ? '' : (of.client.address ?? ''))),
    SECONDS: String(how.seconds),
    TRACE: how.traceRules ? 'yes' : 'no',
  };
  for (const [name, value] of Object.entries(values))
    if (!/^[0-9A-Za-z.:]*$/.test(value)) throw new TypeError(`${name} of the case is no plain value`);
  const text = template.replace(/@([A-Z]+)@/g, (whole, name: string) => values[name] ?? whole);
  return { text, sha256: createHash('sha256').update(text).digest('hex') };
}

/** Without the zone of a link-local address, which means something on this machine alone. */
const bare = (address: string): string => address.split('%')[0] ?? '';
