import { familyOf, reachOf } from '../../ground/address.ts';
import type { Cause, Report } from '../../model/report.ts';
import { SYSTEMS, systemName } from '../../model/systems.ts';
import { leadOf, onlyFor } from '../tasks.ts';
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
  const tasks = [...onlyFor(cause.verify), ...onlyFor(cause.fixes)];
  const systems = [...new Set([...Object.keys(SYSTEMS), ...tasks.map(({ system }) => system ?? '')])];
  const blocks = systems.flatMap((system): Block[] => {
    const look = looks.filter((one) => one.system === system);
    const own = tasks.filter((task) => task.system === system && isWanted(system, report));
    if (look.length === 0 && own.length === 0) return [];
    const printed = new Set(look.flatMap(({ run }) => run));
    return [
      heading(systemName(system), 3),
      ...look.flatMap(({ run, read }) => [command(run.join('\n')), paragraph(read)]),
      ...own.flatMap((task) => [
        paragraph(task.do),
        ...(task.run === null || printed.has(task.run) ? [] : [command(task.run)]),
      ]),
    ];
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
