import { serviceOnPort } from '../../ground/services.ts';
import type { Cause, Check, Report } from '../../model/report.ts';
import { OWNER_IN_FILE } from '../names.ts';
import { atOnce, byOwner, leadOf, outcomeRows, taskWords, toMend } from '../tasks.ts';
import { targetName } from '../wording.ts';
import { attemptsOf, timeOfDay } from './attempts.ts';
import { type Block, command, heading, type Line, list, paragraph } from './document.ts';
import { isWellFor } from './head.ts';

/** What to run and how to read it, what to change, what to answer, and when it is done. */
export function asksOf(report: Report): Block[] {
  const cause = leadOf(report);
  if (cause === null) return [];
  return [
    ...checks(report, cause),
    ...fixes(report),
    ...answers(report, cause),
    ...(isWellFor(report, cause) ? [] : done(report)),
  ];
}

function checks(report: Report, cause: Cause): Block[] {
  const given = atOnce(cause.verify);
  if (given.length === 0) return [];
  const others = given.some(({ who }) => who !== 'you');
  const blocks: Block[] = [heading('What to run, and how to read it')];
  if (others)
    blocks.push(
      paragraph([
        cause.owner === 'you'
          ? 'Where others watch, start the test again meanwhile: '
          : 'To have the test run again, agree on a time with the sender, who runs: ',
        { code: testOf(report) },
      ]),
    );
  for (const [owner, tasks] of byOwner(given)) {
    blocks.push(heading(OWNER_IN_FILE[owner], 3));
    for (const task of tasks)
      blocks.push(
        paragraph(taskWords(task)),
        ...(task.run === null ? [] : [command(task.run)]),
        outcomesOf(task),
      );
  }
  return blocks;
}

/** The command that runs the test again. A service that the port alone does not say is named. */
function testOf(report: Report): string {
  const { port, service } = report.target;
  const named = service !== null && service !== serviceOnPort(port)?.name ? ` --service ${service}` : '';
  return `reachdoctor --diagnose ${targetName(report)}${named}`;
}

/** What may be seen, and what it means. */
export function outcomesOf(task: Check): Block {
  const rows = outcomeRows(task);
  return rows.length === 0
    ? paragraph(`What to expect: ${task.expect}`)
    : {
        kind: 'table',
        head: ['What you see', 'What it means'],
        rows: rows.map(({ see, means }) => [see, means]),
      };
}

function fixes(report: Report): Block[] {
  const causes = toMend(report).filter((cause) => cause.fixes.length > 0);
  if (causes.length === 0) return [];
  const blocks: Block[] = [heading('What to do')];
  for (const cause of causes) {
    if (causes.length > 1) blocks.push(paragraph({ strong: cause.title }));
    for (const [owner, tasks] of byOwner(atOnce(cause.fixes))) {
      blocks.push(heading(OWNER_IN_FILE[owner], 3));
      for (const task of tasks) {
        blocks.push(paragraph(taskWords(task)));
        if (task.run !== null) blocks.push(command(task.run));
      }
    }
  }
  return blocks;
}

/** Questions whose answers settle it. Only others can be asked. */
function answers(report: Report, { owner, where, layer }: Cause): Block[] {
  if (owner === 'you') return [];
  const first = attemptsOf(report).shown[0];
  const at = first === undefined ? 'the test' : `${timeOfDay(first.at).slice(0, 8)} UTC`;
  const devices = [
    where?.kind === 'between' || where?.kind === 'hop' ? where : null,
    where?.kind === 'between' ? where.next : null,
  ].flatMap((one) => (one === null || one.address === null || one.hop === 0 ? [] : [one.address]));
  // Of what a service said by itself no packet filter tells anything.
  if (layer === 'service')
    return [
      heading('Please answer'),
      list(
        [
          `Does the log of the service show the connection of ${at}, and what does it say of it?`,
          'What is the reason, and since when?',
          'When can it be mended? Or is it meant so, and what is to be used instead?',
        ],
        true,
      ),
    ];
  const arrival =
    layer === 'dns'
      ? `What does ${where?.kind === 'resolver' && where.address !== null ? where.address : 'the resolver'} answer for ${report.target.host}, and what should it answer?`
      : devices.length > 0
        ? `Do the packets of ${at} appear on ${devices.join('? On ')}?`
        : `Do the packets of ${at} appear on the server, or in the log of the service?`;
  // What the other end has told needs no second answer.
  const sides = report.otherEnds?.find(({ arrived }) => arrived !== null && arrived > 0);
  const items: Line[] = [
    ...(sides === undefined ? [arrival] : []),
    ...(sides?.fate == null ? ['Which rule, route, policy or setting decides it?'] : []),
    'Was it changed: when, and by which change?',
    'Is it meant so? Then which way is allowed (VPN, jump host, proxy, other port)?',
  ];
  return [heading('Please answer'), list(items, true)];
}

function done(report: Report): Block[] {
  return [
    heading('Done when'),
    paragraph([
      'On the client ',
      { code: testOf(report) },
      report.outcome === 'reachable'
        ? ' says that it is reachable, and names no fault beside that.'
        : ' says that it is reachable.',
    ]),
  ];
}
