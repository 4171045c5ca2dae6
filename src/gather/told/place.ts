import { isAddress, isLocalhost, sameAddress } from '../../ground/address.ts';
import type { System, Told } from '../../parsers/transcripts/told.ts';

/** Which place a heap of transcripts is about: the first that failed, else the first that was asked. Null where none has a port. */
export function placeOf(told: readonly Told[]): { host: string; port: number } | null {
  const named = told.filter(({ host, address }) => host !== null || address !== null);
  const failed = (one: Told): boolean =>
    one.says.kind === 'unclear' ||
    one.says.kind === 'cut' ||
    (one.says.kind === 'tls' && one.says.outcome !== 'ok') ||
    (one.says.kind === 'connect' && one.says.outcome !== 'open');
  const withPort = named.filter(({ port }) => port !== null);
  const first = withPort.find(failed) ?? withPort[0];
  if (first === undefined) return null;
  const host = first.host ?? nameOf(first.address, named) ?? first.address;
  return host === null || first.port === null ? null : { host, port: first.port };
}

const nameOf = (address: string | null, told: readonly Told[]): string | null =>
  address === null
    ? null
    : (told.find((one) => one.host !== null && one.address !== null && sameAddress(one.address, address))
        ?.host ?? null);

/** The system that most of it was told by; null where nothing shows it. */
export function systemOf(told: readonly Told[]): System | null {
  const seen = told.flatMap(({ system }) => system ?? []);
  return (
    seen.sort((a, b) => seen.filter((s) => s === b).length - seen.filter((s) => s === a).length)[0] ?? null
  );
}

/** The addresses of the host, as far as they were told; empty where none was. */
export function addressesOf(told: readonly Told[], host: string, port: number): string[] {
  if (isAddress(host)) return [host];
  const unique = (list: string[]): string[] =>
    list.filter((one, index) => list.findIndex((other) => sameAddress(one, other)) === index).slice(0, 6);
  const named = told.filter((one) => one.host === host);
  const tried = unique(named.flatMap((one) => (one.says.kind === 'dns' ? [] : (one.address ?? []))));
  if (tried.length > 0) return tried;
  const answered = unique(
    named.flatMap(({ says }) =>
      says.kind === 'dns' || (says.kind === 'name' && says.outcome === 'resolved') ? says.addresses : [],
    ),
  );
  if (answered.length > 0) return answered;
  // RFC 6761: this name is this machine, whatever else is told.
  if (isLocalhost(host))
    return unique(told.flatMap(({ address }) => (/^(127\.|::1$)/.test(address ?? '') ? address! : [])));
  // The person says that it is about this name: one address alone, at its port, can only be that name's.
  const others = unique(
    told.flatMap((one) =>
      one.host === null && (one.port === port || one.port === null) ? (one.address ?? []) : [],
    ),
  );
  return others.length === 1 ? others : [];
}

/** Says of no place; where others do, it may be of another one. */
const isPlaceless = ({ host, address, port, says }: Told): boolean =>
  host === null && address === null && port === null && says.kind !== 'machine';

/** Without what names no place beside others that do. */
export function placed(told: readonly Told[]): Told[] {
  const isPlaced = told.some(
    (one) => !isPlaceless(one) && !/^(machine|ping|dns|trace|name)$/.test(one.says.kind),
  );
  return isPlaced ? told.filter((one) => !isPlaceless(one)) : [...told];
}

/** Whether it was said of this host, as far as it says of which. */
export function isAbout(one: Told, host: string, addresses: readonly string[]): boolean {
  if (one.host !== null && one.host === host) return true;
  if (one.address !== null) return addresses.some((address) => sameAddress(address, one.address!));
  return one.host === null;
}

/** What was told of the name is that it leads nowhere, or what a resolver said and nothing else. */
export const unresolvedOnly = (about: readonly Told[]): boolean => {
  const failed = about.some(({ says }) => says.kind === 'name' && says.outcome !== 'resolved');
  const isDnsAlone = about.every(({ says }) => says.kind === 'dns' || says.kind === 'name');
  return failed ? !about.some(({ says }) => says.kind === 'connect') : isDnsAlone;
};
