import type { Cause, Report, Statement } from '../model/report.ts';
import type { Owner } from '../model/rule.ts';
import { tried } from './answers.ts';
import { CONNECT, OWNER, OWNER_HEADING, sourceWords } from './names.ts';
import { observationWords } from './observation-words.ts';
import { type PathTable, pathTables } from './paths.ts';
import { escapeCell, escapeMarkdown, markdownCode, markdownFence, safeDeep } from './sanitize.ts';
import { asSentence, duration } from './units.ts';
import {
  causeLine,
  likely,
  outcomeLine,
  ownersOf,
  rivalLine,
  rivals,
  ruledOutTexts,
  shortWhere,
  targetName,
  whereWords,
} from './wording.ts';

/** The report for a remote administrator: what was seen and from where, what is asked of whom, how to check it. */
export function renderMarkdown(report: Report): string {
  const safeReport = safeDeep(report);
  const blocks = [
    ...summary(safeReport),
    ...asked(safeReport),
    ...checks(safeReport),
    ...why(safeReport),
    ...seen(safeReport),
    ...paths(safeReport),
    ...others(safeReport),
    ...unknown(safeReport),
    ...from(safeReport),
    ...appendix(safeReport),
  ];
  return `${blocks.join('\n\n')}\n`;
}

const text = escapeMarkdown;
const code = markdownCode;
const bullets = (items: readonly string[]): string => items.map((item) => `- ${item}`).join('\n');

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(escapeCell).join(' | ')} |`;
  return [line(head), `|${head.map(() => ' --- ').join('|')}|`, ...rows.map(line)].join('\n');
}

function summary(report: Report): string[] {
  const [cause] = report.causes;
  const lines = [`**${text(outcomeLine(report))}**`, text(causeLine(report))];
  const blocks = [`# Connection report: ${code(targetName(report))}`, ...lines];
  for (const other of rivals(report)) blocks.push(text(rivalLine(other)));
  if (cause === undefined) return blocks;
  const facts = [`**Who can fix it:** ${OWNER_HEADING[cause.owner].charAt(0)}${ownersOf(report).slice(1)}`];
  if (cause.where !== null) facts.unshift(`**Where:** ${text(whereWords(cause.where))}`);
  if (cause.address !== null) facts.push(`**Address concerned:** ${code(cause.address)}`);
  return [...blocks, bullets(facts)];
}

function byOwner<T extends { who: Owner }>(tasks: readonly T[]): [Owner, T[]][] {
  return [...new Set(tasks.map(({ who }) => who))].map((owner) => [
    owner,
    tasks.filter(({ who }) => who === owner),
  ]);
}

function asked({ causes: [cause] }: Report): string[] {
  if (cause === undefined || cause.fixes.length === 0) return [];
  return [
    '## What is asked',
    ...byOwner(cause.fixes).flatMap(([owner, tasks]) => [
      `### ${OWNER_HEADING[owner]}`,
      ...tasks.flatMap((task) => [
        text(task.do),
        ...(task.run === null ? [] : [markdownFence(task.run, 'sh')]),
      ]),
    ]),
  ];
}

function checks({ causes: [cause] }: Report): string[] {
  if (cause === undefined || cause.verify.length === 0) return [];
  return [
    '## How to check it',
    ...byOwner(cause.verify).flatMap(([owner, tasks]) => [
      `### ${OWNER_HEADING[owner]}`,
      ...tasks.flatMap((task) => [
        text(task.do),
        ...(task.run === null ? [] : [markdownFence(task.run, 'sh')]),
        `What to expect: ${text(task.expect)}`,
      ]),
    ]),
  ];
}

function statements(list: readonly Statement[]): string {
  return bullets(
    list.map(({ text: said, evidence }) =>
      evidence.length === 0 ? text(said) : `${text(said)} (${evidence.map(code).join(', ')})`,
    ),
  );
}

function why({ causes: [cause] }: Report): string[] {
  if (cause === undefined) return [];
  return [
    ...(cause.because.length > 0 ? ['## Why this cause', statements(cause.because)] : []),
    ...(cause.against.length > 0 ? ['## What speaks against it', statements(cause.against)] : []),
  ];
}

function seen(report: Report): string[] {
  const { answers, fails } = tried(report);
  const rows = Array.from({ length: Math.max(answers.length, fails.length) }, (_, row) => [
    text(answers[row] ?? ''),
    text(fails[row] ?? ''),
  ]);
  const addresses = report.target.addresses.map(
    ({ address, source, outcome }) => `${code(address)} (${sourceWords(source)}): ${CONNECT[outcome]}`,
  );
  return [
    '## What was seen',
    addresses.length === 0 ? 'No address was found for the name.' : bullets(addresses),
    ...(answers.length > 0 && fails.length > 0
      ? [table(['What answers', 'What does not'], rows)]
      : rows.length > 0
        ? [bullets([...answers, ...fails].map(text))]
        : []),
  ];
}

function paths(report: Report): string[] {
  return pathTables(report).flatMap((path) => [`## Path to ${code(path.address)}`, pathTable(path)]);
}

function pathTable({ columns, rows, partBefore, partText }: PathTable): string {
  const named = rows.some(({ name }) => name !== null);
  const body = rows.map((row) => [
    row.hop,
    row.address === null ? '' : code(row.address),
    ...(named ? [row.name === null ? '' : code(row.name)] : []),
    ...row.cells.map((cell) => text(cell?.text ?? '')),
  ]);
  if (partBefore !== null && partText !== null) {
    const filler = Array.from({ length: columns.length + (named ? 1 : 0) }, () => '');
    body.splice(partBefore, 0, ['—', `**${text(partText)}**`, ...filler]);
  }
  return table(
    ['Hop', 'Address', ...(named ? ['Name'] : []), ...columns.map(({ label }) => text(label))],
    body,
  );
}

function others({ causes, ruledOut }: Report): string[] {
  const blocks: string[] = [];
  const [, ...rest] = causes;
  if (rest.length > 0) {
    blocks.push(
      '## Other causes considered',
      rest.map((cause) => [`- ${oneLine(cause)}`, ...forAndAgainst(cause)].join('\n')).join('\n'),
    );
  }
  if (ruledOut.length > 0) blocks.push('## Ruled out', bullets(ruledOutTexts({ ruledOut }).map(text)));
  return blocks;
}

function oneLine(cause: Cause): string {
  const place = shortWhere(cause.where);
  return `${likely(cause)}: ${text(cause.title)}${place === null ? '' : `, ${text(place)}`} (${OWNER[cause.owner]})`;
}

function forAndAgainst({ because, against }: Cause): string[] {
  return [
    ...because.map((item) => `  - For: ${text(item.text)}`),
    ...against.map((item) => `  - Against: ${text(item.text)}`),
  ];
}

function unknown({ cannotTell, notChecked }: Report): string[] {
  return [
    ...(cannotTell.length === 0
      ? []
      : [
          '## What cannot be told from here',
          bullets(
            cannotTell.map((item) => `${text(item.text)} Decided by: ${text(asSentence(item.decidedBy))}`),
          ),
        ]),
    ...(notChecked.length === 0
      ? []
      : [
          '## Not checked',
          bullets(
            notChecked.map(
              ({ probe, reason, enable }) =>
                `${code(probe)}: ${text(asSentence(reason))}${enable === null ? '' : ` To enable it: ${code(enable.replaceAll('\n', ' '))}`}`,
            ),
          ),
        ]),
  ];
}

function from({ vantage, startedAt, durationMs, tool, target }: Report): string[] {
  const list = (items: readonly string[]): string =>
    items.length === 0 ? 'not known' : items.map(code).join(', ');
  return [
    '## Where this was measured',
    bullets([
      `From: ${list(vantage.addresses)} (${text(vantage.os)}, ${vantage.privileges === 'root' ? 'as root' : 'without special privileges'})`,
      `DNS resolvers: ${list(vantage.resolvers)}`,
      `Target as given: ${code(target.input)}${target.service === null ? '' : `, service ${code(target.service)}`}`,
      `At: ${text(startedAt)}, for ${duration(durationMs)}`,
      `By: reachdoctor ${text(tool.version)}`,
    ]),
  ];
}

function appendix({ observations }: Report): string[] {
  if (observations.length === 0) return [];
  return [
    '## Evidence',
    table(
      ['Id', 'Observation', 'Took'],
      observations.map((item) => [code(item.id), text(observationWords(item)), duration(item.durationMs)]),
    ),
    ...observations.flatMap(({ id, command, raw }) =>
      raw === null || raw.trim() === ''
        ? []
        : [
            `### Output of ${code(id)}`,
            ...(command === null ? [] : [markdownFence(command, 'sh')]),
            markdownFence(raw),
          ],
    ),
  ];
}
