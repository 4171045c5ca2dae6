import type { BothSides, Fate } from '../model/report.ts';
import { duration } from './units.ts';

/** What both ends saw of the same SYNs, in words. */

/** `arrived 6 of 6, answered 0: rule 12 of chain input in table inet filter drops them`. */
export function thereWords(sides: BothSides): string {
  const fate = sides.fate === null ? null : fateWords(sides.fate);
  const isLost = sides.answers === 'syn-ack' && sides.sees === 'silence';
  return `${shortThereWords(sides)}${isLost ? ', and none came back' : ''}${fate === null ? '' : `: ${fate}`}`;
}

/** `arrived 6 of 6, answered 0`. */
export const shortThereWords = (sides: BothSides): string =>
  [arrivalWords(sides), answerWords(sides)].filter((words) => words !== null).join(', ');

export function arrivalWords({ sent, arrived, matchedBy }: BothSides): string {
  if (sent === null) return 'whether SYNs arrived is not known: the clocks cannot be compared';
  if (sent === 0) return 'no SYN was sent while it watched';
  if (arrived === null) return `whether the ${sent} SYNs arrived was not seen`;
  return `arrived ${arrived} of ${sent}${matchedBy === 'rhythm' ? ' in our rhythm' : ''}`;
}

export function answerWords({ arrived, answers, answered }: BothSides): string | null {
  if (arrived === null || arrived === 0 || answers === null) return null;
  if (answers === 'nothing') return 'answered 0';
  const count = answered === null ? '' : `${answered} `;
  const word = { 'syn-ack': 'SYN-ACK', reset: 'reset', icmp: 'ICMP error' }[answers];
  return `answered with ${count}${word}${answered === 1 ? '' : 's'}`;
}

export function fateWords(fate: Fate): string {
  switch (fate.kind) {
    case 'dropped':
      return `${fate.place} drops them`;
    case 'rejected':
      return `${fate.place} rejects them`;
    case 'answer-dropped':
      return `${fate.place} drops the answers`;
    case 'forwarded':
      return `its rules forward them to ${fate.to}`;
    case 'reverse-path-filter':
      return 'its reverse-path filter drops them';
    case 'no-route-back':
      return 'it has no route back';
    case 'other-route-back':
      return `its route back leads out of ${fate.device ?? 'another interface'}${fate.came === null ? '' : `, they came in by ${fate.came}`}`;
    case 'queue-full':
      return 'the accept queue is full';
    case 'nobody-listens':
      return 'nothing listens there';
    case 'other-address':
      return `the program listens on ${fate.on} only`;
    default:
      return fate satisfies never;
  }
}

const SEES: Record<NonNullable<BothSides['sees']>, string> = {
  silence: 'nothing',
  open: 'accepted',
  refused: 'refused',
  unreachable: 'an unreachable error',
  different: 'different things',
};
const MATCHED: Record<NonNullable<BothSides['matchedBy']>, string> = {
  timestamp: 'the timestamp in the SYN',
  mss: 'the MSS in the SYN',
  'source-port': 'address and source port',
  rhythm: 'their rhythm, without our marks',
};

/** What is asked, what this client saw, what the other end says; a row each. */
export function sideRows(sides: BothSides): [what: string, here: string, there: string][] {
  const { sent, matchedBy, clockOffsetMs, referenceArrived, sees, fate } = sides;
  const rows: [string, string, string][] = [
    ['SYNs to the port', sent === null ? 'not known' : `sent ${sent}`, arrivalWords(sides)],
    ['Answers', sees === null ? 'not known' : `saw ${SEES[sees]}`, answerWords(sides) ?? 'not known'],
  ];
  if (referenceArrived !== null)
    rows.push(['SYNs to the reference port', 'sent', referenceArrived ? 'arrived' : 'did not arrive']);
  if (fate !== null) rows.push(['What becomes of them', '', fateWords(fate)]);
  if (fate !== null && 'rule' in fate) rows.push(['The rule', '', `${fate.firewall}: ${fate.rule}`]);
  if (matchedBy !== null) rows.push(['Recognised by', '', MATCHED[matchedBy]]);
  if (clockOffsetMs !== null) rows.push(['Clocks', '', clockWords(clockOffsetMs)]);
  return rows;
}

function clockWords(offsetMs: number): string {
  const away = duration(Math.abs(offsetMs));
  return offsetMs === 0 ? 'the same' : `${away} ${offsetMs > 0 ? 'ahead of' : 'behind'} this client`;
}

export const toldBy = ({ by, privileges }: BothSides): string =>
  `${by}${privileges === null ? '' : privileges === 'root' ? ', as root' : ', without root'}`;

/** Stands under whatever the other end says. */
export const WORD_OF_THE_OTHER_END =
  'What the other end saw is the word of whoever ran the script there. The case id keeps answers from being mixed up; it does not prove who wrote one.';
