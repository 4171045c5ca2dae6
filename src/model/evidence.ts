import type { Case } from './case.ts';
import type { Observation } from './probes.ts';
import type { Request } from './request.ts';
import type { View } from './views.ts';

export interface Vantage {
  os: string;
  addresses: string[];
  resolvers: string[];
  /** Search domains and ndots of resolv.conf; empty and 1 where the system does not tell. */
  searchDomains: string[];
  ndots: number;
  privileges: 'root' | 'user';
  /** Names of proxy variables that are set: HTTPS_PROXY ...; none where no_proxy takes the target out. */
  proxyVariables: string[];
  /** The HTTP proxy that they set for TCP connections, without its credentials; null = none, absent in old evidence. */
  proxy?: ProxyAddress | null;
}

export interface ProxyAddress {
  /** The variable that sets it. */
  variable: string;
  /** A name or an IP literal without brackets. */
  host: string;
  port: number;
  /** no_proxy keeps programs from it where this target is meant. */
  exempt?: boolean;
}

/** Everything a diagnosis is made from. Can be saved and replayed. */
export interface Evidence {
  request: Request;
  vantage: Vantage;
  startedAt: string;
  observations: Observation[];
  /** What another machine may look for: --ask-there, --knock, --merge. */
  case?: Case;
  /** The places that observations were made from; absent = this client alone. */
  views?: View[];
}
