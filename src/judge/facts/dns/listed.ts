import { addressKey } from '../../../ground/address.ts';

/** More addresses than this are not listed. */
export const MOST_LISTED = 6;

/** Addresses in words, each once; null where there are none. */
export const listed = (addresses: readonly string[]): string | null => {
  const unique = [...new Map(addresses.map((address) => [addressKey(address), address])).values()];
  if (unique.length === 0) return null;
  return unique.length > MOST_LISTED ? `${unique.slice(0, MOST_LISTED).join(', ')} ...` : unique.join(', ');
};
