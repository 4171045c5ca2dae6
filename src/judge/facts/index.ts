import { together } from '../../ground/together.ts';
import type { Facts, FactTable } from '../../model/facts.ts';
import type { Readings } from '../readings/index.ts';
import { ADVICE_FACTS, adviceFacts } from './advice.ts';
import { DAMAGED_FACTS, damagedFacts } from './damaged.ts';
import { DNS_FACTS, dnsFacts } from './dns/index.ts';
import { ELSEWHERE_FACTS, elsewhereFacts } from './elsewhere.ts';
import { HOST_FACTS, hostFacts } from './host.ts';
import { LISTENING_FACTS, listeningFacts } from './listening.ts';
import { LOCAL_FACTS, localFacts } from './local.ts';
import { OWN_RULES_FACTS, ownRulesFacts } from './own-rules.ts';
import { PATH_FACTS, pathFacts } from './path/index.ts';
import { PROXY_FACTS, proxyFacts } from './proxy.ts';
import { REACH_FACTS, reachFacts } from './reach.ts';
import { SERVICE_FACTS, serviceFacts } from './service/index.ts';
import { TARGET_FACTS, targetFacts } from './target.ts';
import { TCP_FACTS, tcpFacts } from './tcp.ts';
import { THERE_FACTS, thereFacts } from './there.ts';
import { TIMES_FACTS, timesFacts } from './times.ts';

/** Every fact there is. rules/README.md lists them from here. */
export const FACT_TABLE: FactTable = together(
  TARGET_FACTS,
  TCP_FACTS,
  LOCAL_FACTS,
  OWN_RULES_FACTS,
  DAMAGED_FACTS,
  LISTENING_FACTS,
  REACH_FACTS,
  DNS_FACTS,
  PATH_FACTS,
  HOST_FACTS,
  SERVICE_FACTS,
  TIMES_FACTS,
  PROXY_FACTS,
  THERE_FACTS,
  ELSEWHERE_FACTS,
  ADVICE_FACTS,
);

/** Everything that the evidence says, seen from one address of the target. */
export function factsOf(readings: Readings): Facts {
  return together(
    targetFacts(readings),
    tcpFacts(readings),
    localFacts(readings),
    ownRulesFacts(readings),
    damagedFacts(readings),
    listeningFacts(readings),
    reachFacts(readings),
    dnsFacts(readings),
    pathFacts(readings),
    hostFacts(readings),
    serviceFacts(readings),
    timesFacts(readings),
    proxyFacts(readings),
    thereFacts(readings),
    elsewhereFacts(readings),
    adviceFacts(readings),
  );
}
