import type { Case, View } from './case.ts';
import type { Observation } from './probes.ts';
import type { Request } from './request.ts';

export interface Vantage {
  os: string;
  addresses: string[];
  resolvers: string[];
  /** Search domains and ndots of resolv.conf; empty and 1 where the system does not tell. */
  searchDomains: string[];
  ndots: number;
  privileges: 'root' | 'user';
  /** Names of proxy variables that are set (values are never kept): HTTPS_PROXY ... */
  proxyVariables: string[];
}

/** Everything a diagnosis is made from. Can be saved and replayed. */
export interface Evidence {
  request: Request;
  vantage: Vantage;
  startedAt: string;
  observations: Observation[];
  case?: Case;
  views?: View[];
}
