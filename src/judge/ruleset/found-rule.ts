import type { GrownRule } from '../../model/case.ts';
import type { FoundRule } from '../../model/report.ts';
import type { Ruleset } from '../../model/ruleset.ts';
import type { Judgement } from './evaluate.ts';
import { firewallOf } from './firewall-name.ts';
import type { RuleReference } from './walk.ts';

/** The rules of one machine, and what their counters did while packets came. */
export interface RulesRead {
  ruleset: Ruleset;
  grew: readonly GrownRule[];
  /** So many packets a rule that decided has counted at the least. */
  least: number;
}

/** The verdict; where several are possible, the one whose rule counted our packets. */
export function settled(
  { verdict, outcomes }: Judgement,
  read: RulesRead,
): { end: Judgement['verdict']; by: RuleReference | null } {
  const counted = outcomes.filter(({ by }) => by !== null && hasCounted(by, read) === true);
  if (verdict !== 'may') {
    const first = counted[0] ?? outcomes.find(({ end }) => end === verdict);
    return { end: verdict, by: first?.by ?? null };
  }
  const [only] = counted;
  if (counted.length === 1 && only !== undefined && (only.end === 'dropped' || only.end === 'rejected'))
    return { end: only.end, by: only.by };
  return { end: 'may', by: null };
}

/** Null where it has no counter that was read twice. */
function hasCounted(by: RuleReference, { grew, least }: RulesRead): boolean | null {
  const number = by.tool === 'nftables' ? by.handle : (by.line ?? 0);
  if (number === null || (by.packets === null && by.line !== null)) return null;
  const grown = grew.find(
    ({ tool, table, chain, rule }) =>
      tool === by.tool && table === by.table && chain === by.chain && rule === number,
  );
  return grown !== undefined && grown.packets >= Math.max(1, least);
}

/** As people find it again: who made it, where it stands, what it says. */
export function foundRule(by: RuleReference | null, read: RulesRead): FoundRule | null {
  if (by === null) return null;
  const chain = read.ruleset.chains.find(
    (one) => one.tool === by.tool && one.table === by.table && one.name === by.chain,
  );
  const jumps = (chain?.rules ?? []).flatMap(({ steps }) =>
    steps.flatMap((step) =>
      'effect' in step && (step.effect.do === 'jump' || step.effect.do === 'goto') ? [step.effect.chain] : [],
    ),
  );
  return {
    firewall: firewallOf(by, jumps),
    table: by.table,
    chain: by.chain,
    handle: by.tool === 'nftables' ? by.handle : by.line,
    text: by.text,
    counted: hasCounted(by, read),
  };
}

/** `rule 12 of chain input in table inet filter`. */
export function placeOf({ table, chain, handle, text }: FoundRule): string {
  const which = handle !== null ? `rule ${handle}` : text.startsWith('policy') ? 'the policy' : 'a rule';
  return `${which} of chain ${chain} in table ${table}`;
}
