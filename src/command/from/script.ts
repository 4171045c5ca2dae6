import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { IS_SOURCE, PACKAGE_ROOT } from '../../ground/package-root.ts';
import type { Errand } from './source.ts';

/**
 * The client script for one errand. Values become quoted words of a program, so whatever is more than a name, addresses
 * and numbers is refused (TypeError).
 */
export async function scriptFor(errand: Errand): Promise<string> {
  const folder = IS_SOURCE ? 'src/command/from/kit' : 'dist/kit';
  const template = await readFile(join(PACKAGE_ROOT, folder, 'vantage.sh'), 'utf8');
  const values: Record<string, string> = {
    CASE: errand.caseId,
    HOST: errand.host ?? '',
    ADDRESSES: errand.addresses.join(' '),
    PORT: String(errand.port),
    REFERENCE: errand.reference === null ? '' : String(errand.reference),
    CONTROL: errand.control?.address ?? '',
    FAMILY: errand.family === null ? '' : String(errand.family),
    SWEEP: errand.ttlProbe ? 'yes' : 'no',
  };
  for (const [name, value] of Object.entries(values))
    if (!/^[0-9A-Za-z_.: -]*$/.test(value) || /(^| )-/.test(value))
      throw new TypeError(`${name} is no plain value`);
  return template.replace(/@([A-Z]+)@/g, (whole, name: string) => values[name] ?? whole);
}
