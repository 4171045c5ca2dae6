import type { Conversation } from '../../../doors/types.ts';
import type { Protocol, TlsData } from '../../../model/measured.ts';
import type { FindingOf, ProbeCatalogue } from '../../../model/probes.ts';
import { databaseWords, printable, protocolOf } from '../../../parsers/first-words.ts';
import type { Probe } from '../probe.ts';
import { shakeHands } from './handshake.ts';
import { endOf } from './http-exchange.ts';
import { MAX_BYTES, notConnected } from './not-connected.ts';

type Input = ProbeCatalogue['greeting']['input'];
type Service = NonNullable<Input['service']>;

interface Dialogue {
  /** What the client must say first; null = the server greets. */
  opening: Uint8Array | null;
  enough: (heard: string) => boolean;
  /** The service speaks, and says that it does not want us. */
  refuses: (heard: string) => boolean;
  /** Whether TLS is offered, already told by the first words; null = has to be asked. */
  offersTls?: (heard: Uint8Array) => boolean | null;
  /** Question and command of STARTTLS (RFC 3207, 2595, 4217). */
  startTls?: { ask: string | null; asked: RegExp; offered: RegExp; command: string; granted: RegExp };
}

/** Connection, greeting, EHLO, STARTTLS, two of TLS, and one for a packet that has to be sent again. */
const ROUND_TRIPS = 7;

const line = (heard: string): boolean => heard.includes('\n');
/** The last line of a multi-line reply has a blank after the code (RFC 5321 4.2.1). */
const reply = (heard: string): boolean =>
  /^\d{3} [^\n]*\n/m.test(heard) || (line(heard) && !/^\d{3}/.test(heard));

/** RFC 3207 and friends; nothing here logs in, writes, or changes anything. */
const DIALOGUES: Readonly<Record<Service, Dialogue>> = {
  smtp: {
    opening: null,
    enough: reply,
    refuses: (heard) => /^[45]\d\d/.test(heard),
    startTls: {
      ask: 'EHLO reachdoctor.invalid\r\n',
      asked: /^\d{3} [^\n]*\n/m,
      offered: /^250[ -]STARTTLS\b/im,
      command: 'STARTTLS\r\n',
      granted: /^220/,
    },
  },
  imap: {
    opening: null,
    enough: line,
    refuses: (heard) => /^\* BYE/i.test(heard),
    startTls: {
      ask: 'a1 CAPABILITY\r\n',
      asked: /^a1 [^\n]*\n/m,
      offered: /\bSTARTTLS\b/i,
      command: 'a2 STARTTLS\r\n',
      granted: /^a2 OK/im,
    },
  },
  pop3: {
    opening: null,
    enough: line,
    refuses: (heard) => /^-ERR/i.test(heard),
    startTls: {
      ask: 'CAPA\r\n',
      asked: /^\.\r?\n|^-ERR[^\n]*\n/m,
      offered: /^STLS\b/im,
      command: 'STLS\r\n',
      granted: /^\+OK/i,
    },
  },
  ftp: {
    opening: null,
    enough: reply,
    refuses: (heard) => /^[45]\d\d/.test(heard),
    startTls: { ask: null, asked: /^/, offered: /^/, command: 'AUTH TLS\r\n', granted: /^234/ },
  },
  mysql: {
    opening: null,
    enough: (heard) => heard.length > 5,
    refuses: (heard) => heard.charCodeAt(4) === 0xff,
    offersTls: mysqlOffersTls,
  },
  postgresql: {
    // SSLRequest: length 8, code 80877103 (PostgreSQL documentation, "Message Formats"). The answer is one octet, S or N.
    opening: Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]),
    enough: (heard) => heard.length > 0,
    refuses: (heard) => heard.startsWith('E'),
    offersTls: (heard) => (heard[0] === 0x45 ? null : heard[0] === 0x53),
  },
  redis: {
    opening: Buffer.from('PING\r\n'),
    enough: line,
    // Protected mode: answers everybody, serves only this machine.
    refuses: (heard) => heard.startsWith('-DENIED') || heard.startsWith('-ERR max number of clients'),
  },
};

/**
 * First words of a service that greets, or its answer to one harmless question. Without a service it only listens, and
 * silence is then no fault: most services wait for the client.
 */
export const greeting: Probe<'greeting'> = async (
  input,
  { doors, signal },
): Promise<FindingOf<'greeting'>> => {
  const { roundTripMs = 0 } = input;
  const deadline = doors.clock.elapsed() + input.timeoutMs + ROUND_TRIPS * roundTripMs;
  const remaining = (): number => Math.max(0, deadline - doors.clock.elapsed());
  const dialogue = input.service === null ? null : DIALOGUES[input.service];
  const timeoutMs = input.timeoutMs + ROUND_TRIPS * roundTripMs + (dialogue === null ? 1000 : 0);
  const spoken = await doors.speak(
    { address: input.address, port: input.port, maxBytes: MAX_BYTES, timeoutMs, signal },
    async (conversation) => {
      if (dialogue?.opening) conversation.say(dialogue.opening);
      const heard = await conversation.hear(
        (bytes) => (dialogue?.enough ?? line)(textOf(bytes)) || protocolOf(bytes) === 'tls',
        dialogue === null ? input.timeoutMs + roundTripMs : remaining(),
      );
      // A greeting without end is in no protocol, however it begins.
      const protocol =
        heard.ended === 'flooded' && dialogue !== null ? null : protocolHeard(heard.bytes, input.service);
      const usable =
        dialogue !== null && protocol === input.service && !dialogue.refuses(textOf(heard.bytes));
      let tlsOffered = usable ? (dialogue.offersTls?.(heard.bytes) ?? null) : null;
      let tls: TlsData | null = null;
      if (usable && dialogue.startTls !== undefined) {
        const granted = await requestTls(conversation, dialogue.startTls, remaining);
        tlsOffered = granted;
        if (granted === true) {
          tls = (await shakeHands(conversation, doors, { ...input, alpn: [], timeoutMs: remaining() })).tls;
        }
      }
      // Without an authority PostgreSQL's clients take any certificate (libpq: sslmode=prefer, require).
      if (usable && input.service === 'postgresql' && tlsOffered === true && input.caPem !== null) {
        tls = (await shakeHands(conversation, doors, { ...input, alpn: [], timeoutMs: remaining() })).tls;
      }
      return { heard, protocol, tlsOffered, tls, connectMs: conversation.connectMs };
    },
  );
  if (signal.aborted) return { outcome: 'cancelled', reason: null, data: null };
  if (!spoken.connected) return notConnected(spoken);
  const { heard, protocol, tlsOffered, tls, connectMs } = spoken.value;
  const text = heard.bytes.length === 0 ? null : printable(databaseWords(heard.bytes));
  const data = {
    connectMs,
    firstByteMs: heard.firstByteMs,
    ended: endOf(heard),
    heard: protocol,
    text,
    tlsOffered,
    tls,
  };
  const outcome = (): ProbeCatalogue['greeting']['outcome'] => {
    if (heard.bytes.length === 0) {
      return data.ended === 'stalled' && dialogue === null
        ? 'waits'
        : data.ended === 'answered'
          ? 'stalled'
          : data.ended;
    }
    if (dialogue === null) return 'ok';
    if (protocol !== input.service) {
      // Half a line and then nothing says neither what it is nor that it is something else.
      return protocol === null && !line(textOf(heard.bytes)) && data.ended !== 'answered'
        ? notAnswered(data.ended)
        : 'other-protocol';
    }
    return dialogue.refuses(textOf(heard.bytes)) ? 'refuses' : 'ok';
  };
  return { outcome: outcome(), reason: null, data };
};

const notAnswered = (ended: 'closed' | 'reset' | 'stalled' | 'flooded' | 'answered') =>
  ended === 'answered' ? 'stalled' : ended;

const textOf = (bytes: Uint8Array): string => Buffer.from(bytes.subarray(0, 8192)).toString('latin1');

/** A few greetings fit several protocols (220 of SMTP and FTP, one octet of PostgreSQL): then what is expected counts. */
function protocolHeard(bytes: Uint8Array, service: Input['service']): Protocol | null {
  const protocol = protocolOf(bytes);
  const text = textOf(bytes);
  if (service === 'postgresql' && /^(S$|N$|E)/.test(text)) return 'postgresql';
  if (service === 'ftp' && protocol === 'smtp' && !/smtp/i.test(text)) return 'ftp';
  if (service === 'smtp' && protocol === 'ftp') return 'ftp';
  if (service === 'redis' && /^[+-][A-Z]/.test(text) && protocol === null) return 'redis';
  if (service === 'pop3' && protocol === null && /^-ERR/i.test(text)) return 'pop3';
  return protocol;
}

async function requestTls(
  conversation: Conversation,
  how: NonNullable<Dialogue['startTls']>,
  remaining: () => number,
): Promise<boolean | null> {
  if (how.ask !== null) {
    conversation.say(Buffer.from(how.ask));
    const heard = await conversation.hear((bytes) => how.asked.test(textOf(bytes)), remaining());
    if (heard.ended !== 'enough') return null;
    if (!how.offered.test(textOf(heard.bytes))) return false;
  }
  conversation.say(Buffer.from(how.command));
  const heard = await conversation.hear((bytes) => line(textOf(bytes)), remaining());
  return heard.ended === 'enough' ? how.granted.test(textOf(heard.bytes)) : null;
}

/** CLIENT_SSL (0x0800) in the lower capability flags: after version, NUL, thread id (4), salt (8), filler (1). */
function mysqlOffersTls(heard: Uint8Array): boolean | null {
  const end = Buffer.from(heard).indexOf(0, 5);
  if (end < 0 || heard.length < end + 16) return null;
  return (Buffer.from(heard).readUInt16LE(end + 14) & 0x0800) !== 0;
}
