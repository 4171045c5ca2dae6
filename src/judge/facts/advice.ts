import { endpoint, familyOf, reachOf, sameAddress } from '../../ground/address.ts';
import { isOfTheSystem, listenSettingOf } from '../../ground/listen-settings.ts';
import type { FactsOf, FactTable } from '../../model/facts.ts';
import type { Readings } from '../readings/index.ts';

/** What advice is written with: words for sentences, and values that commands can take as they stand. */
export const ADVICE_FACTS = {
  'vantage.os': {
    type: 'string',
    meaning: "This machine's operating system, as process.platform says: linux, darwin, win32 ...",
    from: [],
  },
  'target.endpoint': {
    type: 'string',
    meaning: 'target.address and the port, as commands take them: 192.0.2.7:443, [2001:db8::7]:443.',
    from: ['system-resolve'],
  },
  url: {
    type: 'string',
    meaning:
      'What the web server was asked for: scheme, host in brackets where it needs them, port and path. No query: it may hold a secret, and was not sent.',
    from: ['tls', 'http'],
  },
  starttls: {
    type: 'string',
    meaning:
      'The option of `openssl s_client` that makes it ask for TLS first, with a space before it; empty where TLS starts at once.',
    from: [],
  },
  'service.listenSetting': {
    type: 'string',
    meaning:
      'What tells the program that mostly is this service where to listen: "ListenAddress in sshd_config (OpenSSH)"; null where that is not known here.',
    from: [],
  },
  'service.ofTheSystem': {
    type: 'boolean',
    meaning:
      'The operating system itself brings this service (SSH, SMB, RDP, NFS ...), so that it seldom runs in a container; null where the service is not known.',
    from: [],
  },
  'nft.family': {
    type: 'string',
    values: ['ip', 'ip6'],
    meaning: 'The word of nft for the family of target.address.',
    from: ['system-resolve'],
  },
  'ip.family': {
    type: 'string',
    values: ['ipv4', 'ipv6'],
    meaning: 'The word of firewalld for it.',
    from: ['system-resolve'],
  },
  iptables: {
    type: 'string',
    values: ['iptables', 'ip6tables'],
    meaning: 'The command for the family of target.address.',
    from: ['system-resolve'],
  },
  'path.translated': {
    type: 'boolean',
    meaning:
      'Packets leave a private network of IPv4 for a public address, so that the far end sees another source; null where both are private, in IPv6 and through a tunnel, where they may be translated or not. The other end has seen it where it was asked.',
    from: ['local-network', 'system-resolve', 'other-end'],
  },
  'source.address': {
    type: 'string',
    meaning:
      'The address that the far end sees this machine under (--seen-as, as the other end saw it, or a public one that nothing has to translate); null when not known.',
    from: ['local-network', 'system-resolve', 'other-end'],
  },
  'source.seen': {
    type: 'string',
    meaning:
      'The same in words, with what is known of it: "192.0.2.9", "this client (192.168.1.5 here, translated on the way)".',
    from: ['local-network', 'system-resolve', 'other-end'],
  },
  'local.deviceKind': {
    type: 'string',
    values: ['container', 'vm', 'vpn', 'bridge', 'wifi'],
    meaning:
      'What local.device is, where its name says so (docker0, virbr0, wg0, br-..., wlan0); null otherwise.',
    from: ['local-network'],
  },
} as const satisfies FactTable;

/** How `openssl s_client` names the protocols that change to TLS. */
const STARTTLS: Readonly<Record<string, string>> = {
  smtp: 'smtp',
  submission: 'smtp',
  imap: 'imap',
  pop3: 'pop3',
  ftp: 'ftp',
  postgresql: 'postgres',
  mysql: 'mysql',
  ldap: 'ldap',
  xmpp: 'xmpp',
  sieve: 'sieve',
};

export function adviceFacts(readings: Readings): FactsOf<typeof ADVICE_FACTS> {
  const { request, vantage, address, local } = readings;
  const { target } = request;
  const family = address === null ? null : familyOf(address);
  const own =
    local.route?.source ?? vantage.addresses.find((a) => family === null || familyOf(a) === family) ?? null;
  const reach = own === null ? null : reachOf(own);
  const targetReach = address === null ? null : reachOf(address);
  const seenThere = seenByOtherEnd(readings);
  const seenAs = request.seenAs ?? seenThere;
  const translated =
    seenThere === null || own === null
      ? translation(own, reach, targetReach, local.tunnel !== null)
      : !sameAddress(own, seenThere);
  const ownIsSeen = own !== null && (translated === false || local.route?.kind === 'local');
  const web = webScheme(readings);
  return {
    'vantage.os': vantage.os,
    'target.endpoint': address === null ? null : endpoint(address, target.port),
    url: web === null ? null : `${web}://${endpoint(target.host, target.port)}${plainPath(target.path)}`,
    starttls: starttls(target.service),
    'service.listenSetting': listenSettingOf(target.service),
    'service.ofTheSystem': target.service === null ? null : isOfTheSystem(target.service),
    'nft.family': family === null ? null : family === 6 ? 'ip6' : 'ip',
    'ip.family': family === null ? null : family === 6 ? 'ipv6' : 'ipv4',
    iptables: family === null ? null : family === 6 ? 'ip6tables' : 'iptables',
    'path.translated': translated,
    'source.address': seenAs ?? (ownIsSeen ? own : null),
    'source.seen': seenWords(own, seenAs, translated),
    'local.deviceKind': deviceKind(local.route?.device ?? null),
  };
}

/** From where our SYNs come, as the other end saw it; not where another machine connects in our place. */
function seenByOtherEnd({ otherEnd }: Readings): string | null {
  const ours = otherEnd?.matched.arrivals.find(
    ({ attempt, by }) => attempt.to === 'target' && by !== 'rhythm',
  );
  return ours?.packet.from ?? null;
}

/** https where TLS was spoken before the request, null where no web server answered. */
function webScheme({ talks, here }: Readings): 'http' | 'https' | null {
  if (talks.exchange === null) return null;
  return here.tls.some(({ data }) => data.http === talks.exchange) ? 'https' : 'http';
}

/** As URLs take it, without what a shell, or curl's own patterns, could read as more than text. */
const plainPath = (path: string): string =>
  path.replace(
    /[^\w.~:/@%+,=;!*()-]/g,
    (one) => `%${one.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );

function starttls(service: string | null): string {
  const word = service !== null && Object.hasOwn(STARTTLS, service) ? STARTTLS[service] : undefined;
  return word === undefined ? '' : ` -starttls ${word}`;
}

const DEVICE_KINDS = [
  ['container', /^(docker\d|br-[0-9a-f]{12}$|veth|cni|flannel|cali|podman|lxcbr|lxdbr|incusbr)/],
  ['vm', /^(virbr|vmnet|vboxnet|vnic|vEthernet)/i],
  ['vpn', /^(tun|tap|wg|utun|ppp|ipsec|tailscale|zt|nordlynx|proton)/],
  ['wifi', /^(wl|ath\d|Wi-Fi)/],
  ['bridge', /^(br\d|br-|bridge)/],
] as const;

const deviceKind = (device: string | null) =>
  device === null ? null : (DEVICE_KINDS.find(([, name]) => name.test(device))?.[0] ?? null);

type Reach = ReturnType<typeof reachOf>;

/** IPv4 alone is translated as a rule, and what leaves through a tunnel comes out of another network than one's own. */
function translation(source: string | null, own: Reach, target: Reach, isTunnel: boolean): boolean | null {
  if (own === 'public' || target === 'nowhere') return false;
  const isUsual = source !== null && familyOf(source) === 4 && !isTunnel;
  return isUsual && own === 'private' && target === 'public' ? true : null;
}

function seenWords(own: string | null, seenAs: string | null, translated: boolean | null): string | null {
  if (seenAs !== null) return own === null || sameAddress(own, seenAs) ? seenAs : `${seenAs} (${own} here)`;
  if (own === null) return null;
  if (translated === true) return `this client (${own} here, translated on the way)`;
  return translated === null ? `${own} (or the address that it is translated to)` : own;
}
