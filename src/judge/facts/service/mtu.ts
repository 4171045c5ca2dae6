import { EVERY_TRACE } from '../../../model/fact-sources.ts';
import type { FactsOf, FactTable } from '../../../model/facts.ts';
import type { Readings } from '../../readings/index.ts';

const STALL = ['stall', 'path-mtu'] as const;

/** What Ethernet carries. */
const FULL_SIZE = 1500;

export const MTU_FACTS = {
  'mtu.passes': {
    type: 'number',
    meaning: 'Largest whole IP packet, octets, that was seen to pass.',
    from: STALL,
  },
  'mtu.fails': { type: 'number', meaning: 'Smallest whole IP packet that vanished.', from: STALL },
  'mtu.limit': {
    type: 'number',
    meaning: 'mtu.passes, where a larger packet vanished; null where none did.',
    from: STALL,
  },
  'mtu.fullSizePasses': {
    type: 'boolean',
    meaning:
      'Pings of 1500 octets that may not be fragmented are answered (the answer itself may come in pieces); null when ping is not answered at all.',
    from: STALL,
  },
  'mtu.told': { type: 'number', meaning: 'Path MTU that an ICMP message told.', from: STALL },
  'mtu.blackhole': {
    type: 'boolean',
    meaning:
      'Small pings are answered, large ones vanish without a word; null when ping is not answered at all.',
    from: STALL,
  },
  'mtu.lastHop': { type: 'number', meaning: 'Last hop that full-size packets reach.', from: STALL },
  'mtu.lastAddress': { type: 'string', meaning: 'The router at mtu.lastHop.', from: STALL },
  'mtu.reachesLast': {
    type: 'boolean',
    meaning:
      'Full-size packets reach the last router before the host: they are lost on the last link or, as what is answered to a short TTL is small, anywhere on the way back. Null where either hop is not known.',
    from: [...STALL, ...EVERY_TRACE],
  },
} as const satisfies FactTable;

export function mtuFacts({ talks, here, distance }: Readings): FactsOf<typeof MTU_FACTS> {
  const mtu = talks.stall?.data.mtu ?? here['path-mtu'].at(-1)?.data.mtu ?? null;
  return {
    'mtu.passes': mtu?.passes ?? null,
    'mtu.fails': mtu?.fails ?? null,
    'mtu.limit': mtu?.fails == null ? null : mtu.passes,
    'mtu.fullSizePasses': mtu === null || !mtu.smallAnswered ? null : (mtu.passes ?? 0) >= FULL_SIZE,
    'mtu.told': mtu?.told ?? null,
    'mtu.blackhole': mtu === null || !mtu.smallAnswered ? null : mtu.fails !== null && mtu.told === null,
    'mtu.lastHop': mtu?.lastHop ?? null,
    'mtu.reachesLast': mtu?.lastHop == null || distance === null ? null : mtu.lastHop >= distance - 1,
    'mtu.lastAddress': mtu?.lastAddress ?? null,
  };
}
