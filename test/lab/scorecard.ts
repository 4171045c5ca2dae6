import Table from 'cli-table3';
import type { Judged } from './calibration.ts';
import { HALVES, type Half, halfOf } from './halves.ts';
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

export interface Unstable {
  name: string;
  half: Half;
  /** The truth is a list: chance decides what happens, and the answers may differ with it. */
  open: boolean;
  /** `outcome: first cause` -> how often. */
  tops: Record<string, number>;
}
/** What is reported of a half (halves.ts). */
export interface HalfCard {
  half: Half;
  runs: number;
  failed: number;
  right: { outcome: number; cause: number; where: number };
  /** Claims above what the evidence allows, and wrong first causes of 0.8 and more. */
  overclaims: number;
  /** Healthy scenarios, and those of them that were called impaired or unreachable or got a finding. */
  healthy: number;
  falseAlarms: number;
  /** Null where nothing was run twice. */
  unstable: number | null;
  silent: { count: number; medianMs: number | null; p95Ms: number | null };
}

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
  halves: HalfCard[];
  /** Scenarios whose outcome or first cause was not the same every time they were run. */
  unstable: Unstable[];
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

/** Of runs of the same scenarios: those whose top changed. */
export function unstableOf(results: Result[]): Unstable[] {
  const byName = new Map<string, Result[]>();
  for (const result of results) byName.set(result.name, [...(byName.get(result.name) ?? []), result]);
  return [...byName].flatMap(([name, runs]) => {
    const tops: Record<string, number> = {};
    for (const { outcome, claim } of runs) {
      const top = `${outcome ?? 'no report'}: ${claim?.id ?? 'no finding'}`;
      tops[top] = (tops[top] ?? 0) + 1;
    }
    const [one] = runs;
    if (!one || Object.keys(tops).length < 2) return [];
    return [{ name, half: halfOf(one.family), open: one.open, tops }];
  });
}

const SURE = 0.8;
export const isOverclaim = ({ overclaimed, causeRight, claim }: Result): boolean =>
  overclaimed !== null || (!causeRight && claim !== null && claim.confidence >= SURE);

export function halfCards(results: Result[], unstable: Unstable[]): HalfCard[] {
  const repeated = new Set(results.map(({ name }) => name)).size < results.length;
  return HALVES.flatMap((half) => {
    const mine = results.filter(({ family }) => halfOf(family) === half);
    if (mine.length === 0) return [];
    const silent = mine.flatMap(({ pace, wallMs }) => (pace === 'silent' && wallMs !== null ? [wallMs] : []));
    const healthy = mine.filter((result) => result.healthy);
    return [
      {
        half,
        runs: mine.length,
        failed: mine.filter(({ complaints }) => complaints.length > 0).length,
        right: {
          outcome: share(mine, (result) => result.outcomeRight),
          cause: share(mine, (result) => result.causeRight),
          where: share(mine, (result) => result.whereRight),
        },
        overclaims: mine.filter(isOverclaim).length,
        healthy: healthy.length,
        falseAlarms: healthy.filter(({ outcomeRight, causeRight }) => !outcomeRight || !causeRight).length,
        unstable: repeated ? unstable.filter((one) => one.half === half && !one.open).length : null,
        silent: { count: silent.length, medianMs: quantile(silent, 0.5), p95Ms: quantile(silent, 0.95) },
      },
    ];
  });
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
  const unstable = unstableOf(results);
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
    halves: halfCards(results, unstable),
    unstable,
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

export function printHalves(halves: HalfCard[], print: (line: string) => void): void {
  printTable(
    print,
    [
      'half',
      'runs',
      'failed',
      'cause',
      'where',
      'outcome',
      'over-claims',
      'false alarms',
      'unstable',
      'silent: median',
      '95th',
    ],
    halves.map((half) => [
      half.half,
      String(half.runs),
      String(half.failed),
      percent(half.right.cause),
      percent(half.right.where),
      percent(half.right.outcome),
      String(half.overclaims),
      `${half.falseAlarms} of ${half.healthy}`,
      half.unstable === null ? '-' : String(half.unstable),
      seconds(half.silent.medianMs),
      seconds(half.silent.p95Ms),
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
  if (card.unstable.length > 0) {
    print('not the same answer every time:');
    for (const { name, open, tops } of card.unstable) {
      const said = Object.entries(tops).map(([top, count]) => `${top} x ${count}`);
      print(`  ${name}${open ? ' (its truth is open)' : ''}: ${said.join(', ')}`);
    }
  }
  printHalves(card.halves, print);
  print(
    `cause ${percent(card.right.cause)}, where ${percent(card.right.where)}, outcome ${percent(card.right.outcome)}, ` +
      `over-claims ${card.overclaims}, Brier ${number(card.brier)}; ${card.scenarios} runs as ${card.mode} in ${seconds(card.totalMs)}` +
      (card.hide.length > 0 ? `, without ${card.hide.join(', ')}` : ''),
  );
}
