import type { Family } from '../ground/address.ts';

export type { Family };

/** What the user wants to reach. `host` is lower-case ASCII (punycode) or an IP literal without brackets. */
export interface Target {
  /** As typed by the user. */
  input: string;
  host: string;
  port: number;
  /** A name from the table of services (src/ground/services.ts), or null where neither scheme, port nor user says. */
  service: string | null;
  /** True where the user named the service (scheme or --service), false where only the port suggests it. */
  serviceNamed: boolean;
  /** Path and query of a URL target, `/` otherwise. */
  path: string;
  /** The URL of a database demands TLS (`sslmode=require`); absent = it does not say. */
  tlsRequired?: boolean;
}

export type Symptom = 'refused' | 'hangs' | 'certificate-error' | 'intermittent' | 'slow' | 'unknown';
export type YesNo = 'yes' | 'no' | 'unknown';

/** What only the user can know. Absent = not asked. */
export interface Answers {
  symptom?: Symptom;
  'worked-before'?: YesNo;
  'others-can-reach'?: YesNo;
  'vpn-or-proxy'?: YesNo;
}

export interface Request {
  target: Target;
  /** Extra resolvers to compare with; IP literals. */
  resolvers: string[];
  /** A host of the user's whose same port is known to be open, or null. */
  controlHost: string | null;
  /** Alternate ports chosen by the user, or null = chosen from the service. */
  alternatePorts: number[] | null;
  answers: Answers;
  maxTimeMs: number;
  /** Only this family, or null = both. */
  family: Family | null;
  /** False with --no-names: no reverse DNS. */
  names: boolean;
  /** False with --no-ttl-probe: no TTL-limited packets. */
  ttlProbe: boolean;
  /** Also trace an open port (--trace). */
  traceAlways: boolean;
  /** Server name for TLS; null = the host name. */
  sni: string | null;
  /** The address that the far end sees this machine under (--seen-as); absent or null = not known. */
  seenAs?: string | null;
  /** PEM text of extra certificate authorities (--ca), or null. */
  caPem: string | null;
}
