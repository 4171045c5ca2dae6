import type { Conversation } from '../../../doors/types.ts';
import type { Spoken } from '../../../ground/services.ts';
import { printable } from '../../../parsers/first-words.ts';

/** Question and command of STARTTLS (RFC 3207, 2595, 4217). */
interface StartTls {
  /** Null: it is not asked for, the command itself tells. */
  ask: string | null;
  asked: RegExp;
  offered: RegExp;
  command: string;
  granted: RegExp;
}

const START_TLS: Readonly<Partial<Record<Spoken, StartTls>>> = {
  smtp: {
    ask: 'EHLO reachdoctor.invalid\r\n',
    asked: /^\d{3} [^\n]*\n/m,
    offered: /^250[ -]STARTTLS\b/im,
    command: 'STARTTLS\r\n',
    granted: /^220/,
  },
  imap: {
    ask: 'a1 CAPABILITY\r\n',
    asked: /^a1 [^\n]*\n/m,
    offered: /\bSTARTTLS\b/i,
    command: 'a2 STARTTLS\r\n',
    granted: /^a2 OK/im,
  },
  pop3: {
    ask: 'CAPA\r\n',
    asked: /^\.\r?\n|^-ERR[^\n]*\n/m,
    offered: /^STLS\b/im,
    command: 'STLS\r\n',
    granted: /^\+OK/i,
  },
  ftp: { ask: null, asked: /^/, offered: /^/, command: 'AUTH TLS\r\n', granted: /^234/ },
};

const textOf = (bytes: Uint8Array): string => Buffer.from(bytes.subarray(0, 8192)).toString('latin1');

/** What came of it: TLS may begin now; it is not offered; offered and then refused, in these words; or null = not known. */
export type TlsRequest = 'granted' | 'not-offered' | { refusedWith: string } | null;

/** Asks the service to let TLS begin. Null: it has no such command, or did not answer. */
export async function requestTls(
  conversation: Conversation,
  service: Spoken,
  remaining: () => number,
): Promise<TlsRequest> {
  const how = START_TLS[service];
  if (how === undefined) return null;
  if (how.ask !== null) {
    conversation.say(Buffer.from(how.ask));
    const heard = await conversation.hear((bytes) => how.asked.test(textOf(bytes)), remaining());
    if (heard.ended !== 'enough') return null;
    if (!how.offered.test(textOf(heard.bytes))) return 'not-offered';
  }
  conversation.say(Buffer.from(how.command));
  const heard = await conversation.hear((bytes) => bytes.includes(10), remaining());
  if (heard.ended !== 'enough') return null;
  if (how.granted.test(textOf(heard.bytes))) return 'granted';
  // Who is not asked whether it has the command refuses it for not having it.
  return how.ask === null ? 'not-offered' : { refusedWith: printable(heard.bytes) };
}
