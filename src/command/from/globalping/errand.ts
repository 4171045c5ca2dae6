import { isPublicAddress, isPublicName } from '../../../ground/public-address.ts';
import type { Errand } from '../source.ts';

/** Why nothing may be sent about this target: a public network shall not hear of private ones. Null = it may. */
export function whyNotPublic({ host, addresses }: Errand): string | null {
  const inside = addresses.find((address) => !isPublicAddress(address));
  if (host !== null && !isPublicName(host))
    return `${host} is no name of the public DNS, so nothing was sent`;
  if (inside === undefined) return null;
  return host === null
    ? `${inside} is no public address, so nothing was sent`
    : `${host} leads to ${inside}, which is no public address, so nothing was sent`;
}
