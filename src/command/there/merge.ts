import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { endpoint, sameAddress } from '../../ground/address.ts';
import { arrivalsOf } from '../../judge/readings/arrivals.ts';
import type { Case, OtherEnd } from '../../model/case.ts';
import type { Evidence } from '../../model/evidence.ts';
import type { ObservationOf } from '../../model/probes.ts';
import type { Ruleset } from '../../model/ruleset.ts';
import { type Answer, parseAnswer, type Refusal } from '../../parsers/answer.ts';
import { rulesetOf } from '../../parsers/filter-tools.ts';
import { viewsOf } from '../here-view.ts';

/** Rules that were packed into an answer of 16 KiB and unpack to more are no rules. */
const MAX_RULES = 1024 * 1024;

export const REFUSALS: Record<Refusal, string> = {
  'no-answer':
    'holds no answer: it must contain the lines from -----BEGIN REACHDOCTOR ANSWER----- to the END line.',
  cut: 'holds an answer that is cut short: copy everything from the BEGIN line to the END line.',
  altered:
    'holds an answer that was altered on the way: its check sum does not fit. Ask for it as an attached file.',
  'too-long': 'is longer than any answer is: name the file that holds the answer.',
  'not-json': 'holds an answer that is no JSON: no kit of reachdoctor wrote it.',
  'other-schema': 'holds an answer of another version of reachdoctor: write the kit anew with --ask-there.',
  malformed: 'holds an answer with values that no kit of reachdoctor writes.',
};

/** The evidence with one answer in it, or the reason why not, to be put after the file's name. */
export async function withAnswer(
  evidence: Evidence,
  of: Case,
  text: string,
  by: string,
): Promise<{ evidence: Evidence } | { refused: string }> {
  const read = parseAnswer(text);
  if ('refused' in read) return { refused: REFUSALS[read.refused] };
  const { answer } = read;
  if (answer.caseId !== of.id)
    return { refused: 'holds an answer to another case: it was asked with another kit.' };
  if (!sameAddress(answer.target, of.target.address) || answer.port !== of.target.port)
    return {
      refused: `holds an answer about another target than ${endpoint(of.target.address, of.target.port)}.`,
    };
  const otherEnd: OtherEnd = { ...answer.otherEnd, ruleset: await unpackedRules(answer) };
  return { evidence: added(evidence, of, otherEnd, by) };
}

function added(evidence: Evidence, of: Case, otherEnd: OtherEnd, by: string): Evidence {
  const number = evidence.observations.filter(({ probe }) => probe === 'other-end').length + 1;
  const name = number === 1 ? 'there' : `there-${number}`;
  const observation: ObservationOf<'other-end'> = {
    id: `other-end-${number}`,
    probe: 'other-end',
    input: { address: of.target.address, port: of.target.port, by },
    outcome: 'looked',
    reason: null,
    startedAt: new Date(otherEnd.from * 1000).toISOString(),
    durationMs: Math.max(0, Math.round((otherEnd.to - otherEnd.from) * 1000)),
    data: otherEnd,
    command: null,
    raw: null,
    enable: null,
    final: true,
    view: name,
  };
  const ports = { target: of.target.port, reference: of.reference?.port ?? null };
  const { arrivals, clockOffsetMs } = arrivalsOf(
    of.attempts,
    otherEnd.packets ?? [],
    ports,
    of.client.address,
  );
  const seenAs = arrivals.find(({ by }) => by !== 'rhythm')?.packet.from ?? null;
  const translated =
    seenAs === null || of.client.address === null
      ? of.client.translated
      : sameAddress(seenAs, of.client.address)
        ? 'no'
        : 'yes';
  return {
    ...evidence,
    case: { ...of, client: { ...of.client, translated, seenAs: seenAs ?? of.client.seenAs } },
    observations: [...evidence.observations, observation],
    views: [
      ...viewsOf(evidence),
      { name, kind: 'server', by, ok: true, reason: null, clockOffsetMs, privileges: otherEnd.privileges },
    ],
  };
}

/** A view that failed is listed with its reason and is no evidence. */
export function withFailedView(evidence: Evidence, by: string, reason: string): Evidence {
  const failed = {
    name: 'there',
    kind: 'server',
    by,
    ok: false,
    reason,
    clockOffsetMs: null,
    privileges: 'user',
  } as const;
  return { ...evidence, views: [...viewsOf(evidence), failed] };
}

async function unpackedRules({ rules, resets }: Answer): Promise<Ruleset | null> {
  const [nft = null, iptables = null, ip6tables = null] = await Promise.all(
    [rules.nft, rules.iptables, rules.ip6tables].map(unpacked),
  );
  return rulesetOf({ nft, iptables, ip6tables }, resets);
}

async function unpacked(base64: string): Promise<string | null> {
  if (base64 === '') return null;
  try {
    const text = await promisify(gunzip)(Buffer.from(base64, 'base64'), { maxOutputLength: MAX_RULES });
    return text.toString('utf8');
  } catch {
    // Damaged or too large: the rules stay unknown, the rest of the answer counts.
    return null;
  }
}
