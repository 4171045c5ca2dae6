import { isWanted, nextSteps } from '../../src/gather/plan/index.ts';
import { holdsAtEveryMoment } from './goldens.ts';

// Every step that is wanted, and of those that are not over whether they are still worth waiting for, a line each.
holdsAtEveryMoment('steps.txt', (seen) => {
  const over = new Set(seen.observations.filter(({ final }) => final).map(({ id }) => id));
  return nextSteps(seen).flatMap((step) => [
    `ask ${step.id} (${step.probe}, ${step.purpose}) ${JSON.stringify(step.input)}`,
    ...(over.has(step.id) || isWanted(step, seen) ? [] : [`do not wait for ${step.id} (${step.probe})`]),
  ]);
});
