import { cutMiddle, padTo, widthOf } from '../width.ts';
import type { Rails } from './rails.ts';

const SIGNS = {
  unicode: {
    way: '─',
    first: '┬',
    middle: '┤',
    last: '┘',
    gate: '╳',
    refused: '◄',
    arrives: '►',
    times: '×',
  },
  ascii: { way: '-', first: '+', middle: '+', last: '+', gate: 'X', refused: '<', arrives: '>', times: 'x' },
} as const;
const MOST_NAME = 34;

/**
 * A line a place; those that share a gate are joined before it, and it says how many they are:
 *   netns:v1 ──┬─► TCP 8080 of 192.0.2.7
 *   netns:v2 ──┘
 *   this machine ╳ no answer after 192.0.2.1
 */
export function railLines(
  { target, groups }: Rails,
  { unicode, width }: { unicode: boolean; width: number },
): string[] {
  const signs = unicode ? SIGNS.unicode : SIGNS.ascii;
  const dots = unicode ? '…' : '...';
  const names = groups.map(({ places }) => places.map((place) => cutMiddle(place, MOST_NAME, dots)));
  const room = Math.max(...names.flat().map(widthOf)) + 1;
  return groups.flatMap(({ kind, gate, places }, i) =>
    (names[i] ?? []).map((name, j) => {
      const alone = places.length === 1;
      const joint = alone
        ? signs.way
        : j === 0
          ? signs.first
          : j < places.length - 1
            ? signs.middle
            : signs.last;
      const rail = `${padTo(name, room)}${signs.way}${signs.way}${joint}`;
      if (j > 0) return rail;
      const count = alone || kind === 'open' ? '' : ` ${places.length}${signs.times}`;
      const sign = kind === 'open' ? signs.arrives : kind === 'refused' ? signs.refused : signs.gate;
      const line = `${rail}${signs.way}${sign}${count} ${gate ?? target}`;
      return widthOf(line) <= width ? line : cutMiddle(line, width, dots);
    }),
  );
}
