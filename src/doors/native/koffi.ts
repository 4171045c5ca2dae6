import { createRequire } from 'node:module';

export interface Koffi {
  // biome-ignore lint/suspicious/noExplicitAny: koffi builds functions from C prototypes at run time
  load(path: string | null): { func(prototype: string): (...args: any[]) => any };
  errno(): number;
  address(buffer: Buffer): bigint;
}

/** Throws when koffi is not installed or was not built for this system. */
export function koffi(): Koffi {
  // Not `import`: the build must also work where the optional dependency is missing, types and all.
  const require = createRequire(import.meta.url);
  return require('koffi') as Koffi;
}

export const koffiLibrary = (path: string | null): ReturnType<Koffi['load']> => koffi().load(path);
