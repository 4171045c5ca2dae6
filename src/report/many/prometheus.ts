import type { ManyReport, TargetResult } from '../../model/many.ts';
import type { Outcome } from '../../model/report.ts';

const OUTCOMES = [
  'reachable',
  'impaired',
  'unreachable',
  'undetermined',
] as const satisfies readonly Outcome[];

interface Sample {
  labels: Record<string, string>;
  value: number;
}

/**
 * Text for the textfile collector of node_exporter: no timestamps, a line end at the end. Labels but `target` are of closed
 * sets. What was not tested has no sample, and a target that is listed twice has one.
 */
export function renderPrometheus(report: ManyReport): string {
  const tested = [
    ...new Map(
      report.targets.flatMap((one) => (one.outcome === null ? [] : [[one.target, one] as const])),
    ).values(),
  ];
  const endedAt = (Date.parse(report.startedAt) + report.durationMs) / 1000;
  return [
    family('reachable', 'Whether the target is reachable and works as it should.', tested, (one) => [
      { labels: {}, value: one.outcome === 'reachable' ? 1 : 0 },
    ]),
    family('expectation_held', 'Whether the target is what it is to be.', tested, (one) =>
      one.verdict === 'unknown' ? [] : [{ labels: {}, value: one.verdict === 'held' ? 1 : 0 }],
    ),
    family('outcome', 'What came of it: 1 for the one outcome that holds.', tested, (one) =>
      OUTCOMES.map((outcome) => ({ labels: { outcome }, value: one.outcome === outcome ? 1 : 0 })),
    ),
    family(
      'cause',
      'The leading cause: its probability, 1 where it was read and not inferred.',
      tested,
      ({ cause }) =>
        cause === null
          ? []
          : [
              {
                labels: { cause: cause.id, owner: cause.owner, where: cause.where?.kind ?? 'unknown' },
                value: cause.observed ? 1 : cause.confidence,
              },
            ],
    ),
    family('phase_seconds', 'How long a part of getting an answer took.', tested, ({ phases }) =>
      Object.entries(phases).flatMap(([phase, value]) =>
        value === null ? [] : [{ labels: { phase }, value }],
      ),
    ),
    head('last_run_timestamp_seconds', 'When the run ended, in seconds since 1970.'),
    `reachdoctor_last_run_timestamp_seconds ${endedAt}\n`,
  ].join('');
}

const head = (name: string, help: string): string =>
  `# HELP reachdoctor_${name} ${help}\n# TYPE reachdoctor_${name} gauge\n`;

function family(
  name: string,
  help: string,
  results: readonly TargetResult[],
  samples: (result: TargetResult) => Sample[],
): string {
  const lines = results.flatMap((result) =>
    samples(result).map(({ labels, value }) => {
      const written = Object.entries({ target: result.target, ...labels }).map(
        ([label, text]) => `${label}="${escaped(text)}"`,
      );
      return `reachdoctor_${name}{${written.join(',')}} ${value}\n`;
    }),
  );
  return lines.length === 0 ? '' : head(name, help) + lines.join('');
}

const escaped = (text: string): string =>
  text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
