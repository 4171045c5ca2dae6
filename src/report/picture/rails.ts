import type { Report } from '../../model/report.ts';
import { HERE, type Sight } from '../../model/views.ts';
import { aboutOne, doubtWords, placeName, seenWord } from '../sight-words.ts';

/** Places whose packets share one fate: they arrive, or end at the same gate. */
export interface RailGroup {
  places: string[];
  kind: 'open' | 'ends' | 'refused' | 'nothing';
  /** What stands at the gate: `no answer after 192.0.2.1`, `refused by 192.0.2.7`; null where they arrive. */
  gate: string | null;
}

/** One rail a place, converging on the target; null where nobody looked from elsewhere. */
export interface Rails {
  target: string;
  groups: RailGroup[];
}

const ORDER: RailGroup['kind'][] = ['open', 'refused', 'ends', 'nothing'];

/** The rails of the address that the verdict is about. */
export function railsOf(report: Report): Rails | null {
  const sights = aboutOne(report);
  if (!sights.some(({ view }) => view !== HERE)) return null;
  const groups: RailGroup[] = [];
  for (const sight of sights) {
    const { kind, gate } = fateOf(sight);
    const same = groups.find((one) => one.kind === kind && one.gate === gate);
    const place = placeName(report, sight.view);
    if (same === undefined) groups.push({ kind, gate, places: [place] });
    else same.places.push(place);
  }
  groups.sort((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind));
  return { target: `TCP ${report.target.port} of ${sights[0]?.address ?? report.target.host}`, groups };
}

function fateOf(sight: Sight): Pick<RailGroup, 'kind' | 'gate'> {
  const { target, boundary, proves } = sight;
  if (!proves) return { kind: 'nothing', gate: doubtWords(sight, 'reaches nothing at all') };
  const word = seenWord(target);
  if (target?.outcome === 'open') return { kind: 'open', gate: null };
  const by = target?.sender ?? null;
  const isRefused = target?.outcome === 'refused' || target?.outcome === 'unreachable';
  if (isRefused) return { kind: 'refused', gate: by === null ? word : `${word} by ${by}` };
  return { kind: 'ends', gate: boundary?.address == null ? word : `${word} after ${boundary.address}` };
}
