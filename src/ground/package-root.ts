import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

function above(folder: string): string {
  return existsSync(join(folder, 'package.json')) || dirname(folder) === folder
    ? folder
    : above(dirname(folder));
}

/** The package's own folder, whether the code runs from src/ (tsx, vitest) or bundled from dist/. */
export const PACKAGE_ROOT = above(dirname(fileURLToPath(import.meta.url)));

/** True where the sources run as they are: nothing is built then. */
export const IS_SOURCE = import.meta.url.endsWith('.ts');
