/** `npm run licences`: every package that an installation brings along, with its version and licence. */
import { readFileSync } from 'node:fs';
import { argv, stdout } from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';

export interface Licence {
  name: string;
  version: string;
  licence: string;
}

/** From the lock file, without what only development needs. */
export function licences(root: string): Licence[] {
  const { packages } = JSON.parse(readFileSync(`${root}/package-lock.json`, 'utf8')) as {
    packages: Record<string, { version?: string; license?: string; dev?: boolean }>;
  };
  return Object.entries(packages)
    .filter(([path, { dev }]) => path !== '' && dev !== true)
    .map(([path, { version = '', license = 'not said' }]) => {
      return { name: path.replace(/^.*node_modules\//, ''), version, licence: license };
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

if (argv[1] !== undefined && import.meta.url === pathToFileURL(argv[1]).href) {
  for (const { name, version, licence } of licences(fileURLToPath(new URL('../..', import.meta.url))))
    stdout.write(`${name} ${version}: ${licence}\n`);
}
