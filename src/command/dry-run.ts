import type { Evidence, Vantage } from '../model/evidence.ts';
import type { Observation, ProbeName, Step } from '../model/probes.ts';
import type { Request } from '../model/request.ts';

/** What the target might do; each calls for other steps. */
export const CASES = ['open', 'refused', 'timeout'] as const;
export type DryCase = (typeof CASES)[number];

export interface DrySteps {
  case: DryCase | 'name-unknown';
  steps: Step[];
}

/** From RFC 5737: stands for an address that only the system's resolver could tell. */
const SOME_ADDRESS = '192.0.2.1';
const SOME_RESOLVER = '192.0.2.53';

/**
 * Every step that the plan would take, for each thing that the target may do: the plan is a pure function of the evidence,
 * so it is asked with evidence that says so. Nothing is run, read or sent.
 */
export async function dryRun(request: Request, platform: NodeJS.Platform): Promise<DrySteps[]> {
  const [{ nextSteps }, { readingsOf }] = await Promise.all([
    import('../gather/plan/index.ts'),
    import('../judge/readings/index.ts'),
  ]);
  const vantage: Vantage = {
    os: platform,
    addresses: [],
    resolvers: [SOME_RESOLVER],
    searchDomains: [],
    ndots: 1,
    privileges: 'user',
    proxyVariables: [],
  };
  const walk = (which: DrySteps['case']): Step[] => {
    const evidence: Evidence = { request, vantage, startedAt: new Date(0).toISOString(), observations: [] };
    const taken: Step[] = [];
    // A plan that never ends is a bug; the bound keeps it from being an endless loop here.
    for (let round = 0; round < 50; round++) {
      const wanted = nextSteps(readingsOf(evidence)).filter(({ id }) => !taken.some((one) => one.id === id));
      if (wanted.length === 0) break;
      taken.push(...wanted);
      evidence.observations.push(...wanted.map((step) => supposed(step, which)));
    }
    return taken;
  };
  const isName = walk('open').some(({ probe }) => probe === 'system-resolve');
  return [...CASES, ...(isName ? (['name-unknown'] as const) : [])].map((one) => ({
    case: one,
    steps: walk(one),
  }));
}

/** The answer that a step is supposed to get; what is not supposed is not measured, so that the plan asks on. */
function supposed(step: Step, which: DrySteps['case']): Observation {
  const answer = answerOf(step, which);
  return {
    id: step.id,
    probe: step.probe,
    input: step.input,
    outcome: answer?.outcome ?? 'not-available',
    reason: null,
    startedAt: new Date(0).toISOString(),
    durationMs: 0,
    data: answer?.data ?? null,
    command: null,
    raw: null,
    enable: null,
    final: true,
  } as Observation;
}

function answerOf(
  { probe, input }: Step,
  which: DrySteps['case'],
): { outcome: string; data: unknown } | null {
  const family = 4;
  switch (probe as ProbeName) {
    case 'system-resolve':
      return which === 'name-unknown'
        ? { outcome: 'not-found', data: { addresses: [], code: 'ENOTFOUND' } }
        : { outcome: 'resolved', data: { addresses: [{ address: SOME_ADDRESS, family }], code: null } };
    case 'hosts-file':
      return { outcome: 'not-listed', data: { path: '', entries: [] } };
    case 'tcp-connect': {
      const { role } = input as { role: string };
      const outcome =
        role === 'reference-port' || role === 'reference-host' || which === 'name-unknown' ? 'open' : which;
      const code = outcome === 'refused' ? 'ECONNREFUSED' : null;
      const elapsedMs = outcome === 'timeout' ? 4000 : 10;
      return { outcome, data: { attempts: [{ startMs: 0, outcome, code, elapsedMs, local: false }] } };
    }
    case 'alternate-ports': {
      const { ports } = input as { ports: number[] };
      const results = ports.map((port, i) => ({
        port,
        outcome: i === 0 ? 'open' : 'timeout',
        code: null,
        elapsedMs: 10,
      }));
      return { outcome: 'some-answered', data: { ports: results } };
    }
    default:
      return null;
  }
}
