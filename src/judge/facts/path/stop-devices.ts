import { includesAddress, sameAddress } from '../../../ground/address.ts';
import { EVERY_TRACE } from '../../../model/fact-sources.ts';
import type { FactsOf, FactTable } from '../../../model/facts.ts';
import type { Readings } from '../../readings/index.ts';
import type { PATH_FACTS } from './path.ts';

export const STOP_FACTS = {
  'stop.devices': {
    type: 'string',
    meaning:
      'The two devices either of which may be where SYNs to the port end: "198.51.100.1 (hop 2) or 198.51.100.9 (hop 3)".',
    from: [...EVERY_TRACE, 'local-network', 'reply-ttl', 'ping', 'tcp-connect', 'alternate-ports'],
  },
  'stop.silentBetween': {
    type: 'number',
    meaning:
      'Hops between the last that answered SYNs to the port and the host, where nothing else that answers lies between: the devices there tell of nothing. Null where there is none, or path.stopNextToHost is not true.',
    from: [...EVERY_TRACE, 'local-network', 'reply-ttl', 'ping', 'tcp-connect', 'alternate-ports'],
  },
} as const satisfies FactTable;

/** How many places there are, besides the last router and the host, that nobody saw. */
export function silentBetween(facts: FactsOf<typeof PATH_FACTS>, { distance }: Readings): number | null {
  const hop = facts['path.target.lastHop'];
  if (hop === null || distance === null || facts['path.stopNextToHost'] !== true) return null;
  return distance - hop > 1 ? distance - hop - 1 : null;
}

/** The last router that answered may itself be the one that drops: it answers an expired TTL before it filters. */
export function stopDevices(facts: FactsOf<typeof PATH_FACTS>, readings: Readings): string | null {
  const hop = facts['path.target.lastHop'];
  if (hop === null || facts['path.target.stopped'] !== true || facts['path.muteBeyond'] === true) return null;
  const nextHop = facts['path.nextHop'];
  const next = nextHop === hop + 1 ? facts['path.nextAddress'] : null;
  const { gateway, tunnel } = readings.local;
  const named = (address: string, at: number): string =>
    at === 1 && tunnel !== null
      ? `${address} (hop 1, the far end of the tunnel ${tunnel})`
      : at === 1 && gateway !== null && sameAddress(address, gateway)
        ? `${address} (hop 1, the router of this client's own network)`
        : `${address} (hop ${at})`;
  const last = facts['path.target.lastAddress'];
  if (hop === 0) {
    const first = next ?? gateway;
    return first === null ? 'the first router' : named(first, 1);
  }
  if (last === null) return null;
  const isHost = readings.distance === hop + 1;
  const after =
    next !== null && !includesAddress([last], next)
      ? named(next, hop + 1)
      : isHost
        ? 'a device between it and the host'
        : 'the device after it';
  return `${named(last, hop)} or ${after}`;
}
