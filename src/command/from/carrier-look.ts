import * as v from 'valibot';
import type { Carrier } from '../../doors/carriers/carrier.ts';
import { runScript } from '../../doors/carriers/run-script.ts';
import { includesAddress } from '../../ground/address.ts';
import type { Observation } from '../../model/probes.ts';
import { GIVEN, type Given, VIEW_GAPS, type View } from '../../model/views.ts';
import { parseViewLines, type ViewRefusal } from '../../parsers/view-lines.ts';
import { carrierFailure } from '../carrier-failure.ts';
import { OBSERVATION_SCHEMA } from '../evidence-schema.ts';
import { scriptFor } from './script.ts';
import type { Errand, Look, Sighted } from './source.ts';

/** Getting there (8 s at most for ssh), a name, connections, sweeps. */
const DEADLINE_MS = 24_000;

/** Runs the script there and reads what it printed. Never rejects on what a carrier does. */
export async function lookOver(carrier: Carrier, errand: Errand, signal: AbortSignal): Promise<Look> {
  const startedAt = new Date().toISOString();
  const script = await scriptFor(errand);
  const result = await runScript(carrier, script, { deadlineMs: DEADLINE_MS, signal, group: 'own' });
  const given = givenOf(errand);
  // A script that came to its end has said everything, whatever its carrier says of it afterwards.
  const read = lookIn(result.stdout, errand, startedAt);
  if ('look' in read) return { ...read.look, given };
  const reason =
    result.status === 'done'
      ? `what came back ${REFUSALS[read.refused]}`
      : carrierFailure(carrier, result, DEADLINE_MS);
  return { ok: false, reason, given };
}

const REFUSALS: Record<ViewRefusal | 'malformed' | 'no-tool', string> = {
  nothing: 'is no look of reachdoctor: nothing there ran the script',
  cut: 'is cut short',
  'other-case': 'belongs to another run',
  'too-long': 'is longer than any look is',
  'not-json': 'is not what the script prints',
  malformed: 'is not what the script prints',
  'no-tool': 'says that nothing there can connect (no python3, perl, bash or nc)',
};

function givenOf({ host, addresses, reference, control }: Errand): NonNullable<View['given']> {
  const has: Record<Given, boolean> = {
    name: host !== null,
    address: addresses.length > 0,
    port: true,
    reference: reference !== null,
    control: control !== null,
  };
  return { what: GIVEN.filter((one) => has[one]), to: 'own-machine' };
}

const HEAD = v.object({
  tool: v.picklist(['python3', 'perl', 'bash', 'nc', 'busybox nc', '']),
  root: v.boolean(),
  notChecked: v.pipe(v.array(v.picklist(VIEW_GAPS)), v.maxLength(VIEW_GAPS.length)),
});

/** What the script printed, field by field as saved evidence is read: it comes from whoever ran it. */
function lookIn(
  text: string,
  errand: Errand,
  startedAt: string,
): { look: Extract<Look, { ok: true }> } | { refused: keyof typeof REFUSALS } {
  const lines = parseViewLines(text, errand.caseId);
  if ('refused' in lines) return lines;
  const head = v.safeParse(HEAD, lines.head);
  if (!head.success) return { refused: 'malformed' };
  const observations = lines.findings.map((finding) => observationIn(finding, startedAt));
  if (
    !observations.every((one) => one !== null) ||
    !observations.every((one) => isAsked(one, errand, observations))
  )
    return { refused: 'malformed' };
  if (head.output.tool === '') return { refused: 'no-tool' };
  return {
    look: {
      ok: true,
      observations,
      clockOffsetMs: null,
      privileges: head.output.root ? 'root' : 'user',
      tool: head.output.tool,
      notChecked: head.output.notChecked,
    },
  };
}

const ALLOWED: ReadonlySet<string> = new Set(['tcp-connect', 'system-resolve', 'local-network', 'trace-syn']);

function observationIn(finding: Record<string, unknown>, startedAt: string): Sighted | null {
  const frame = {
    id: '',
    reason: null,
    startedAt,
    durationMs: 0,
    command: null,
    raw: null,
    enable: null,
    final: true,
  };
  const { probe, input, outcome, data } = finding;
  if (!ALLOWED.has(String(probe))) return null;
  const read = v.safeParse(OBSERVATION_SCHEMA, { ...frame, probe, input, outcome, data });
  if (!read.success) return null;
  const one = read.output as Observation;
  return {
    probe: one.probe,
    input: one.input,
    outcome: one.outcome,
    data: one.data,
    startedAt,
    durationMs: durationOf(one),
  } as Sighted;
}

const durationOf = (one: Observation): number =>
  one.probe === 'tcp-connect'
    ? Math.max(0, ...(one.data?.attempts ?? []).map(({ elapsedMs }) => elapsedMs))
    : 0;

/** About the addresses that were asked for, or that the name has there. */
function isAsked(one: Sighted, errand: Errand, all: readonly (Sighted | null)[]): boolean {
  if (one.probe === 'system-resolve') return one.input.host === errand.host;
  if (!('address' in one.input)) return false;
  const named = all.flatMap((other) =>
    other?.probe === 'system-resolve' ? (other.data?.addresses ?? []) : [],
  );
  const control = errand.control === null ? [] : [errand.control.address];
  const addresses = [...errand.addresses, ...named.map(({ address }) => address), ...control];
  return includesAddress(addresses, one.input.address);
}
