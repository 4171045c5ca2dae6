import Table from 'cli-table3';
import type { Judged } from './calibration.ts';
import type { Verdict } from './judge.ts';
import type { Pace, Result } from './laboratory.ts';

type Forecast = Verdict['forecast'];
export type Reliability = {
  from: number;
  to: number;
  count: number;
  claimed: number | null;
  right: number | null;
}[];

export interface Scorecard {
  mode: 'root' | 'user';
  hide: string[];
  scenarios: number;
  passed: number;
  failed: number;
  totalMs: number;
  right: { outcome: number; cause: number; where: number };
  overclaims: number;
  /** Mean squared distance between forecast and truth; null without a forecast. */
  brier: number | null;
  reliability: Reliability;
  /** The same runs judged with weights fitted to all other families (calibration.ts); null when it was not done. */
  heldOut: { cause: number; overclaims: number; brier: number | null; reliability: Reliability } | null;
  times: Record<Pace, { count: number; medianMs: number | null; p95Ms: number | null }>;
  families: {
    family: string;
    count: number;
    cause: number;
    where: number;
    outcome: number;
    overclaims: number;
    brier: number | null;
    brierHeldOut: number | null;
  }[];
  results: Omit<Result, 'again'>[];
}

const mean = (values: number[]) =>
  values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
const share = (results: Result[], test: (result: Result) => boolean) =>
  results.filter(test).length / Math.max(1, results.length);
function quantile(values: number[], q: number): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(q * sorted.length) - 1)] ?? null;
}
export const brierOf = (forecasts: Forecast[]): number | null =>
  mean(
    forecasts.flatMap((forecast) =>
      forecast ? [(forecast.probability - (forecast.right ? 1 : 0)) ** 2] : [],
    ),
  );

const BINS = [0, 0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0001];

/** Claimed against right, in bins. */
export function reliabilityOf(all: Forecast[]): Reliability {
  const forecasts = all.filter((forecast) => forecast !== null);
  return BINS.slice(0, -1).map((from, i) => {
    const to = BINS[i + 1] ?? 1;
    const inside = forecasts.filter(({ probability }) => probability >= from && probability < to);
    return {
      from,
      to: Math.min(1, to),
      count: inside.length,
      claimed: mean(inside.map(({ probability }) => probability)),
      right: mean(inside.map(({ right }) => (right ? 1 : 0))),
    };
  });
}

export function heldOutOf(judged: Judged[]): NonNullable<Scorecard['heldOut']> {
  const verdicts = judged.map(({ verdict }) => verdict);
  const forecasts = verdicts.map(({ forecast }) => forecast);
  return {
    cause: verdicts.filter(({ causeRight }) => causeRight).length / Math.max(1, verdicts.length),
    overclaims: verdicts.filter(({ overclaimed }) => overclaimed !== null).length,
    brier: brierOf(forecasts),
    reliability: reliabilityOf(forecasts),
  };
}

export function cardOf(
  results: Result[],
  judged: Judged[] | null,
  run: { mode: 'root' | 'user'; hide: string[]; totalMs: number },
): Scorecard {
  const failed = results.filter((result) => result.complaints.length > 0).length;
  const paces: Pace[] = ['reachable', 'refused', 'silent', 'name'];
  const times = Object.fromEntries(
    paces.map((pace) => {
      const walls = results.flatMap((result) =>
        result.pace === pace && result.wallMs !== null ? [result.wallMs] : [],
      );
      return [pace, { count: walls.length, medianMs: quantile(walls, 0.5), p95Ms: quantile(walls, 0.95) }];
    }),
  ) as Scorecard['times'];
  const forecasts = results.map(({ forecast }) => forecast);
  const families = [...new Set(results.map((result) => result.family))].sort().map((family) => {
    const mine = results.filter((result) => result.family === family);
    const heldOut = judged?.filter((one) => one.family === family) ?? [];
    return {
      family,
      count: mine.length,
      cause: share(mine, (result) => result.causeRight),
      where: share(mine, (result) => result.whereRight),
      outcome: share(mine, (result) => result.outcomeRight),
      overclaims: mine.filter((result) => result.overclaimed !== null).length,
      brier: brierOf(mine.map(({ forecast }) => forecast)),
      brierHeldOut: brierOf(heldOut.map(({ verdict }) => verdict.forecast)),
    };
  });
  return {
    ...run,
    scenarios: results.length,
    passed: results.length - failed,
    failed,
    right: {
      outcome: share(results, (result) => result.outcomeRight),
      cause: share(results, (result) => result.causeRight),
      where: share(results, (result) => result.whereRight),
    },
    overclaims: results.filter((result) => result.overclaimed !== null).length,
    brier: brierOf(forecasts),
    reliability: reliabilityOf(forecasts),
    heldOut: judged && heldOutOf(judged),
    times,
    families,
    results: results.map(({ again, ...result }) => result),
  };
}

const percent = (part: number) => `${(part * 100).toFixed(part === 1 ? 0 : 1)} %`;
const seconds = (ms: number | null) => (ms === null ? '-' : `${(ms / 1000).toFixed(2)} s`);
const number = (value: number | null, digits = 3) => (value === null ? '-' : value.toFixed(digits));

function printTable(print: (line: string) => void, head: string[], rows: string[][]): void {
  const drawn = new Table({ head, style: { head: [], border: [] } });
  drawn.push(...rows);
  print(drawn.toString());
}

export function printReliability(bins: Reliability, print: (line: string) => void): void {
  printTable(
    print,
    ['claimed', 'cases', 'mean claim', 'were right'],
    bins
      .filter((bin) => bin.count > 0)
      .map((bin) => [
        `${bin.from.toFixed(2)} - ${bin.to.toFixed(2)}`,
        String(bin.count),
        number(bin.claimed, 2),
        number(bin.right, 2),
      ]),
  );
}

export function printCard(card: Scorecard, print: (line: string) => void): void {
  print('');
  printTable(
    print,
    ['family', 'scenarios', 'cause', 'where', 'outcome', 'over-claims', 'Brier', 'Brier, family held out'],
    card.families.map((row) => [
      row.family,
      String(row.count),
      percent(row.cause),
      percent(row.where),
      percent(row.outcome),
      String(row.overclaims),
      number(row.brier),
      number(row.brierHeldOut),
    ]),
  );
  printReliability(card.reliability, print);
  if (card.heldOut) {
    const { cause, overclaims, brier } = card.heldOut;
    print(
      `the same runs, each family judged with weights fitted to all the others: cause ${percent(cause)}, over-claims ${overclaims}, Brier ${number(brier)}`,
    );
    printReliability(card.heldOut.reliability, print);
  }
  printTable(
    print,
    ['what the port does', 'runs', 'median', '95th percentile'],
    Object.entries(card.times)
      .filter(([, time]) => time.count > 0)
      .map(([pace, time]) => [pace, String(time.count), seconds(time.medianMs), seconds(time.p95Ms)]),
  );
  print(
    `cause ${percent(card.right.cause)}, where ${percent(card.right.where)}, outcome ${percent(card.right.outcome)}, ` +
      `over-claims ${card.overclaims}, Brier ${number(card.brier)}; ${card.scenarios} runs as ${card.mode} in ${seconds(card.totalMs)}` +
      (card.hide.length > 0 ? `, without ${card.hide.join(', ')}` : ''),
  );
}
