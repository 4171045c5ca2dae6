import type { Facts, FactTable, View } from '../../model/facts.ts';
import { DNS_FACTS, dnsFacts } from './dns.ts';
import { HOST_FACTS, hostFacts } from './host.ts';
import { LOCAL_FACTS, localFacts } from './local.ts';
import { PATH_FACTS, pathFacts } from './path.ts';
import { SERVICE_FACTS, serviceFacts } from './service.ts';
import { TARGET_FACTS, targetFacts } from './target.ts';
import { TCP_FACTS, tcpFacts } from './tcp.ts';

/** Every fact there is. rules/README.md lists them from here. */
export const FACT_TABLE: FactTable = {
  ...TARGET_FACTS,
  ...TCP_FACTS,
  ...LOCAL_FACTS,
  ...DNS_FACTS,
  ...PATH_FACTS,
  ...HOST_FACTS,
  ...SERVICE_FACTS,
};

/** Everything that the evidence says, seen from one address of the target. */
export function factsOf(view: View): Facts {
  return {
    ...targetFacts(view),
    ...tcpFacts(view),
    ...localFacts(view),
    ...dnsFacts(view),
    ...pathFacts(view),
    ...hostFacts(view),
    ...serviceFacts(view),
  };
}
