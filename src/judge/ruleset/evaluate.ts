import { addressKey, familyOf } from '../../ground/address.ts';
import type { Hook, Ruleset } from '../../model/ruleset.ts';
import type { Packet, Sight, State } from './packet.ts';
import { createWalk, type Loss, type RuleReference } from './walk.ts';

/** What else has to be known of the machine. */
export interface Machine {
  /** Its own addresses; loopback need not be named. Null = not known. */
  addresses: readonly string[] | null;
  /** The interface that leads to an address, where that is known. */
  deviceTo?: (address: string) => string | null;
}

export type End = 'delivered' | 'forwarded' | 'sent' | Loss['end'];

/** One thing that may become of the packet. */
export interface Outcome {
  end: End;
  /** The rule or policy that ended it; null where it got through. */
  by: RuleReference | null;
  /** `tcp reset`, `icmp-port-unreachable` ...; null unless rejected. */
  how: string | null;
  /** Where it went on to, translation included. */
  destination: string;
  port: number | null;
}

export interface Judgement {
  /** `may`: several things may become of it, as far as the rules are understood. */
  verdict: Exclude<End, 'unknown'> | 'may';
  outcomes: Outcome[];
}

/**
 * What the rules do with the packet: it walks the hooks of its way (arriving: ingress, prerouting, then input or forward and
 * postrouting; leaving: output, postrouting) in the order of their chains' priorities. Matches that are not known fork
 * the way, so that a verdict other than `may` holds whatever they are. nf_tables(8), iptables(8), netfilter_hooks.
 */
export function evaluate(
  ruleset: Ruleset,
  packet: Packet,
  way: 'arriving' | 'leaving',
  machine: Machine,
): Judgement {
  const walk = createWalk(ruleset);
  const own = machine.addresses === null ? null : new Set(machine.addresses.map(addressKey));
  const isOwn = (address: string): boolean | null =>
    isLoopback(address) ? true : own === null ? null : own.has(addressKey(address));
  const ofFamily = machine.addresses?.filter((one) => familyOf(one) === packet.family) ?? null;
  const sight: Sight = { packet, isOwn, own: ofFamily };
  const outcomes: Outcome[] = [];
  const pass = (hook: Hook, states: State[], with_: Sight = sight): State[] => {
    const { states: next, losses } = walk.hook(hook, with_, states);
    for (const { end, by, how } of losses)
      outcomes.push({ end, by, how, destination: packet.destination, port: packet.destinationPort });
    return next;
  };
  const ended = (end: End, states: State[]): void => {
    for (const { destination, destinationPort } of states)
      outcomes.push({ end, by: null, how: null, destination, port: destinationPort });
  };

  const start: State = {
    destination: packet.destination,
    destinationPort: packet.destinationPort,
    state: null,
    mark: 0,
    dnat: false,
    translated: false,
  };
  if (way === 'leaving') {
    ended('sent', pass('postrouting', pass('output', [start])));
  } else {
    const routed = pass('prerouting', pass('ingress', [start]));
    for (const state of routed) {
      const isHere = isOwn(state.destination);
      // It arrived for an address whose owner is not known.
      if (isHere === null) ended('unknown', [state]);
      else if (isHere) ended('delivered', pass('input', [state]));
      else {
        const onward = {
          ...sight,
          packet: { ...packet, oif: machine.deviceTo?.(state.destination) ?? null },
        };
        ended('forwarded', pass('postrouting', pass('forward', [state], onward), onward));
      }
    }
  }
  return { verdict: verdictOf(outcomes), outcomes: distinct(outcomes) };
}

const isLoopback = (address: string): boolean => address.startsWith('127.') || address === '::1';

function verdictOf(outcomes: readonly Outcome[]): Judgement['verdict'] {
  const ends = new Set(outcomes.map(({ end }) => end));
  const [first] = ends;
  return ends.size === 1 && first !== undefined && first !== 'unknown' ? first : 'may';
}

function distinct(outcomes: readonly Outcome[]): Outcome[] {
  return [...new Map(outcomes.map((one) => [JSON.stringify(one), one])).values()];
}
