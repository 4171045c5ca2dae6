/** `npm run sbom`: the bill of materials, printed. */
import { stdout } from 'node:process';
import { fileURLToPath } from 'node:url';
import { billOf } from './bill.ts';

stdout.write(`${JSON.stringify(billOf(fileURLToPath(new URL('../..', import.meta.url))), null, 2)}\n`);
