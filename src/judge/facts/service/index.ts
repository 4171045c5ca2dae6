import { together } from '../../../ground/together.ts';
import type { FactsOf, FactTable } from '../../../model/facts.ts';
import type { Readings } from '../../readings/index.ts';
import { HTTP_FACTS, httpFacts } from './http.ts';
import { MTU_FACTS, mtuFacts } from './mtu.ts';
import { SSH_FACTS, sshFacts } from './ssh.ts';
import { STALL_FACTS, stallFacts } from './stall.ts';
import { TALK_FACTS, talkFacts } from './talk.ts';
import { TLS_FACTS, tlsFacts } from './tls.ts';

/** What the port says once it is open. */
export const SERVICE_FACTS = {
  ...TALK_FACTS,
  ...TLS_FACTS,
  ...SSH_FACTS,
  ...HTTP_FACTS,
  ...STALL_FACTS,
  ...MTU_FACTS,
} as const satisfies FactTable;

export const serviceFacts = (readings: Readings): FactsOf<typeof SERVICE_FACTS> =>
  together(
    talkFacts(readings),
    tlsFacts(readings),
    sshFacts(readings),
    httpFacts(readings),
    stallFacts(readings),
    mtuFacts(readings),
  );
