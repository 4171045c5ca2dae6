import { hexOf } from '../../ground/address.ts';
import type { Field, Match, Test } from '../../model/ruleset.ts';
import type { Sight, State } from './packet.ts';

/** True, false, or null where it cannot be told (Kleene's strong logic). */
export type Truth = boolean | null;

export function matches(match: Match, sight: Sight, state: State): Truth {
  if ('unknown' in match) return null;
  if ('anyOf' in match)
    return turned(
      match.not,
      some(match.anyOf.map((all) => every(all.map((one) => matches(one, sight, state))))),
    );
  return turned(match.not, fieldMatches(match.field, match.test, sight, state));
}

const turned = (not: boolean, truth: Truth): Truth => (not && truth !== null ? !truth : truth);
const some = (truths: Truth[]): Truth =>
  truths.includes(true) ? true : truths.includes(null) ? null : false;
export const every = (truths: Truth[]): Truth =>
  truths.includes(false) ? false : truths.includes(null) ? null : true;

function fieldMatches(field: Field, test: Test, { packet, isOwn }: Sight, state: State): Truth {
  switch (field) {
    case 'family':
      return number(packet.family, test);
    case 'protocol':
      return name('tcp', test);
    case 'iif':
      return name(packet.iif, test);
    case 'oif':
      return name(packet.oif, test);
    case 'source':
      return address(packet.source, test);
    case 'destination':
      return address(state.destination, test);
    case 'originalDestination':
      return state.state === null ? null : address(packet.destination, test);
    case 'sourcePort':
      return number(packet.sourcePort, test);
    case 'destinationPort':
      return number(state.destinationPort, test);
    case 'originalPort':
      return state.state === null ? null : number(packet.destinationPort, test);
    case 'sourceType':
      return addressType(packet.source === null ? null : isOwn(packet.source), test);
    case 'destinationType':
      return addressType(isOwn(state.destination), test);
    case 'state':
      return name(state.state, test);
    case 'status':
      return status(state, test);
    case 'mark':
      return number(state.mark, test);
    case 'tcpFlags':
      return number(packet.tcpFlags, test);
    case 'mss':
      return number(packet.mss, test);
    default:
      return field satisfies never;
  }
}

function number(value: number | null, test: Test): Truth {
  if (value === null) return null;
  if (test.kind === 'bits') return (value & test.mask) >>> 0 === test.bits >>> 0;
  return test.kind === 'numbers' ? test.ranges.some(([from, to]) => value >= from && value <= to) : null;
}

function name(value: string | null, test: Test): Truth {
  if (value === null || test.kind !== 'names') return null;
  return test.names.some((one) => (one.endsWith('*') ? value.startsWith(one.slice(0, -1)) : value === one));
}

function address(value: string | null, test: Test): Truth {
  const digits = value === null ? null : hexOf(value);
  if (digits === null || test.kind !== 'addresses') return null;
  return test.ranges.some(([from, to]) => digits.length === from.length && digits >= from && digits <= to);
}

/** An address that is not this machine's own may be another's, a broadcast, or none at all: routing tells, and we do not ask. */
function addressType(isLocal: boolean | null, test: Test): Truth {
  if (isLocal === null || test.kind !== 'names') return null;
  if (isLocal) return test.names.includes('local');
  return test.names.every((one) => one === 'local') ? false : null;
}

/** Of the status of a connection only whether its destination was rewritten. */
function status({ dnat }: State, test: Test): Truth {
  if (test.kind !== 'names') return null;
  const asksMore = test.names.some((one) => one === 'snat' || STATUS_BITS.has(one));
  const isTranslated = test.names.includes('dnat') ? dnat : false;
  return isTranslated === false && asksMore ? null : isTranslated;
}
const STATUS_BITS = new Set(['expected', 'seen-reply', 'assured', 'confirmed', 'dying']);
