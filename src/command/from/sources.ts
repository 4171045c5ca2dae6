import { isUsageError, shown, type UsageError, usageError as usage } from '../usage-error.ts';
import { CARRIERS } from './carriers.ts';
import { GLOBALPING } from './globalping.ts';
import type { SourceKind, ViewSource } from './source.ts';

/** Every kind of --from. */
const KINDS: readonly SourceKind[] = [CARRIERS, GLOBALPING];

const MOST_SOURCES = 8;

/** The places that --from names, or what is wrong with the first that names none. */
export function sourcesOf(given: readonly string[]): ViewSource[] | UsageError {
  const sources: ViewSource[] = [];
  for (const text of given) {
    const source = KINDS.map(({ parse }) => parse(text)).find((one) => one !== null);
    if (source === undefined) {
      const [first, ...others] = KINDS.flatMap(({ forms }) => forms);
      return usage(
        `--from ${shown(text)} is no place to look from: write it as in --from ${first} (or ${others.join(', ')}).`,
      );
    }
    if (isUsageError(source)) return source;
    if (sources.some(({ by }) => by === source.by))
      return usage(`--from ${shown(text)} is given twice: give each place once.`);
    sources.push(source);
  }
  return sources.length > MOST_SOURCES
    ? usage(`--from is given ${sources.length} times: give at most ${MOST_SOURCES} places.`)
    : sources;
}
