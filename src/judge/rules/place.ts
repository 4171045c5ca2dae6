import type { Facts, FactValue } from '../../model/facts.ts';
import type { Where } from '../../model/report.ts';
import type { Place } from '../../model/rule.ts';

const number = (value: FactValue | undefined): number | null => (typeof value === 'number' ? value : null);
const text = (value: FactValue | undefined): string | null => (typeof value === 'string' ? value : null);

function between(
  hop: number | null,
  address: string | null,
  next: { hop: number | null; address: string | null },
): Where {
  return { kind: 'between', hop, address, next };
}

/** Hop 0 is this machine: it stands for "before the first router". */
function addressOfHop(hop: number, address: string | null, facts: Facts): string | null {
  return hop === 0 ? text(facts['vantage.address']) : address;
}

/** After the last hop that answered for this port. Null where no router speaks at all: then silence places nothing. */
function stop(facts: Facts): Where | null {
  const hop = number(facts['path.target.lastHop']);
  if (hop === null) return null;
  if (facts['local.onLink'] === true && hop === 0)
    return between(0, text(facts['vantage.address']), { hop: 1, address: text(facts['target.address']) });
  const nextHop = number(facts['path.nextHop']);
  if (facts['path.muteBeyond'] === true) {
    const last = addressOfHop(hop, text(facts['path.target.lastAddress']), facts);
    return nextHop === null
      ? null
      : between(hop, last, { hop: nextHop, address: text(facts['path.nextAddress']) });
  }
  const nextAddress =
    nextHop === hop + 1
      ? (text(facts['path.nextAddress']) ??
        (facts['path.stopNextToHost'] === true ? text(facts['target.address']) : null))
      : null;
  if (hop > 0)
    return between(hop, text(facts['path.target.lastAddress']), { hop: hop + 1, address: nextAddress });
  const firstHopSpeaks = nextHop === 1 || facts['gateway.answersOthers'] === true;
  if (!firstHopSpeaks) return null;
  return between(0, text(facts['vantage.address']), {
    hop: 1,
    address: nextAddress ?? text(facts['local.gateway']),
  });
}

function refuser(facts: Facts): Where | null {
  if (facts['refusal.kind'] === 'rst') {
    const first = number(facts['refusal.firstTtl']);
    if (facts['refusal.nearer'] !== true) return { kind: 'target', address: text(facts['target.address']) };
    if (first === null) return null;
    return between(first - 1, addressOfHop(first - 1, text(facts['refusal.previousAddress']), facts), {
      hop: first,
      address: text(facts['refusal.hereAddress']),
    });
  }
  const address = text(facts['refusal.address']);
  switch (facts['refusal.from']) {
    case 'self':
      return { kind: 'this-machine' };
    case 'target':
      return { kind: 'target', address };
    case 'router':
      return { kind: 'hop', hop: number(facts['refusal.hop']), address };
    default:
      return null;
  }
}

/** Between the device that reports its neighbour as off and that neighbour. */
function beforeHost(facts: Facts): Where | null {
  const address = text(facts['refusal.address']);
  if (facts['refusal.behindTarget'] === true) return { kind: 'target', address };
  if (facts['refusal.from'] === 'router') {
    const hop = number(facts['refusal.hop']);
    return between(hop, address, { hop: hop === null ? null : hop + 1, address: null });
  }
  if (facts['refusal.from'] === 'self' || facts['local.nextHopFailed'] === true) {
    const next =
      facts['local.onLink'] === true ? text(facts['target.address']) : text(facts['local.gateway']);
    return between(0, text(facts['vantage.address']), { hop: 1, address: next });
  }
  return stop(facts);
}

/** Where a cause of this kind is, from the facts; null where the evidence does not place it. */
export function placeOf(place: Place, facts: Facts): Where | null {
  switch (place) {
    case 'this-machine':
      return { kind: 'this-machine' };
    case 'resolver':
      return { kind: 'resolver', address: text(facts['dns.resolver']) };
    case 'silent-resolver':
      return { kind: 'resolver', address: text(facts['dns.silentResolver']) ?? text(facts['dns.resolver']) };
    case 'target':
      return { kind: 'target', address: text(facts['target.address']) };
    case 'stop':
      return stop(facts);
    case 'refuser':
      return refuser(facts);
    case 'before-host':
      return beforeHost(facts);
    case 'acceptor': {
      const hop = number(facts['path.acceptedAt']);
      return hop === null ? null : { kind: 'hop', hop, address: text(facts['path.acceptedAddress']) };
    }
    case 'loop': {
      const hop = number(facts['path.loopHop']) ?? number(facts['path.repeatsFrom']);
      const address = text(facts['path.loopFirstAddress']) ?? text(facts['path.repeater']);
      return hop === null ? null : { kind: 'hop', hop, address };
    }
    case 'mtu': {
      const hop = number(facts['mtu.lastHop']);
      return hop === null
        ? null
        : between(hop, text(facts['mtu.lastAddress']), { hop: hop + 1, address: null });
    }
    case 'cut': {
      const hop = number(facts['stall.lastHop']);
      return hop === null
        ? null
        : between(hop, text(facts['stall.lastAddress']), { hop: hop + 1, address: null });
    }
    case 'nowhere':
      return null;
  }
}
