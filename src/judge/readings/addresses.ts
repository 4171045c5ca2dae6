import { familyOf } from '../../ground/address.ts';
import type { Evidence } from '../../model/evidence.ts';
import type { Observation } from '../../model/probes.ts';
import type { ReportTarget } from '../../model/report.ts';
import type { Family } from '../../model/request.ts';

/** How many addresses of one name are tried at the most, and how many of them one by one in depth. */
export const MOST_ADDRESSES = 6;

export const isAddressLiteral = (host: string): boolean =>
  /^\d+\.\d+\.\d+\.\d+$/.test(host) || host.includes(':');

export interface TargetAddress {
  address: string;
  family: Family;
  source: ReportTarget['addresses'][number]['source'];
}

/** The addresses of the target that are to be tried, in the order of the system's resolver; empty while none is known. */
export function addressesOf(evidence: Pick<Evidence, 'request' | 'observations'>): TargetAddress[] {
  const { target, family } = evidence.request;
  const wanted = (a: { family: Family }) => family === null || a.family === family;
  if (isAddressLiteral(target.host))
    return [{ address: target.host, family: familyOf(target.host), source: 'literal' as const }].filter(
      wanted,
    );
  const system = evidence.observations.find(
    (o): o is Extract<Observation, { probe: 'system-resolve' }> =>
      o.probe === 'system-resolve' && o.input.host === target.host,
  );
  const listed = evidence.observations.find(
    (o): o is Extract<Observation, { probe: 'hosts-file' }> => o.probe === 'hosts-file',
  );
  const inHosts = new Set(listed?.data?.entries.map(({ address }) => address));
  const asked = evidence.observations.some((o) => o.probe === 'dns' && o.outcome === 'answered');
  const unique = new Map<string, TargetAddress>();
  for (const { address, family: f } of system?.data?.addresses ?? [])
    if (!unique.has(address))
      unique.set(address, {
        address,
        family: f,
        source: inHosts.has(address) ? 'hosts-file' : asked ? 'dns' : 'system',
      });
  const gaveUp = system?.outcome === 'timeout';
  if ((system === undefined || system.data === null || gaveUp) && listed?.outcome === 'not-listed')
    for (const address of answeredBesideSilence(evidence, gaveUp))
      unique.set(address, { address, family: familyOf(address), source: 'dns' });
  const all = [...unique.values()].filter(wanted);
  // Both families stay represented when a name has more addresses than are tried.
  const first = all.filter((a) => a.family === all[0]?.family);
  const second = all.filter((a) => a.family !== all[0]?.family);
  const half = MOST_ADDRESSES / 2;
  return [
    ...first.slice(0, MOST_ADDRESSES - Math.min(second.length, half)),
    ...second.slice(0, MOST_ADDRESSES - Math.min(first.length, half)),
  ];
}

/**
 * While the system still waits for a dead resolver, or for one of two kinds of address (5 s and more), the answer that is
 * there is as good: it is what the system will get in the end. So it is where the system's patience is longer than ours.
 */
function answeredBesideSilence(
  { observations, request }: Pick<Evidence, 'request' | 'observations'>,
  gaveUp: boolean,
): string[] {
  const asked = observations.filter(
    (o): o is Extract<Observation, { probe: 'dns' }> =>
      o.probe === 'dns' && o.input.configured && o.input.host === request.target.host,
  );
  const heard = asked.flatMap(({ data }) => data?.answers ?? []);
  if (!gaveUp && !heard.some(({ outcome }) => outcome === 'timeout')) return [];
  return (
    asked
      .map(({ data }) => data?.answers.flatMap(({ addresses }) => addresses) ?? [])
      .find((addresses) => addresses.length > 0) ?? []
  );
}
