import { familyOf } from '../../ground/address.ts';
import type { FactsOf, FactTable } from '../../model/facts.ts';
import type { Readings } from '../readings/index.ts';

export const TARGET_FACTS = {
  host: { type: 'string', meaning: 'The host as the user named it: a name or an address.', from: [] },
  port: { type: 'number', meaning: 'The TCP port that the user wants to reach.', from: [] },
  service: {
    type: 'string',
    meaning: 'The service behind the port by scheme, --service or the table of ports; null when unknown.',
    from: [],
  },
  'target.isAddress': {
    type: 'boolean',
    meaning: 'The user gave an IP address, so no name had to be resolved.',
    from: [],
  },
  'target.tlsRequired': {
    type: 'boolean',
    meaning: 'The URL demands TLS (sslmode=require and its like); null where it does not say.',
    from: [],
  },
  'target.address': {
    type: 'string',
    meaning: 'The address that this judgement is about; null when the name led to none.',
    from: ['system-resolve'],
  },
  'target.family': { type: 'number', meaning: '4 or 6, of target.address.', from: ['system-resolve'] },
  'target.addressCount': {
    type: 'number',
    meaning: 'How many addresses of the target were tried.',
    from: ['system-resolve', 'hosts-file', 'dns'],
  },
  'vantage.address': {
    type: 'string',
    meaning: "This machine's own address towards the target; null when not known.",
    from: ['local-network'],
  },
  symptom: {
    type: 'string',
    values: ['refused', 'hangs', 'certificate-error', 'intermittent', 'slow', 'unknown'],
    meaning: 'What the user sees.',
    from: ['answer:symptom'],
  },
  'answer.workedBefore': {
    type: 'boolean',
    meaning: 'The user says that it worked before; null when not asked or not known.',
    from: ['answer:worked-before'],
  },
  'answer.othersCanReach': {
    type: 'boolean',
    meaning: 'The user says that others can reach it; null when not asked or not known.',
    from: ['answer:others-can-reach'],
  },
  'answer.vpnOrProxy': {
    type: 'boolean',
    meaning: 'The user says that a VPN or a proxy is in use; null when not asked or not known.',
    from: ['answer:vpn-or-proxy'],
  },
} as const satisfies FactTable;

const yes = (answer: string | undefined): boolean | null =>
  answer === 'yes' ? true : answer === 'no' ? false : null;

export function targetFacts({
  request,
  vantage,
  addresses,
  address,
  local,
}: Readings): FactsOf<typeof TARGET_FACTS> {
  const { answers, target } = request;
  const family = address === null ? null : familyOf(address);
  return {
    host: target.host,
    port: target.port,
    service: target.service,
    'target.isAddress': addresses.some(({ source }) => source === 'literal'),
    'target.tlsRequired': target.tlsRequired ?? null,
    'target.address': address,
    'target.family': family,
    'target.addressCount': addresses.length,
    'vantage.address':
      local.route?.source ?? vantage.addresses.find((a) => family === null || familyOf(a) === family) ?? null,
    symptom: answers.symptom ?? null,
    'answer.workedBefore': yes(answers['worked-before']),
    'answer.othersCanReach': yes(answers['others-can-reach']),
    'answer.vpnOrProxy': yes(answers['vpn-or-proxy']),
  };
}
