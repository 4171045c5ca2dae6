import type { Answers, Symptom } from '../model/request.ts';
import { counted, dropEnd, duration } from './units.ts';

interface Doubt {
  text: string;
  decidedBy: string;
}

/** What the user says, as the beginning of a sentence. */
const SAYS: Record<Exclude<Symptom, 'unknown'>, string> = {
  refused: 'You see "connection refused"',
  hangs: 'You see it hang',
  'certificate-error': 'You see a complaint about a certificate',
  intermittent: 'You see it work at times',
  slow: 'You see it slow',
};

export interface SeenInstead {
  port: number;
  address: string | null;
  /** What connecting came to here. */
  outcome: 'open' | 'refused' | 'unreachable' | 'timeout';
}

const OUTCOME: Record<SeenInstead['outcome'], string> = {
  open: 'accepts connections',
  refused: 'refuses them',
  unreachable: 'is reported unreachable',
  timeout: 'does not answer',
};

/** The program that complains meets something else than this run did. */
export const symptomDiffers = (
  symptom: Exclude<Symptom, 'unknown'>,
  { port, address, outcome }: SeenInstead,
): Doubt => ({
  text: `${SAYS[symptom]}; from here TCP ${port} of ${address ?? 'the target'} ${OUTCOME[outcome]}. The program that complains may use another address, another port or a proxy, or it was another time.`,
  decidedBy:
    "The address and port in that program's own words: reachdoctor --explain-output FILE reads what it prints.",
});

export const certificateIsWell = (port: number, names: string | null): Doubt => ({
  text: `${SAYS['certificate-error']}; from here the certificate on TCP ${port}${names === null ? '' : ` (${names})`} is trusted, in its dates, and for the name that was asked.`,
  decidedBy:
    'The issuer of the certificate that your program is shown: another one than here is a TLS inspection or a proxy; the same one is a trust store that lacks its authority, or a clock that is wrong.',
});

export const noCertificate = (port: number): Doubt => ({
  text: `${SAYS['certificate-error']}; TCP ${port} does not speak TLS from here, so it shows no certificate.`,
  decidedBy: "The port in your program's settings, and whether it goes through a proxy.",
});

/** All attempts went one way. */
export const neverWavered = (attempts: number, opened: number, lastedS: number): Doubt => ({
  text: `${SAYS.intermittent}; ${opened === 0 ? 'none' : `all ${opened}`} of ${counted(attempts, 'connection')} over ${lastedS} s ${opened === 0 ? 'was' : 'were'} accepted.`,
  decidedBy: 'Watching for longer, over the time in which it happens: --max-time 300.',
});

/** Some did and some did not, which no outcome of a single attempt says. */
export const wavered = (attempts: number, opened: number, lastedS: number): Doubt => ({
  text: `${opened} of ${counted(attempts, 'connection')} over ${lastedS} s were accepted.`,
  decidedBy: 'Whether the failures come at certain times: --max-time 300 watches for longer.',
});

const PHASE = {
  name: 'the name',
  connection: 'the connection',
  tls: 'TLS',
  answer: 'the first words of the answer',
} as const;
type Timed = { phase: keyof typeof PHASE; ms: number; referenceMs: number | null };

/** `the name 3 ms, the connection 12 ms (reference: 11 ms), TLS 30 ms`. */
export const phaseTimes = (phases: readonly Timed[]): string =>
  phases
    .map(
      ({ phase, ms, referenceMs }) =>
        `${PHASE[phase]} ${duration(ms)}${referenceMs === null ? '' : ` (reference: ${duration(referenceMs)})`}`,
    )
    .join(', ');

const TO_LOOK_AT: Record<keyof typeof PHASE, string> = {
  name: 'Asking another DNS server for the same name: --resolver ADDRESS.',
  connection: 'The same from another network: a long or full way is slow for everything that takes it.',
  tls: 'The load of the server, and whether it asks others (OCSP, a key store) during the handshake.',
  answer: "The service's own log of how long it took, and what it waits for.",
};

export const timed = (phases: readonly Timed[], slowest: Timed | null): Doubt => ({
  text: `${SAYS.slow}. Measured from here: ${phaseTimes(phases)}. ${slowest === null ? 'None of them is slow.' : `What takes long is ${PHASE[slowest.phase]}.`}`,
  decidedBy:
    slowest === null
      ? 'What your program does after the first answer: further requests, large transfers, other servers.'
      : TO_LOOK_AT[slowest.phase],
});

export const routeIsNoTunnel = (address: string, device: string): Doubt => ({
  text: `You say that a VPN or a proxy is in use; packets to ${address} leave through ${device}, which is no VPN's interface.`,
  decidedBy: `Whether ${address} lies behind the VPN: then it does not carry this address, and its routes (split tunnel) are to be changed.`,
});

export const routeIsTunnel = (address: string, device: string): Doubt => ({
  text: `You say that no VPN is in use; packets to ${address} leave through ${device}, which is a VPN's or a tunnel's interface.`,
  decidedBy: 'The same without that VPN.',
});

export const proxyFails = (at: string, status: number | null): Doubt => ({
  text: `The direct way works; the proxy ${at}, which is set here, ${status === null ? 'opens no connection' : `declines with status ${status}`}. Programs that go through it fail there.`,
  decidedBy: "The proxy's log and its list of allowed targets, or curl with and without --noproxy '*'.",
});

const FROM_THE_USER: Record<'worked-before' | 'others-can-reach' | 'vpn-or-proxy', Record<string, string>> = {
  'worked-before': { yes: 'You say that it worked before', no: 'You say that it never worked from here' },
  'others-can-reach': { yes: 'You say that others can reach it', no: 'You say that nobody can reach it' },
  'vpn-or-proxy': {
    yes: 'You say that a VPN or a proxy is in use',
    no: 'You say that no VPN and no proxy is in use',
  },
};

/** The answer speaks against the cause that leads all the same. */
export const speaksAgainstLead = (
  question: Exclude<keyof Answers, 'symptom'>,
  value: string,
  lead: string,
): Doubt | null => {
  const said = FROM_THE_USER[question][value];
  if (said === undefined) return null;
  return {
    text: `${said}, which speaks against "${dropEnd(lead)}"; what was measured weighs more.`,
    decidedBy:
      question === 'others-can-reach'
        ? 'The address and port that the others use, and reachdoctor run by one of them.'
        : 'What has changed since, here and there.',
  };
};
