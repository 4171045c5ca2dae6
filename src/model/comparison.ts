import type { ConnectOutcome } from './measured.ts';
import type { Outcome, Report, Where } from './report.ts';

/** What two runs are held against each other in; each was compared, changed, or is known in only one of them. */
export const SUBJECTS = [
  'target',
  'outcome',
  'addresses',
  'cause',
  'place',
  'path',
  'resolvers',
  'answers',
  'certificate',
  'service',
  'times',
  'vantage',
] as const;
export type Subject = (typeof SUBJECTS)[number];

export interface NamedCause {
  id: string;
  title: string;
  confidence: number;
}

/** How a traced port or protocol ends: `reached`, or after which hop it falls silent (null = no router answered). */
export interface PathEnd {
  reached: boolean;
  lastHop: number | null;
  lastAddress: string | null;
}

/** The leaf certificate and what is thought of it. Times are ISO 8601. */
export interface SeenCertificate {
  subject: string;
  issuer: string;
  notAfter: string | null;
  /** OpenSSL's verdict; null = trusted. */
  trustCode: string | null;
  nameMatches: boolean | null;
  version: string | null;
}

export type Phase = 'name' | 'connect' | 'tls' | 'first-octet' | 'round-trip';

/** One difference. In `before` and `after`, null = known not to be there; what was not measured makes no change. */
export type Change =
  | { about: 'target'; before: string; after: string }
  | { about: 'outcome'; before: Outcome; after: Outcome }
  | {
      about: 'addresses';
      address: string;
      before: ConnectOutcome | null;
      after: ConnectOutcome | null;
    }
  /** The first cause of each run; the same id on both sides where its probability moved by a fifth or more. */
  | { about: 'cause'; before: NamedCause | null; after: NamedCause | null }
  /** Where the first causes are, whichever they are. */
  | { about: 'place'; before: Where; after: Where }
  /** A hop that another router answers at; both are known. */
  | { about: 'path'; what: string; kind: 'hop'; hop: number; before: string; after: string }
  | { about: 'path'; what: string; kind: 'end'; before: PathEnd; after: PathEnd }
  | { about: 'resolvers'; gone: string[]; added: string[] }
  /** What one resolver says about the name: addresses, or the word for what came instead (`NXDOMAIN`, `timeout`). */
  | { about: 'answers'; resolver: string; type: 'A' | 'AAAA'; before: string[]; after: string[] }
  | {
      about: 'certificate';
      address: string;
      field: keyof SeenCertificate;
      before: SeenCertificate;
      after: SeenCertificate;
    }
  /** A conversation: `ok`, `reset`, `stalled`, or an HTTP status. */
  | { about: 'service'; probe: string; address: string; before: string; after: string }
  | { about: 'times'; phase: Phase; beforeMs: number; afterMs: number }
  | { about: 'vantage'; gone: string[]; added: string[] };

/** One side of a comparison: enough to say which run it is. */
export type Compared = Pick<Report, 'startedAt' | 'outcome' | 'headline'> & { target: string };

export interface Comparison {
  schema: 'reachdoctor.comparison/1';
  before: Compared;
  after: Compared;
  /** In the order of SUBJECTS. */
  changes: Change[];
  /** Compared, and the same. */
  same: Subject[];
  /** Known in at most one of the runs, so nothing is said about it. */
  notCompared: { about: Subject; missing: 'before' | 'after' | 'both' }[];
}
