import { isAddressLiteral } from '../facts/addresses.ts';
import type { Evidence, Step, StepOf } from '../model.ts';

const DNS_PORT = 53;
const DNS_TIMEOUT_MS = 2500;

export function nameSteps(evidence: Evidence): Step[] {
  const { request, vantage } = evidence;
  const { host } = request.target;
  if (isAddressLiteral(host)) return [];
  const resolvers = [
    ...vantage.resolvers.slice(0, 3).map((resolver) => ({ resolver, configured: true })),
    ...request.resolvers.map((resolver) => ({ resolver, configured: false })),
  ];
  return [
    {
      id: 'resolve',
      probe: 'system-resolve',
      input: { host },
      purpose: `what this machine resolves ${host} to`,
    },
    {
      id: 'hosts-file',
      probe: 'hosts-file',
      input: { host },
      purpose: `whether the hosts file overrides ${host}`,
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
        purpose: `what the resolver ${resolver} answers`,
      }),
    ),
  ];
}
