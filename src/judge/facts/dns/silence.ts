import type { FactsOf, FactTable } from '../../../model/facts.ts';
import { lateIn, type Names } from '../../readings/names.ts';
import { SILENCES } from '../../readings/verdicts.ts';
import { listed } from './listed.ts';

const DNS = ['dns'] as const;

/** Configured resolvers without a valid response. */
export const SILENCE_FACTS = {
  'dns.configuredCount': {
    type: 'number',
    meaning: 'Configured resolvers that were asked to the end.',
    from: DNS,
  },
  'dns.anyResolverAnswered': {
    type: 'boolean',
    meaning: 'At least one configured resolver gave a valid response, whatever it says.',
    from: DNS,
  },
  'dns.allResolversSilent': {
    type: 'boolean',
    meaning: 'No configured resolver gave a valid response.',
    from: DNS,
  },
  'dns.someResolverSilent': {
    type: 'boolean',
    meaning: 'Some configured resolvers gave a valid response and some did not.',
    from: DNS,
  },
  'dns.silentCount': { type: 'number', meaning: 'Configured resolvers without a valid response.', from: DNS },
  'dns.silentResolver': { type: 'string', meaning: 'The first of them.', from: DNS },
  'dns.silentList': { type: 'string', meaning: 'All of them.', from: DNS },
  'dns.lateResolver': {
    type: 'string',
    meaning:
      "The resolver that gave addresses after this machine's own lookup had ended without any; null = none such.",
    from: ['dns', 'system-resolve'],
  },
  'dns.lateMs': {
    type: 'number',
    meaning: 'Milliseconds until its answer.',
    from: ['dns', 'system-resolve'],
  },
  'dns.gaveUpMs': {
    type: 'number',
    meaning:
      "Milliseconds after which this machine's own lookup had ended, where dns.lateResolver came too late.",
    from: ['dns', 'system-resolve'],
  },
  'dns.notInTime': {
    type: 'string',
    meaning:
      'The resolvers without a valid response, or the one whose answer came too late ("192.0.2.53 in time").',
    from: ['dns', 'system-resolve'],
  },
  'dns.silentFirst': {
    type: 'boolean',
    meaning: 'The resolver that the system asks first is one of them, so every lookup waits for it.',
    from: DNS,
  },
  'dns.silentHow': {
    type: 'string',
    values: SILENCES,
    meaning:
      'How dns.silentResolver fails: no reply, ICMP port unreachable or reset, not reachable (dns.silentCode), only damaged replies, TCP cut off.',
    from: DNS,
  },
  'dns.silentCode': {
    type: 'string',
    meaning: 'The errno of the query to dns.silentResolver (ENETUNREACH, EPERM ...).',
    from: DNS,
  },
  'dns.silentIgnored': {
    type: 'string',
    meaning:
      'Why replies that came in the name of dns.silentResolver were not taken (id-mismatch, question-mismatch ...): somebody else answers, or it is broken.',
    from: DNS,
  },
  'dns.silentMs': {
    type: 'number',
    meaning: 'Milliseconds that dns.silentResolver was waited for.',
    from: DNS,
  },
  'dns.silentTransport': {
    type: 'string',
    values: ['udp', 'tcp'],
    meaning:
      'Over what dns.silentResolver was asked last: tcp = it answered over UDP that the answer is too long for it (truncated).',
    from: DNS,
  },
} as const satisfies FactTable;

export function silenceFacts(names: Names): Partial<FactsOf<typeof SILENCE_FACTS>> {
  const configured = names.verdicts.filter((verdict) => verdict.configured);
  if (configured.length === 0) return {};
  const silent = configured.filter(({ kind }) => kind === 'silent');
  const [first] = silent;
  const late = lateIn(names);
  return {
    'dns.configuredCount': configured.length,
    'dns.anyResolverAnswered': silent.length < configured.length,
    'dns.allResolversSilent': silent.length === configured.length,
    'dns.someResolverSilent': silent.length > 0 && silent.length < configured.length,
    'dns.silentCount': silent.length,
    'dns.silentResolver': first?.resolver ?? null,
    'dns.silentList': listed(silent.map(({ resolver }) => resolver)),
    'dns.lateResolver': late?.resolver ?? null,
    'dns.lateMs': late?.answerMs ?? null,
    'dns.gaveUpMs': late?.gaveUpMs ?? null,
    'dns.notInTime':
      listed(silent.map(({ resolver }) => resolver)) ?? (late === null ? null : `${late.resolver} in time`),
    'dns.silentFirst': first !== undefined && first === configured[0],
    'dns.silentHow': first?.silence ?? null,
    'dns.silentCode': first?.code ?? null,
    'dns.silentIgnored': first?.ignored ?? null,
    'dns.silentMs': first?.waitedMs == null ? null : Math.round(first.waitedMs),
    'dns.silentTransport': first?.transport ?? null,
  };
}
