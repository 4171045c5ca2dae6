import { familyOf, reachOf, sameAddress } from '../ground/address.ts';
import { addressesOf } from '../judge/readings/addresses.ts';
import type { Case } from '../model/case.ts';
import type { Evidence } from '../model/evidence.ts';

/** What another machine has to know to look for this client's packets. Null where the name led to no address. */
export function caseOf(evidence: Evidence, id: string, timeZone: string): Case | null {
  const address = addressesOf(evidence)[0]?.address;
  if (address === undefined) return null;
  const { port } = evidence.request.target;
  const ends = evidence.observations
    .map((o) => Date.parse(o.startedAt) + o.durationMs)
    .filter(Number.isFinite);
  const own = ownAddress(evidence, address);
  return {
    id,
    target: { address, port },
    reference: referenceOf(evidence, address),
    client: { address: own, ...translationOf(own, address, evidence.request.seenAs ?? null) },
    window: {
      from: evidence.startedAt,
      to: new Date(Math.max(Date.parse(evidence.startedAt), ...ends)).toISOString(),
      timeZone,
    },
    attempts: [],
  };
}

/** What the user says of how the far end sees us, where it is of the target's family; else what the addresses suggest. */
function translationOf(
  own: string | null,
  target: string,
  said: string | null,
): Pick<Case['client'], 'translated' | 'seenAs'> {
  const seenAs = said !== null && familyOf(said) === familyOf(target) ? said : null;
  if (own === null) return { translated: 'unknown', seenAs };
  if (seenAs !== null) return { translated: sameAddress(own, seenAs) ? 'no' : 'yes', seenAs };
  const isLikely = reachOf(own) === 'private' && reachOf(target) === 'public';
  return { translated: isLikely ? 'yes' : 'unknown', seenAs };
}

/** Where the port itself accepts, no other one was looked for: SYNs to this one arrive as well, whatever answers them. */
const STANDS_IN = [22, 80] as const;

/** A port of the same host that was answered: an open one, else one that is refused. */
function referenceOf(evidence: Evidence, address: string): Case['reference'] {
  const ports = evidence.observations.flatMap((o) => {
    if (o.probe === 'alternate-ports' && o.input.address === address) return o.data?.ports ?? [];
    if (o.probe !== 'tcp-connect' || o.input.address !== address || o.input.role !== 'reference-port')
      return [];
    return (o.data?.attempts ?? []).map(({ outcome }) => ({ port: o.input.port, outcome }));
  });
  const found =
    ports.find(({ outcome }) => outcome === 'open') ?? ports.find(({ outcome }) => outcome === 'refused');
  if (found !== undefined) return { address, port: found.port };
  const accepts = evidence.observations.some(
    (o) => o.probe === 'tcp-connect' && o.input.address === address && o.outcome === 'open',
  );
  const [first, other] = STANDS_IN;
  return accepts ? { address, port: evidence.request.target.port === first ? other : first } : null;
}

function ownAddress(evidence: Evidence, address: string): string | null {
  const family = address.includes(':');
  const route = evidence.observations.find((o) => o.probe === 'local-network' && o.input.address === address);
  const source = route?.probe === 'local-network' ? (route.data?.route.source ?? null) : null;
  return source ?? evidence.vantage.addresses.find((one) => one.includes(':') === family) ?? null;
}
