import { together } from '../../../ground/together.ts';
import type { FactsOf, FactTable } from '../../../model/facts.ts';
import type { Readings } from '../../readings/index.ts';
import { GATEWAY_FACTS, gatewayFacts } from './gateway.ts';
import { HANDED_ON_FACTS, handedOnFacts } from './handed-on.ts';
import { PATH_FACTS as OF_PATH, pathFacts as ofPath } from './path.ts';
import { REFUSAL_FACTS, refusalFacts } from './refusal.ts';
import { SOURCE_FACTS, sourceFacts } from './refused-source.ts';
import { REPEAT_FACTS, repeatFacts } from './repeats.ts';
import { STOP_FACTS, silentBetween, stopDevices } from './stop-devices.ts';

/** How far packets get, and who refuses them. */
export const PATH_FACTS = {
  ...OF_PATH,
  ...GATEWAY_FACTS,
  ...REFUSAL_FACTS,
  ...REPEAT_FACTS,
  ...HANDED_ON_FACTS,
  ...SOURCE_FACTS,
  ...STOP_FACTS,
} as const satisfies FactTable;

export function pathFacts(readings: Readings): FactsOf<typeof PATH_FACTS> {
  const path = ofPath(readings);
  const refusal = refusalFacts(readings);
  return together(
    path,
    gatewayFacts(readings),
    refusal,
    repeatFacts(path, readings),
    handedOnFacts(readings),
    sourceFacts(refusal, readings),
    {
      'stop.devices': stopDevices(path, readings),
      'stop.silentBetween': silentBetween(path, readings),
    },
  );
}
