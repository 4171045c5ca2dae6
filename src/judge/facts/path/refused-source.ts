import { familyOf } from '../../../ground/address.ts';
import { EVERY_TRACE } from '../../../model/fact-sources.ts';
import type { FactsOf, FactTable } from '../../../model/facts.ts';
import type { Readings } from '../../readings/index.ts';
import type { REFUSAL_FACTS } from './refusal.ts';

const FROM = [...EVERY_TRACE, 'ping', 'tcp-connect:target', 'local-network'] as const;

export const SOURCE_FACTS = {
  'refusal.ofSource': {
    type: 'boolean',
    meaning:
      'The ICMP error is about the source address (ICMPv6 type 1 code 5, RFC 4443 3.1: it failed the policy), not about the port: no other port or protocol passes that device. Null where none came.',
    from: FROM,
  },
  'refusal.refused': {
    type: 'string',
    meaning: 'What is rejected, in words: "TCP 443", or where refusal.ofSource "packets from 2001:db8::7".',
    from: FROM,
  },
} as const satisfies FactTable;

/** ICMPv6 destination unreachable, source address failed ingress/egress policy. */
const UNREACHABLE = 1;
const SOURCE_FAILED = 5;

export function sourceFacts(
  refusal: FactsOf<typeof REFUSAL_FACTS>,
  { address, local, request }: Readings,
): FactsOf<typeof SOURCE_FACTS> {
  const { 'refusal.type': type, 'refusal.code': code, 'refusal.portSpecific': ofPort } = refusal;
  const ofSource =
    type === null || code === null || address === null
      ? null
      : familyOf(address) === 6 && type === UNREACHABLE && code === SOURCE_FAILED && ofPort !== true;
  const source = local.route?.source ?? "this machine's address";
  return {
    'refusal.ofSource': ofSource,
    'refusal.refused': ofSource === true ? `packets from ${source}` : `TCP ${request.target.port}`,
  };
}
