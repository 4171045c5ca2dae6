import type { ManyReport, TargetResult } from '../../model/many.ts';
import { resultWord } from './words.ts';

type Cell = string | number | null;

const COLUMNS: readonly [name: string, of: (result: TargetResult) => Cell][] = [
  ['target', ({ target }) => target],
  ['host', ({ host }) => host],
  ['port', ({ port }) => port],
  ['service', ({ service }) => service],
  ['expected', ({ expected }) => expected.state],
  ['expected_cause', ({ expected }) => expected.cause],
  ['within_seconds', ({ expected }) => (expected.withinMs === null ? null : expected.withinMs / 1000)],
  ['from', ({ expected }) => expected.from],
  ['verdict', ({ verdict }) => verdict],
  ['outcome', ({ outcome }) => outcome],
  ['result', (result) => resultWord(result)],
  ['cause', ({ cause }) => cause?.id ?? null],
  ['title', ({ cause }) => cause?.title ?? null],
  ['owner', ({ cause }) => cause?.owner ?? null],
  ['confidence', ({ cause }) => cause?.confidence ?? null],
  ['where', ({ cause }) => cause?.where?.kind ?? null],
  ['hop', ({ cause }) => (cause?.where != null && 'hop' in cause.where ? cause.where.hop : null)],
  ['address', ({ cause }) => (cause?.where != null && 'address' in cause.where ? cause.where.address : null)],
  ['depth', ({ depth }) => depth],
  ['started_at', ({ startedAt }) => startedAt],
  ['seconds', ({ durationMs, outcome }) => (outcome === null ? null : durationMs / 1000)],
  ['headline', ({ headline }) => headline],
];

/** RFC 4180: CR LF at the end of each line, and a head. */
export function renderCsv({ targets }: ManyReport): string {
  const rows = [COLUMNS.map(([name]) => name), ...targets.map((one) => COLUMNS.map(([, of]) => of(one)))];
  return rows.map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}

/** A spreadsheet takes what begins like this for a formula, and some of them run programs. */
const FORMULA = /^[=+\-@\t\r]/;

function cell(value: Cell): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const inert = FORMULA.test(value) ? `'${value}` : value;
  return /[",\r\n]|^\s|\s$/.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert;
}
