import type { Clock, Conversation, Heard } from '../../../doors/types.ts';
import type { Spoken } from '../../../ground/services.ts';
import type { Protocol, SpokenData, TlsData } from '../../../model/measured.ts';
import { printable, protocolOf } from '../../../parsers/first-words.ts';
import { type Answer, QUESTIONS } from '../../../parsers/services/index.ts';
import { endOf } from './http-exchange.ts';
import { patiently } from './patience.ts';
import { requestTls } from './start-tls.ts';

export interface ConverseInput {
  service: Spoken;
  /** The conversation is inside TLS already. */
  secure: boolean;
  clock: Clock;
  /** What is left for an answer that comes as it should. */
  remaining: () => number;
  /** How much longer a silent service is waited for, in all. */
  patienceMs: number;
  /** Called once when the service has been silent for `remaining()`. */
  onQuiet: () => void;
  /** Begins TLS after the service has allowed it; absent = it is not asked for. */
  startTls?: () => Promise<TlsData>;
}

export interface Converse {
  outcome: 'ok' | 'other-protocol' | 'refuses' | 'closed' | 'reset' | 'stalled' | 'flooded';
  spoken: SpokenData;
  tls: TlsData | null;
}

/** Login and its refusal, a change of method between them; an endless dialogue is nobody's. */
const MOST_REPLIES = 4;
/** The answer to a goodbye comes at once or is not waited for. */
const FAREWELL_MS = 200;

/**
 * The conversation with a service that greets or answers one harmless question: greeting or question, STARTTLS where it is
 * offered, what its protocol demands before the end, and its goodbye.
 */
export async function converse(conversation: Conversation, input: ConverseInput): Promise<Converse> {
  const { service, remaining } = input;
  const question = QUESTIONS[service];
  if (question.opening !== null) conversation.say(question.opening);
  const quietMs = remaining();
  const heard = await patiently(
    conversation.hear(
      (bytes) => question.isWhole(bytes) || protocolOf(bytes) === 'tls',
      Math.max(quietMs, input.patienceMs),
    ),
    quietMs,
    input.clock,
    input.onQuiet,
  );
  const answer = heard.ended === 'flooded' ? null : question.read(heard.bytes);
  if (answer === null) return notUnderstood(heard, service);
  const spoken: SpokenData = {
    firstByteMs: heard.firstByteMs,
    ended: 'answered',
    heard: service,
    text: printable(answer.text),
    word: answer.word,
    tlsOffered: answer.tlsOffered,
  };
  if (refuses(answer)) {
    await leave(conversation, service);
    return { outcome: 'refuses', spoken, tls: null };
  }
  let tls: TlsData | null = null;
  if (input.startTls !== undefined && !input.secure) {
    const asked = spoken.tlsOffered === null ? await requestTls(conversation, service, remaining) : null;
    if (asked !== null) spoken.tlsOffered = asked !== 'not-offered';
    if (asked !== null && typeof asked === 'object') spoken.tlsRefused = asked.refusedWith;
    // MySQL changes to TLS inside its login, which is not begun here.
    const mayBegin = asked === 'granted' || (asked === null && spoken.tlsOffered === true);
    if (mayBegin && service !== 'mysql') tls = await input.startTls();
  }
  const broken = tls !== null && tls.ended !== null;
  const more = broken ? null : await goOn(conversation, service, heard.bytes, remaining);
  if (more !== null) {
    spoken.word = more.word ?? spoken.word;
    spoken.ended = more.ended;
    if (more.text !== '' && (more.word !== null || service === 'postgresql')) spoken.text = more.text;
  }
  if (!broken && spoken.ended === 'answered') await leave(conversation, service);
  const outcome =
    spoken.word !== null && spoken.word.means !== 'login'
      ? 'refuses'
      : spoken.ended === 'answered'
        ? 'ok'
        : spoken.ended;
  return { outcome, spoken, tls };
}

const refuses = ({ word }: Answer): boolean => word !== null && word.means !== 'login';

async function goOn(
  conversation: Conversation,
  service: Spoken,
  first: Uint8Array,
  remaining: () => number,
): Promise<(Pick<SpokenData, 'word' | 'ended'> & { text: string }) | null> {
  const question = QUESTIONS[service];
  let last = first;
  let more: Awaited<ReturnType<typeof goOn>> = null;
  for (let replies = 0; replies < MOST_REPLIES; replies += 1) {
    const reply = question.reply?.(last) ?? null;
    if (reply === null) break;
    conversation.say(reply);
    const heard = await conversation.hear(question.isWhole, remaining() / 2);
    const answer = question.read(heard.bytes);
    // It has spoken: what it leaves unanswered of somebody whom it does not know is no fault.
    if (heard.ended === 'stalled') return more;
    // After COM_QUIT the connection just ends.
    if (answer === null) return more ?? { word: null, ended: endOf(heard), text: '' };
    more = { word: answer.word, ended: 'answered', text: answer.text };
    last = heard.bytes;
  }
  return more;
}

async function leave(conversation: Conversation, service: Spoken): Promise<void> {
  const { farewell } = QUESTIONS[service];
  if (farewell === null) return;
  conversation.say(farewell);
  await conversation.hear((bytes) => bytes.length > 0, FAREWELL_MS);
}

/** A few greetings fit several protocols (220 of SMTP and FTP): then what is expected counts. */
function notUnderstood(heard: Heard, service: Spoken): Converse {
  const protocol = heard.ended === 'flooded' ? null : otherProtocol(heard.bytes, service);
  const ended = endOf(heard);
  const spoken: SpokenData = {
    firstByteMs: heard.firstByteMs,
    ended,
    heard: protocol,
    text: heard.bytes.length === 0 ? null : printable(heard.bytes),
    word: null,
    tlsOffered: null,
  };
  // Half a line and then nothing says neither what it is nor that it is something else.
  const isUnfinished = protocol === null && !heard.bytes.includes(10) && ended !== 'answered';
  const outcome =
    heard.bytes.length > 0 && !isUnfinished && protocol !== service
      ? 'other-protocol'
      : ended === 'answered'
        ? 'stalled'
        : ended;
  return { outcome, spoken, tls: null };
}

function otherProtocol(bytes: Uint8Array, service: Spoken): Protocol | null {
  const protocol = protocolOf(bytes);
  // What the parser of the expected protocol does not read is not it, but for half of it.
  return protocol === 'smtp' && service === 'ftp' && !/smtp/i.test(Buffer.from(bytes).toString('latin1'))
    ? null
    : protocol;
}
