import type { Observation, ObservationOf } from '../../model/probes.ts';
import type { View } from '../../model/views.ts';
import type { UsageError } from '../usage-error.ts';

/** What is to be looked at from elsewhere: the same that this client looked at. */
export interface Errand {
  /** 32 hexadecimal digits: an answer without it is of another run. */
  caseId: string;
  /** The name of the target; null where it is an address. */
  host: string | null;
  /** Addresses that this client tried, at most four; empty where the name led to none here. */
  addresses: string[];
  port: number;
  /** Another port of the same host, which answers here; null where none is known. */
  reference: number | null;
  /** Another host whose same port is known to be open (--control), with the address that was tried here. */
  control: { host: string; address: string } | null;
  /** Only this family, or null = both. */
  family: 4 | 6 | null;
  /** Whether TTL-limited packets may be sent. */
  ttlProbe: boolean;
}

/** Probes that may come from a vantage. Their roles mean there what they mean here. */
export type VantageProbe =
  | 'tcp-connect'
  | 'alternate-ports'
  | 'system-resolve'
  | 'local-network'
  | 'ping'
  | 'trace-syn'
  | 'trace-command';

/** An observation as a source hands it over; who collects them names it and its view. */
export type Sighted = {
  [P in VantageProbe]: Pick<
    ObservationOf<P>,
    'probe' | 'input' | 'outcome' | 'data' | 'startedAt' | 'durationMs'
  > &
    Partial<Pick<ObservationOf<P>, 'reason' | 'raw' | 'command'>>;
}[VantageProbe] & { probe: Observation['probe'] };

/** What one place brought, or why it brought nothing. A place that failed counts for nothing. */
export type Look =
  | ({ ok: true; observations: Sighted[] } & Omit<View, 'name' | 'kind' | 'by' | 'ok' | 'reason'> & {
        /** Where one carrier has several places: which of them, as in `globalping:DE,2#1`. */
        by?: string;
      })
  | {
      ok: false;
      /** One sentence's end for people: `ssh could not log in (exit code 255)`. */
      reason: string;
      by?: string;
      /** What had left this machine by then; absent = nothing. */
      given?: View['given'];
    };

/** A place to look from, named by --from. */
export interface ViewSource {
  /** As given: `ssh:db1`. */
  by: string;
  /** One look for each place that it has, at least one. Never rejects, answers an abort at once, leaves nothing running. */
  look(errand: Errand, how: HowToLook): Promise<Look[]>;
}

export interface HowToLook {
  signal: AbortSignal;
  globalping: GlobalpingService;
}

/** A service that speaks the Globalping API. */
export interface GlobalpingService {
  /** Without a slash at its end: `https://api.globalping.io`. */
  url: string;
  /** A secret of that service's and no other's; null = asked as anybody. */
  token: string | null;
}

/** A kind of --from. */
export interface SourceKind {
  /** How it is written, for usage errors: `ssh:HOST`. */
  forms: readonly string[];
  /** Null where the text is of another kind; a usage error where it is of this kind and wrong. */
  parse(text: string): ViewSource | UsageError | null;
}
