import type { Conversation, Heard } from '../../../doors/types.ts';
import type { TlsData } from '../../../model/measured.ts';
import type { FindingOf, ProbeCatalogue } from '../../../model/probes.ts';
import { printable, protocolOf } from '../../../parsers/first-words.ts';
import { partingWord, textOf } from '../../../parsers/services/answer.ts';
import { refusalOf } from '../../../parsers/services/smtp.ts';
import type { Probe } from '../probe.ts';
import { converse } from './converse.ts';
import { shakeHands } from './handshake.ts';
import { endOf } from './http-exchange.ts';
import { MAX_BYTES, notConnected } from './not-connected.ts';
import { SILENT } from './silence.ts';

type Data = ProbeCatalogue['greeting']['data'];

/** Connection, greeting, EHLO, STARTTLS, two of TLS, goodbye, and one for a packet that has to be sent again. */
const ROUND_TRIPS = 8;

/**
 * First words of a service that greets, or its answer to one harmless question. Without a service it only listens, and
 * silence is then no fault: most services wait for the client.
 */
export const greeting: Probe<'greeting'> = async (
  input,
  { doors, signal, partial },
): Promise<FindingOf<'greeting'>> => {
  const { roundTripMs = 0, patienceMs = 0, service } = input;
  const farMs = ROUND_TRIPS * roundTripMs;
  let deadline = doors.clock.elapsed() + input.timeoutMs + farMs;
  const remaining = (): number => Math.max(0, deadline - doors.clock.elapsed());
  let soFar: FindingOf<'greeting'> | null = null;
  const to = {
    address: input.address,
    port: input.port,
    maxBytes: MAX_BYTES,
    timeoutMs:
      Math.max(patienceMs, input.timeoutMs) + input.timeoutMs + farMs + (service === null ? 1000 : 0),
    signal,
  };
  const spoken = await doors.speak(to, async (conversation) => {
    const { connectMs } = conversation;
    if (service === null) {
      const heard = await conversation.hear(hasWords, input.timeoutMs + roundTripMs);
      const protocol = protocolOf(heard.bytes);
      const text = heard.bytes.length === 0 ? null : printable(heard.bytes);
      const coded = refusalOf(textOf(heard.bytes));
      const parting = coded !== null || text === null ? null : partingWord(text);
      const hangsUp = parting !== null && (await isHungUp(conversation, heard.ended));
      const word = coded ?? (hangsUp ? parting : null);
      return {
        outcome:
          word !== null
            ? 'refuses'
            : text !== null
              ? 'ok'
              : heard.ended === 'stalled'
                ? 'waits'
                : wordless(endOf(heard)),
        data: {
          ...SILENT,
          firstByteMs: heard.firstByteMs,
          ended: endOf(heard),
          heard: protocol,
          text,
          word,
          connectMs,
          tls: null,
        },
      } satisfies { outcome: Outcome; data: Data };
    }
    const startTls = (): Promise<TlsData> =>
      shakeHands(conversation, doors, { ...input, alpn: [], timeoutMs: remaining() }).then(({ tls }) => tls);
    const said = await converse(conversation, {
      service,
      secure: false,
      clock: doors.clock,
      remaining,
      patienceMs,
      onQuiet: () => {
        soFar = { outcome: 'stalled', reason: null, data: { ...SILENT, connectMs, tls: null } };
        partial(soFar);
        // What comes late is answered late as well.
        deadline = Number.POSITIVE_INFINITY;
      },
      startTls,
    });
    // Without an authority PostgreSQL's clients take any certificate (libpq: sslmode=prefer, require).
    const tls = service === 'postgresql' && input.caPem === null ? null : said.tls;
    return { outcome: said.outcome, data: { ...said.spoken, connectMs, tls } };
  });
  if (signal.aborted) return soFar ?? { outcome: 'cancelled', reason: null, data: null };
  if (!spoken.connected) return notConnected(spoken);
  return { reason: null, ...spoken.value };
};

/** A line that is not blank. */
const hasWords = (bytes: Uint8Array): boolean => /\S[^\n]*\n/.test(textOf(bytes));

/** Who refuses in words of his own hangs up after them. */
async function isHungUp(conversation: Conversation, ended: Heard['ended']): Promise<boolean> {
  const after = ended === 'enough' ? (await conversation.hear(() => false, PARTING_MS)).ended : ended;
  return after === 'closed' || after === 'reset';
}
const PARTING_MS = 400;

type Outcome = FindingOf<'greeting'>['outcome'];

const wordless = (ended: Data['ended']): Outcome => (ended === 'answered' ? 'stalled' : ended);
