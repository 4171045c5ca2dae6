import { addressKey, includesAddress, octetsOf, reachOf, sameAddress } from '../../ground/address.ts';
import type { FactsOf, FactTable, View } from '../../model/facts.ts';
import { observed } from '../readings/observed.ts';
import { DIFFERENCES, type Difference, differenceFrom } from './dns-difference.ts';
import { decidingVerdict, SILENCES, type Verdict, verdictsIn } from './dns-verdict.ts';
import { EXTENDED_ERROR_KINDS, tellingError } from './extended-errors.ts';

const DNS = ['dns'] as const;
const SYSTEM = ['system-resolve'] as const;
const HOSTS = ['hosts-file'] as const;

/** "Configured" resolvers are the system's own; others were given with --resolver to compare with. */
export const DNS_FACTS = {
  'dns.asked': {
    type: 'boolean',
    meaning:
      'A resolver was asked about the name; false for an address, which needs no name resolution; null while none has ended.',
    from: DNS,
  },
  'dns.unresolved': {
    type: 'boolean',
    meaning:
      'The system could not turn the name into an address; where it could not be asked, what the configured resolvers say. Null for an address.',
    from: [...SYSTEM, ...DNS],
  },
  'dns.systemOutcome': {
    type: 'string',
    values: ['resolved', 'not-found', 'temporary-failure', 'error', 'timeout'],
    meaning: 'What getaddrinfo, and so every program on this machine, gets for the name.',
    from: SYSTEM,
  },
  'dns.systemCode': { type: 'string', meaning: 'The error code of getaddrinfo.', from: SYSTEM },
  'dns.systemSource': {
    type: 'string',
    values: ['hosts-file', 'dns', 'other'],
    meaning:
      'Where the system has target.address from; other = neither the hosts file nor any configured resolver says so (a cache, mDNS, a VPN).',
    from: [...SYSTEM, ...HOSTS, ...DNS],
  },

  'dns.configuredCount': {
    type: 'number',
    meaning: 'Configured resolvers that were asked to the end.',
    from: DNS,
  },
  'dns.anyResolverAnswered': {
    type: 'boolean',
    meaning: 'At least one configured resolver gave a valid response, whatever it says.',
    from: DNS,
  },
  'dns.allResolversSilent': {
    type: 'boolean',
    meaning: 'No configured resolver gave a valid response.',
    from: DNS,
  },
  'dns.someResolverSilent': {
    type: 'boolean',
    meaning: 'Some configured resolvers gave a valid response and some did not.',
    from: DNS,
  },
  'dns.silentCount': { type: 'number', meaning: 'Configured resolvers without a valid response.', from: DNS },
  'dns.silentResolver': { type: 'string', meaning: 'The first of them.', from: DNS },
  'dns.silentList': { type: 'string', meaning: 'All of them.', from: DNS },
  'dns.silentFirst': {
    type: 'boolean',
    meaning: 'The resolver that the system asks first is one of them, so every lookup waits for it.',
    from: DNS,
  },
  'dns.silentHow': {
    type: 'string',
    values: SILENCES,
    meaning:
      'How dns.silentResolver fails: no reply, ICMP port unreachable or reset, not reachable (dns.silentCode), only damaged replies, TCP cut off.',
    from: DNS,
  },
  'dns.silentCode': {
    type: 'string',
    meaning: 'The errno of the query to dns.silentResolver (ENETUNREACH, EPERM ...).',
    from: DNS,
  },
  'dns.silentIgnored': {
    type: 'string',
    meaning:
      'Why replies that came in the name of dns.silentResolver were not taken (id-mismatch, question-mismatch ...): somebody else answers, or it is broken.',
    from: DNS,
  },

  'dns.silentMs': {
    type: 'number',
    meaning: 'Milliseconds that dns.silentResolver was waited for.',
    from: DNS,
  },
  'dns.silentTransport': {
    type: 'string',
    values: ['udp', 'tcp'],
    meaning:
      'Over what dns.silentResolver was asked last: tcp = it answered over UDP that the answer is too long for it (truncated).',
    from: DNS,
  },

  'dns.resolver': {
    type: 'string',
    meaning:
      'The configured resolver that the findings are about: the one whose word the system takes; the first silent one where none has a word, or where the name is fine.',
    from: DNS,
  },
  'dns.answeredBy': {
    type: 'string',
    meaning:
      'The configured resolver whose word the system takes (the first that knows; failures are passed over).',
    from: DNS,
  },
  'dns.rcode': {
    type: 'string',
    meaning: 'The response code of dns.answeredBy: NOERROR, NXDOMAIN, SERVFAIL, REFUSED ...',
    from: DNS,
  },
  'dns.nameNotFound': {
    type: 'boolean',
    meaning: 'dns.answeredBy says that the name does not exist (NXDOMAIN).',
    from: DNS,
  },
  'dns.noAddress': {
    type: 'boolean',
    meaning: 'dns.answeredBy says that the name exists and has neither A nor AAAA.',
    from: DNS,
  },
  'dns.serverFailure': {
    type: 'boolean',
    meaning:
      'Configured resolvers answer, and none gives more than a failure (SERVFAIL, REFUSED ...) or half an answer.',
    from: DNS,
  },
  'dns.halfAnswered': {
    type: 'boolean',
    meaning: 'dns.answeredBy says "none" to one of A and AAAA and leaves the other unanswered.',
    from: DNS,
  },
  'dns.extendedError': {
    type: 'string',
    meaning: "The resolver's extended error (RFC 8914): number, name and its own words.",
    from: DNS,
  },
  'dns.extendedErrorKind': {
    type: 'string',
    values: EXTENDED_ERROR_KINDS,
    meaning: 'What the extended error is about: a blocking policy, DNSSEC, the servers behind the resolver.',
    from: DNS,
  },
  'dns.addresses': {
    type: 'string',
    meaning: 'The addresses that dns.answeredBy gives, at most six.',
    from: DNS,
  },
  'dns.alias': {
    type: 'string',
    meaning: 'The last name of the CNAME chain that dns.answeredBy gives.',
    from: DNS,
  },
  'dns.answeredName': {
    type: 'string',
    meaning:
      'The full name that dns.answeredBy answered, where a search domain was appended; null where none was.',
    from: DNS,
  },
  'dns.namesAsked': {
    type: 'string',
    meaning: 'The full names that were asked of dns.answeredBy, where the search list made several.',
    from: DNS,
  },
  'dns.unusableFamily': {
    type: 'string',
    values: ['IPv4', 'IPv6'],
    meaning:
      'All addresses that dns.answeredBy gives are of this family, and this machine has no address of it; null otherwise, and where its own addresses are not known.',
    from: DNS,
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
  'dns.answerMs': { type: 'number', meaning: 'Milliseconds until dns.answeredBy had answered.', from: DNS },

  'dns.resolversDisagree': {
    type: 'boolean',
    meaning:
      'Another resolver says something incompatible with what the system uses. Sets that overlap, and one family against the other, are no disagreement. Null where fewer than two can be compared, or the hosts file decides.',
    from: [...DNS, ...SYSTEM],
  },
  'dns.differKind': {
    type: 'string',
    values: DIFFERENCES,
    meaning:
      "missing-here: only the other resolver has addresses; not-taken: the resolver has addresses, and this machine's own lookup ends with none; missing-there: only ours has; scope: one has private addresses or such that lead nowhere, the other public ones; network, neighbours: other addresses, far or in the same /24 (/48).",
    from: [...DNS, ...SYSTEM],
  },
  'dns.differBetween': {
    type: 'string',
    values: ['Resolvers', 'This machine and its resolver'],
    meaning: 'Who disagrees.',
    from: [...DNS, ...SYSTEM],
  },
  'dns.otherResolver': { type: 'string', meaning: 'The resolver that says otherwise.', from: DNS },
  'dns.otherConfigured': { type: 'boolean', meaning: 'It is one of the configured resolvers.', from: DNS },
  'dns.otherSays': { type: 'string', meaning: 'What it says: addresses, or the response code.', from: DNS },
  'dns.hereSays': {
    type: 'string',
    meaning: 'What the system uses: addresses, or the response code of dns.answeredBy.',
    from: [...DNS, ...SYSTEM],
  },
  'dns.sameAlias': {
    type: 'boolean',
    meaning:
      'Both lead through the same CNAME: the difference is most likely made on purpose (geographic DNS).',
    from: DNS,
  },
  'dns.otherAddressOpen': {
    type: 'boolean',
    meaning:
      'An address that only the other resolver gives accepts connections to the port; false when those that were tried do not.',
    from: ['dns', 'tcp-connect'],
  },

  'dns.hostsListed': { type: 'boolean', meaning: 'The hosts file has the name.', from: HOSTS },
  'dns.hostsPath': { type: 'string', meaning: 'Path of the hosts file.', from: HOSTS },
  'dns.hostsLine': { type: 'number', meaning: 'Line of dns.hostsAddress in it.', from: HOSTS },
  'dns.hostsAddress': {
    type: 'string',
    meaning: 'The address that the hosts file gives: target.address where it is among them.',
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
    from: DNS,
  },
  'dns.realAddressOpen': {
    type: 'boolean',
    meaning: 'One of them accepts connections to the port; false when those that were tried do not.',
    from: ['dns', 'tcp-connect'],
  },

  'dns.realAddressFailsAlike': {
    type: 'boolean',
    meaning:
      'The address that DNS gives fails in the same way as the one of the hosts file (both refused, both silent); null when it works or was not tried.',
    from: ['dns', 'tcp-connect'],
  },
  'dns.sinkhole': {
    type: 'boolean',
    meaning: 'A name that looks public leads to an address that leads nowhere (0.0.0.0/8, ::, loopback).',
    from: [...SYSTEM, ...DNS],
  },
  'dns.sinkholeAddress': { type: 'string', meaning: 'That address.', from: [...SYSTEM, ...DNS] },
  'dns.sinkholeFrom': {
    type: 'string',
    values: ['hosts-file', 'dns', 'other'],
    meaning: 'Where it comes from.',
    from: [...SYSTEM, ...HOSTS, ...DNS],
  },
  'dns.filtered': {
    type: 'boolean',
    meaning: 'The resolver says that it blocks the name (extended errors 4 and 15 to 18).',
    from: DNS,
  },
} as const satisfies FactTable;

export type DnsFacts = FactsOf<typeof DNS_FACTS>;

const NOTHING = Object.fromEntries(Object.keys(DNS_FACTS).map((name) => [name, null])) as unknown as DnsFacts;

/** What is known about the name, seen from one address that it leads to (or from none). */
export function dnsFacts(view: View): DnsFacts {
  const { host } = view.evidence.request.target;
  if (reachOf(host) !== null) return { ...NOTHING, 'dns.asked': false };
  const verdicts = verdictsIn(view);
  const heard = observed(view, 'system-resolve').find(({ input }) => input.host === host);
  const system = heard !== undefined && hasEnded(heard) ? heard : undefined;
  const hosts = observed(view, 'hosts-file')[0]?.data ?? null;
  const deciding = decidingVerdict(verdicts);
  const systemAddresses = system?.data.addresses.map(({ address }) => address) ?? [];
  const unresolved =
    system !== undefined
      ? systemAddresses.length === 0
      : unresolvedWithoutSystem(verdicts, deciding, hosts?.entries.length ?? null);
  const unusable = unusableFamily(deciding, view.evidence.vantage.addresses);
  const waited = verdicts.some(
    ({ configured, kind, unansweredType }) =>
      configured && (kind === 'silent' || kind === 'half' || unansweredType !== null),
  );
  const systemMissed = system !== undefined && unresolved === true && !waited && unusable === null;
  const source = sourceOf(view.address, hosts?.entries ?? [], verdicts);
  const difference =
    source === 'hosts-file'
      ? null
      : differenceFrom({
          verdicts,
          deciding,
          systemAddresses,
          unresolved,
          systemMissed,
          address: view.address,
        });
  const error = tellingError(deciding?.extendedErrors ?? []);
  return {
    ...NOTHING,
    ...silenceFacts(verdicts),
    ...decidingFacts(deciding, host),
    ...differenceFacts(view, difference, deciding, systemAddresses),
    ...hostsFacts(view, hosts, verdicts),
    ...sinkholeFacts(view.address, host, source),
    ...inventedFacts(view, verdicts),
    'dns.asked': verdicts.length > 0 ? true : null,
    'dns.unresolved': unresolved,
    'dns.systemOutcome': heard === undefined ? null : (heard.outcome as DnsFacts['dns.systemOutcome']),
    'dns.systemCode': heard?.data.code ?? null,
    'dns.unusableFamily': unusable,
    'dns.systemSource': source,
    'dns.resolver': resolverMeant(verdicts, deciding, unresolved, difference),
    'dns.extendedError': error?.words ?? null,
    'dns.extendedErrorKind': error?.kind ?? null,
    'dns.filtered': deciding === null ? null : error?.kind === 'blocked',
  };
}

/** Where our patience or our descriptors ran out the system has not said anything. */
const hasEnded = ({ outcome, data }: { outcome: string; data: { code: string | null } }): boolean =>
  outcome !== 'timeout' && data.code !== 'EMFILE' && data.code !== 'ENFILE';

/** getaddrinfo leaves out what this machine has no address of the family for (AI_ADDRCONFIG). */
function unusableFamily(deciding: Verdict | null, own: readonly string[]): DnsFacts['dns.unusableFamily'] {
  if (deciding === null || deciding.addresses.length === 0 || own.length === 0) return null;
  const family = (address: string) => (octetsOf(address)?.length === 4 ? 'IPv4' : 'IPv6');
  const [first] = deciding.addresses.map(family);
  if (first === undefined || deciding.addresses.some((address) => family(address) !== first)) return null;
  return own.some((address) => family(address) === first && !/^fe[89ab]/i.test(address)) ? null : first;
}

/** The resolver that gives the address in use, and what it says about a name that nobody made. */
function inventedFacts(view: View, verdicts: readonly Verdict[]): Partial<DnsFacts> {
  const { address } = view;
  if (address === null) return {};
  const giver = verdicts.find(
    ({ configured, addresses }) => configured && includesAddress(addresses, address),
  );
  if (giver === undefined) return {};
  const asked = observed(view, 'dns').find(
    ({ input, final }) => final && input.nonsense === true && input.resolver === giver.resolver,
  );
  const said = asked?.data.answers.filter(({ outcome }) => outcome === 'answered') ?? [];
  return {
    'dns.addressIsResolver': sameAddress(address, giver.resolver),
    'dns.wildcard':
      said.length === 0 ? null : said.some(({ addresses }) => includesAddress(addresses, address)),
    'dns.wildcardName': said.length === 0 ? null : (asked?.input.host.replace(/\.$/, '') ?? null),
  };
}

/** getaddrinfo is not waited for once every resolver is known to be silent; then only the hosts file could still help. */
function unresolvedWithoutSystem(
  verdicts: readonly Verdict[],
  deciding: Verdict | null,
  inHosts: number | null,
): boolean | null {
  if (deciding !== null) return deciding.kind !== 'addresses';
  return verdicts.some(({ configured }) => configured) && inHosts === 0 ? true : null;
}

const listed = (addresses: readonly string[]): string | null => {
  const unique = [...new Map(addresses.map((address) => [addressKey(address), address])).values()];
  if (unique.length === 0) return null;
  return unique.length > 6 ? `${unique.slice(0, 6).join(', ')} ...` : unique.join(', ');
};

function sourceOf(
  address: string | null,
  entries: readonly { address: string }[],
  verdicts: readonly Verdict[],
): DnsFacts['dns.systemSource'] {
  if (address === null) return null;
  if (entries.some((entry) => sameAddress(entry.address, address))) return 'hosts-file';
  const configured = verdicts.filter((verdict) => verdict.configured);
  if (configured.some(({ addresses }) => includesAddress(addresses, address))) return 'dns';
  // A resolver that has not answered may be the one that the system has it from.
  return configured.some(({ kind }) => kind === 'addresses' || kind === 'not-found' || kind === 'no-address')
    ? 'other'
    : null;
}

function silenceFacts(verdicts: readonly Verdict[]): Partial<DnsFacts> {
  const configured = verdicts.filter((verdict) => verdict.configured);
  if (configured.length === 0) return {};
  const silent = configured.filter(({ kind }) => kind === 'silent');
  const [first] = silent;
  return {
    'dns.configuredCount': configured.length,
    'dns.anyResolverAnswered': silent.length < configured.length,
    'dns.allResolversSilent': silent.length === configured.length,
    'dns.someResolverSilent': silent.length > 0 && silent.length < configured.length,
    'dns.silentCount': silent.length,
    'dns.silentResolver': first?.resolver ?? null,
    'dns.silentList': listed(silent.map(({ resolver }) => resolver)),
    'dns.silentFirst': first !== undefined && first === configured[0],
    'dns.silentHow': first?.silence ?? null,
    'dns.silentCode': first?.code ?? null,
    'dns.silentIgnored': first?.ignored ?? null,
    'dns.silentMs': first?.waitedMs == null ? null : Math.round(first.waitedMs),
    'dns.silentTransport': first?.transport ?? null,
  };
}

function decidingFacts(deciding: Verdict | null, host: string): Partial<DnsFacts> {
  if (deciding === null) return {};
  const { kind, name } = deciding;
  return {
    'dns.answeredBy': deciding.resolver,
    'dns.rcode': deciding.rcode,
    'dns.nameNotFound': kind === 'not-found',
    'dns.noAddress': kind === 'no-address',
    'dns.serverFailure': kind === 'failure' || kind === 'half',
    'dns.halfAnswered': kind === 'half',
    'dns.addresses': listed(deciding.addresses),
    'dns.alias': deciding.cnames.at(-1) ?? null,
    'dns.answeredName': name === host.replace(/\.$/, '') ? null : name,
    'dns.answerMs': deciding.answerMs,
    'dns.namesAsked': deciding.names.length > 1 ? deciding.names.join(', ') : null,
  };
}

/** A silent resolver is what a finding about a name that is otherwise fine can be about. */
function resolverMeant(
  verdicts: readonly Verdict[],
  deciding: Verdict | null,
  unresolved: boolean | null,
  difference: Difference | null,
): string | null {
  const silent = verdicts.find(({ configured, kind }) => configured && kind === 'silent');
  if (deciding === null || (silent && unresolved === false && difference?.disagree !== true))
    return silent?.resolver ?? deciding?.resolver ?? null;
  return deciding.resolver;
}

function differenceFacts(
  view: View,
  difference: Difference | null,
  deciding: Verdict | null,
  systemAddresses: readonly string[],
): Partial<DnsFacts> {
  if (difference === null) return {};
  if (!difference.disagree) return { 'dns.resolversDisagree': false };
  const { kind, other } = difference;
  const here = systemAddresses.length > 0 ? systemAddresses : (deciding?.addresses ?? []);
  const only = other.addresses.filter((address) => !includesAddress(here, address));
  return {
    'dns.resolversDisagree': true,
    'dns.differKind': kind,
    'dns.differBetween': kind === 'not-taken' ? 'This machine and its resolver' : 'Resolvers',
    'dns.otherResolver': other.resolver,
    'dns.otherConfigured': other.configured,
    'dns.otherSays': listed(other.addresses) ?? wordsFor(other),
    'dns.hereSays':
      kind === 'not-taken' ? 'no address' : (listed(here) ?? (deciding === null ? null : wordsFor(deciding))),
    'dns.sameAlias':
      deciding !== null &&
      other.cnames.length > 0 &&
      other.cnames.some((alias) => deciding.cnames.includes(alias)),
    'dns.otherAddressOpen': anyOpen(view, only),
  };
}

const wordsFor = ({ kind, rcode }: Verdict): string =>
  kind === 'no-address' ? 'no address (NOERROR)' : (rcode ?? 'nothing');

const triedOf = (view: View, addresses: readonly string[]) =>
  observed(view, 'tcp-connect').filter(
    ({ input, outcome }) =>
      input.port === view.evidence.request.target.port &&
      input.role !== 'control-host' &&
      outcome !== 'pending' &&
      includesAddress(addresses, input.address),
  );

/** Whether one of these addresses accepts connections to the target's port; null where none was tried to the end. */
function anyOpen(view: View, addresses: readonly string[]): boolean | null {
  const tried = triedOf(view, addresses);
  return tried.length === 0 ? null : tried.some(({ outcome }) => outcome === 'open');
}

/** Whether these addresses fail as the view's own does; null where one works or none was tried to the end. */
function failsAlike(view: View, addresses: readonly string[]): boolean | null {
  const here = observed(view, 'tcp-connect').find(
    ({ input }) => input.role === 'target' && input.address === view.address,
  );
  const there = triedOf(view, addresses);
  if (here === undefined || here.outcome === 'pending' || there.length === 0) return null;
  if (there.some(({ outcome }) => outcome === 'open')) return null;
  return there.every(({ outcome }) => outcome === here.outcome);
}

function hostsFacts(
  view: View,
  hosts: { path: string; entries: { address: string; line: number }[] } | null,
  verdicts: readonly Verdict[],
): Partial<DnsFacts> {
  if (hosts === null) return {};
  const { address } = view;
  const { entries, path } = hosts;
  const here = address === null ? undefined : entries.find((entry) => sameAddress(entry.address, address));
  const entry = here ?? entries[0];
  if (entry === undefined)
    return {
      'dns.hostsListed': false,
      'dns.hostsPath': path,
      'dns.addressFromHosts': address === null ? null : false,
    };
  const inHosts = entries.map((one) => one.address);
  // A stub on this machine (systemd-resolved, dnsmasq) reads the hosts file itself: its agreement is an echo.
  const witnesses = verdicts.filter(
    ({ kind, resolver, addresses }) =>
      kind === 'addresses' &&
      !(reachOf(resolver) === 'nowhere' && addresses.every((one) => includesAddress(inHosts, one))),
  );
  const real = witnesses.flatMap(({ addresses }) => addresses);
  const differs = real.length === 0 ? null : !includesAddress(real, entry.address);
  return {
    'dns.hostsListed': true,
    'dns.hostsPath': path,
    'dns.hostsLine': entry.line,
    'dns.hostsAddress': entry.address,
    'dns.addressFromHosts': address === null ? null : here !== undefined,
    'dns.hostsDiffersFromDns': differs,
    'dns.realAddresses': differs === true ? listed(real) : null,
    'dns.realAddressOpen': differs === true ? anyOpen(view, real) : null,
    'dns.realAddressFailsAlike': differs === true ? failsAlike(view, real) : null,
  };
}

/** Ends of names that never mean the public DNS: RFC 2606, 6761, 6762, 7686, 8375, and what people use at home. */
const PRIVATE_ENDS =
  /(^|\.)(localhost|local|test|invalid|example|onion|internal|intranet|private|corp|home|lan|localdomain|home\.arpa)$/;

function sinkholeFacts(
  address: string | null,
  host: string,
  source: DnsFacts['dns.systemSource'],
): Partial<DnsFacts> {
  if (address === null) return {};
  const name = host.replace(/\.$/, '').toLowerCase();
  const looksPublic = name.includes('.') && !PRIVATE_ENDS.test(name);
  // Debian gives 127.0.1.1 to the machine's own name in its hosts file.
  const ownName = source === 'hosts-file' && sameAddress(address, '127.0.1.1');
  if (!looksPublic || ownName || reachOf(address) !== 'nowhere') return { 'dns.sinkhole': false };
  return { 'dns.sinkhole': true, 'dns.sinkholeAddress': address, 'dns.sinkholeFrom': source };
}
