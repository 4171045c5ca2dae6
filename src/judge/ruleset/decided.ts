import { familyOf } from '../../ground/address.ts';
import type { FoundRule } from '../../model/report.ts';
import type { Ruleset } from '../../model/ruleset.ts';
import type { BothEnds } from '../readings/other-end.ts';
import { evaluate, type Judgement } from './evaluate.ts';
import { firewallOf } from './firewall-name.ts';
import type { Packet } from './packet.ts';
import type { RuleReference } from './walk.ts';

export interface Decided {
  /** Of the SYN; null where no rules were read and nothing was traced. */
  verdict: 'delivered' | 'forwarded' | 'dropped' | 'rejected' | 'may' | null;
  /** Of the SYN-ACK, where the SYN is delivered. */
  answerVerdict: 'sent' | 'dropped' | 'rejected' | 'may' | null;
  rule: FoundRule | null;
  forwarded: { address: string; port: number | null } | null;
}

const NOTHING: Decided = { verdict: null, answerVerdict: null, rule: null, forwarded: null };

/** Which rule of the other end's packet filter decides, checked against the counters that grew, or told by its rule trace. */
export function decidedThere(both: BothEnds): Decided {
  const traced = tracedRule(both);
  if (traced !== null) return traced;
  const { ruleset, addresses } = both.otherEnd;
  if (ruleset === null) return NOTHING;
  const incoming = evaluate(ruleset, synOf(both), 'arriving', {
    addresses: addresses?.map((a) => a.address) ?? null,
  });
  const verdict = settled(incoming, both);
  const { destination, port } = incoming.outcomes.find(({ end }) => end === 'forwarded') ?? {};
  const forwarded = destination === undefined ? null : { address: destination, port: port ?? null };
  if (verdict.end === 'dropped' || verdict.end === 'rejected')
    return {
      verdict: verdict.end,
      answerVerdict: null,
      rule: found(verdict.by, ruleset, both),
      forwarded: null,
    };
  if (verdict.end !== 'delivered')
    return { verdict: verdict.end as Decided['verdict'], answerVerdict: null, rule: null, forwarded };
  const outgoing = evaluate(ruleset, synAckOf(both), 'leaving', {
    addresses: addresses?.map((a) => a.address) ?? null,
  });
  const back = settled(outgoing, both);
  return {
    verdict: 'delivered',
    answerVerdict: back.end as Decided['answerVerdict'],
    rule: back.end === 'dropped' || back.end === 'rejected' ? found(back.by, ruleset, both) : null,
    forwarded: null,
  };
}

/** The verdict; where several are possible, the one whose rule counted our packets. */
function settled(
  { verdict, outcomes }: Judgement,
  both: BothEnds,
): { end: Judgement['verdict']; by: RuleReference | null } {
  const counted = outcomes.filter(({ by }) => by !== null && hasCounted(by, both) === true);
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
function hasCounted(by: RuleReference, { otherEnd, arrived }: BothEnds): boolean | null {
  const number = by.tool === 'nftables' ? by.handle : (by.line ?? 0);
  if (number === null || (by.packets === null && by.line !== null)) return null;
  const grown = otherEnd.grew.find(
    ({ tool, table, chain, rule }) =>
      tool === by.tool && table === by.table && chain === by.chain && rule === number,
  );
  return grown !== undefined && grown.packets >= Math.max(1, arrived ?? 1);
}

function found(by: RuleReference | null, ruleset: Ruleset, both: BothEnds): FoundRule | null {
  if (by === null) return null;
  const chain = ruleset.chains.find(
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
    counted: hasCounted(by, both),
  };
}

function synOf({ of, first }: BothEnds): Packet {
  return {
    family: familyOf(of.target.address),
    source: first?.from ?? of.client.address,
    destination: first?.to ?? of.target.address,
    sourcePort: first?.fromPort ?? null,
    destinationPort: of.target.port,
    iif: first?.device?.startsWith('#') ? null : (first?.device ?? null),
    oif: null,
    state: 'new',
    tcpFlags: 0x02,
    mss: first?.mss ?? null,
  };
}

function synAckOf(both: BothEnds): Packet {
  const syn = synOf(both);
  return {
    family: syn.family,
    source: syn.destination,
    destination: syn.source ?? both.of.client.address ?? '0.0.0.0',
    sourcePort: syn.destinationPort,
    destinationPort: syn.sourcePort,
    iif: null,
    oif: both.otherEnd.routeBack?.device ?? null,
    state: 'established',
    tcpFlags: 0x12,
    mss: null,
  };
}

/** trace id 9d1f2a31 inet filter input rule tcp dport 8443 counter packets 3 bytes 180 drop (verdict drop) */
const TRACED = /^trace id \S+ (ip|ip6|inet|netdev) (\S+) (\S+) rule (.+?) \(verdict (drop|reject)/;
/** trace id 9d1f2a31 inet filter input policy drop */
const POLICY = /^trace id \S+ (ip|ip6|inet|netdev) (\S+) (\S+) (?:verdict continue )?policy drop/;

function tracedRule({ otherEnd }: BothEnds): Decided | null {
  for (const line of otherEnd.trace) {
    const rule = TRACED.exec(line);
    const policy = rule === null ? POLICY.exec(line) : null;
    const [, family, table, chain, text] = rule ?? policy ?? [];
    if (family === undefined || table === undefined || chain === undefined) continue;
    const words = (text ?? 'policy drop').replace(/ counter packets \d+ bytes \d+/, '');
    return {
      ...NOTHING,
      verdict: /\breject\b/.test(words) ? 'rejected' : 'dropped',
      rule: {
        firewall: firewallOf({
          tool: 'nftables',
          table: `${family} ${table}`,
          chain,
          handle: null,
          line: rule === null ? null : 0,
          text: words,
          packets: null,
        }),
        table: `${family} ${table}`,
        chain,
        handle: null,
        text: words,
        counted: null,
      },
    };
  }
  return null;
}
