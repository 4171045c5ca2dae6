import { isLocalhost } from '../../ground/address.ts';
import { isAddressLiteral } from '../../judge/readings/addresses.ts';
import type { RunReadings } from '../../judge/readings/index.ts';
import type { Step, StepOf } from '../../model/probes.ts';
import { type Context, ofStep } from './steps.ts';

const DNS_PORT = 53;
/** resolv.conf(5): programs wait 5 s for an answer; a slow resolver is none that is dead. */
export const DNS_TIMEOUT_MS = 5000;

export function nameSteps(readings: RunReadings): Step[] {
  const { request, vantage } = readings;
  const { host } = request.target;
  if (isAddressLiteral(host)) return [];
  // No resolver should be asked about localhost, and none is, until this machine does not know it by itself.
  const system = ofStep(readings, 'resolve');
  const isMissed = system?.final === true && system.outcome !== 'resolved';
  const resolvers =
    isLocalhost(host) && !isMissed
      ? []
      : [
          ...vantage.resolvers.slice(0, 3).map((resolver) => ({ resolver, configured: true })),
          ...request.resolvers.map((resolver) => ({ resolver, configured: false })),
        ];
  return [
    {
      id: 'resolve',
      probe: 'system-resolve',
      input: { host },
      purpose: 'name',
    },
    {
      id: 'hosts-file',
      probe: 'hosts-file',
      input: { host },
      purpose: 'hosts-file',
    },
    ...resolvers.map(
      ({ resolver, configured }, i): StepOf<'dns'> => ({
        id: `dns-${i + 1}`,
        probe: 'dns',
        input: {
          resolver,
          port: DNS_PORT,
          host,
          configured,
          timeoutMs: DNS_TIMEOUT_MS,
          searchDomains: vantage.searchDomains,
          ndots: vantage.ndots,
        },
        purpose: 'resolver',
      }),
    ),
  ];
}

/** The resolver has answered a moment ago; it may have to ask others about a name that it has never heard. */
const NONSENSE_TIMEOUT_MS = 700;

/** Where the address that a resolver gives fails: whether it gives the same for a name that nobody made. */
export function nonsenseSteps({ readings, request, facts }: Context): StepOf<'dns'>[] {
  const resolver = facts['dns.answeredBy'];
  if (!request.names || facts['dns.systemSource'] !== 'dns' || typeof resolver !== 'string') return [];
  const name = String(facts['dns.answeredName'] ?? request.target.host);
  const parent = name.replace(/^[^.]*\.?/, '').replace(/\.$/, '');
  if (parent === '') return [];
  const host = `${madeUpLabel(`${readings.startedAt} ${name}`)}.${parent}.`;
  return [
    {
      id: 'dns-nonsense',
      probe: 'dns',
      input: {
        resolver,
        port: DNS_PORT,
        host,
        configured: true,
        nonsense: true,
        timeoutMs: NONSENSE_TIMEOUT_MS,
        searchDomains: [],
        ndots: 1,
      },
      purpose: 'made-up-name',
    },
  ];
}

/** New in every run, so that no cache has it, and the same for the same evidence. FNV-1a. */
function madeUpLabel(seed: string): string {
  let hash = 0x811c9dc5;
  for (const char of seed) hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193) >>> 0;
  return `nobody-made-${hash.toString(36)}`;
}
