import { addressKey, covers, isAddress, reachOf } from '../ground/address.ts';
import type { Case, OtherEnd } from '../model/case.ts';
import type { Evidence } from '../model/evidence.ts';
import type { Observation } from '../model/probes.ts';
import type { Path, Report } from '../model/report.ts';
import { GLOBALPING_HOST, isVantage, type View } from '../model/views.ts';

/**
 * For sharing outside: this machine's addresses, names, interfaces and resolvers, every address of its own networks,
 * every private address and name on the path, and the path of a URL become placeholders. The same value becomes the
 * same placeholder everywhere; the target's host and addresses stay, since the report is about them.
 */
export interface RedactOptions {
  /** Names of this machine, as os.hostname() gives them. */
  hostNames?: readonly string[];
}

const IPV4 = /(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d]|\.\d)/g;
/** At least two colons; a zone (%eth0) goes with it. What is no address after all is left as it is. */
const IPV6 =
  /(?<![0-9a-z:.])(?:[0-9a-f]{0,4}:){2,7}(?:(?:\d{1,3}\.){3}\d{1,3}|[0-9a-f]{1,4})?(?:%[\w.-]+)?(?![0-9a-z:])/gi;
const MAC = /(?<![0-9a-z:-])[0-9a-f]{2}([:-])(?:[0-9a-f]{2}\1){4}[0-9a-f]{2}(?![0-9a-z:-])/gi;

/** Fields whose words are ours and closed: an interface that is called `open` changes no outcome. */
const CLOSED = new Set([
  ...['schema', 'id', 'probe', 'outcome', 'likelihood', 'layer', 'owner', 'who', 'kind', 'answer'],
  ...['privileges', 'role', 'protocol', 'protocols', 'evidence', 'startedAt', 'ended', 'question', 'os'],
  ...['transport', 'rcode', 'code', 'errno', 'type', 'request', 'seen', 'tool'],
]);

/** What has to be known before anything can be hidden. */
interface Known {
  case: Case | undefined;
  views: readonly View[];
  host: string;
  /** Path of the target's URL, `/` where it has none. */
  urlPath: string;
  targetAddresses: readonly string[];
  clientAddresses: readonly string[];
  resolvers: readonly string[];
  hostNames: readonly string[];
  searchDomains: readonly string[];
  /** Proxies of the environment, by name or address. */
  proxies: readonly string[];
  paths: readonly Path[];
  observations: readonly Observation[];
}

/** A report that can be shown to strangers. Idempotent; the input is not changed. */
export function redactReport(report: Report, { hostNames = [] }: RedactOptions = {}): Report {
  const { target, vantage, paths, observations, schema, tool, startedAt } = report;
  const urlPath = pathOfUrl(target.input);
  const hidden = hiding({
    case: report.case,
    views: report.views ?? [],
    host: target.host,
    urlPath,
    targetAddresses: target.addresses.map(({ address }) => address),
    clientAddresses: [...vantage.addresses, ...(vantage.seenAs === undefined ? [] : [vantage.seenAs])],
    resolvers: vantage.resolvers,
    hostNames,
    searchDomains: [],
    proxies: proxiesOf(observations),
    paths,
    observations,
  })(report);
  return {
    ...hidden,
    schema,
    tool,
    startedAt,
    target: { ...hidden.target, input: withoutPath(target.input, urlPath), host: target.host },
  };
}

/** Evidence that can be attached to a public bug report. Placeholders are no addresses: what a replay says of families may differ. */
export function redactEvidence(evidence: Evidence, { hostNames = [] }: RedactOptions = {}): Evidence {
  const { request, vantage, observations, startedAt } = evidence;
  const { target } = request;
  const targetAddresses = observations.flatMap((observation) => {
    if (observation.probe === 'tcp-connect' && observation.input.role === 'target')
      return [observation.input.address];
    if (observation.probe === 'system-resolve')
      return (observation.data?.addresses ?? []).map(({ address }) => address);
    return [];
  });
  const hidden = hiding({
    case: evidence.case,
    views: evidence.views ?? [],
    host: target.host,
    urlPath: target.path,
    targetAddresses,
    clientAddresses: [...vantage.addresses, ...(request.seenAs == null ? [] : [request.seenAs])],
    resolvers: vantage.resolvers,
    hostNames,
    searchDomains: vantage.searchDomains ?? [],
    proxies: [...proxiesOf(observations), ...(vantage.proxy == null ? [] : [vantage.proxy.host])],
    paths: [],
    observations,
  })(evidence);
  const shownTarget = {
    ...target,
    input: withoutPath(target.input, pathOfUrl(target.input)),
    path: target.path === '/' ? '/' : PATH,
  };
  return { ...hidden, startedAt, request: { ...hidden.request, target: shownTarget, caPem: null } };
}

/** Stands for the path of the target's URL; a run has one target. */
const PATH = '/path-1';

const pathOfUrl = (input: string): string => /^[^/]*:\/\/[^/\\]*([/\\].*)$/s.exec(input)?.[1] ?? '/';

const withoutPath = (input: string, path: string): string =>
  path.length > 1 ? input.slice(0, input.length - path.length) + PATH : input;

/** Finds out what to hide, and returns the function that hides it in any value. */
function hiding(known: Known): <T>(value: T) => T {
  const kept = new Set([known.host, ...known.targetAddresses].filter(isAddress).map(addressKey));
  const networks = ownNetworks(known);
  const placeholders = new Map<string, string>();
  const counts = new Map<string, number>();
  const placeholder = (kind: string, value: string): string => {
    const key = `${kind} ${value}`;
    const given = placeholders.get(key);
    if (given !== undefined) return given;
    const number = (counts.get(kind) ?? 0) + 1;
    counts.set(kind, number);
    placeholders.set(key, `${kind}-${number}`);
    return `${kind}-${number}`;
  };

  const own = new Map<string, string>();
  for (const [list, kind] of [
    [[...known.clientAddresses, ...clientOf(known.case)], 'client-address'],
    [known.resolvers, 'resolver-address'],
    [known.proxies, 'proxy-address'],
    [otherEndsAddresses(known.observations), 'other-end-address'],
    [vantageAddresses(known.observations), 'vantage-address'],
  ] as const) {
    for (const address of list) {
      const key = addressKey(address);
      if (isAddress(address) && !kept.has(key) && !own.has(key) && !isLoopback(address) && !isAny(address))
        own.set(key, placeholder(kind, key));
    }
  }
  const addressIn = (text: string): string => {
    const key = addressKey(text);
    if (!isAddress(text) || kept.has(key)) return text;
    return own.get(key) ?? (isLocal(text, networks) ? placeholder('private-address', key) : text);
  };

  const names = [...namesToHide(known, networks).entries()]
    .sort(([a], [b]) => b.length - a.length)
    .map(([name, kind]): [RegExp, string] => [
      new RegExp(`(?<![a-z0-9_-])${escaped(name)}(?![a-z0-9_-])`, 'gi'),
      placeholder(kind, name),
    ]);
  // Interfaces last: their names are the shortest, and part of a zone that goes with its address.
  const interfaces = interfacesOf(known.observations).map((name): [RegExp, string] => [
    new RegExp(`(?<![\\w-])${escaped(name)}(?![\\w-])`, 'g'),
    placeholder('interface', name),
  ]);
  const urlPath =
    known.urlPath.length > 1 ? new RegExp(`(?<![\\w./-])${escaped(known.urlPath)}(?![\\w-])`, 'g') : null;
  // Any path on the target's host: redirects and advice lead to it, too.
  const onTarget = new RegExp(
    `(://(?:[^/\\s@]*@)?\\[?${escaped(known.host)}\\]?(?::\\d+)?)/[^\\s'"\`<>]+`,
    'gi',
  );

  const hidden = (value: string): string => {
    const withoutPaths = value.replace(onTarget, `$1${PATH}`);
    const bare = urlPath === null ? withoutPaths : withoutPaths.replace(urlPath, PATH);
    const named = names.reduce((text, [pattern, word]) => text.replace(pattern, word), bare);
    const addressed = named
      .replace(MAC, (mac) => placeholder('mac-address', mac.toLowerCase().replaceAll('-', ':')))
      .replace(IPV6, addressIn)
      .replace(IPV4, addressIn);
    return interfaces.reduce((text, [pattern, word]) => text.replace(pattern, word), addressed);
  };
  const deep = <T>(value: T, key: string): T => {
    if (typeof value === 'string') return (CLOSED.has(key) ? value : hiddenAt(key, value)) as T;
    if (Array.isArray(value)) return value.map((item) => deep(item, key)) as T;
    if (value === null || typeof value !== 'object') return value;
    // All that a machine lets in: what decides is quoted, the rest is its owner's.
    if (key === 'ruleset') return null as T;
    return Object.fromEntries(
      Object.entries(value).map(([name, inner]) => [hidden(name), deep(inner, name)]),
    ) as T;
  };
  const hiddenAt = (key: string, value: string): string | null => {
    // Where this client is, on the globe.
    if (key === 'timeZone') return 'UTC';
    // An authority of one's own tells whose it is.
    if (key === 'caPem') return null;
    // How another place is reached: a user and a host, or a file of somebody's.
    if (key === 'by') return placeholder('carrier', value);
    // Where a redirect leads is the server's word; its path may repeat ours.
    if (key === 'location')
      return hidden(value.replace(/^([a-z][a-z0-9+.-]*:\/\/[^/]*)?\/.+$/is, `$1${PATH}`));
    return hidden(value);
  };
  return (value) => deep(value, '');
}

/** This client as the other end sees it, behind whatever translates its address. */
const clientOf = (of: Case | undefined): string[] =>
  [of?.client.address, of?.client.seenAs].filter((address) => typeof address === 'string');

const proxiesOf = (observations: readonly Observation[]): string[] =>
  observations.flatMap((one) => (one.probe === 'proxy-connect' ? [one.input.proxyHost] : []));

/** Every address that the other end speaks of: its own, its other clients', those in its rules. */
const otherEndsAddresses = (observations: readonly Observation[]): string[] =>
  observations.flatMap((one) => {
    if (one.probe !== 'other-end' || one.data === null) return [];
    const text = JSON.stringify(one.data);
    return [...(text.match(IPV4) ?? []), ...(text.match(IPV6) ?? [])];
  });

/** What other places connect from, and through which router. */
const vantageAddresses = (observations: readonly Observation[]): string[] =>
  observations.flatMap((one) => {
    const route = isVantage(one) && one.probe === 'local-network' ? one.data?.route : undefined;
    return [route?.source, route?.gateway].filter((address) => typeof address === 'string');
  });

const isAny = (address: string): boolean => /^(0\.0\.0\.0|::)$/.test(address);

const escaped = (text: string): string => text.replace(/[^a-z0-9]/gi, '\\$&');

const isLoopback = (address: string): boolean =>
  /^127\.|^::1$/.test(address) || addressKey(address) === LOOPBACK6;
const LOOPBACK6 = addressKey('::1');

/** Networks that this machine is part of, as `10.0.0.5/24`. A household's IPv6 network is a /64 whatever its address says. */
function ownNetworks({ clientAddresses, observations }: Known): string[] {
  const listed = observations.flatMap((one) =>
    one.probe === 'local-network' ? (one.data?.interfaces ?? []).flatMap(({ addresses }) => addresses) : [],
  );
  return [...listed, ...clientAddresses.map((address) => ({ address, prefix: 128 }))].flatMap(
    ({ address, prefix }) => {
      if (!isAddress(address) || isLoopback(address)) return [];
      const bare = address.replace(/%.*$/s, '');
      if (bare.includes(':')) return [`${bare}/${Math.min(64, Math.max(16, prefix))}`];
      // A length that nobody knows (0), or that of a single address.
      return prefix >= 8 && prefix <= 32 ? [`${bare}/${prefix}`] : [];
    },
  );
}

/** Not routed on the internet, or inside one of the networks. */
const isLocal = (address: string, networks: readonly string[]): boolean =>
  reachOf(address) === 'private' || networks.some((network) => covers(network, address) !== null);

/** Names of interfaces but the loopback's, which every machine has; longest first. */
function interfacesOf(observations: readonly Observation[]): string[] {
  const names = observations.flatMap((one): (string | null)[] => {
    if (one.probe === 'other-end' && one.data !== null) return devicesThere(one.data);
    if (one.probe !== 'local-network' || one.data === null) return [];
    return [...one.data.interfaces.map(({ name }) => name), one.data.route.device];
  });
  return [...new Set(names)]
    .filter((name) => name !== null && name !== '' && name !== 'lo' && !/^[-#]|^interface-\d+$/.test(name))
    .sort((a, b) => b!.length - a!.length) as string[];
}

const devicesThere = ({ addresses, routeBack, packets, reversePathFilter }: OtherEnd): (string | null)[] => [
  ...(addresses ?? []).map(({ device }) => device),
  ...(packets ?? []).map(({ device }) => device),
  ...Object.keys(reversePathFilter).filter((name) => name !== 'all' && name !== 'default'),
  routeBack?.device ?? null,
];

/** This machine's names, names of private hops, and search domains. */
function namesToHide(
  { host, hostNames, searchDomains, proxies, clientAddresses, resolvers, paths, observations, views }: Known,
  networks: readonly string[],
): Map<string, string> {
  const names = new Map<string, string>();
  const hide = (name: string, kind: string): void => {
    const bare = name.toLowerCase().replace(/\.$/, '');
    // A name that is part of the target's own would hide the target.
    if (bare.length < 2 || bare === 'localhost' || host === bare || host.endsWith(`.${bare}`)) return;
    if (!names.has(bare)) names.set(bare, kind);
  };
  for (const name of hostNames) {
    hide(name, 'client-name');
    hide(name.split('.')[0] ?? '', 'client-name');
  }
  // What ssh and its like say of a failure names where they went to.
  for (const { by } of views)
    for (const part of /^(?:ssh|docker|podman|k8s|netns):(.+)$/.exec(by ?? '')?.[1]?.split(/[@/]/) ?? [])
      if (part !== 'root') hide(part, 'carrier-name');
  // Of a command any word may be somebody's.
  for (const { by } of views) if (by?.startsWith('cmd:')) hide(by, 'carrier-name');
  for (const { given } of views)
    if (given?.at !== undefined && given.at !== GLOBALPING_HOST)
      hide(given.at.replace(/:\d+$/, ''), 'service-name');
  for (const domain of searchDomains) hide(domain, 'search-domain');
  for (const proxy of proxies) if (!isAddress(proxy)) hide(proxy, 'proxy-name');
  const own = new Set([...clientAddresses, ...resolvers].map(addressKey));
  const ofHop = (address: string, name: string): void => {
    if (own.has(addressKey(address)) || isLocal(address, networks)) hide(name, 'private-name');
  };
  for (const { address, name } of paths.flatMap(({ hops }) => hops)) {
    if (address !== null && name !== null) ofHop(address, name);
  }
  for (const observation of observations) {
    if (observation.probe === 'reverse-names') {
      for (const [address, name] of Object.entries(observation.data?.names ?? {})) ofHop(address, name);
    }
    if (observation.probe === 'dns') {
      for (const domain of observation.input.searchDomains ?? []) hide(domain, 'search-domain');
      for (const { name } of observation.data?.answers ?? []) {
        const bare = name.toLowerCase().replace(/\.$/, '');
        if (bare.startsWith(`${host}.`)) hide(bare.slice(host.length + 1), 'search-domain');
      }
    }
  }
  return names;
}
