import { bracketed } from '../ground/address.ts';
import type { Protocol, TalkEnd } from '../model/measured.ts';
import { PROTOCOL_WORD } from './protocol-words.ts';
import { duration, listed } from './units.ts';

/** What a report says beside the sentences of the rules. Nothing here decides anything. */

/** Under a cause for which only its gate speaks. */
export const FITS_AND_NO_MORE =
  'What was measured fits it, and nothing that was measured speaks for it in particular.';

export const sameAt = (address: string | null): string =>
  `The same is seen at ${address ?? 'another address'}.`;

export const tellsApart = (title: string, other: string): string => `It tells "${title}" from "${other}".`;

/** Of a healthy target: which port accepted, how soon, and what it spoke (null = nothing was asked, or not answered). */
export function acceptedWords(
  port: number,
  address: string,
  answerMs: number,
  heard: Protocol | null,
): string {
  const where = `TCP ${port} on ${address}`;
  return heard === null
    ? `${where}: only the connection was checked (accepted in ${duration(answerMs)})`
    : `${where} accepted the connection in ${duration(answerMs)} and speaks ${PROTOCOL_WORD[heard]}`;
}

interface Doubt {
  text: string;
  decidedBy: string;
}

/** Only the port suggested the protocol, so that no answer is no fault; it must be told all the same. Null where it was answered. */
export function guessedProtocol(asked: {
  host: string;
  port: number;
  address: string | null;
  protocol: Protocol;
  ended: TalkEnd;
  waitedS: number | null;
}): Doubt | null {
  const { host, port, address, protocol, ended, waitedS } = asked;
  const did =
    ended === 'stalled'
      ? waitedS === null
        ? 'did not answer'
        : `did not answer within ${waitedS} s`
      : ended === 'closed'
        ? 'closed the connection'
        : ended === 'reset'
          ? 'reset the connection'
          : null;
  if (did === null) return null;
  const spoken = PROTOCOL_WORD[protocol];
  const scheme = protocol === 'tls' ? 'https' : protocol;
  return {
    text: `TCP ${port} of ${address ?? 'the target'} was asked in ${spoken} and ${did}. Only the port number suggests ${spoken}; whether this is a fault or another service cannot be told.`,
    decidedBy: `reachdoctor ${scheme}://${bracketed(host)}:${port}, which says that it must be ${spoken} and is given longer.`,
  };
}

/** Browsers and curl may not go the way that was tested. */
export const proxySet = (variables: readonly string[]): Doubt => ({
  text: `${listed(variables, variables.length)} ${variables.length === 1 ? 'is' : 'are'} set: browsers and curl may go through a proxy; this tool connects directly.`,
  decidedBy: "curl with and without --noproxy '*'.",
});

/** Programs that go through such a proxy fail before they have asked anybody. */
export const proxyUnknown = (variable: string | null, at: string): Doubt => ({
  text: `${variable ?? 'The environment'} sets the proxy ${at}, and the name of that proxy leads to no address here: programs that go through it fail for that alone, and what it would reach is not known.`,
  decidedBy:
    'The name of the proxy that this network has now; a variable that names none is better taken away.',
});

/** Whoever is sent to localhost looks for the page on the own machine. */
export const sentToLocalhost = (location: string): Doubt => ({
  text: `The web server sends its clients to ${location}, where each of them looks on its own machine; whether that is meant cannot be told.`,
  decidedBy: "The application's setting for its own address (root URL, base URL, server name).",
});

/** Why something was not checked, where the probe itself says nothing. */
export const whyNotChecked = (hasFailed: boolean): string =>
  hasFailed ? 'the probe failed' : 'not possible here';
