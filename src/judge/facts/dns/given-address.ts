import { includesAddress, reachOf, sameAddress } from '../../../ground/address.ts';
import type { FactsOf, FactTable } from '../../../model/facts.ts';
import type { Readings } from '../../readings/index.ts';
import type { Names, Naming } from '../../readings/names.ts';

const DNS = ['dns'] as const;
const SYSTEM = ['system-resolve'] as const;
const HOSTS = ['hosts-file'] as const;

/** The address that the name led to: where it is from, and whether it can be meant. */
export const GIVEN_ADDRESS_FACTS = {
  'dns.systemSource': {
    type: 'string',
    values: ['hosts-file', 'dns', 'other'],
    meaning:
      'Where the system has target.address from; other = neither the hosts file nor any configured resolver says so (a cache, mDNS, a VPN).',
    from: [...SYSTEM, ...HOSTS, ...DNS],
  },
  'dns.wildcard': {
    type: 'boolean',
    meaning:
      'dns.wildcardName, a name that nobody made, leads to target.address at the same resolver, too: the resolver makes up answers, or the zone has a wildcard record. False when it does not; null when it was not asked.',
    from: DNS,
  },
  'dns.wildcardName': { type: 'string', meaning: 'The name that was asked for that.', from: DNS },
  'dns.addressIsResolver': {
    type: 'boolean',
    meaning: 'target.address is the address of the resolver that gives it.',
    from: DNS,
  },
  'dns.absentHow': {
    type: 'string',
    meaning:
      'How a name that does not exist shows, in words: NXDOMAIN, or "192.0.2.7 is what every made-up name gets" where dns.wildcard.',
    from: DNS,
  },
  'dns.addressIsGateway': {
    type: 'boolean',
    meaning:
      "target.address, which DNS gives, is that of this machine's default gateway; null when that is not known.",
    from: [...DNS, ...SYSTEM, 'local-network'],
  },
  'dns.sinkhole': {
    type: 'boolean',
    meaning:
      'A name that looks public leads to an address that leads nowhere (0.0.0.0/8, ::, loopback), or any name to 0.0.0.0 or ::.',
    from: [...SYSTEM, ...HOSTS, ...DNS],
  },
  'dns.sinkholeAddress': { type: 'string', meaning: 'That address.', from: [...SYSTEM, ...HOSTS, ...DNS] },
  'dns.sinkholeFrom': {
    type: 'string',
    values: ['hosts-file', 'dns', 'other'],
    meaning: 'Where it comes from.',
    from: [...SYSTEM, ...HOSTS, ...DNS],
  },
} as const satisfies FactTable;

type Given = FactsOf<typeof GIVEN_ADDRESS_FACTS>;

export const givenAddressFacts = (readings: Readings, names: Names, { source }: Naming): Partial<Given> => ({
  'dns.systemSource': source,
  ...sinkholeFacts(readings.address, names.host, source),
  ...inventedFacts(readings, names),
  'dns.addressIsGateway': addressIsGateway(readings, source),
});

/** The resolver that gives the address in use, and what it says about a name that nobody made. */
function inventedFacts({ address, all }: Readings, { verdicts }: Names): Partial<Given> {
  if (address === null) return {};
  const giver = verdicts.find(
    ({ configured, addresses }) => configured && includesAddress(addresses, address),
  );
  if (giver === undefined) return {};
  const asked = all.dns.find(
    ({ input, final }) => final && input.nonsense === true && input.resolver === giver.resolver,
  );
  const said = asked?.data.answers.filter(({ outcome }) => outcome === 'answered') ?? [];
  const isWildcard = said.some(({ addresses }) => includesAddress(addresses, address));
  return {
    'dns.addressIsResolver': sameAddress(address, giver.resolver),
    'dns.wildcard': said.length === 0 ? null : isWildcard,
    'dns.absentHow': isWildcard ? `${address} is what every made-up name gets` : null,
    'dns.wildcardName': said.length === 0 ? null : (asked?.input.host.replace(/\.$/, '') ?? null),
  };
}

function addressIsGateway({ address, here }: Readings, source: Naming['source']): boolean | null {
  const gateway = here['local-network'][0]?.data.defaultGateway;
  if (address === null || gateway === undefined || source === 'hosts-file') return null;
  return sameAddress(address, gateway);
}

/** Ends of names that never mean the public DNS: RFC 2606, 6761, 6762, 7686, 8375, and what people use at home. */
const PRIVATE_ENDS =
  /(^|\.)(localhost|local|test|invalid|example|onion|internal|intranet|private|corp|home|lan|localdomain|home\.arpa)$/;

function sinkholeFacts(address: string | null, host: string, source: Naming['source']): Partial<Given> {
  if (address === null) return {};
  const name = host.replace(/\.$/, '').toLowerCase();
  const looksPublic = name.includes('.') && !PRIVATE_ENDS.test(name);
  // Debian gives 127.0.1.1 to the machine's own name in its hosts file.
  const ownName = source === 'hosts-file' && sameAddress(address, '127.0.1.1');
  // 0.0.0.0 and :: are no address of a service, whatever the name ends in.
  const isNobody = ['0.0.0.0', '::'].some((nobody) => sameAddress(address, nobody));
  if (!isNobody && (!looksPublic || ownName || reachOf(address) !== 'nowhere'))
    return { 'dns.sinkhole': false };
  return { 'dns.sinkhole': true, 'dns.sinkholeAddress': address, 'dns.sinkholeFrom': source };
}
