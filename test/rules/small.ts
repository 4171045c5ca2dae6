import type { JudgedView } from '../../src/judge/rules/match.ts';
import type { Facts, FactTable } from '../../src/model/facts.ts';
import type { Observation } from '../../src/model/probes.ts';
import type { Rule } from '../../src/model/rule.ts';

/** A world of a few facts, in which the engine is tested apart from what the real ones mean. */
export const TABLE = {
  host: { type: 'string', meaning: 'The host.', from: [] },
  port: { type: 'number', meaning: 'The port.', from: [] },
  'target.address': { type: 'string', meaning: 'The address.', from: [] },
  'tcp.outcome': {
    type: 'string',
    values: ['open', 'refused', 'timeout'],
    meaning: 'What connect() said.',
    from: ['tcp-connect:target'],
  },
  'path.target.lastHop': { type: 'number', meaning: 'Last hop.', from: ['trace-syn:target'] },
  'path.reference.lastHop': {
    type: 'number',
    meaning: 'Last hop of the control.',
    from: ['trace-syn:reference'],
  },
  'ping.replies': { type: 'boolean', meaning: 'Ping works.', from: ['ping'] },
  'answer.workedBefore': { type: 'boolean', meaning: 'It worked.', from: ['answer:worked-before'] },
} as const satisfies FactTable;

/** All facts null but these. */
export function facts(known: Facts): Facts {
  const nothing = Object.fromEntries(Object.keys(TABLE).map((name) => [name, null]));
  return { ...nothing, host: 'db.example', port: 5432, ...known };
}

/** Something speaks for the cause, and weighs nothing: one that only fits is never an answer. */
export const SPEAKS: Rule['evidence'][number] = {
  if: { port: { measured: true } },
  weight: 1e-9,
  say: 'The port is known.',
};

export function rule(part: Partial<Rule> & { id: string }): Rule {
  return {
    title: `The cause ${part.id}`,
    layer: 'path',
    owner: 'network-admin',
    about: 'A cause of the tests.',
    when: { 'tcp.outcome': 'timeout' },
    prior: 0,
    priorReason: 'It is a test.',
    place: [{ at: 'nowhere' }],
    evidence: [SPEAKS],
    fix: [{ who: 'you', do: 'Mend it.' }],
    verify: [{ who: 'you', do: 'Look at it.', expect: 'It is whole.' }],
    ruledOut: [],
    confusedWith: [],
    supersedes: [],
    ...part,
  };
}

export function view(address: string | null, known: Facts, observations: Observation[] = []): JudgedView {
  return { address, facts: facts({ 'target.address': address, ...known }), observations };
}

/** An observation that measured something; what it measured is of no interest to the engine. */
export function observation(id: string, probe: string, input: object, data: object | null = {}): Observation {
  return {
    id,
    probe,
    input,
    outcome: 'x',
    reason: null,
    startedAt: '2026-11-20T12:00:00.000Z',
    durationMs: 1,
    data,
    command: null,
    raw: null,
    enable: null,
    final: true,
  } as unknown as Observation;
}
