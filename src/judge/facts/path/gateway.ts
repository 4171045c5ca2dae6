import type { FactsOf, FactTable } from '../../../model/facts.ts';
import type { Readings } from '../../readings/index.ts';

/** The first router, by what it does with packets to others. */
export const GATEWAY_FACTS = {
  'gateway.answersOthers': {
    type: 'boolean',
    meaning:
      'The first router sends an ICMP error for a packet with TTL 1 to another destination; null when not asked or silent.',
    from: ['trace-syn:gateway', 'local-network'],
  },
  'gateway.silent': {
    type: 'boolean',
    meaning:
      'The first router answers the search for it on the link, and no packet of IP: neither UDP nor TCP that ends at it, to the target and to another destination. False where it answered one; null where not all of that was asked.',
    from: ['trace-syn:gateway', 'trace-syn:target', 'trace-syn:other-protocol', 'local-network'],
  },
  'gateway.passesOthers': {
    type: 'boolean',
    meaning:
      'A packet with TTL 2 to another destination was answered from beyond the first router; false when the first router answers at TTL 1 and nothing comes back from beyond it. Null when not asked, or the first router is silent.',
    from: ['trace-syn:gateway', 'local-network'],
  },
  'gateway.answersWeb': {
    type: 'boolean',
    meaning:
      'A SYN with TTL 1 to TCP 80 of an address that nobody has was accepted: the first router answers in its place. Null when not asked.',
    from: ['trace-syn:gateway'],
  },
} as const satisfies FactTable;

export function gatewayFacts(readings: Readings): FactsOf<typeof GATEWAY_FACTS> {
  return {
    'gateway.answersOthers': gatewayAnswersOthers(readings),
    'gateway.silent': gatewaySilent(readings),
    'gateway.passesOthers': gatewayPassesOthers(readings),
    'gateway.answersWeb': gatewayAnswersWeb(readings),
  };
}

/** One packet with TTL 1 to a documentation address: it ends at the first router whatever that would do with it. */
function gatewayAnswersOthers({ all, local }: Readings): boolean | null {
  const { gateway } = local;
  const asked = all['trace-syn'].filter((o) => o.input.role === 'gateway');
  const heard = asked.some((o) =>
    o.data.replies.some(
      ({ ttl, answer, from }) =>
        ttl === 1 &&
        (answer === 'time-exceeded' || answer === 'unreachable') &&
        (gateway === null || gateway.includes(':') || from === gateway),
    ),
  );
  return heard ? true : null;
}

/** Whose TTL of 1 ends at the first router: towards the target, and towards another destination. */
const FIRST_HOP_ROLES = ['target', 'other-protocol', 'gateway'] as const;

function gatewaySilent({ all, local, traces }: Readings): boolean | null {
  const asked = FIRST_HOP_ROLES.map((role) =>
    all['trace-syn'].filter((o) => o.final && o.input.role === role),
  );
  const first = asked.flat().flatMap((o) => o.data.replies.filter(({ ttl }) => ttl === 1));
  if (first.some(({ from, answer }) => from !== null || answer === 'syn-ack' || answer === 'rst'))
    return false;
  const protocols = new Set(asked[2]!.map(({ input }) => input.protocol));
  if (asked.some((some) => some.length === 0) || protocols.size < 2) return null;
  if (!traces.every.every(({ summary }) => summary.silentFromFirst)) return null;
  // What the kernel has not confirmed by now (STALE, DELAY) may have been there once.
  return local.neighbourStates.findLast((state) => state !== null) === 'REACHABLE' ? true : null;
}

function gatewayPassesOthers(readings: Readings): boolean | null {
  const beyond = readings.all['trace-syn']
    .filter((o) => o.input.role === 'gateway')
    .flatMap((o) => o.data.replies.filter(({ ttl }) => ttl >= 2));
  if (beyond.length === 0 || gatewayAnswersOthers(readings) !== true) return null;
  const { gateway } = readings.local;
  if (beyond.some(({ from }) => from !== null && from !== gateway)) return true;
  // A first router that has no route there says so when it likes: the rest of its silence tells nothing.
  const told = readings.all['trace-syn']
    .filter((o) => o.input.role === 'gateway')
    .flatMap((o) => o.data.replies);
  const hasNoRoute = told.some(
    ({ answer, from }) =>
      answer === 'unreachable' && (gateway === null || gateway.includes(':') || from === gateway),
  );
  return beyond.every(({ answer }) => answer === 'silence') && !hasNoRoute ? false : null;
}

function gatewayAnswersWeb({ all }: Readings): boolean | null {
  const asked = all['trace-syn'].filter((o) => o.input.role === 'gateway' && o.input.protocol === 'tcp');
  const replies = asked.flatMap((o) => o.data.replies);
  return replies.length === 0 ? null : replies.some(({ answer }) => answer === 'syn-ack');
}
