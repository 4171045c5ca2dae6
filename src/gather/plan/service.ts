import { bracketed, endpoint, withoutWww } from '../../ground/address.ts';
import { dialogueOf, isExpected, isGreeting, type Spoken } from '../../ground/services.ts';
import { isAddressLiteral } from '../../judge/readings/addresses.ts';
import type { Readings } from '../../judge/readings/index.ts';
import { CONVERSATIONS } from '../../judge/readings/talk.ts';
import type { Observation, Step, StepOf } from '../../model/probes.ts';
import { ofStep, roundTripOf } from './steps.ts';

/**
 * Everything about one service ends within this on a path without length, the hostile ones included. Each probe adds
 * the round trips that it needs.
 */
const TALK_MS = 2000;
const TLS_AND_HTTP_MS = 2900;
/** The same page again, so far apart that no limit of a polite server minds. */
const PAGES_AGAIN_MS = [1000, 2500, 4000, 5500, 7000, 8500];
const STALL_MS = 2000;
/**
 * So long the first conversation stays open where nothing comes: sshd without its resolver, postscreen, sleeping
 * applications need up to ten seconds for their first word, and slow is not silent.
 */
const PATIENCE_MS = 12_000;
/** Where only a port that much else uses suggests a service, what it says is taken along and silence is no fault. */
const GUESS_MS = 400;
/** A process needs a moment to die in. */
const AFTER_TALK_MS = 100;
/** A service that is not known gets this long for its first words; saying nothing is no fault. */
const LISTEN_MS = 100;
/** Who says that it fails there is worth more: a balancer tries its servers for seconds before it hangs up. */
const LISTEN_LONG_MS = 4000;

/**
 * What is worth saying to an open port: one conversation in the protocol that is expected there, and where that
 * stalls, is cut, or is answered by something else, the steps that tell why. Pure; returns every step wanted so far.
 */
export function serviceSteps(readings: Readings, address: string, n: number): Step[] {
  const { request } = readings;
  const { target } = request;
  const dialogue = dialogueOf(target);
  const expected = isExpected(target);
  const { symptom } = request.answers;
  const isSaidToFail = symptom !== undefined && symptom !== 'unknown';
  const talkMs = expected ? TALK_MS : GUESS_MS;
  const isAddress = readings.addresses.some(({ source }) => source === 'literal');
  const serverName = request.sni ?? (isAddress ? null : target.host);
  const expectedAddress = serverName === null && target.serviceNamed ? address : null;
  const roundTripMs = roundTripOf(readings);
  const where = { address, port: target.port, roundTripMs };
  const patient = { ...where, patienceMs: expected ? PATIENCE_MS : 0 };
  const httpHost = hostHeader(target.host, target.port, dialogue.speak === 'tls' ? 443 : 80);
  const identity = { serverName, expectedAddress, caPem: request.caPem };
  const tlsStep = (
    purpose: 'tls' | 'tls-instead',
    inside: 'http' | Spoken | null,
    patienceMs: number,
  ): Step => ({
    id: `tls-${n}`,
    probe: 'tls',
    input: {
      ...where,
      ...identity,
      patienceMs,
      httpPath: inside === 'http' ? target.path : null,
      inside: inside === 'http' ? null : inside,
      httpExpected: expected,
      httpHost,
      timeoutMs: expected ? TLS_AND_HTTP_MS : GUESS_MS,
    },
    purpose,
  });
  const lastedMs = (): number =>
    Math.max(0, ...[...CONVERSATIONS].map((probe) => of(`${probe}-${n}`)?.durationMs ?? 0));
  const stallStep = (
    kind: 'tls' | 'http' | 'ssh' | 'listen' | 'question',
    seen: 'stalled' | 'reset' | 'closed',
    about: Pick<StepOf<'stall'>['input'], 'service' | 'page'> = {},
  ): Step => ({
    id: `stall-${n}`,
    probe: 'stall',
    input: {
      ...where,
      request: kind,
      ...about,
      serverName,
      httpHost,
      seen,
      ...(seen === 'stalled' ? {} : { seenAfterMs: Math.round(lastedMs()) }),
      timeoutMs: STALL_MS,
    },
    purpose: 'other-shapes',
  });
  // A program that dies of what it heard refuses the next connection.
  const afterTalk = (cut: 'stalled' | 'reset' | 'closed' | null): Step[] =>
    cut !== 'closed' && cut !== 'reset'
      ? []
      : [
          {
            id: `tcp-after-${n}`,
            probe: 'tcp-connect',
            input: {
              address,
              port: target.port,
              role: 'after-talk',
              startsMs: [AFTER_TALK_MS],
              endMs: AFTER_TALK_MS + 1000 + roundTripMs,
              stopAtFirstAnswer: true,
            },
            purpose: 'port-after-talk',
          },
        ];
  const of = (id: string): Observation | undefined => ofStep(readings, id);
  /** Who says that it comes and goes may have two servers behind one address, one of which fails. */
  const pagesAgain = (seen: Observation | undefined): Step[] =>
    request.answers.symptom !== 'intermittent' ||
    (seen?.probe !== 'http' && seen?.probe !== 'tls') ||
    seen.data?.http?.status == null
      ? []
      : PAGES_AGAIN_MS.map((startMs, i): Step => {
          const more = { role: 'sample', startMs, patienceMs: 0 } as const;
          const again = { purpose: 'page-again' } as const;
          return seen.probe === 'http'
            ? { ...again, id: `http-again-${n}-${i + 1}`, probe: 'http', input: { ...seen.input, ...more } }
            : { ...again, id: `tls-again-${n}-${i + 1}`, probe: 'tls', input: { ...seen.input, ...more } };
        });
  // A guess that is hung up on may have been wrong; a connection on which nothing is said offends nobody.
  const unheard = (cut: 'stalled' | 'reset' | 'closed' | null): Step[] =>
    cut !== 'closed' && cut !== 'reset' ? [] : [stallStep('listen', cut)];

  switch (dialogue.speak) {
    case 'tls': {
      const first = tlsStep('tls', dialogue.inside, patient.patienceMs);
      const seen = of(first.id);
      const cut = cutOf(seen?.outcome);
      if (cut !== null && expected) return [first, ...afterTalk(cut), stallStep('tls', cut)];
      return [
        first,
        ...afterTalk(cut),
        ...unheard(cut),
        ...redirectSteps(seen, target, { ...where, n }, identity.caPem),
        ...pagesAgain(seen),
      ];
    }
    case 'http': {
      const first: Step = {
        id: `http-${n}`,
        probe: 'http',
        input: {
          ...patient,
          host: httpHost,
          path: target.path,
          timeoutMs: talkMs,
        },
        purpose: 'http',
      };
      const seen = of(first.id);
      if (seen?.probe !== 'http') return [first];
      const page = seen.data?.http.page;
      const isPart = page != null && seen.data?.http.ended === 'stalled';
      const cut = isPart ? 'stalled' : cutOf(seen.outcome);
      // A guess that nobody answers is no fault; one that not even TCP takes is looked into.
      if (!expected && (seen.data?.http.untaken ?? 0) === 0)
        return [first, ...afterTalk(cut), ...unheard(cut)];
      const maybeTls =
        (cut !== null && !isPart) ||
        seen.data?.http.status === 400 ||
        seen.data?.http.otherProtocol === 'tls';
      return [
        first,
        ...afterTalk(cut),
        ...(cut === null
          ? []
          : [stallStep('http', cut, isPart ? { page: { path: target.path, due: page.due } } : {})]),
        ...(maybeTls ? [tlsStep('tls-instead', null, 0)] : []),
        ...redirectSteps(seen, target, { ...where, n }, identity.caPem),
        ...pagesAgain(seen),
      ];
    }
    case 'ssh': {
      const first: Step = {
        id: `ssh-${n}`,
        probe: 'ssh',
        input: { ...patient, timeoutMs: TALK_MS },
        purpose: 'ssh',
      };
      const seen = of(first.id);
      const cut = seen?.probe === 'ssh' && seen.data?.otherText === null ? cutOf(seen.outcome) : null;
      if (cut === 'closed' || cut === 'reset') {
        const other = stallStep('listen', cut);
        const heard = of(other.id);
        const quiet = heard?.probe === 'stall' && heard.data?.variants.find(({ name }) => name === 'as-is');
        // Who holds a connection on which nothing is said was offended by our words.
        return quiet && quiet.ended === 'stalled'
          ? [first, other, tlsStep('tls-instead', null, 0)]
          : [first, other];
      }
      if (seen?.probe === 'ssh' && seen.outcome === 'ok' && seen.data?.offerRead === false)
        return [first, stallStep('ssh', 'stalled')];
      // Words that never end in a line are an answer of a kind: nothing else is worth three more seconds.
      return seen?.probe === 'ssh' && seen.outcome === 'stalled' && seen.data?.otherText === null
        ? [first, stallStep('listen', 'stalled'), tlsStep('tls-instead', null, 0)]
        : [first];
    }
    case 'greeting': {
      const { service } = dialogue;
      // Mail servers among themselves take any certificate: port 25 has no name to be compared with.
      const names =
        target.service === 'smtp'
          ? { ...identity, serverName: request.sni, expectedAddress: null }
          : identity;
      const first: Step = {
        id: `greeting-${n}`,
        probe: 'greeting',
        input: { ...patient, ...names, service, timeoutMs: TALK_MS },
        purpose: 'question',
      };
      const seen = of(first.id);
      const cut = cutOf(seen?.outcome);
      if (cut === null || (seen?.probe === 'greeting' && seen.data?.text != null)) return [first];
      return [
        first,
        ...afterTalk(cut),
        isGreeting(service) ? stallStep('listen', cut) : stallStep('question', cut, { service }),
        tlsStep('tls-instead', null, 0),
      ];
    }
    default:
      return [
        {
          id: `greeting-${n}`,
          probe: 'greeting',
          input: {
            ...where,
            ...identity,
            service: null,
            timeoutMs: isSaidToFail ? LISTEN_LONG_MS : LISTEN_MS,
          },
          purpose: 'greeting',
        },
      ];
  }
}

/**
 * From HTTPS to plain HTTP of the same host, or the other way: a proxy that ends TLS and does not say so makes a circle of
 * that. From www to the bare domain, or the other way, and from a path to the same with a slash: two settings make one. One
 * conversation with where it leads tells.
 */
function redirectSteps(
  seen: Observation | undefined,
  { host, path, port: ownPort }: Readings['request']['target'],
  at: { address: string; roundTripMs: number; n: number },
  caPem: string | null,
): Step[] {
  const asked = seen?.probe === 'tls' || seen?.probe === 'http' ? seen : null;
  const http = asked?.final === true ? (asked.data?.http ?? null) : null;
  if (http?.status == null || http.status < 300 || http.status > 399 || http.location === null) return [];
  const own = asked?.probe === 'tls' ? 'https:' : 'http:';
  const base = `${own}//${endpoint(host, ownPort)}${path}`;
  if (!URL.canParse(http.location, base)) return [];
  const to = new URL(http.location, base);
  if (to.protocol !== 'http:' && to.protocol !== 'https:') return [];
  const usual = to.protocol === 'http:' ? 80 : 443;
  const port = to.port === '' ? usual : Number(to.port);
  const isSameHost = to.hostname === host.toLowerCase();
  const isSibling = !isSameHost && withoutWww(to.hostname) === withoutWww(host);
  const isToSibling = isSibling && to.protocol === own && port === ownPort;
  const from = path.replace(/[?#].*$/s, '');
  const isOfSlash = to.pathname === `${from}/` || from === `${to.pathname}/`;
  const isToSlash = isSameHost && to.protocol === own && port === ownPort && isOfSlash;
  if (!isToSibling && !isToSlash && !(isSameHost && to.protocol !== own)) return [];
  const where = { address: at.address, port, roundTripMs: at.roundTripMs, role: 'redirect' } as const;
  const purpose = 'redirect';
  const httpHost = hostHeader(isToSibling ? to.hostname : host, port, usual);
  if (to.protocol === 'http:') {
    const input = { ...where, host: httpHost, path: to.pathname, timeoutMs: TALK_MS };
    return [{ id: `http-redirect-${at.n}`, probe: 'http', input, purpose }];
  }
  const serverName = isAddressLiteral(to.hostname.replace(/^\[|\]$/g, '')) ? null : to.hostname;
  const input = {
    ...where,
    serverName,
    expectedAddress: null,
    httpPath: to.pathname,
    httpExpected: true,
    httpHost,
    caPem,
    timeoutMs: TLS_AND_HTTP_MS,
  };
  return [{ id: `tls-redirect-${at.n}`, probe: 'tls', input, purpose }];
}

function cutOf(outcome: string | undefined): 'stalled' | 'reset' | 'closed' | null {
  return outcome === 'stalled' || outcome === 'reset' || outcome === 'closed' ? outcome : null;
}

function hostHeader(host: string, port: number, usual: number): string {
  return port === usual ? bracketed(host) : endpoint(host, port);
}
