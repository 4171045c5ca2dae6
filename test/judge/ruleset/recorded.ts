import { fileURLToPath } from 'node:url';
import type { Judgement } from '../../../src/judge/ruleset/evaluate.ts';
import type { Listed, Result } from './kernel.ts';

/** Where record.ts has written them: a file a kind, a rule set a line. */
export const RECORDED = fileURLToPath(new URL('recorded/', import.meta.url));

/** One rule set as its tools list it, what the kernel did with each of PROBES, and what we say of it. */
export interface Recording {
  listed: Listed;
  /** `open host 80`, `refused`, ... */
  happened: string[];
  verdicts: Verdicts;
}

/** What may become of a packet -> of which of PROBES; with what nft's listing leaves out, and without. */
interface Verdicts {
  whole: Record<string, number[]>;
  listing: Record<string, number[]>;
}

export const eventOf = ({ outcome, said }: Result): string => (said === '' ? outcome : `${outcome} ${said}`);

export function resultOf(event: string): Result {
  const [outcome, ...said] = event.split(' ');
  return { outcome: outcome as Result['outcome'], said: said.join(' ') };
}

export const verdictsOf = (whole: Judgement[], listing: Judgement[]): Verdicts => ({
  whole: byWords(whole),
  listing: byWords(listing),
});

function byWords(judgements: Judgement[]): Record<string, number[]> {
  const all: Record<string, number[]> = {};
  for (const [i, judgement] of judgements.entries()) {
    const words = inWords(judgement);
    all[words] = [...(all[words] ?? []), i];
  }
  return all;
}

/** Everything that may become of the packet, with the rule that does it. */
function inWords({ verdict, outcomes }: Judgement): string {
  const ways = outcomes.map(({ end, by, how, destination, port }) =>
    by === null
      ? `${end} ${destination} ${port}`
      : `${end}${how === null ? '' : ` (${how})`} by ${by.tool} ${by.table} ${by.chain} ${by.handle ?? ''} ${by.line ?? ''} ${by.text}`,
  );
  return `${verdict}: ${ways.join('; ')}`;
}
