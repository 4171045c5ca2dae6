import { familyOf } from '../../ground/address.ts';
import type { FoundRule } from '../../model/report.ts';
import type { BothEnds } from '../readings/other-end.ts';
import { evaluate } from './evaluate.ts';
import { firewallOf } from './firewall-name.ts';
import { foundRule, type RulesRead, settled } from './found-rule.ts';
import type { Packet } from './packet.ts';

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
  const read: RulesRead = { ruleset, grew: both.otherEnd.grew, least: both.arrived ?? 1 };
  const incoming = evaluate(ruleset, synOf(both), 'arriving', {
    addresses: addresses?.map((a) => a.address) ?? null,
  });
  const verdict = settled(incoming, read);
  const { destination, port } = incoming.outcomes.find(({ end }) => end === 'forwarded') ?? {};
  const forwarded = destination === undefined ? null : { address: destination, port: port ?? null };
  if (verdict.end === 'dropped' || verdict.end === 'rejected')
    return {
      verdict: verdict.end,
      answerVerdict: null,
      rule: foundRule(verdict.by, read),
      forwarded: null,
    };
  if (verdict.end !== 'delivered')
    return { verdict: verdict.end as Decided['verdict'], answerVerdict: null, rule: null, forwarded };
  const outgoing = evaluate(ruleset, synAckOf(both), 'leaving', {
    addresses: addresses?.map((a) => a.address) ?? null,
  });
  const back = settled(outgoing, read);
  return {
    verdict: 'delivered',
    answerVerdict: back.end as Decided['answerVerdict'],
    rule: back.end === 'dropped' || back.end === 'rejected' ? foundRule(back.by, read) : null,
    forwarded: null,
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
