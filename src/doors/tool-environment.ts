import { delimiter, isAbsolute } from 'node:path';

/** Without these Windows starts nothing. */
const WINDOWS_NEEDS = ['SYSTEMROOT', 'SYSTEMDRIVE', 'WINDIR', 'PATHEXT', 'COMSPEC', 'TEMP', 'TMP'];

/**
 * All that a tool gets to see of the environment: where programs are, and that it is to speak English in UTC. Tokens
 * and passwords in other variables are none of its business, and neither are options that it would read there (MTR_OPTIONS).
 */
export function toolEnvironment(
  environment: Record<string, string | undefined>,
  platform: NodeJS.Platform,
): Record<string, string> {
  const fixed = { LC_ALL: 'C', LANGUAGE: '', TZ: 'UTC' };
  // On Windows names compare without case (Path), and there is no sbin.
  const named = (name: string) =>
    platform === 'win32'
      ? Object.entries(environment).find(([key]) => key.toUpperCase() === name)?.[1]
      : environment[name];
  const path = searchPath(named('PATH'));
  if (platform !== 'win32') return { ...fixed, PATH: [...path, '/usr/sbin', '/sbin'].join(delimiter) };
  const needed = WINDOWS_NEEDS.flatMap((name) => {
    const value = named(name);
    return value === undefined ? [] : [[name, value]];
  });
  return { ...Object.fromEntries(needed), ...fixed, PATH: path.join(delimiter) };
}

/** Empty and relative elements mean the current directory, where anybody may have put a `ping`. */
export function searchPath(value: string | undefined): string[] {
  const elements = (value ?? '/usr/local/bin:/usr/bin:/bin').split(delimiter);
  return elements.filter((element) => isAbsolute(element));
}
