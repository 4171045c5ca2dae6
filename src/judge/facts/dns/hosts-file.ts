import { isLocalhost, sameAddress } from '../../../ground/address.ts';
import type { FactsOf, FactTable } from '../../../model/facts.ts';
import type { Readings } from '../../readings/index.ts';
import { hostsEntry, type Names, type Naming, witnessedAddresses } from '../../readings/names.ts';
import { listed } from './listed.ts';
import { anyOpen, failsAlike } from './tried.ts';

const DNS = ['dns'] as const;
const SYSTEM = ['system-resolve'] as const;
const HOSTS = ['hosts-file'] as const;

export const HOSTS_FILE_FACTS = {
  'dns.hostsListed': { type: 'boolean', meaning: 'The hosts file has the name.', from: HOSTS },
  'dns.hostsUnread': {
    type: 'boolean',
    meaning:
      'The hosts file could not be read, or not to its end, by the user who ran this: what it says about the name is not known, and programs of that user do not learn it either. Null where it was not looked at.',
    from: HOSTS,
  },
  'dns.hostsPath': { type: 'string', meaning: 'Path of the hosts file.', from: HOSTS },
  'dns.hostsLine': { type: 'number', meaning: 'Line of dns.hostsAddress in it.', from: HOSTS },
  'dns.hostsAddress': {
    type: 'string',
    meaning: 'The address that the hosts file gives: target.address where it is among them.',
    from: HOSTS,
  },
  'dns.hostsLacksLocalhost': {
    type: 'boolean',
    meaning:
      'The name is localhost, or ends in it, and the hosts file has no line for it; null for other names, and where the file was not read.',
    from: HOSTS,
  },
  'dns.addressFromHosts': {
    type: 'boolean',
    meaning: 'target.address is in the hosts file under this name.',
    from: [...HOSTS, ...SYSTEM],
  },
  'dns.hostsDiffersFromDns': {
    type: 'boolean',
    meaning:
      'DNS gives addresses for the name, and dns.hostsAddress is not among them; null where DNS gives none or only a stub that reads the hosts file itself was asked.',
    from: [...HOSTS, ...DNS],
  },
  'dns.realAddresses': {
    type: 'string',
    meaning: 'The addresses that DNS gives instead of dns.hostsAddress.',
    from: [...HOSTS, ...DNS],
  },
  'dns.realAddressOpen': {
    type: 'boolean',
    meaning: 'One of them accepts connections to the port; false when those that were tried do not.',
    from: [...HOSTS, ...DNS, 'tcp-connect'],
  },
  'dns.realAddressFailsAlike': {
    type: 'boolean',
    meaning:
      'The address that DNS gives fails in the same way as the one of the hosts file (both refused, both silent); null when it works or was not tried.',
    from: [...HOSTS, ...DNS, 'tcp-connect'],
  },
} as const satisfies FactTable;

export function hostsFileFacts(
  readings: Readings,
  names: Names,
  { real }: Naming,
): Partial<FactsOf<typeof HOSTS_FILE_FACTS>> {
  const { hosts } = names;
  const { address } = readings;
  const looked = readings.observations.find(
    (o) => o.probe === 'hosts-file' && o.input.host === names.host && o.final,
  );
  const isUnread = looked === undefined ? null : looked.outcome === 'unreadable';
  if (hosts === null) return { 'dns.hostsUnread': isUnread };
  const entry = hostsEntry(names, address);
  const lacksLocalhost = isLocalhost(names.host) ? entry === undefined : null;
  if (entry === undefined)
    return {
      'dns.hostsUnread': isUnread,
      'dns.hostsListed': false,
      'dns.hostsPath': hosts.path,
      'dns.hostsLacksLocalhost': lacksLocalhost,
      'dns.addressFromHosts': address === null ? null : false,
    };
  const differs = witnessedAddresses(names).length === 0 ? null : real.length > 0;
  return {
    'dns.hostsUnread': isUnread,
    'dns.hostsListed': true,
    'dns.hostsPath': hosts.path,
    'dns.hostsLacksLocalhost': lacksLocalhost,
    'dns.hostsLine': entry.line,
    'dns.hostsAddress': entry.address,
    'dns.addressFromHosts': address === null ? null : sameAddress(entry.address, address),
    'dns.hostsDiffersFromDns': differs,
    'dns.realAddresses': differs === true ? listed(real) : null,
    'dns.realAddressOpen': differs === true ? anyOpen(readings, real) : null,
    'dns.realAddressFailsAlike': differs === true ? failsAlike(readings, real) : null,
  };
}
