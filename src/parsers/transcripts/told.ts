import type { ConnectOutcome, Protocol, TraceProtocol } from '../../model/measured.ts';
import type { ParsedPing } from '../ping.ts';
import type { ParsedTrace } from '../trace.ts';

export type System = 'linux' | 'darwin' | 'win32';

/** One thing that a program said about one place, as far as its words go. Nothing in it was measured here. */
export interface Told {
  /** `telnet`, `ssh`, `ping` ...: what said it. */
  program: string;
  /** The system that it ran on; null where nothing shows it. */
  system: System | null;
  /** As the program was given it, or as it names it; null where it does not. */
  host: string | null;
  address: string | null;
  port: number | null;
  /** The lines that say so, at most 400 characters. */
  words: string;
  says: Saying;
}

export type Saying =
  | {
      kind: 'connect';
      outcome: Exclude<ConnectOutcome, 'pending'>;
      code: string | null;
      elapsedMs: number | null;
    }
  | { kind: 'name'; outcome: 'resolved' | 'not-found' | 'temporary-failure'; addresses: string[] }
  | { kind: 'dns'; resolver: string | null; rcode: string | null; silent: boolean; addresses: string[] }
  | { kind: 'ping'; ping: ParsedPing }
  | { kind: 'trace'; method: string; protocol: TraceProtocol; trace: ParsedTrace }
  | {
      kind: 'tls';
      outcome: 'ok' | 'untrusted' | 'wrong-name' | 'alert' | 'not-tls' | 'closed' | 'reset' | 'stalled';
      /** OpenSSL's name of the verdict; null = trusted or not said. */
      trustCode: string | null;
      alert: number | null;
      version: string | null;
      /** Of the certificate that the words are about; ISO 8601. */
      subject: string | null;
      issuer: string | null;
      notBefore: string | null;
      notAfter: string | null;
    }
  | { kind: 'http'; status: number; reason: string }
  | {
      kind: 'ssh';
      identification: string | null;
      noCommon: 'key exchange' | 'host key' | 'cipher' | 'MAC' | null;
      offered: string | null;
    }
  | { kind: 'greeting'; protocol: Protocol | null; text: string }
  /** Tables of the machine itself: what they mean depends on the address that is asked about. */
  | { kind: 'machine'; text: string }
  /** It could not connect, and the program does not say whether it was refused or not answered. */
  | { kind: 'unclear' }
  /** It was connected, and then: nothing more is known of who spoke. */
  | { kind: 'cut'; ended: 'closed' | 'reset' | 'stalled' };
