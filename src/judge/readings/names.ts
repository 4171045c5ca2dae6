import { includesAddress, octetsOf, reachOf, sameAddress } from '../../ground/address.ts';
import type { Vantage } from '../../model/evidence.ts';
import { type Difference, differenceFrom } from './difference.ts';
import type { Heard, Measured } from './measured.ts';
import { decidingVerdict, type Verdict, verdictsIn } from './verdicts.ts';

/** What is known about the name of the target, whatever address it is looked at from. */
export interface Names {
  host: string;
  /** One for each resolver that was asked to the end. */
  verdicts: readonly Verdict[];
  /** The one whose word the system takes. */
  deciding: Verdict | null;
  /** What getaddrinfo said, given up or not. */
  heard: Heard<'system-resolve'> | null;
  /** The same, only where it has said something. */
  system: Heard<'system-resolve'> | null;
  systemAddresses: readonly string[];
  hosts: Heard<'hosts-file'>['data'] | null;
  /** Null where that is not known yet. */
  unresolved: boolean | null;
  /** The only family of the answers, where this machine has no address of it. */
  unusableFamily: 'IPv4' | 'IPv6' | null;
}

/** What is known about the name, seen from one address that it leads to (or from none). */
export interface Naming {
  /** Where the system has the address from. */
  source: 'hosts-file' | 'dns' | 'other' | null;
  /** Between what the system uses and another resolver; null where there is nothing to compare. */
  difference: Difference | null;
  /** The addresses that DNS gives instead of the one of the hosts file; empty where it gives none or that one. */
  real: readonly string[];
  /** An address that another source gives and the system does not use: worth a connection; null where there is none. */
  otherAnswer: string | null;
}

/** What answers the system sooner is a cache. */
const FROM_A_RESOLVER_MS = 1000;

/**
 * The system has its answer after a second or more, and there is one resolver: it was that one. That it owed our own
 * question, asked beside, its answer when the run was over is no silence.
 */
const onlyResolverIsSlow = (
  heard: Heard<'system-resolve'> | null,
  { resolvers }: Vantage,
  listed: number | null,
): boolean =>
  resolvers.length === 1 &&
  listed === 0 &&
  heard !== null &&
  heard.data.addresses.length > 0 &&
  heard.durationMs >= FROM_A_RESOLVER_MS;

/** Null for an address, which needs no name resolution. */
export function namesOf(host: string, vantage: Vantage, all: Measured): Names | null {
  if (reachOf(host) !== null) return null;
  const heard = all['system-resolve'].find(({ input }) => input.host === host) ?? null;
  const isSlow = onlyResolverIsSlow(heard, vantage, all['hosts-file'][0]?.data.entries.length ?? null);
  const verdicts = verdictsIn(all.dns, host).filter(
    ({ kind, configured }) => !(isSlow && configured && kind === 'silent'),
  );
  const deciding = decidingVerdict(verdicts);
  const system = heard !== null && hasEnded(heard) ? heard : null;
  const hosts = all['hosts-file'][0]?.data ?? null;
  const systemAddresses = system?.data.addresses.map(({ address }) => address) ?? [];
  return {
    host,
    verdicts,
    deciding,
    heard,
    system,
    systemAddresses,
    hosts,
    unresolved:
      system !== null
        ? systemAddresses.length === 0
        : unresolvedWithoutSystem(verdicts, deciding, hosts?.entries.length ?? null),
    unusableFamily: unusableFamily(deciding, vantage.addresses),
  };
}

export function namingOf(names: Names, address: string | null): Naming {
  const source = sourceOf(address, names.hosts?.entries ?? [], names.verdicts);
  const difference = source === 'hosts-file' ? null : differenceAt(names, address);
  const real = realAddresses(names, address);
  const other = difference?.disagree === true ? difference.other.addresses[0] : undefined;
  return { source, difference, real, otherAnswer: real[0] ?? other ?? null };
}

/** The entry of the hosts file that counts: the one with the address in use, else the first. */
export const hostsEntry = ({ hosts }: Names, address: string | null) =>
  (address === null ? undefined : hosts?.entries.find((entry) => sameAddress(entry.address, address))) ??
  hosts?.entries[0];

/** Where our patience or our descriptors ran out the system has not said anything. */
const hasEnded = ({ outcome, data }: Heard<'system-resolve'>): boolean =>
  outcome !== 'timeout' && data.code !== 'EMFILE' && data.code !== 'ENFILE';

/** getaddrinfo leaves out what this machine has no address of the family for (AI_ADDRCONFIG). */
function unusableFamily(deciding: Verdict | null, own: readonly string[]): Names['unusableFamily'] {
  if (deciding === null || deciding.addresses.length === 0 || own.length === 0) return null;
  const family = (address: string) => (octetsOf(address)?.length === 4 ? 'IPv4' : 'IPv6');
  const [first] = deciding.addresses.map(family);
  if (first === undefined || deciding.addresses.some((address) => family(address) !== first)) return null;
  return own.some((address) => family(address) === first && !/^fe[89ab]/i.test(address)) ? null : first;
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

function sourceOf(
  address: string | null,
  entries: readonly { address: string }[],
  verdicts: readonly Verdict[],
): Naming['source'] {
  if (address === null) return null;
  if (entries.some((entry) => sameAddress(entry.address, address))) return 'hosts-file';
  const configured = verdicts.filter((verdict) => verdict.configured);
  if (configured.some(({ addresses }) => includesAddress(addresses, address))) return 'dns';
  // A resolver that has not answered may be the one that the system has it from.
  return configured.some(({ kind }) => kind === 'addresses' || kind === 'not-found' || kind === 'no-address')
    ? 'other'
    : null;
}

function differenceAt(names: Names, address: string | null): Difference | null {
  const { verdicts, deciding, system, systemAddresses, unresolved } = names;
  const waited = verdicts.some(
    ({ configured, kind, unansweredType }) =>
      configured && (kind === 'silent' || kind === 'half' || unansweredType !== null),
  );
  const systemMissed =
    system !== null &&
    unresolved === true &&
    !waited &&
    lateIn(names) === null &&
    names.unusableFamily === null;
  return differenceFrom({ verdicts, deciding, systemAddresses, unresolved, systemMissed, address });
}

/** The C library's patience is counted in whole seconds (resolv.conf: timeout, attempts); what ended sooner was answered. */
const LEAST_PATIENCE_MS = 950;

/** The resolver that knows the name and told it after the system's own lookup had ended without an address; null = none such. */
export function lateIn({
  deciding,
  system,
  unresolved,
}: Names): { resolver: string; answerMs: number; gaveUpMs: number } | null {
  if (system === null || unresolved !== true || deciding?.kind !== 'addresses' || deciding.answerMs === null)
    return null;
  const { resolver, answerMs } = deciding;
  const gaveUpMs = system.durationMs;
  return gaveUpMs >= LEAST_PATIENCE_MS && answerMs > gaveUpMs
    ? { resolver, answerMs: Math.round(answerMs), gaveUpMs: Math.round(gaveUpMs) }
    : null;
}

/** What DNS gives for a name of the hosts file. */
export function witnessedAddresses({ hosts, verdicts }: Names): string[] {
  const inHosts = hosts?.entries.map(({ address }) => address) ?? [];
  // A stub on this machine (systemd-resolved, dnsmasq) reads the hosts file itself: its agreement is an echo.
  return verdicts
    .filter(
      ({ kind, resolver, addresses }) =>
        kind === 'addresses' &&
        !(reachOf(resolver) === 'nowhere' && addresses.every((one) => includesAddress(inHosts, one))),
    )
    .flatMap(({ addresses }) => addresses);
}

function realAddresses(names: Names, address: string | null): string[] {
  const entry = hostsEntry(names, address);
  const witnessed = entry === undefined ? [] : witnessedAddresses(names);
  return entry === undefined || includesAddress(witnessed, entry.address) ? [] : witnessed;
}
