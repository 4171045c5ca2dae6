import type { Facts } from '../model/facts.ts';
import type { Cause, Report } from '../model/report.ts';
import type { Answers } from '../model/request.ts';
import * as words from '../report/answer-words.ts';
import type { Readings, RunReadings } from './readings/index.ts';
import { phasesOf, slowestOf } from './readings/times.ts';

type Notes = Report['cannotTell'];

/**
 * Where what the user says and what was seen do not go together, and what an answer made be measured: the reader must
 * know of both. Nothing here changes a cause; the rules weigh the answers as they weigh everything else.
 */
export function answerNotes(
  seen: RunReadings,
  factsAt: readonly Facts[],
  causes: readonly Pick<Cause, 'title' | 'against'>[],
): Notes {
  const { answers } = seen.request;
  const i = Math.max(
    0,
    factsAt.findIndex((facts) => facts['tcp.outcome'] === 'open'),
  );
  const facts = factsAt[i];
  const readings = seen.perAddress[i];
  if (facts === undefined || readings === undefined) return [];
  return [
    ...symptomNotes(answers, facts, readings),
    ...tunnelNotes(answers, facts),
    ...proxyNotes(answers, facts),
    ...againstLead(answers, causes[0]),
  ];
}

function symptomNotes({ symptom }: Answers, facts: Facts, readings: Readings): Notes {
  const outcome = facts['tcp.outcome'];
  const port = Number(facts.port);
  if (symptom === undefined || symptom === 'unknown') return [];
  if (outcome !== 'open' && outcome !== 'refused' && outcome !== 'unreachable' && outcome !== 'timeout')
    return [];
  const differs = words.symptomDiffers(symptom, { port, address: readings.address, outcome });
  switch (symptom) {
    case 'refused':
      return outcome === 'refused' || Number(facts['tcp.refusedToo']) > 0 ? [] : [differs];
    case 'hangs':
      if (outcome === 'open') return facts['service.healthy'] === true ? [differs] : [];
      return outcome === 'timeout' ? [] : [differs];
    case 'certificate-error':
      return outcome === 'open' ? certificateNotes(facts, port) : [differs];
    case 'intermittent':
      return sampled(readings);
    case 'slow': {
      if (outcome !== 'open') return [differs];
      const phases = phasesOf({ ...readings, host: readings.request.target.host });
      return phases.length === 0 ? [] : [words.timed(phases, slowestOf(phases))];
    }
    default:
      return symptom satisfies never;
  }
}

function certificateNotes(facts: Facts, port: number): Notes {
  if (facts['tls.works'] !== true) {
    const isAsked = facts['tls.works'] === false && facts['service.heard'] !== 'tls';
    return isAsked && facts['tls.failed'] !== true ? [words.noCertificate(port)] : [];
  }
  const isWell =
    facts['tls.trusted'] === true &&
    facts['tls.nameMatches'] !== false &&
    facts['tls.expired'] !== true &&
    facts['tls.notYetValid'] !== true;
  return isWell ? [words.certificateIsWell(port, facts['tls.names'] as string | null)] : [];
}

function sampled({ here }: Readings): Notes {
  const attempts = here['tcp-connect']
    .filter(({ input }) => input.role === 'sample')
    .flatMap(({ data }) => data.attempts.filter((one) => one.outcome !== 'pending'));
  if (attempts.length < 2) return [];
  const opened = attempts.filter(({ outcome }) => outcome === 'open').length;
  const ends = attempts.map(({ startMs, elapsedMs }) => startMs + elapsedMs);
  const lastedS = Math.max(1, Math.round(Math.max(...ends) / 1000));
  return opened === 0 || opened === attempts.length
    ? [words.neverWavered(attempts.length, opened, lastedS)]
    : [words.wavered(attempts.length, opened, lastedS)];
}

function tunnelNotes(answers: Answers, facts: Facts): Notes {
  const device = facts['local.device'];
  const address = facts['target.address'];
  if (typeof device !== 'string' || typeof address !== 'string' || facts['local.route'] === 'local')
    return [];
  const isTunnel = facts['local.tunnel'] !== null || facts['local.deviceKind'] === 'vpn';
  const said = answers['vpn-or-proxy'];
  if (said === 'yes' && !isTunnel) return [words.routeIsNoTunnel(address, device)];
  return said === 'no' && isTunnel ? [words.routeIsTunnel(address, device)] : [];
}

/** The direct way works, and the proxy that programs go through does not. */
function proxyNotes(answers: Answers, facts: Facts): Notes {
  const at = facts['proxy.at'];
  const isProxys = facts['tcp.outcome'] === 'open' && facts['proxy.opens'] === false;
  if (answers['vpn-or-proxy'] !== 'yes' || !isProxys || typeof at !== 'string') return [];
  return [words.proxyFails(at, facts['proxy.status'] as number | null)];
}

function againstLead(answers: Answers, lead: Pick<Cause, 'title' | 'against'> | undefined): Notes {
  const questions = ['worked-before', 'others-can-reach', 'vpn-or-proxy'] as const;
  return questions.flatMap((question) => {
    const value = answers[question];
    const isAgainst = lead?.against.some(({ evidence }) => evidence.includes(`answer-${question}`));
    if (value === undefined || lead === undefined || isAgainst !== true) return [];
    return words.speaksAgainstLead(question, value, lead.title) ?? [];
  });
}
