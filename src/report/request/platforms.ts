import { familyOf, reachOf } from '../../ground/address.ts';
import type { Cause, Report, Task } from '../../model/report.ts';
import { SYSTEMS, systemName } from '../../model/systems.ts';
import { leadOf, onlyFor } from '../tasks.ts';
import { outcomesOf } from './asks.ts';
import { type Block, command, heading, paragraph } from './document.ts';
import { concerned, sourceOf } from './head.ts';
import { commandsFor, type PlatformCommands } from './platform-commands.ts';

/** How the names of a cloud's machines end, in DNS and in reverse DNS. */
const CLOUDS: readonly (readonly [string, RegExp])[] = [
  ['aws', /\.(amazonaws|awsglobalaccelerator)\.com$/i],
  ['azure', /\.(cloudapp\.azure|windows|azure|azurewebsites)\.(com|net)$/i],
  ['gcp', /\.(googleusercontent|cloud\.goog|run\.app)(\.com)?$/i],
];

/** Commands by platform, filled in with this case's values: those of the cause's own fixes and checks, and how to look. */
export function platformsOf(report: Report): Block[] {
  const cause = leadOf(report);
  if (cause === null || cause.owner === 'you') return [];
  const looks = looksFor(report, cause);
  const [verify, fixes] = [onlyFor(cause.verify), onlyFor(cause.fixes)];
  const named = [...verify, ...fixes].map(({ system }) => system ?? '');
  const blocks = [...new Set([...Object.keys(SYSTEMS), ...named])].flatMap((system): Block[] => {
    const ofSystem = <T extends Task>(tasks: readonly T[]): T[] =>
      tasks.filter((task) => task.system === system && isWanted(system, report));
    const checks = ofSystem(verify);
    // The cause's own checks come with a table; what they run is not printed again.
    const printed = linesOf(checks.map(({ run }) => run));
    const further = looks
      .filter((one) => one.system === system)
      .map((one) => ({ ...one, run: one.run.filter((line) => !printed.has(line)) }))
      .filter(({ run }) => run.length > 0);
    for (const line of further.flatMap(({ run }) => run)) printed.add(line);
    const all = [
      ...checks.flatMap((task) => [paragraph(task.do), ...commandOf(task), outcomesOf(task)]),
      ...further.flatMap(({ run, read }) => [command(run.join('\n')), paragraph(`How to read it: ${read}`)]),
      ...ofSystem(fixes).flatMap((task) => [
        paragraph(task.do),
        ...(task.run === null || printed.has(task.run) ? [] : commandOf(task)),
      ]),
    ];
    return all.length === 0 ? [] : [heading(systemName(system), 3), ...all];
  });
  return blocks.length === 0
    ? []
    : [
        heading('Commands by platform'),
        paragraph(
          'Take the one that fits. A word in capitals stands for what only you know; SOURCE is the address that you see the client under. Look first; what changes something stands alone.',
        ),
        { kind: 'folded', title: 'The commands', blocks },
      ];
}

const linesOf = (runs: readonly (string | null)[]): Set<string> =>
  new Set(runs.flatMap((run) => run?.split('\n') ?? []));
const commandOf = ({ run }: Task): Block[] => (run === null ? [] : [command(run)]);

/** Only where packets get lost or are refused: of a certificate no firewall tells anything. */
function looksFor(report: Report, cause: Cause): PlatformCommands[] {
  const address = concerned(report);
  if (report.outcome === 'reachable' || address === null || familyOf(address) === null) return [];
  if (cause.owner !== 'network-admin' && cause.owner !== 'server-admin') return [];
  if (cause.layer !== 'path' && cause.layer !== 'host') return [];
  const own = sourceOf(report);
  const source = report.vantage.seenAs ?? (own !== null && reachOf(own) === 'public' ? own : 'SOURCE');
  const values = { port: report.target.port, address, source, ip6: familyOf(address) === 6 };
  const place = cause.owner === 'network-admin' ? 'network' : 'host';
  return commandsFor(values).filter(
    ({ at, system }) => (at === place || at === 'cloud') && isWanted(system, report),
  );
}

/** Of a machine in a known cloud only that cloud is asked about. */
function isWanted(system: string, report: Report): boolean {
  if (!CLOUDS.some(([cloud]) => cloud === system)) return true;
  const names = [
    report.target.host,
    ...report.paths.flatMap(({ hops }) => hops.map(({ name }) => name ?? '')),
  ];
  const known = CLOUDS.filter(([, ending]) => names.some((name) => ending.test(name)));
  return known.length === 0 || known.some(([cloud]) => cloud === system);
}
