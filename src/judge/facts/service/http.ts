import {
  endpoint,
  includesAddress,
  isAddress,
  isLocalhost,
  reachOf,
  withoutWww,
} from '../../../ground/address.ts';
import type { FactsOf, FactTable } from '../../../model/facts.ts';
import type { HttpData } from '../../../model/measured.ts';
import type { Readings } from '../../readings/index.ts';
import { firstAnswer, pagesAgain, wavers } from '../../readings/talk-again.ts';
import { proxyVariablesFor } from './proxy.ts';

const HTTP = ['tls', 'http'] as const;
const AND_ADDRESSES = [...HTTP, 'system-resolve', 'hosts-file', 'dns'] as const;

export const HTTP_FACTS = {
  'http.status': { type: 'number', meaning: 'Status code of the answer.', from: HTTP },
  'http.reason': { type: 'string', meaning: 'Reason phrase of the answer.', from: HTTP },
  'http.pageStops': {
    type: 'boolean',
    meaning:
      'The head of the page came, and less of the page than its Content-Length and our Range (4 KiB) promise before it fell silent; null where no page was asked for, or its length is not known.',
    from: HTTP,
  },
  'http.pageCut': {
    type: 'boolean',
    meaning:
      'The head of the page came, and the server ended the connection (FIN or RST) before what its Content-Length and our Range (4 KiB) promise had come; null as above.',
    from: HTTP,
  },
  'http.pageReceived': {
    type: 'number',
    meaning: 'Octets of the page that came, of 4096 at most.',
    from: HTTP,
  },
  'http.askedAgain': {
    type: 'number',
    meaning: 'How often the same page was asked for once more, because somebody sees it come and go.',
    from: HTTP,
  },
  'http.againFailing': {
    type: 'number',
    meaning:
      'How many of these brought an error of a server (5xx), its end of the connection, or silence where others were answered at once; null where none was asked for.',
    from: HTTP,
  },
  'http.wavers': {
    type: 'boolean',
    meaning:
      'Of all answers to the same question some are errors of a server (5xx), ends of the connection or silence, and some are not.',
    from: HTTP,
  },
  'http.waveringStatus': {
    type: 'number',
    meaning:
      'The status of the first of those errors; null where the connection was ended, or no answer came.',
    from: HTTP,
  },
  'http.server': { type: 'string', meaning: 'Server header.', from: HTTP },
  'http.location': { type: 'string', meaning: 'Where a redirect leads.', from: HTTP },
  'http.redirectsToItself': {
    type: 'boolean',
    meaning:
      'The redirect leads to the very URL that was asked; null where it gives a cookie, with which the same URL may be answered otherwise.',
    from: HTTP,
  },
  'http.redirectsInCircle': {
    type: 'boolean',
    meaning:
      'The redirect leads to plain HTTP or HTTPS of the same host, from www to the bare domain or back, or from a path to the same with a slash or back, and the redirect there leads back; null where that was not asked, or where one of them gives a cookie.',
    from: HTTP,
  },
  'http.redirectsToOtherHost': {
    type: 'boolean',
    meaning:
      'The redirect leads to another host: not only to www. or https, to an address of the target, or to the own machine of whoever is sent.',
    from: AND_ADDRESSES,
  },
  'http.redirectsToLocalhost': {
    type: 'boolean',
    meaning:
      'The redirect leads to localhost or a loopback address, the own machine of whoever is sent there, and the target is another.',
    from: HTTP,
  },
  'http.captivePortal': {
    type: 'boolean',
    meaning:
      'The answer looks like a captive portal: 511, or plain HTTP sent to a login page of another host in another domain. A single sign-on looks the same.',
    from: AND_ADDRESSES,
  },
  'http.clockOffsetS': {
    type: 'number',
    meaning: "The server's clock minus ours, seconds (Date header).",
    from: HTTP,
  },
  'http.proxyVariables': {
    type: 'string',
    meaning:
      'Proxy variables for this target set here, which browsers and curl follow and this tool does not; null when none.',
    from: [],
  },
} as const satisfies FactTable;

export function httpFacts({
  request,
  vantage,
  here,
  talks,
  addresses,
  address,
}: Readings): FactsOf<typeof HTTP_FACTS> {
  const { target } = request;
  const http = talks.exchange;
  const overTls = talks.dialogue.speak === 'tls';
  const redirect = http?.status != null && http.status >= 300 && http.status < 400 ? http.location : null;
  const proxies = proxyVariablesFor({ request, vantage });
  const asked = `${overTls ? 'https' : 'http'}://${endpoint(target.host, target.port)}${target.path}`;
  const to = redirect === null ? null : urlOf(redirect, asked);
  const self = urlOf(asked, asked)?.href;
  const isFollowing = ({ input }: { input: { role?: 'redirect' | 'sample' } }): boolean =>
    input.role === 'redirect';
  const followed = here.http.find(isFollowing)?.data.http ?? here.tls.find(isFollowing)?.data.http ?? null;
  const back = to === null || followed?.location == null ? null : urlOf(followed.location, to.href);
  const own = urlOf(asked, asked)?.hostname ?? target.host;
  const toLocalhost = to === null ? null : isOwnMachine(to.hostname) && !isOwnMachine(own);
  const ownAddresses = [...addresses.map((one) => one.address), ...(address === null ? [] : [address])];
  const elsewhere =
    to === null
      ? null
      : withoutWww(to.hostname) !== withoutWww(own) &&
        !isOwnMachine(to.hostname) &&
        !includesAddress(ownAddresses, bareHost(to.hostname));
  return {
    'http.status': http?.status ?? null,
    'http.reason': http?.reason ?? null,
    'http.pageStops': http?.page == null ? null : http.ended === 'stalled',
    'http.pageCut': http?.page == null ? null : http.ended === 'closed' || http.ended === 'reset',
    'http.pageReceived': http?.page?.received ?? null,
    ...againFacts(talks, here),
    'http.server': http?.server ?? null,
    'http.location': redirect,
    'http.redirectsToItself': to === null ? null : to.href === self && unlessCookie(http),
    'http.redirectsInCircle':
      to === null || followed === null
        ? null
        : back?.href === self && unlessCookie(http) && unlessCookie(followed),
    'http.redirectsToOtherHost': elsewhere,
    'http.redirectsToLocalhost': toLocalhost,
    'http.captivePortal':
      http?.status == null
        ? null
        : http.status === 511 ||
          (!overTls &&
            to !== null &&
            elsewhere === true &&
            !isOfOneDomain(to.hostname, own) &&
            /login|portal|captive|hotspot|guest|wifi|auth/i.test(redirect ?? '')),
    'http.clockOffsetS': http?.clockOffsetMs == null ? null : Math.round(http.clockOffsetMs / 1000),
    'http.proxyVariables': proxies.length === 0 ? null : proxies.join(', '),
  };
}

function againFacts(
  talks: Readings['talks'],
  here: Readings['here'],
): Pick<
  FactsOf<typeof HTTP_FACTS>,
  'http.askedAgain' | 'http.againFailing' | 'http.wavers' | 'http.waveringStatus'
> {
  const again = pagesAgain(talks, here);
  const failing = again.filter(({ failed }) => failed);
  const first = firstAnswer(talks);
  return {
    'http.askedAgain': again.length === 0 ? null : again.length,
    'http.againFailing': again.length === 0 ? null : failing.length,
    'http.wavers': wavers(talks, here),
    'http.waveringStatus': failing[0]?.status ?? (first?.failed === true ? first.status : null),
  };
}

/** Null where a cookie was given: this tool keeps none, and with it the answer may be another one. */
const unlessCookie = (http: HttpData | null): true | null => (http?.setsCookie === true ? null : true);

const bareHost = (host: string): string => host.replace(/^\[|\]$/g, '');

/** Of whoever is sent there: localhost, 127.0.0.0/8, 0.0.0.0, ::1. */
const isOwnMachine = (host: string): boolean => isLocalhost(host) || reachOf(bareHost(host)) === 'nowhere';

/** Two hosts of one domain, like app.example.com and login.example.com: no portal of a foreign network. */
function isOfOneDomain(one: string, other: string): boolean {
  if (isAddress(bareHost(one)) || isAddress(bareHost(other))) return false;
  return domainOf(one) === domainOf(other);
}

/** What countries put between themselves and a name, as in example.co.uk; the public suffix list has a few hundred rarer ones. */
const SECOND_LEVEL = new Set([
  'co',
  'com',
  'net',
  'org',
  'gov',
  'gob',
  'go',
  'ac',
  'edu',
  'or',
  'ne',
  'mil',
  'nhs',
]);

/** The last two labels, or three as in example.co.uk. */
function domainOf(name: string): string {
  const labels = name.toLowerCase().replace(/\.$/, '').split('.');
  const isBelowCountry =
    labels.length > 2 && labels.at(-1)?.length === 2 && SECOND_LEVEL.has(labels.at(-2) ?? '');
  return labels.slice(isBelowCountry ? -3 : -2).join('.');
}

function urlOf(text: string, base: string): URL | null {
  return URL.canParse(text, base) ? new URL(text, base) : null;
}
