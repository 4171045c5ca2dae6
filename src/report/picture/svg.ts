import { html, type Markup } from '../html-tag.ts';
import { cutMiddle } from '../width.ts';
import type { Picture, Seen, Stop } from './picture.ts';
import { pictureWords } from './words.ts';

/** Distance of two stops on the drawing, and how much of an address fits below one. */
const ACROSS = { step: 104, left: 60, top: 58, rail: 44, room: 15 };
const DOWN = { step: 52, left: 34, top: 44, rail: 34, room: 34 };

/**
 * Two rails, the target's and below (or right of) it the reference's, from this machine to the host. A stop that both
 * passed is one shape over both rails. The way of the target ends in a shaded gap; a refusal comes back as an arrow.
 * One drawing lies across, for wide pages and paper, one stands upright for narrow ones; the style sheet shows one.
 */
export function pictureSvg(picture: Picture, host: string): Markup {
  return html`${across(picture, host)}${down(picture, host)}`;
}

const title = (picture: Picture, host: string): Markup =>
  html`<title>${pictureWords(picture, host).title}</title><desc>${pictureWords(picture, host).description}</desc>`;

/** Positions are counted in stops: 0 = this machine, i + 1 = stop i. */
interface Plan {
  /** Fraction of the way at which the target's rail ends. */
  targetEnd: number;
  referenceEnd: number;
  gap: { from: number; to: number } | null;
}

function planOf({ stops, broken, refusedBy, acceptedBy, reference }: Picture): Plan {
  const last = stops.length;
  const gap =
    broken === null
      ? null
      : { from: broken.after + 1, to: broken.before === null ? last : broken.before + 1 };
  const targetEnd =
    gap !== null && broken?.kind !== 'fault' ? gap.from : (refusedBy ?? acceptedBy ?? last - 1) + 1;
  const referenceEnd =
    reference === null ? 0 : stops.findLastIndex((stop) => stop.reference === 'answered') + 1;
  return { targetEnd, referenceEnd, gap };
}

const markOf = (seen: Seen): string => (seen === 'answered' ? 'heard' : 'mute');

function endMark({ refusedBy, acceptedBy, broken }: Picture, index: number): string {
  if (index === refusedBy) return 'refuses';
  return index === acceptedBy && broken === null ? 'accepts' : '';
}

function hopText({ hops, isHost }: Stop): string {
  if (hops === null) return isHost ? 'target' : '';
  return hops.first === hops.last ? String(hops.first) : `${hops.first}–${hops.last}`;
}

function nameText(stop: Stop, host: string, room: number): string {
  if (stop.isHost) return cutMiddle(host, room, '…');
  if (stop.inside !== undefined) return stop.inside;
  if (stop.address === null)
    return stop.hops !== null && stop.hops.last > stop.hops.first
      ? `${stop.hops.last - stop.hops.first + 1} hops`
      : 'no answer';
  return cutMiddle(stop.address, room, '…');
}

function across(picture: Picture, host: string): Markup {
  const { step, left, top, rail, room } = ACROSS;
  const { stops, reference, refusedBy, ownNetwork } = picture;
  const plan = planOf(picture);
  const x = (position: number): number => left + position * step;
  const [upper, lower] = [top, reference === null ? top : top + rail];
  const width = x(stops.length) + left;
  const height = lower + 70;
  const bands = bandsOf(stops.findIndex(({ isHost }) => isHost) + 1, stops.length, ownNetwork).map(
    ({ text, from, to }, index) =>
      html`<g class="band b${index}"><rect x="${x(from) - step / 2}" y="4" width="${(to - from + 1) * step}" height="${height - 8}" rx="8"/><text x="${x(from) - step / 2 + 8}" y="18">${text}</text></g>`,
  );
  const gap =
    plan.gap === null
      ? null
      : html`<g class="gap"><rect x="${x(plan.gap.from) + 9}" y="${upper - 14}" width="${Math.max(12, x(plan.gap.to) - x(plan.gap.from) - 18)}" height="28" rx="6"/><path d="M${(x(plan.gap.from) + x(plan.gap.to)) / 2 - 6} ${upper - 6}l12 12m0 -12l-12 12"/></g>`;
  const back =
    refusedBy === null
      ? null
      : html`<g class="back"><path d="M${x(refusedBy + 1)} ${upper - 10}Q${(x(refusedBy + 1) + x(0)) / 2} ${upper - 34} ${x(0)} ${upper - 12}"/><path class="tip" d="M${x(0)} ${upper - 12}l9 -7m-9 7l10 3"/></g>`;
  const shapes = stops.map((stop, index) => {
    const at = x(index + 1);
    const mark = endMark(picture, index);
    const shared = reference !== null && stop.target === 'answered' && stop.reference === 'answered';
    const label = html`<text class="hop" x="${at}" y="${lower + 26}">${hopText(stop)}</text><text class="who" x="${at}" y="${lower + 42}">${nameText(stop, host, room)}<title>${stop.address ?? ''}</title></text>${stop.name === null ? null : html`<text class="name" x="${at}" y="${lower + 57}">${cutMiddle(stop.name, room + 1, '…')}<title>${stop.name}</title></text>`}`;
    const shape = shared
      ? html`<rect class="stop heard ${mark}" x="${at - 8}" y="${upper - 8}" width="16" height="${lower - upper + 16}" rx="8"/>`
      : html`${stop.target === 'absent' && index + 1 > plan.targetEnd && !stop.isHost ? null : html`<circle class="stop ${markOf(stop.target)} ${mark}" cx="${at}" cy="${upper}" r="8"/>`}${reference === null || stop.reference === 'absent' ? null : html`<circle class="stop beside ${markOf(stop.reference)}" cx="${at}" cy="${lower}" r="8"/>`}`;
    return html`${shape}${label}`;
  });
  const rails = html`<line class="rail target" x1="${x(0)}" y1="${upper}" x2="${x(plan.targetEnd)}" y2="${upper}"/>${reference === null ? null : html`<line class="rail beside" x1="${x(0)}" y1="${lower}" x2="${x(plan.referenceEnd)}" y2="${lower}"/>`}`;
  const keys = html`<text class="key target" x="${x(0) - 12}" y="${upper + 4}">${picture.target}</text>${reference === null ? null : html`<text class="key beside" x="${x(0) - 12}" y="${lower + 4}">${reference}</text>`}`;
  return html`<svg class="picture across${isWell(picture) ? ' well' : ''}" viewBox="-40 0 ${width + 40} ${height}" style="max-width:${width + 40}px" role="img">${title(picture, host)}
${bands}${gap}${rails}<rect class="here" x="${x(0) - 8}" y="${upper - 8}" width="16" height="${lower - upper + 16}" rx="4"/>${shapes}${back}${keys}<text class="who" x="${x(0)}" y="${lower + 42}">this machine</text>
</svg>`;
}

function down(picture: Picture, host: string): Markup {
  const { step, left, top, rail, room } = DOWN;
  const { stops, reference, refusedBy } = picture;
  const plan = planOf(picture);
  const y = (position: number): number => top + position * step;
  const [first, second] = [left, reference === null ? left : left + rail];
  const text = second + 24;
  const height = y(stops.length) + 30;
  const gap =
    plan.gap === null
      ? null
      : html`<g class="gap"><rect x="${first - 14}" y="${y(plan.gap.from) + 9}" width="28" height="${Math.max(12, y(plan.gap.to) - y(plan.gap.from) - 18)}" rx="6"/><path d="M${first - 6} ${(y(plan.gap.from) + y(plan.gap.to)) / 2 - 6}l12 12m0 -12l-12 12"/></g>`;
  const back =
    refusedBy === null
      ? null
      : html`<g class="back"><path d="M${first - 10} ${y(refusedBy + 1)}Q${first - 32} ${(y(refusedBy + 1) + y(0)) / 2} ${first - 11} ${y(0)}"/><path class="tip" d="M${first - 11} ${y(0)}l-8 7m8 -7l2 10"/></g>`;
  const shapes = stops.map((stop, index) => {
    const at = y(index + 1);
    const mark = endMark(picture, index);
    const shared = reference !== null && stop.target === 'answered' && stop.reference === 'answered';
    const shape = shared
      ? html`<rect class="stop heard ${mark}" x="${first - 8}" y="${at - 8}" width="${second - first + 16}" height="16" rx="8"/>`
      : html`<circle class="stop ${markOf(stop.target)} ${mark}" cx="${first}" cy="${at}" r="8"/>${reference === null || stop.reference === 'absent' ? null : html`<circle class="stop beside ${markOf(stop.reference)}" cx="${second}" cy="${at}" r="8"/>`}`;
    return html`${shape}<text class="who" x="${text}" y="${at + 4}"><tspan class="hop">${hopText(stop)}</tspan> ${nameText(stop, host, room)}</text>${stop.name === null ? null : html`<text class="name" x="${text}" y="${at + 19}">${cutMiddle(stop.name, room, '…')}</text>`}`;
  });
  const keys = html`<text class="key target" x="${first}" y="16">${picture.target}</text>${reference === null ? null : html`<text class="key beside" x="${first + 70}" y="16">${reference}</text>`}`;
  return html`<svg class="picture down${isWell(picture) ? ' well' : ''}" viewBox="0 0 340 ${height}" role="img">${title(picture, host)}
${gap}<line class="rail target" x1="${first}" y1="${y(0)}" x2="${first}" y2="${y(plan.targetEnd)}"/>${reference === null ? null : html`<line class="rail beside" x1="${second}" y1="${y(0)}" x2="${second}" y2="${y(plan.referenceEnd)}"/>`}<rect class="here" x="${first - 8}" y="${y(0) - 8}" width="${second - first + 16}" height="16" rx="4"/>${shapes}${back}${keys}<text class="who" x="${text}" y="${y(0) + 4}">this machine</text>
</svg>`;
}

const isWell = ({ broken, refusedBy, acceptedBy }: Picture): boolean =>
  broken === null && refusedBy === null && acceptedBy !== null;

function bandsOf(
  host: number,
  stops: number,
  ownNetwork: number | null,
): { text: string; from: number; to: number }[] {
  const own = ownNetwork === null ? 0 : ownNetwork + 1;
  return [
    { text: own === 0 ? 'you' : 'your network', from: 0, to: own },
    ...(own + 1 <= host - 1 ? [{ text: 'on the way', from: own + 1, to: host - 1 }] : []),
    { text: 'the target', from: host, to: stops },
  ];
}
