import type { FactsOf, FactTable } from '../../model/facts.ts';
import type { Readings } from '../readings/index.ts';

export const PROXY_FACTS = {
  'proxy.variable': {
    type: 'string',
    meaning: 'The variable of the environment that sets the proxy which was asked.',
    from: ['proxy-connect'],
  },
  'proxy.at': { type: 'string', meaning: 'Host and port of that proxy.', from: ['proxy-connect'] },
  'proxy.opens': {
    type: 'boolean',
    meaning:
      'One CONNECT for the very target through that proxy opened a connection; false where the proxy declined or did not answer. Null when it was not asked, also for want of its address.',
    from: ['proxy-connect'],
  },
  'proxy.unresolved': {
    type: 'boolean',
    meaning: 'The name of that proxy led to no address, so that nobody was asked.',
    from: ['proxy-connect'],
  },
  'proxy.exempt': {
    type: 'boolean',
    meaning: 'The environment (no_proxy) keeps programs from that proxy where this target is meant.',
    from: ['proxy-connect'],
  },
  'proxy.status': {
    type: 'number',
    meaning: 'The status with which the proxy answered that CONNECT.',
    from: ['proxy-connect'],
  },
} as const satisfies FactTable;

export function proxyFacts({ all, vantage }: Readings): FactsOf<typeof PROXY_FACTS> {
  const asked = all['proxy-connect'][0];
  if (asked === undefined)
    return {
      'proxy.variable': null,
      'proxy.at': null,
      'proxy.opens': null,
      'proxy.unresolved': null,
      'proxy.exempt': null,
      'proxy.status': null,
    };
  const { proxyHost, proxyPort } = asked.input;
  return {
    'proxy.variable': vantage.proxy?.variable ?? null,
    'proxy.at': `${proxyHost.includes(':') ? `[${proxyHost}]` : proxyHost}:${proxyPort}`,
    'proxy.opens': asked.outcome === 'unresolved' ? null : asked.outcome === 'opened',
    'proxy.unresolved': asked.outcome === 'unresolved',
    'proxy.exempt': vantage.proxy?.exempt ?? false,
    'proxy.status': asked.data.status,
  };
}
