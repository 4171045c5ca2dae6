import type { Cause, Report } from '../../model/report.ts';
import { OWNER_IN_FILE } from '../names.ts';
import { observationWords } from '../observation-words.ts';
import { leadOf } from '../tasks.ts';
import { asSentence, duration } from '../units.ts';
import { likely, ruledOutTexts, shortWhere } from '../wording.ts';
import { type Block, heading, type Line, list, paragraph } from './document.ts';

export function ruledOut(report: Report): Block[] {
  // Of what is reached nothing has to be ruled out.
  return report.ruledOut.length === 0 || report.outcome === 'reachable'
    ? []
    : [heading('Ruled out, and by what'), list(ruledOutTexts(report))];
}

/** What is open: other causes, what this vantage cannot tell, what could not be checked. */
export function notKnown(report: Report): Block[] {
  const { causes, cannotTell, notChecked } = report;
  const others = leadOf(report) === null ? causes : causes.slice(1);
  const blocks: Block[] = [];
  if (others.length > 0) blocks.push(heading('Other causes considered'), list(others.flatMap(causeLines)));
  const open: Line[] = [
    ...cannotTell.map(({ text, decidedBy }) => `${asSentence(text)} To find out: ${asSentence(decidedBy)}`),
    ...notChecked.map(
      ({ probe, reason, enable }): Line => [
        'Not checked: ',
        { code: probe },
        `, ${asSentence(reason)}`,
        ...(enable === null ? [] : [' To enable it: ', { code: enable.replaceAll('\n', ' ') }]),
      ],
    ),
  ];
  if (open.length > 0) blocks.push(heading('Not known'), list(open));
  return blocks;
}

function causeLines(cause: Cause): Line[] {
  const place = shortWhere(cause.where);
  const how = cause.observed === true ? 'Seen, too' : likely(cause);
  const speaks = [
    ...cause.because.map(({ text }) => `For: ${asSentence(text)}`),
    ...cause.against.map(({ text }) => `Against: ${asSentence(text)}`),
  ];
  const fix =
    cause.observed === true ? cause.fixes.slice(0, 1).map((task) => `To do: ${asSentence(task.do)}`) : [];
  const title = `${how}: ${cause.title}${place === null ? '' : `, ${place}`} (${OWNER_IN_FILE[cause.owner].toLowerCase().replace('dns', 'DNS')}).`;
  return [[title, ...[...speaks, ...fix].map((text) => ` ${text}`)].join('')];
}

export function client({ vantage, startedAt, durationMs, tool, target }: Report): Block[] {
  const known = (items: readonly string[]): Line =>
    items.length === 0
      ? 'not known'
      : items.flatMap((item, index) => (index === 0 ? [{ code: item }] : [', ', { code: item }]));
  return [
    heading('The client'),
    paragraph(
      `"This machine" is the client that the sender measured from: ${OS[vantage.os] ?? vantage.os}, ${vantage.privileges === 'root' ? 'as root' : 'as an ordinary user'}, with reachdoctor ${tool.version}. It opens and closes connections and sends single packets: no credentials, no scan.`,
    ),
    {
      kind: 'pairs',
      rows: [
        ['Addresses', known(vantage.addresses)],
        ['DNS resolvers', known(vantage.resolvers)],
        ['Target as given', { code: target.input }],
        ['At', `${startedAt.slice(0, 19).replace('T', ' ')} UTC, for ${duration(durationMs)}`],
      ],
    },
  ];
}

const OS: Record<string, string> = { linux: 'Linux', darwin: 'macOS', win32: 'Windows', freebsd: 'FreeBSD' };

/** Probes whose output shows the whole machine: hardware addresses and interfaces that the case does not need. */
const PRIVATE_OUTPUT: ReadonlySet<string> = new Set(['local-network']);

/** What every probe found; what tools printed is folded, and never stands there twice. */
export function evidence({ observations }: Report): Block[] {
  if (observations.length === 0) return [];
  const printed = new Map<string, string>();
  const outputs = observations.flatMap(({ id, probe, command, raw }): Block[] => {
    if (raw === null || raw.trim() === '' || PRIVATE_OUTPUT.has(probe)) return [];
    const before = printed.get(raw);
    printed.set(raw, before ?? id);
    const title = heading(['Output of ', { code: id }], 3);
    if (before !== undefined) return [title, paragraph(['The same as that of ', { code: before }, '.'])];
    return [
      title,
      ...(command === null ? [] : [{ kind: 'command', run: command } as const]),
      { kind: 'raw', text: raw },
    ];
  });
  return [
    heading('Evidence'),
    {
      kind: 'table',
      head: ['Id', 'Observation', 'Took'],
      rows: observations.map((one) => [{ code: one.id }, observationWords(one), duration(one.durationMs)]),
    },
    ...(outputs.length === 0
      ? []
      : [{ kind: 'folded', title: 'What the tools printed', blocks: outputs } as const]),
  ];
}
