import { covers, familyOf, octetsOf, reachOf } from '../../ground/address.ts';
import { EVERY_TRACE } from '../../model/fact-sources.ts';
import type { FactsOf, FactTable } from '../../model/facts.ts';
import type { Readings } from '../readings/index.ts';

const ROUTE = ['local-network'] as const;

/** Where the target is, as seen from here: what is likely before anything is measured depends on it. */
export const REACH_FACTS = {
  'target.reach': {
    type: 'string',
    values: ['nowhere', 'private', 'public'],
    meaning:
      'What kind of address it is: loopback or 0.0.0.0; one of a private network (RFC 1918, 6598, 3927, 4193, 4291); public.',
    from: ['system-resolve'],
  },
  'vantage.reach': {
    type: 'string',
    values: ['nowhere', 'private', 'public'],
    meaning: "The same of this machine's own address towards the target.",
    from: ROUTE,
  },
  'target.ownRange': {
    type: 'boolean',
    meaning:
      'Both this machine and the target have addresses of one private range (10/8, 172.16/12, 192.168/16; IPv6 one /48): they may belong to one organisation. Null where the target is not private, and in IPv6 where the /48 differ.',
    from: ROUTE,
  },
  'target.withinOneHost': {
    type: 'string',
    meaning:
      'The program that by default gives addresses of this range to containers or virtual machines, for use within one machine: Docker, Podman, libvirt. Null for any other address.',
    from: [],
  },
  'target.cloud': {
    type: 'string',
    meaning: 'The cloud that the reverse name of the address tells of; null when it tells of none.',
    from: ['reverse-names'],
  },
  'path.leavesNetwork': {
    type: 'boolean',
    meaning:
      'A router on the way has a public address, or one of a provider (100.64/10, unless the target has one): the packets leave the own network. Null when no router was seen.',
    from: EVERY_TRACE,
  },
  'local.virtualDevice': {
    type: 'boolean',
    meaning:
      'Packets to the address leave through a network of containers or virtual machines of this machine.',
    from: ROUTE,
  },
  'local.defaultTtl': {
    type: 'number',
    meaning: 'The TTL (hop limit) with which packets leave this machine.',
    from: ROUTE,
  },
} as const satisfies FactTable;

const RANGES = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'] as const;
/** Networks that programs make within one machine, where nobody says otherwise. */
const WITHIN_ONE_HOST: readonly [string, string][] = [
  ['172.17.0.0/16', 'Docker'],
  ['10.88.0.0/16', 'Podman'],
  ['192.168.122.0/24', 'libvirt'],
];
const PROVIDER_RANGE = '100.64.0.0/10';
const CLOUDS: readonly [RegExp, string][] = [
  [/\.amazonaws\.com$/i, 'AWS'],
  [/\.(cloudapp\.(azure\.com|net)|azure\.com)$/i, 'Azure'],
  [/\.googleusercontent\.com$/i, 'Google Cloud'],
];
/** Names that the programs themselves give to their bridges: Docker, libvirt, VMware, VirtualBox, LXD, Podman, Kubernetes. */
const VIRTUAL =
  /^(docker\d|br-[0-9a-f]{6,}|virbr\d|vmnet\d|vboxnet\d|lxcbr\d|lxdbr\d|podman\d|cni\d|flannel)/;

/** Null where it cannot be told: sites of one organisation have several prefixes of fc00::/7, and many made them up. */
function inOneRange(a: string, b: string): boolean | null {
  if (familyOf(a) !== familyOf(b)) return null;
  if (familyOf(a) === 4)
    return RANGES.some((range) => covers(range, a) !== null && covers(range, b) !== null);
  const [left, right] = [octetsOf(a), octetsOf(b)];
  return left !== null && right !== null && left.slice(0, 6).every((octet, i) => octet === right[i])
    ? true
    : null;
}

const isOfProvider = (address: string): boolean =>
  familyOf(address) === 4 && covers(PROVIDER_RANGE, address) !== null;
/** A target in a provider's own range is not outside of it. */
const isOutside = (router: string, target: string | null): boolean =>
  reachOf(router) === 'public' || (isOfProvider(router) && (target === null || !isOfProvider(target)));

export function reachFacts({ address, all, local, traces, here }: Readings): FactsOf<typeof REACH_FACTS> {
  const reach = address === null ? null : reachOf(address);
  const source = local.route?.source ?? null;
  const routers = traces.every.flatMap(({ summary }) => [...summary.routers.values()]);
  const name =
    address === null
      ? null
      : (all['reverse-names'].findLast(({ data }) => data.names[address])?.data.names[address] ?? null);
  const device = local.route?.device ?? null;
  return {
    'target.reach': reach,
    'vantage.reach': source === null ? null : reachOf(source),
    'target.ownRange':
      address === null || source === null || reach !== 'private' ? null : inOneRange(address, source),
    'target.withinOneHost':
      address === null
        ? null
        : (WITHIN_ONE_HOST.find(([range]) => covers(range, address) !== null)?.[1] ?? null),
    'target.cloud': name === null ? null : (CLOUDS.find(([pattern]) => pattern.test(name))?.[1] ?? null),
    'path.leavesNetwork': routers.length === 0 ? null : routers.some((one) => isOutside(one, address)),
    'local.virtualDevice': device === null ? null : VIRTUAL.test(device),
    'local.defaultTtl': here['local-network'][0]?.data.defaultTtl ?? null,
  };
}
