import type { JudgedView } from './match.ts';

/**
 * The addresses in the order in which their faults are met. Programs go on from one that does not accept, and stay at the
 * first that does: where none serves, the fault of that one comes first.
 */
export function asMet(views: readonly JudgedView[]): readonly JudgedView[] {
  if (!views.some(({ facts }) => facts['service.noAddressServes'] === true)) return views;
  const accepts = ({ facts }: JudgedView): boolean => facts['tcp.outcome'] === 'open';
  return [...views.filter(accepts), ...views.filter((view) => !accepts(view))];
}
