import type { Case } from './case.ts';
import type { ConnectOutcome, HopAnswer } from './measured.ts';
import type { Observation } from './probes.ts';
import type { Family } from './request.ts';
import type { Layer, Owner } from './rule.ts';
import type { Sight, View } from './views.ts';

export type Outcome = 'reachable' | 'impaired' | 'unreachable' | 'undetermined';
export type Likelihood = 'very likely' | 'likely' | 'possible';

export type Where =
  | { kind: 'this-machine' }
  | { kind: 'resolver'; address: string | null }
  | { kind: 'hop'; hop: number | null; address: string | null }
  | {
      kind: 'between';
      hop: number | null;
      address: string | null;
      next: { hop: number | null; address: string | null };
    }
  | { kind: 'target'; address: string | null };

export interface Statement {
  /** Ids of the observations it rests on. */
  evidence: string[];
  text: string;
}

/** A rule of a packet filter, as people find it again. */
export interface FoundRule {
  /** Who made it: `nftables`, `iptables`, `ufw`, `firewalld zone public`. */
  firewall: string;
  table: string;
  chain: string;
  /** nftables' handle, iptables' number in its chain; null for a policy. */
  handle: number | null;
  text: string;
  /** Its counter grew with the packets; null = it has none, or it was not read twice. */
  counted: boolean | null;
}

/** Something for somebody to do. */
export interface Task {
  who: Owner;
  /** The system it is for (src/model/systems.ts); absent = for every one. */
  system?: string;
  do: string;
  run: string | null;
}

export interface Check extends Task {
  expect: string;
  /** The same as `expect`, a row for each thing that may be seen. */
  outcomes?: { see: string; means: string; cause: string | null }[];
}

export interface Cause {
  id: string;
  title: string;
  confidence: number;
  /** The evidence cannot part it from the others that are tied; absent where it leads, or follows, alone. */
  tie?: true | undefined;
  likelihood: Likelihood;
  layer: Layer;
  owner: Owner;
  /** The address of the target it concerns, null where it concerns the name or this machine. */
  address: string | null;
  where: Where | null;
  because: Statement[];
  against: Statement[];
  fixes: Task[];
  verify: Check[];
  /** Read, not inferred: it carries no share. Absent = inferred. */
  observed?: boolean;
  /** The rule of a packet filter that it comes down to; absent where none was found. */
  rule?: FoundRule;
  /** Findings that this cause explains and hides. */
  explains: { id: string; title: string; address: string | null; because: Statement[] }[];
}

export interface Hop {
  hop: number;
  address: string | null;
  name: string | null;
  rttMs: number | null;
  answer: HopAnswer;
}

export interface Path {
  method: string;
  port: number | null;
  address: string;
  reached: boolean;
  lastHop: number | null;
  hops: Hop[];
}

export interface ReportTarget {
  input: string;
  host: string;
  port: number;
  service: string | null;
  addresses: {
    address: string;
    family: Family;
    source: 'literal' | 'dns' | 'hosts-file' | 'system';
    outcome: ConnectOutcome | 'not-tried';
  }[];
}

export interface Report {
  schema: 'reachdoctor.report/1';
  tool: { name: 'reachdoctor'; version: string };
  startedAt: string;
  durationMs: number;
  target: ReportTarget;
  outcome: Outcome;
  headline: string;
  causes: Cause[];
  ruledOut: { id: string; text: string }[];
  cannotTell: { text: string; decidedBy: string }[];
  notChecked: { probe: string; reason: string; enable: string | null }[];
  paths: Path[];
  observations: Observation[];
  vantage: {
    os: string;
    addresses: string[];
    resolvers: string[];
    privileges: 'root' | 'user';
    seenAs?: string;
  };
  /** What another machine may look for: --ask-there, --knock, --merge. */
  case?: Case;
  /** The places that this was seen from; absent = this client alone. */
  views?: View[];
  /** What both ends say of the same SYNs, by address; absent where no other end's answer is here. */
  otherEnds?: BothSides[];
  /** What each place saw of each address of the target, this client first; absent where nobody looked from elsewhere. */
  sights?: Sight[];
  /** The script that was written for the other end, to be read beside the report; absent without --ask-there. */
  kit?: { name: string; sha256: string; script: string };
}

/** The SYNs of this client as both ends saw them. The other end's part is the word of whoever ran the script there. */
export interface BothSides {
  address: string;
  /** The carrier, or the file of the answer. */
  by: string;
  privileges: 'root' | 'user' | null;
  /** SYNs to the port while the other end watched; of them arrived; null = not known. */
  sent: number | null;
  arrived: number | null;
  matchedBy: 'timestamp' | 'mss' | 'source-port' | 'rhythm' | null;
  clockOffsetMs: number | null;
  /** Whether SYNs to the reference port arrived meanwhile. */
  referenceArrived: boolean | null;
  /** What left for them, and how many where that was captured. */
  answers: 'nothing' | 'syn-ack' | 'reset' | 'icmp' | null;
  answered: number | null;
  /** What this client saw of the same SYNs. */
  sees: 'silence' | 'open' | 'refused' | 'unreachable' | 'different' | null;
  /** What becomes of them there, as far as that was read. */
  fate: Fate | null;
}

export type Fate =
  /** `place`: rule 12 of chain input in table inet filter. */
  | { kind: 'dropped' | 'rejected' | 'answer-dropped'; place: string; firewall: string; rule: string }
  | { kind: 'forwarded'; to: string }
  | { kind: 'reverse-path-filter' | 'no-route-back' | 'queue-full' | 'nobody-listens' }
  | { kind: 'other-route-back'; device: string | null; came: string | null }
  | { kind: 'other-address'; on: string };
