import { realpathSync } from 'node:fs';

/** process.execPath, process.execArgv and process.argv[1]. */
export interface Started {
  node: string;
  nodeArguments: readonly string[];
  script: string;
}

interface Shell {
  env: Record<string, string | undefined>;
  platform: NodeJS.Platform;
  /** The real place of a file, null where there is none. */
  realPath?(file: string): string | null;
}

function realPathOf(file: string): string | null {
  try {
    return realpathSync(file);
  } catch {
    return null; // There is none.
  }
}

/**
 * The words that start the program again from the same shell: `reachdoctor` where that is what the PATH finds, `npx
 * reachdoctor` where npx started it, otherwise node and the script.
 */
export function startedAs(
  { node, nodeArguments, script }: Started,
  { env, platform, realPath = realPathOf }: Shell,
): string[] {
  const here = realPath(script);
  const [separator, slash, names] =
    platform === 'win32' ? [';', '\\', ['reachdoctor.cmd', 'reachdoctor']] : [':', '/', ['reachdoctor']];
  const places = (env.PATH ?? env.Path ?? '').split(separator).filter((place) => place !== '');
  const isNpx = env.npm_command === 'exec' && places.some((place) => /[\\/]_npx[\\/]/.test(place));
  if (isNpx) return ['npx', 'reachdoctor'];
  const found = places.flatMap((place) =>
    names.flatMap((name) => realPath(`${place}${slash}${name}`) ?? []),
  )[0];
  // On Windows a small program stands in the PATH that starts the script.
  if (found !== undefined && (found === here || platform === 'win32')) return ['reachdoctor'];
  const isOnPath = places.some((place) => realPath(`${place}${slash}node`) === realPath(node));
  return [isOnPath ? 'node' : node, ...nodeArguments, script];
}
