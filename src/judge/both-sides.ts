import type { Facts } from '../model/facts.ts';
import type { BothSides, Fate } from '../model/report.ts';

/** What both ends say of the same SYNs, from the facts of one address; null where no other end looked. */
export function bothSidesOf(facts: Facts, address: string | null, by: string): BothSides | null {
  if (facts['there.looked'] !== true || address === null) return null;
  const answers = facts['there.answers'] as BothSides['answers'];
  return {
    address,
    by,
    privileges: facts['there.privileges'] as BothSides['privileges'],
    sent: facts['there.sent'] as number | null,
    arrived: facts['there.arrived'] as number | null,
    matchedBy: facts['there.matchedBy'] as BothSides['matchedBy'],
    clockOffsetMs: facts['there.clockOffsetMs'] as number | null,
    referenceArrived: facts['there.referenceArrived'] as boolean | null,
    answers,
    answered: answeredOf(facts, answers),
    sees: facts['there.sees'] as BothSides['sees'],
    fate: fateOf(facts),
  };
}

function answeredOf(facts: Facts, answers: BothSides['answers']): number | null {
  if (answers === 'nothing') return 0;
  const count =
    answers === 'syn-ack'
      ? facts['there.synAcks']
      : answers === 'reset'
        ? facts['there.resets']
        : answers === 'icmp'
          ? facts['there.icmps']
          : null;
  return typeof count === 'number' ? count : null;
}

const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);

/** The first of these that holds, in the order in which a packet meets them. */
function fateOf(facts: Facts): Fate | null {
  const kind =
    facts['there.verdict'] === 'dropped' || facts['there.verdict'] === 'rejected'
      ? facts['there.verdict']
      : facts['there.answerVerdict'] === 'dropped'
        ? 'answer-dropped'
        : null;
  const place = textOf(facts['there.rulePlace']);
  if (facts['there.reaches'] === false) return null;
  if (facts['there.reversePathFilter'] === true) return { kind: 'reverse-path-filter' };
  if (kind !== null && place !== null)
    return {
      kind,
      place,
      firewall: textOf(facts['there.firewall']) ?? '',
      rule: textOf(facts['there.rule']) ?? '',
    };
  const to = textOf(facts['there.forwardedTo']);
  if (facts['there.verdict'] === 'forwarded' && to !== null) return { kind: 'forwarded', to };
  if (facts['there.queueFull'] === true) return { kind: 'queue-full' };
  if (facts['there.routeBack'] === 'none') return { kind: 'no-route-back' };
  if (facts['there.routeBack'] === 'other')
    return {
      kind: 'other-route-back',
      device: textOf(facts['there.routeDevice']),
      came: textOf(facts['there.arrivalDevice']),
    };
  if (facts['there.listens'] === 'nobody') return { kind: 'nobody-listens' };
  const on = textOf(facts['there.listensOn']);
  return facts['there.listens'] === 'elsewhere' && on !== null ? { kind: 'other-address', on } : null;
}
