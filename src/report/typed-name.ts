import type { Report } from '../model/report.ts';

/**
 * The name as the user typed it, where that is not how DNS spells it: `exämple.de` for xn--exmple-cua.de. Null for every
 * other target. It comes from what was typed and is never made out of an answer, so that no stranger chooses it.
 */
export function typedHost({ target }: Pick<Report, 'target'>): string | null {
  if (!target.host.includes('xn--')) return null;
  const [typed] = /[^\s/:@[\]?#]*[^\s/:@[\]?#\p{ASCII}][^\s/:@[\]?#]*/u.exec(target.input) ?? [];
  return typed === undefined ? null : typed.toLowerCase();
}

/** The report with the typed name in every sentence for people; commands and data keep the spelling of DNS. */
export function asTyped(report: Report): Report {
  const typed = typedHost(report);
  if (typed === null) return report;
  const { host } = report.target;
  const say = (text: string): string => text.replaceAll(host, typed);
  const said = <T extends { text: string }>(items: readonly T[]): T[] =>
    items.map((item) => ({ ...item, text: say(item.text) }));
  const cause = (one: Report['causes'][number]): Report['causes'][number] => ({
    ...one,
    title: say(one.title),
    because: said(one.because),
    against: said(one.against),
    fixes: one.fixes.map((task) => ({ ...task, do: say(task.do) })),
    verify: one.verify.map((task) => ({ ...task, do: say(task.do) })),
  });
  return {
    ...report,
    causes: report.causes.map(cause),
    ruledOut: said(report.ruledOut),
    cannotTell: said(report.cannotTell),
  };
}
