import type { Effect, FilterChain, FilterRule, Hook, Ruleset } from '../../model/ruleset.ts';
import { every, matches, type Truth } from './matches.ts';
import type { Sight, State } from './packet.ts';

/** A rule or a chain's policy, as people find it again. */
export interface RuleReference {
  tool: FilterChain['tool'];
  table: string;
  chain: string;
  handle: number | null;
  /** Null for a policy. */
  line: number | null;
  text: string;
  packets: number | null;
}

export interface Loss {
  end: 'dropped' | 'rejected' | 'unknown';
  by: RuleReference | null;
  /** `tcp reset`, `icmp-port-unreachable` ...; null unless rejected. */
  how: string | null;
}

/** Where a packet can be after a hook: what may have become of it, one state each, and how it may have been lost. */
export interface Passage {
  states: State[];
  losses: Loss[];
}

/** Rules that one packet may be held against; a rule set that needs more is not understood. */
const MOST_STEPS = 200_000;
/** Connection tracking sits at this priority: what comes before knows no state. */
const CONNTRACK = -200;

/** Walks hooks; made anew for each packet, since it counts what it does. */
export function createWalk(ruleset: Ruleset) {
  const chains = new Map(ruleset.chains.map((chain) => [keyOf(chain, chain.name), chain]));
  let steps = 0;

  /** All base chains of a hook, by priority. */
  function hook(name: Hook, sight: Sight, states: readonly State[]): Passage {
    const bases = ruleset.chains
      .filter(({ base, families }) => base?.hook === name && families.includes(sight.packet.family))
      .filter(
        ({ devices }) =>
          devices === undefined || sight.packet.iif === null || devices.includes(sight.packet.iif),
      )
      .sort((a, b) => (a.base?.priority ?? 0) - (b.base?.priority ?? 0));
    let passage: Passage = {
      states: states.map((state) => ({ ...state, translated: false })),
      losses: [],
    };
    for (const group of groupsOf(bases)) {
      const orders = ordersOf(group).map((order) =>
        order.reduce((before, chain) => pass(chain, name, sight, before), {
          states: passage.states,
          losses: [] as Loss[],
        }),
      );
      passage = {
        states: unique(orders.flatMap((one) => one.states)),
        losses: [...passage.losses, ...orders.flatMap((one) => one.losses)],
      };
    }
    return {
      states: passage.states.map((state) => tracked(state, null, name, sight)),
      losses: passage.losses,
    };
  }

  function pass(chain: FilterChain, name: Hook, sight: Sight, before: Passage): Passage {
    const entering = before.states.map((state) => tracked(state, chain, name, sight));
    const skipped = entering.filter((state) => chain.base?.kind === 'nat' && isPastNat(state, sight));
    const asked = entering.filter((state) => !skipped.includes(state));
    const { states, losses } = base(chain, sight, asked);
    // Whether the packet passes by an interface's own chain is not known where the interface is not.
    const isSure = chain.devices === undefined || sight.packet.iif !== null;
    return {
      states: unique([...skipped, ...states, ...(isSure ? [] : asked)]),
      losses: [...before.losses, ...(isSure ? losses : losses.map(perhaps))],
    };
  }

  function base(chain: FilterChain, sight: Sight, states: State[]): Passage {
    const { accepted, through, losses } = walk(chain, sight, states, 0);
    if (chain.base?.policy !== 'drop') return { states: unique([...accepted, ...through]), losses };
    const by = { ...referenceOf(chain, null), text: 'policy drop' };
    return {
      states: accepted,
      losses: through.length > 0 ? [...losses, { end: 'dropped', by, how: null }] : losses,
    };
  }

  interface Walked {
    accepted: State[];
    /** Came to the end, or returned. */
    through: State[];
    losses: Loss[];
  }

  function walk(chain: FilterChain, sight: Sight, entering: State[], depth: number): Walked {
    const walked: Walked = { accepted: [], through: [], losses: [] };
    let live = unique(entering);
    for (const rule of chain.rules) {
      if (live.length === 0) break;
      live = unique(live.flatMap((state) => applied(rule, chain, sight, state, depth, walked)));
    }
    walked.through = unique([...walked.through, ...live]);
    walked.accepted = unique(walked.accepted);
    return walked;
  }

  /** The states in which the packet goes on to the next rule. */
  function applied(
    rule: FilterRule,
    chain: FilterChain,
    sight: Sight,
    entering: State,
    depth: number,
    walked: Walked,
  ): State[] {
    let state = entering;
    let truth: Truth = true;
    const goingOn: State[] = [];
    for (const step of rule.steps) {
      if (++steps > MOST_STEPS) {
        walked.losses.push({ end: 'unknown', by: null, how: null });
        return [];
      }
      if ('match' in step) {
        const one = matches(step.match, sight, state);
        if (one === false) return unique([...goingOn, state]);
        truth = every([truth, one]);
        continue;
      }
      if (truth === null) goingOn.push(state);
      const on = act(step.effect, rule, chain, sight, state, depth, walked);
      // A rule goes on after what changes the packet, and not after a verdict.
      const [first, ...others] = on;
      goingOn.push(...others);
      if (first === undefined) return unique(goingOn);
      state = first;
    }
    return unique([...goingOn, state]);
  }

  /** What one effect makes of the state; nothing where the packet's way through this chain ends. */
  function act(
    effect: Effect,
    rule: FilterRule,
    chain: FilterChain,
    sight: Sight,
    state: State,
    depth: number,
    walked: Walked,
  ): State[] {
    const lost = (end: Loss['end'], how: string | null = null): State[] => {
      walked.losses.push({ end, by: referenceOf(chain, rule), how });
      return [];
    };
    switch (effect.do) {
      case 'accept':
        walked.accepted.push(state);
        return [];
      case 'drop':
        return lost('dropped');
      case 'reject':
        return lost('rejected', effect.how);
      case 'return':
        walked.through.push(state);
        return [];
      case 'continue':
        return [state];
      case 'notrack':
        return [{ ...state, state: 'untracked' }];
      case 'mark':
        return [{ ...state, mark: marked(state.mark, effect.to) }];
      case 'snat':
        walked.accepted.push({ ...state, translated: true });
        return [];
      case 'dnat':
        if (effect.unsure) return lost('unknown');
        walked.accepted.push(translated(state, effect.address ?? state.destination, effect.port));
        return [];
      case 'redirect': {
        // To the first address of the interface that it came by, which nobody lists as such; what is made here, to loopback.
        const isOutgoing = sight.packet.iif === null && sight.packet.oif !== null;
        const to = isOutgoing ? [sight.packet.family === 6 ? '::1' : '127.0.0.1'] : sight.own;
        if (effect.unsure || to === null || to.length === 0) return lost('unknown');
        walked.accepted.push(...to.map((one) => translated(state, one, effect.port)));
        return [];
      }
      case 'unknown':
        lost('unknown');
        return [state];
      case 'choose':
        return choose(effect.cases, rule, chain, sight, state, depth, walked);
      default:
        return jump(effect, rule, chain, sight, state, depth, walked);
    }
  }

  function choose(
    cases: Extract<Effect, { do: 'choose' }>['cases'],
    rule: FilterRule,
    chain: FilterChain,
    sight: Sight,
    state: State,
    depth: number,
    walked: Walked,
  ): State[] {
    const on: State[] = [];
    for (const { when, effect } of cases) {
      const truth = every(when.map((one) => matches(one, sight, state)));
      if (truth === false) continue;
      on.push(...act(effect, rule, chain, sight, state, depth, walked));
      if (truth === true) return unique(on);
    }
    return unique([...on, state]);
  }

  function jump(
    effect: Extract<Effect, { do: 'jump' | 'goto' }>,
    rule: FilterRule,
    chain: FilterChain,
    sight: Sight,
    state: State,
    depth: number,
    walked: Walked,
  ): State[] {
    const to = chains.get(keyOf(chain, effect.chain));
    // A target of an extension that we do not know looks like a chain that is not there.
    if (to === undefined || depth > 64) {
      walked.losses.push({ end: 'unknown', by: referenceOf(chain, rule), how: null });
      return [state];
    }
    const inner = walk(to, sight, [state], depth + 1);
    walked.accepted.push(...inner.accepted);
    walked.losses.push(...inner.losses);
    if (effect.do === 'jump') return inner.through;
    walked.through.push(...inner.through);
    return [];
  }

  return { hook };
}

const keyOf = (chain: FilterChain, name: string): string =>
  `${chain.tool} ${chain.families} ${chain.table} ${name}`;

/** Chains of one priority, which the kernel asks in the order in which they were made: nobody lists it. */
function groupsOf(bases: readonly FilterChain[]): FilterChain[][] {
  const groups = new Map<number, FilterChain[]>();
  for (const chain of bases) {
    const priority = chain.base?.priority ?? 0;
    groups.set(priority, [...(groups.get(priority) ?? []), chain]);
  }
  return [...groups.values()];
}

/** Every order of a few, forth and back of many. */
function ordersOf<T>(items: readonly T[]): T[][] {
  if (items.length < 2) return [[...items]];
  if (items.length > 3) return [[...items], [...items].reverse()];
  return items.flatMap((first, i) =>
    ordersOf(items.filter((_, j) => j !== i)).map((rest) => [first, ...rest]),
  );
}

const perhaps = (loss: Loss): Loss => ({ ...loss, end: 'unknown' });

export function referenceOf(chain: FilterChain, rule: FilterRule | null): RuleReference {
  return {
    tool: chain.tool,
    table: chain.table,
    chain: chain.name,
    handle: rule?.handle ?? null,
    line: rule?.line ?? null,
    text: rule?.text ?? '',
    packets: rule?.packets ?? null,
  };
}

/** nat chains see the first packet of a connection, and are asked until one of them has translated. */
const isPastNat = (state: State, { packet }: Sight): boolean =>
  state.translated || packet.state !== 'new' || state.state === 'untracked';

/** On prerouting and output, chains in front of connection tracking know no state; `chain` null = the hook is over. */
function tracked(state: State, chain: FilterChain | null, hook: Hook, { packet }: Sight): State {
  if (state.state !== null || hook === 'ingress') return state;
  const isBefore = (hook === 'prerouting' || hook === 'output') && (chain?.base?.priority ?? 0) <= CONNTRACK;
  return isBefore && chain !== null ? state : { ...state, state: packet.state };
}

function marked(mark: number | null, to: { keep: number; xor: number } | null): number | null {
  if (to === null) return null;
  if (to.keep === 0) return to.xor >>> 0;
  return mark === null ? null : ((mark & to.keep) ^ to.xor) >>> 0;
}

function translated(state: State, destination: string, port: number | null): State {
  const destinationPort = port ?? state.destinationPort;
  // A translation to what stands there already is none to connection tracking.
  const changes = destination !== state.destination || destinationPort !== state.destinationPort;
  return { ...state, translated: true, dnat: state.dnat || changes, destination, destinationPort };
}

function unique(states: State[]): State[] {
  if (states.length < 2) return states;
  return [...new Map(states.map((state) => [JSON.stringify(state), state])).values()];
}
