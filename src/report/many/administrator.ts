import type { ManyCause } from '../../model/many.ts';
import type { Report } from '../../model/report.ts';
import { ticketLines } from '../request/head.ts';
import { safeDeep } from '../sanitize.ts';
import { atOnce, leadOf, taskWords } from '../tasks.ts';
import { asSentence, counted, dropEnd } from '../units.ts';
import { outcomeLine, rivals } from '../wording.ts';
import { stopPlace } from './words.ts';

/** The leading cause of a report, without what it rests on; null where there is none. */
export function leadingCause(report: Report): ManyCause | null {
  const [cause] = report.causes;
  if (cause === undefined) return null;
  const [rival] = rivals(report);
  return {
    id: cause.id,
    title: safeDeep(cause.title),
    owner: cause.owner,
    confidence: cause.confidence,
    observed: cause.observed === true,
    where: safeDeep(cause.where),
    stop: stopOf(report),
    rival:
      rival === undefined
        ? null
        : { id: rival.id, title: safeDeep(rival.title), owner: rival.owner, confidence: rival.confidence },
  };
}

function stopOf({ paths, target }: Report): ManyCause['stop'] {
  const path = paths.find(({ port, reached }) => port === target.port && !reached);
  const last = path?.hops.find(({ hop, answer }) => hop === path.lastHop && answer === 'time-exceeded');
  return last === undefined || last.address === null ? null : { hop: last.hop, address: last.address };
}

/** What is said of one target among many: a sentence, and the lines for whoever has to act. Everything is made safe. */
export function linesFor(
  whole: Report,
  presumed: { cause: ManyCause; swept: boolean } | null,
): { headline: string; text: string[] } {
  const report = safeDeep(whole);
  const headline = asSentence(report.headline);
  if (presumed !== null) return presumedLines(report, presumed);
  if (report.outcome === 'reachable') return { headline, text: [] };
  const ticket = ticketLines(report);
  if (ticket.length > 0) return { headline, text: ticket };
  const lead = leadOf(report);
  const tasks = lead === null ? [] : atOnce(lead.fixes);
  const because = lead?.because.slice(0, 2).map(({ text }) => asSentence(text)) ?? [];
  return { headline, text: [...because, ...tasks.map((task) => `Please: ${asSentence(taskWords(task))}`)] };
}

function presumedLines(
  report: Report,
  { cause, swept }: { cause: ManyCause; swept: boolean },
): { headline: string; text: string[] } {
  const place = stopPlace(cause);
  const attempts = report.observations.flatMap((o) =>
    o.probe === 'tcp-connect' && o.input.role === 'target' ? (o.data?.attempts ?? []) : [],
  );
  const seen = dropEnd(outcomeLine(report));
  return {
    headline: `${seen}, like others that are stopped ${place}.`,
    text: [
      `${counted(attempts.length, 'connection')} to TCP ${report.target.port} brought no answer.`,
      swept
        ? `Its path ends ${place}, as that of others of the same run.`
        : `Its path was not traced. Others of the same run were, and are stopped ${place}.`,
      `Cause there: ${dropEnd(cause.title)}.`,
    ],
  };
}
