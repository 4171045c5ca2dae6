import type { Report } from '../../model/report.ts';
import { asksOf } from './asks.ts';
import type { Block } from './document.ts';
import { elsewhereOf } from './elsewhere.ts';
import { connectionOf, headOf, ticketOf } from './head.ts';
import { kitOf, otherEndsOf } from './other-end.ts';
import { platformsOf } from './platforms.ts';
import { proofOf } from './proof.ts';
import { client, evidence, notKnown, ruledOut } from './rest.ts';

/**
 * The report as a request to whoever must act: what is asked of whom and how certain it is, a ticket text, the
 * connection with every attempt, the proof, what to run and to answer, and what is not known.
 */
export const requestOf = (report: Report): Block[] => [
  ...headOf(report),
  ...ticketOf(report),
  ...connectionOf(report),
  ...proofOf(report),
  ...otherEndsOf(report),
  ...elsewhereOf(report),
  ...asksOf(report),
  ...kitOf(report),
  ...ruledOut(report),
  ...notKnown(report),
  ...platformsOf(report),
  ...client(report),
  ...evidence(report),
];
