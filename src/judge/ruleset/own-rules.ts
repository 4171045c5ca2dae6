import { familyOf } from '../../ground/address.ts';
import type { FoundRule } from '../../model/report.ts';
import type { Readings } from '../readings/index.ts';
import { evaluate } from './evaluate.ts';
import { foundRule, type RulesRead, settled } from './found-rule.ts';
import type { Packet } from './packet.ts';

export interface DecidedHere {
  verdict: 'sent' | 'dropped' | 'rejected' | 'answer-dropped' | 'may';
  rule: FoundRule | null;
}

/** What this machine's own rules do with a SYN to the target and with its answer; null where they were not read. */
export function decidedHere({
  address,
  request,
  here,
  local,
}: Pick<Readings, 'address' | 'request' | 'here' | 'local'>): DecidedHere | null {
  const data = here['own-rules'].at(-1)?.data;
  const ruleset = data?.ruleset ?? null;
  if (data === undefined || ruleset === null || address === null) return null;
  const read: RulesRead = { ruleset, grew: data.grew, least: 1 };
  const isOwn = local.route?.kind === 'local';
  const device = isOwn ? 'lo' : (local.route?.device ?? null);
  const source = local.route?.source ?? null;
  const syn: Packet = {
    family: familyOf(address),
    source,
    destination: address,
    sourcePort: null,
    destinationPort: request.target.port,
    iif: null,
    oif: device,
    state: 'new',
    tcpFlags: 0x02,
    mss: null,
  };
  const machine = { addresses: [...local.ownAddresses] };
  const leaving = settled(evaluate(ruleset, syn, 'leaving', machine), read);
  if (leaving.end === 'dropped' || leaving.end === 'rejected')
    return { verdict: leaving.end, rule: foundRule(leaving.by, read) };
  if (leaving.end !== 'sent') return { verdict: 'may', rule: null };
  if (isOwn) {
    const arriving = settled(evaluate(ruleset, { ...syn, iif: 'lo', oif: null }, 'arriving', machine), read);
    if (arriving.end === 'dropped' || arriving.end === 'rejected')
      return { verdict: arriving.end, rule: foundRule(arriving.by, read) };
    if (arriving.end !== 'delivered') return { verdict: 'may', rule: null };
  }
  // Without its own address the answer has no destination to be judged by.
  if (source === null) return { verdict: 'may', rule: null };
  const answer: Packet = {
    ...syn,
    source: address,
    destination: source,
    sourcePort: request.target.port,
    destinationPort: null,
    iif: device,
    oif: null,
    state: 'established',
    tcpFlags: 0x12,
  };
  const back = settled(evaluate(ruleset, answer, 'arriving', machine), read);
  if (back.end === 'dropped' || back.end === 'rejected')
    return { verdict: 'answer-dropped', rule: foundRule(back.by, read) };
  return { verdict: back.end === 'delivered' ? 'sent' : 'may', rule: null };
}
