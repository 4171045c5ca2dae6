import { html, type Markup } from '../html-tag.ts';
import { cutMiddle } from '../width.ts';
import type { RailGroup, Rails } from './rails.ts';

const ROW = 34;
const TOP = 26;
const NAME_ROOM = 22;
/** Where rails begin, where those of one fate have met, where the gate stands, where the target is. */
const X = { begin: 170, met: 300, gate: 340, target: 560, width: 640 };

/** One rail a place, from the left; those of one fate meet, and end at one gate with their number, or go on to the target. */
export function railsSvg(rails: Rails): Markup {
  const rows = rails.groups.reduce((sum, { places }) => sum + places.length, 0);
  const height = TOP + rows * ROW + 14;
  const open = middleOf(rails, ({ kind }) => kind === 'open');
  const end = open ?? TOP + (rows * ROW) / 2;
  let row = 0;
  const drawn = rails.groups.map((group) => {
    const first = row;
    row += group.places.length;
    return groupOf(group, first, end);
  });
  const words = rails.groups
    .map(({ places, gate }) => `${places.join(', ')}: ${gate ?? 'reaches it'}`)
    .join('; ');
  return html`<svg class="picture rails" viewBox="0 0 ${X.width} ${height}" role="img"><title>${rails.target}, from ${String(rows)} places</title><desc>${words}.</desc>
${drawn}<circle class="stop heard end" cx="${X.target}" cy="${end}" r="9"/><text class="who mid" x="${X.target}" y="${end - 16}">${rails.target}</text>
</svg>`;
}

const yOf = (row: number): number => TOP + row * ROW + ROW / 2;

function middleOf({ groups }: Rails, is: (group: RailGroup) => boolean): number | null {
  let row = 0;
  for (const group of groups) {
    if (is(group)) return (yOf(row) + yOf(row + group.places.length - 1)) / 2;
    row += group.places.length;
  }
  return null;
}

function groupOf({ places, kind, gate }: RailGroup, first: number, end: number): Markup {
  const meet = (yOf(first) + yOf(first + places.length - 1)) / 2;
  const rails = places.map((place, i) => {
    const y = yOf(first + i);
    return html`<path class="rail ${kind}" d="M${X.begin} ${y}C${X.met - 50} ${y} ${X.met - 50} ${meet} ${X.met} ${meet}"/><rect class="here" x="${X.begin - 6}" y="${y - 6}" width="12" height="12" rx="3"/><text class="who left" x="${X.begin - 14}" y="${y + 4}">${cutMiddle(place, NAME_ROOM, '…')}<title>${place}</title></text>`;
  });
  if (gate === null)
    return html`${rails}<path class="rail open" d="M${X.met} ${meet}C${X.gate + 80} ${meet} ${X.target - 80} ${end} ${X.target} ${end}"/>`;
  const count = places.length > 1 ? `${places.length} × ` : '';
  return html`${rails}<line class="rail ${kind}" x1="${X.met}" y1="${meet}" x2="${X.gate - 8}" y2="${meet}"/><path class="rail lost" d="M${X.gate + 10} ${meet}C${X.gate + 110} ${meet} ${X.target - 60} ${end} ${X.target} ${end}"/><g class="gap"><rect x="${X.gate - 10}" y="${meet - 12}" width="20" height="24" rx="5"/><path d="M${X.gate - 5} ${meet - 5}l10 10m0 -10l-10 10"/></g><text class="who" x="${X.gate + 16}" y="${meet + 18}">${count}${gate}</text>`;
}
