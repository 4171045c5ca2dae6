import { isAddressLiteral } from '../../judge/readings/addresses.ts';
import type { RunReadings } from '../../judge/readings/index.ts';
import type { ObservationOf, Step } from '../../model/probes.ts';
import { FULL_TTL, failed, ofStep, REASK_HOLD_MS } from './steps.ts';

/** Another host whose same port the user knows to be open: tells "this port, towards everyone" from "this host". */
export function referenceHostSteps(seen: RunReadings): Step[] {
  const { controlHost, target, ttlProbe, answers } = seen.request;
  const isSlow = answers.symptom === 'slow';
  if (controlHost === null) return [];
  if (!isSlow && !seen.addresses.some(({ address }) => failed(seen, address))) return [];
  const literal = isAddressLiteral(controlHost);
  const resolved = ofStep(seen, 'resolve-reference') as ObservationOf<'system-resolve'> | undefined;
  const address = literal ? controlHost : (resolved?.data?.addresses[0]?.address ?? null);
  const steps: Step[] = literal
    ? []
    : [
        {
          id: 'resolve-reference',
          probe: 'system-resolve',
          input: { host: controlHost },
          purpose: 'reference-host-name',
        },
      ];
  if (address === null) return steps;
  steps.push({
    id: 'tcp-reference-host',
    probe: 'tcp-connect',
    input: {
      address,
      port: target.port,
      role: 'reference-host',
      startsMs: [0, 300],
      endMs: 2500,
      stopAtFirstAnswer: true,
    },
    purpose: 'reference-host',
  });
  const reference = ofStep(seen, 'tcp-reference-host');
  if (ttlProbe && reference !== undefined && reference.outcome !== 'open' && reference.data !== null)
    steps.push({
      id: 'trace-syn-reference-host',
      probe: 'trace-syn',
      input: {
        address,
        port: target.port,
        protocol: 'tcp',
        role: 'reference-host',
        holdMs: REASK_HOLD_MS,
        maxTtl: FULL_TTL,
        silentLimit: 8,
      },
      purpose: 'reference-host-path',
    });
  return steps;
}
