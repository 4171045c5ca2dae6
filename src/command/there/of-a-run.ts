import { parseCarrier } from '../../doors/carriers/carrier.ts';
import type { Evidence } from '../../model/evidence.ts';
import type { Report } from '../../model/report.ts';
import type { Rule } from '../../model/rule.ts';
import type { Parts } from '../engine.ts';
import type { ThereSettings } from './flags.ts';
import { kitFor } from './kit.ts';
import { lookThere } from './live.ts';

/** The run with what the other end saw, judged again; as it is where the name led to no address to be looked for. */
export async function askThere(
  result: { report: Report; evidence: Evidence },
  carrier: string,
  how: { traceRules: boolean; rules: Rule[]; signal: AbortSignal },
  parts: Pick<Parts, 'doors' | 'replay'>,
): Promise<{ report: Report; evidence: Evidence }> {
  const way = parseCarrier(carrier);
  const of = result.evidence.case;
  if (way === null || of === undefined) return result;
  const { traceRules, signal, rules } = how;
  const doors = await parts.doors();
  const evidence = await lookThere(result.evidence, of, way, { traceRules, doors, signal });
  return { evidence, report: await parts.replay(evidence, rules) };
}

const WATCH_S = 30;

/** The script that --ask-there names, or the sentence that says why there is none. */
export async function kitOf(
  evidence: Evidence,
  kit: NonNullable<ThereSettings['kit']>,
  { traceRules }: ThereSettings,
): Promise<{ file: string; text: string; sha256: string } | { sentence: string }> {
  if (evidence.case === undefined)
    return {
      sentence: 'No script was written: the name led to no address that the other end could have.\n',
    };
  const made = await kitFor(evidence.case, kit.language, { seconds: WATCH_S, traceRules });
  return { file: kit.file, ...made };
}
