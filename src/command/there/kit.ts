import { createHash } from 'node:crypto';
import type { Case } from '../../model/case.ts';
import { filledScript } from '../script-template.ts';

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
  const values: Record<string, string> = {
    CASE: of.id,
    TARGET: bare(of.target.address),
    PORT: String(of.target.port),
    REFERENCE: of.reference === null ? '' : String(of.reference.port),
    CLIENT: bare(of.client.seenAs ?? (of.client.translated === 'yes' ? '' : (of.client.address ?? ''))),
    SECONDS: String(how.seconds),
    TRACE: how.traceRules ? 'yes' : 'no',
  };
  const text = await filledScript('there', `kit.${language}`, values, /^[0-9A-Za-z.:]*$/);
  return { text, sha256: createHash('sha256').update(text).digest('hex') };
}

/** Without the zone of a link-local address, which means something on this machine alone. */
const bare = (address: string): string => address.split('%')[0] ?? '';
