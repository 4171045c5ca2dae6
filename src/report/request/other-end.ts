import type { Report } from '../../model/report.ts';
import { sideRows, toldBy, WORD_OF_THE_OTHER_END } from '../both-sides-words.ts';
import { type Block, command, heading, list, paragraph } from './document.ts';

/** What both ends saw of the same packets, and which places could not be looked from. */
export function otherEndsOf({ otherEnds = [], views = [] }: Report): Block[] {
  const failed = views.filter(({ ok, kind }) => !ok && kind !== 'vantage');
  if (otherEnds.length === 0 && failed.length === 0) return [];
  return [
    heading('What each side saw'),
    ...otherEnds.flatMap((sides): Block[] => [
      {
        kind: 'table',
        head: ['', 'This client', `The other end (${toldBy(sides)})`],
        rows: sideRows(sides),
      },
    ]),
    ...(otherEnds.length === 0 ? [] : [paragraph(WORD_OF_THE_OTHER_END)]),
    ...(failed.length === 0
      ? []
      : [
          list(
            failed.map(({ by, reason }) => `${by ?? 'The other end'} could not be asked: ${reason ?? ''}`),
          ),
        ]),
  ];
}

/** The script for the other end, folded: whoever gets the report needs no second file. */
export function kitOf({ kit, case: of }: Report): Block[] {
  if (kit === undefined) return [];
  const isShell = kit.name.endsWith('.sh');
  return [
    heading('A look from the other end'),
    paragraph([
      'This script looks, on the server itself, whether the packets arrive and what becomes of them. It only reads, installs nothing and sends nothing; ',
      { code: isShell ? `sudo sh ${kit.name} --plan` : kit.name },
      isShell ? ' prints what it would run. As root it sees most: ' : ' is to be read before it is run. ',
      ...(isShell ? [{ code: `sudo sh ${kit.name}` }, '. '] : []),
      'Tell the sender when it runs, and send back what it prints between the two lines of dashes.',
    ]),
    paragraph([
      'SHA-256 of ',
      { code: kit.name },
      ': ',
      { code: kit.sha256 },
      ...(of === undefined ? [] : ['. Case: ', { code: of.id }]),
    ]),
    { kind: 'folded', title: `The script (${kit.name})`, blocks: [command(kit.script)] },
  ];
}
