import type { FindingOf } from '../../../model/probes.ts';
import { because } from '../../../model/reasons.ts';
import { printable, protocolOf } from '../../../parsers/first-words.ts';
import {
  noCommonAlgorithm,
  parseKexInit,
  parseSshIdentification,
  sshRefusal,
  versionBelow2,
} from '../../../parsers/ssh.ts';
import type { Probe } from '../probe.ts';
import { endOf } from './http-exchange.ts';
import { MAX_BYTES, notConnected } from './not-connected.ts';
import { patiently } from './patience.ts';

/** RFC 4253 4.2: both sides send it, no order is prescribed. */
export const IDENTIFICATION = Buffer.from('SSH-2.0-reachdoctor\r\n');
/** sshd sends its offer at once. What only says that it is SSH (a tarpit, a stub, a path that loses long packets) gets no longer. */
const OFFER_MS = 1200;
/** Connection, identification, offer, and one for a packet that has to be sent again. */
const ROUND_TRIPS = 4;
/** More than this before the identification is no SSH server. */
const MOST_WORDS = 8192;

/**
 * The server's identification and its offer of algorithms. Ends before any key exchange, by closing: OpenSSH writes
 * one line of log for that, and two for a DISCONNECT.
 */
export const ssh: Probe<'ssh'> = async (input, { doors, signal, partial }): Promise<FindingOf<'ssh'>> => {
  const { roundTripMs = 0, patienceMs = 0 } = input;
  const timeoutMs = input.timeoutMs + ROUND_TRIPS * roundTripMs;
  const totalMs = Math.max(timeoutMs, patienceMs);
  const deadline = doors.clock.elapsed() + totalMs;
  const remaining = (): number => Math.max(0, deadline - doors.clock.elapsed());
  let soFar: FindingOf<'ssh'> | null = null;
  const spoken = await doors.speak(
    {
      address: input.address,
      port: input.port,
      maxBytes: MAX_BYTES,
      timeoutMs: totalMs + OFFER_MS + roundTripMs,
      signal,
    },
    async (conversation) => {
      const { connectMs } = conversation;
      conversation.say(IDENTIFICATION);
      const first = await patiently(
        conversation.hear(
          (bytes) => parseSshIdentification(bytes) !== null || bytes.length > MOST_WORDS || isOther(bytes),
          remaining(),
        ),
        timeoutMs,
        doors.clock,
        () => {
          soFar = { outcome: 'stalled', reason: null, data: { ...SILENT_SSH, connectMs } };
          partial(soFar);
        },
      );
      const identification = parseSshIdentification(first.bytes);
      let packets = identification === null ? first.bytes : first.bytes.subarray(identification.end);
      let ended = endOf(first);
      const isOld = identification !== null && versionBelow2(identification.line) !== null;
      if (identification !== null && !isOld && parseKexInit(packets) === null) {
        const start = packets;
        const rest = await conversation.hear(
          (bytes) => parseKexInit(Buffer.concat([start, bytes])) !== null || bytes.length > 40_000,
          OFFER_MS + roundTripMs,
        );
        packets = Buffer.concat([start, rest.bytes]);
        ended = endOf(rest);
      }
      const untaken = ended === 'stalled' ? { untaken: await conversation.untaken() } : {};
      return { first, identification, packets, ended, connectMs, untaken };
    },
  );
  if (signal.aborted) return soFar ?? { outcome: 'cancelled', reason: null, data: null };
  if (!spoken.connected) return notConnected(spoken);
  const { first, identification, packets, ended, connectMs, untaken } = spoken.value;
  const offer = identification === null ? null : parseKexInit(packets);
  const oldVersion = identification === null ? null : versionBelow2(identification.line);
  const lacking = offer === null ? null : noCommonAlgorithm(offer);
  const otherText =
    identification === null
      ? first.bytes.length > 0
        ? printable(first.bytes)
        : null
      : printable(identification.before) || null;
  // A packet begins with its length, 0 as a rule; words there are the reason why no offer follows.
  const lastWords =
    identification !== null &&
    oldVersion === null &&
    offer === null &&
    ended !== 'stalled' &&
    (packets[0] ?? 0) >= 0x20
      ? printable(packets)
      : null;
  const data = {
    connectMs,
    firstByteMs: first.firstByteMs,
    ended,
    identification: identification === null ? null : printable(identification.line, 255),
    otherText,
    word:
      lastWords !== null
        ? { means: 'failed' as const, code: null, text: lastWords }
        : identification === null && otherText !== null && ended !== 'stalled'
          ? sshRefusal(otherText)
          : null,
    otherProtocol: identification === null ? protocolOf(first.bytes) : null,
    offerRead: offer !== null,
    noCommon: oldVersion === null ? lacking : ('protocol version' as const),
    offered: oldVersion ?? (lacking === null ? null : printable(offer![lacking].join(', '), 300)),
    ...untaken,
  };
  if (data.noCommon !== null) return { outcome: 'no-common-algorithm', reason: null, data };
  if (offer !== null) return { outcome: 'ok', reason: null, data };
  if (identification !== null && ended === 'stalled') {
    return {
      outcome: 'ok',
      reason: because('no-algorithms'),
      data,
    };
  }
  // sshd prints `Exceeded MaxStartups` and the like before it closes: that is a refusal by SSH, not another protocol.
  // Lines before the identification are allowed (RFC 4253 4.2). Where they are all that comes, something else speaks.
  const strange = identification === null && ended === 'stalled' && first.bytes.includes(10);
  if (ended === 'answered' || data.otherProtocol !== null || strange)
    return { outcome: 'not-ssh', reason: null, data };
  return { outcome: ended, reason: null, data };
};

const SILENT_SSH: Omit<NonNullable<FindingOf<'ssh'>['data']>, 'connectMs'> = {
  firstByteMs: null,
  ended: 'stalled',
  identification: null,
  otherText: null,
  word: null,
  otherProtocol: null,
  offerRead: false,
  noCommon: null,
  offered: null,
};

function isOther(bytes: Uint8Array): boolean {
  const protocol = protocolOf(bytes);
  return protocol !== null && protocol !== 'ssh' && bytes.includes(10);
}
