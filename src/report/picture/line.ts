import { widthOf } from '../width.ts';
import type { Picture, Stop } from './picture.ts';

interface Signs {
  way: string;
  broken: string;
  fault: string;
  loop: string;
  refused: string;
  connects: string;
  more: string;
}
const FANCY: Signs = {
  way: '──',
  broken: '─╳─',
  fault: '─╍─',
  loop: '⇄',
  refused: '✗',
  connects: '✓',
  more: '…',
};
const PLAIN: Signs = {
  way: '--',
  broken: '-X-',
  fault: '-~-',
  loop: '<->',
  refused: 'x',
  connects: '+',
  more: '...',
};

/**
 * The picture in one line: `you ── 192.168.1.1 ── 100.64.2.2 ─╳─ 100.64.3.2 ── db.example.com`. Hops that say least are
 * left out until it fits; null where even the verdict's own stops do not fit.
 */
export function pictureLine(
  picture: Picture,
  { host, unicode, width }: { host: string; unicode: boolean; width: number },
): string | null {
  const signs = unicode ? FANCY : PLAIN;
  const { stops, broken, refusedBy, acceptedBy } = picture;
  const named = new Set([broken?.after, broken?.before, refusedBy, acceptedBy, stops.length - 1]);
  // Addresses say more than numbers of hops; long ones of IPv6 do not always fit.
  for (const names of ['addresses', 'hops'] as const) {
    let shown = stops.map((_, index) => index);
    for (;;) {
      const line = draw(picture, shown, { host, signs, names });
      if (widthOf(line) <= width) return line;
      // From the middle outwards: the first router and what the verdict names say most.
      const free = shown.filter((index) => !named.has(index));
      const middle = free[Math.floor(free.length / 2)];
      if (middle === undefined) break;
      shown = shown.filter((index) => index !== middle);
    }
  }
  return null;
}

interface Look {
  host: string;
  signs: Signs;
  names: 'addresses' | 'hops';
}

function draw(picture: Picture, shown: readonly number[], look: Look): string {
  const { signs } = look;
  const { stops, broken, refusedBy, acceptedBy } = picture;
  const parts: string[] = ['you'];
  if (refusedBy === -1) parts.push(signs.refused);
  let before = -1;
  for (const index of shown) {
    const stop = stops[index];
    if (stop === undefined) continue;
    const isBroken = broken !== null && before <= broken.after && index > broken.after;
    const isBeyondLoop = broken?.kind === 'loop' && before === broken.before;
    const sign = !isBroken
      ? isBeyondLoop
        ? signs.broken
        : signs.way
      : broken.kind === 'loop'
        ? signs.loop
        : broken.kind === 'fault'
          ? signs.fault
          : signs.broken;
    const left = stops.slice(before + 1, index).reduce((sum, one) => sum + hopCount(one), 0);
    if (left > 0 && !isBroken) parts.push(signs.way, hopsLeftOut(left, signs));
    parts.push(sign, nameOf(stop, look));
    if (index === refusedBy) parts.push(signs.refused);
    if (index === acceptedBy) parts.push(signs.connects);
    before = index;
  }
  return parts.join(' ');
}

function nameOf(stop: Stop, { host, signs, names }: Look): string {
  if (stop.isHost) return host;
  if (stop.inside !== undefined) return stop.inside;
  const { hops } = stop;
  if (hops !== null && hops.last > hops.first) return hopsLeftOut(hopCount(stop), signs);
  return names === 'hops' && hops !== null ? `hop ${hops.first}` : (stop.address ?? '?');
}

const hopCount = ({ hops }: Stop): number => (hops === null ? 1 : hops.last - hops.first + 1);
const hopsLeftOut = (count: number, { more }: Signs): string =>
  count === 1 ? more : `${more}${count} hops${more}`;
