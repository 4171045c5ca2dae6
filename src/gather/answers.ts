import type { Evidence } from '../model/evidence.ts';
import type { Observation } from '../model/probes.ts';
import type { Answers } from '../model/request.ts';

/** Saved evidence as if the user had answered so: nothing is measured for it. Later answers replace earlier ones. */
export function withAnswers(evidence: Evidence, answers: Answers): Evidence {
  const all = { ...evidence.request.answers, ...answers };
  const told = (Object.keys(all) as (keyof Answers)[]).map(
    (question): Observation => ({
      id: `answer-${question}`,
      probe: 'answer',
      input: { question, value: String(all[question]) },
      outcome: 'answered',
      reason: null,
      startedAt: evidence.startedAt,
      durationMs: 0,
      data: { value: String(all[question]) },
      command: null,
      raw: null,
      enable: null,
      final: true,
    }),
  );
  return {
    ...evidence,
    request: { ...evidence.request, answers: all },
    observations: [...told, ...evidence.observations.filter(({ probe }) => probe !== 'answer')],
  };
}
