import type { ServiceWord } from '../../model/measured.ts';
import { printable } from '../first-words.ts';

/** What a service said, read by its own protocol. */
export interface Answer {
  /** Its words for people: printable, one line. */
  text: string;
  /** What it says against serving this client; null = it speaks as it should. */
  word: ServiceWord | null;
  /** Whether it told that TLS can be begun; null = it did not say. */
  tlsOffered: boolean | null;
}

/** One harmless question, what counts as its answer, and how the protocol ends a session. Nothing logs in, writes or changes anything. */
export interface Question {
  /** What the client says first; null = the server greets. */
  opening: Uint8Array | null;
  /** Whether what was heard is a whole answer. */
  isWhole(heard: Uint8Array): boolean;
  /** Null = this protocol does not answer so. */
  read(heard: Uint8Array): Answer | null;
  /** What has to be said after that answer, before the session can be ended in good order; null = nothing. */
  reply?(heard: Uint8Array): Uint8Array | null;
  /** How the protocol says goodbye; null = closing the connection is its way. */
  farewell: Uint8Array | null;
}

const MOST_WORDS = 8192;

export const textOf = (bytes: Uint8Array): string =>
  Buffer.from(bytes.subarray(0, MOST_WORDS)).toString('latin1');

export const word = (
  means: ServiceWord['means'],
  code: string | number | null,
  text: Uint8Array | string,
): ServiceWord => ({ means, code: code === null ? null : String(code), text: printable(text) });

/** Words by which programs say in English what their protocol has no code for. */
const FULL =
  /too many|maximum number|max(?:imum)? (?:number of )?(?:connections|clients)|limit (?:reached|exceeded)|exceed|concurrent|server (?:is )?(?:full|busy)/i;
const STARTING =
  /starting up|not (?:yet )?(?:ready|active)|loading|shutting down|temporar|try again|unavailable|maintenance/i;
/** Poolers, balancers and gateways of what they hand on to: `pgbouncer cannot connect to server`, `no server is available`. */
const BACKEND =
  /(?:can(?:not|'t)|could not|unable to|failed to) (?:connect|reach)|(?:back-?end|upstream|origin|remote) (?:server )?(?:is )?(?:down|unavailable|unreachable|not available|failed)|no (?:healthy |live |available )?(?:back-?end|upstream|server)s? (?:is |are )?(?:available|alive|up)|server (?:login has been failing|login failed|conn crashed)/i;

const BROKEN = /\bbroken\b|internal (?:server )?error|\bfail(?:ed|ure)\b|crash|unable to|can(?:not|'t) /i;
const DENYING =
  /den(?:y|ied)|not (?:allowed|permitted|authori[sz]ed)|refus|reject|block|bann?ed|forbid|policy|not welcome/i;

/** What a refusal means where its code does not tell; `fallback` where the words do not either. */
export const meaningOf = (text: string, fallback: ServiceWord['means']): ServiceWord['means'] =>
  FULL.test(text)
    ? 'limit'
    : BACKEND.test(text)
      ? 'backend'
      : STARTING.test(text)
        ? 'not-ready'
        : BROKEN.test(text) && !DENYING.test(text)
          ? 'failed'
          : fallback;

/** Where there is no code at all: words that name no access list are none. */
export const deniedOrFailed = (text: string): ServiceWord['means'] =>
  DENYING.test(text) ? 'denied' : 'failed';

/** What an unknown program says against serving whoever it hangs up on; null where its words say nothing of the kind. */
export function partingWord(text: string): ServiceWord | null {
  const means = meaningOf(text, deniedOrFailed(text));
  return means === 'failed' ? null : word(means, null, text);
}

export const hasLine = (heard: Uint8Array): boolean => heard.includes(10);

export const firstLine = (text: string): string => /^[^\r\n]*/.exec(text)![0];
