import { covers, familyOf, octetsOf } from './address.ts';

/** Not reachable from the internet at large, or not one machine (IANA's special-purpose registries; RFC 6890, 5737, 9637). */
const SPECIAL = [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12'],
  ...['192.0.0.0/24', '192.0.2.0/24', '192.88.99.0/24', '192.168.0.0/16', '198.18.0.0/15'],
  ...['198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/3'],
  // Teredo, benchmarking, ORCHID; documentation; 6to4, which is an IPv4 address of anybody's.
  ...['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'],
];
const GLOBAL_UNICAST = '2000::/3';

/** An address that means the same machine everywhere on the internet. False for what is no address. */
export function isPublicAddress(address: string): boolean {
  if (octetsOf(address) === null || SPECIAL.some((network) => covers(network, address) !== null))
    return false;
  return octetsOf(address)?.length === 4 ? familyOf(address) === 4 : covers(GLOBAL_UNICAST, address) !== null;
}

/** Names that public DNS never has (RFC 6761, 6762, 7686, 8375, 9476; ICANN's `internal`), and what networks at home and at work call their own. */
const PRIVATE_ENDINGS =
  /(^|\.)(localhost|local|localdomain|internal|intranet|private|corp|home|lan|home\.arpa|test|example|invalid|onion|alt)$/;

/** A name that may lead somewhere from anywhere: it has a dot, and does not end as private ones do. */
export function isPublicName(name: string): boolean {
  const bare = name.toLowerCase().replace(/\.$/, '');
  return bare.includes('.') && !PRIVATE_ENDINGS.test(bare);
}
