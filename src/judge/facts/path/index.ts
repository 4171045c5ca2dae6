import { together } from '../../../ground/together.ts';
import type { FactsOf, FactTable } from '../../../model/facts.ts';
import type { Readings } from '../../readings/index.ts';
import { PATH_FACTS as OF_PATH, pathFacts as ofPath } from './path.ts';
import { REFUSAL_FACTS, refusalFacts } from './refusal.ts';
import { STOP_FACTS, stopDevices } from './stop-devices.ts';

/** How far packets get, and who refuses them. */
export const PATH_FACTS = { ...OF_PATH, ...REFUSAL_FACTS, ...STOP_FACTS } as const satisfies FactTable;

export function pathFacts(readings: Readings): FactsOf<typeof PATH_FACTS> {
  const path = ofPath(readings);
  return together(path, refusalFacts(readings), { 'stop.devices': stopDevices(path, readings) });
}
