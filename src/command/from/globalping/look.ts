import { clock as realClock } from '../../../doors/clock.ts';
import type { Clock } from '../../../doors/types.ts';
import { familyOf, includesAddress } from '../../../ground/address.ts';
import { isPublicAddress } from '../../../ground/public-address.ts';
import { GIVEN, type Given, VIEW_GAPS, type View, type ViewGap } from '../../../model/views.ts';
import type { Errand, HowToLook, Look, Sighted } from '../source.ts';
import { whyNotPublic } from './errand.ts';
import { type MeasurementRequest, resultsOf, start } from './service.ts';
import {
  addressesNamed,
  type Done,
  isUnansweredAnywhere,
  PACKETS,
  placeOf,
  sightedBy,
  whyNothing,
} from './sighted.ts';

/** Two rounds, each of a connection that is waited for 10 s, a name or a path, and the service's own time. */
const DEADLINE_MS = 40_000;
/** Of the target here, and as many that its name has only there. */
const MOST_ADDRESSES = 2;

export interface Probes {
  /** As given: `globalping:DE,2`. */
  by: string;
  location: string;
  probes: number;
}

type Question = Pick<Done, 'what' | 'target' | 'port' | 'role'> & {
  options: Record<string, unknown>;
  tells: Given[];
};

/**
 * The port from public probes: TCP ping to each address, the name; where a probe got no reply, TCP traceroute, another
 * port of the host and the reference host from the same probes. Nothing is sent about a target that is not public.
 */
export async function lookFromProbes(
  { by, location, probes }: Probes,
  errand: Errand,
  { signal, globalping }: HowToLook,
  clock: Clock = realClock,
): Promise<Look[]> {
  const refusal = whyNotPublic(errand);
  if (refusal !== null) return [{ ok: false, reason: refusal }];
  const how = { service: globalping, signal, clock, until: clock.elapsed() + DEADLINE_MS };
  const told = new Set<Given>();
  const given = (): { given?: NonNullable<View['given']> } =>
    told.size === 0
      ? {}
      : {
          given: { what: GIVEN.filter((one) => told.has(one)), to: 'public-service', at: hostOf(globalping) },
        };

  const begin = async (question: Question, locations: MeasurementRequest['locations']) => {
    const startedAt = clock.now();
    const started = await start(requestOf(question, locations), how);
    if (started.ok || started.sent) for (const one of question.tells) told.add(one);
    const done = async (): Promise<Done> => {
      const results = started.ok ? await resultsOf(started, how) : started;
      const { what, target, port, role } = question;
      const durationMs = Math.max(0, clock.now() - startedAt);
      return {
        what,
        target,
        port,
        role,
        startedAt: new Date(startedAt).toISOString(),
        durationMs,
        results,
      };
    };
    return { started, done };
  };

  const [opening, ...others] = firstQuestions(errand);
  if (opening === undefined) return [{ ok: false, reason: 'there is no address to look at' }];
  const failed = (reason: string): Extract<Look, { ok: false }> => ({
    ok: false,
    reason: signal.aborted ? 'it was stopped' : reason,
    ...given(),
  });
  const first = await begin(opening, [{ magic: location, limit: probes }]);
  if (!first.started.ok) return [failed(first.started.why)];
  const { id } = first.started;
  const again = async (question: Question) => (await begin(question, id)).done();
  const round = await Promise.all([first.done(), ...others.map(again)]);
  const next = signal.aborted ? [] : nextQuestions(errand, round);
  const all = [...round, ...(await Promise.all(next.map(again)))];

  const [opened] = round;
  if (!opened.results.ok) return [failed(opened.results.why)];
  const { results } = opened.results;
  return results.map(({ probe }, index): Look => {
    const which = results.length > 1 || probes > 1 ? { by: `${by}#${index + 1}` } : {};
    const observations = sightedBy(index, probe, all);
    const seen = observations.filter((o) => o.data !== null);
    const isTold = seen.some(
      (o) => o.probe === 'system-resolve' || ('role' in o.input && o.input.role === 'target'),
    );
    if (!isTold) return { ...failed(whyNothing(index, probe, opened)), ...which };
    return {
      ok: true,
      observations,
      clockOffsetMs: null,
      privileges: null,
      tool: 'TCP ping',
      place: placeOf(probe),
      notChecked: gapsOf(seen, errand),
      ...which,
      ...given(),
    };
  });
}

const hostOf = ({ url }: HowToLook['globalping']): string => new URL(url).host;

function requestOf(
  { what, target, options }: Question,
  locations: MeasurementRequest['locations'],
): MeasurementRequest {
  return { type: what, target, locations, measurementOptions: options };
}

/** The port at each address, and what the name leads to. */
function firstQuestions(errand: Errand): Question[] {
  const { host, port, family } = errand;
  const ours = oursOf(errand);
  const known = [...new Set(ours.map(familyOf))];
  const families = family !== null ? [family] : known.length > 0 ? known : ([4, 6] as const);
  const names = host === null ? [] : families.map((one) => nameQuestion(host, one));
  return [...ours.map((address) => connectQuestion(address, port)), ...names];
}

const oursOf = ({ addresses }: Errand): string[] => addresses.slice(0, MOST_ADDRESSES);

/** The way and the comparison, where somebody got no reply; addresses that the name has nowhere but there. */
function nextQuestions(errand: Errand, all: readonly Done[]): Question[] {
  const { port, reference, control, ttlProbe } = errand;
  const ours = oursOf(errand);
  const theirs = [...new Set(all.flatMap(addressesNamed))]
    .filter((address) => !includesAddress(errand.addresses, address) && isPublicAddress(address))
    .slice(0, MOST_ADDRESSES);
  const silent = ours.filter((address) =>
    all.some((done) => done.what === 'ping' && done.target === address && isUnansweredAnywhere(done)),
  );
  return [
    ...theirs.map((address) => connectQuestion(address, port)),
    ...(ttlProbe ? silent.map((address) => pathQuestion(address, port)) : []),
    ...(reference === null
      ? []
      : silent.map((address) => connectQuestion(address, reference, 'reference-port'))),
    ...(control === null || silent.length === 0 || !isPublicAddress(control.address)
      ? []
      : [connectQuestion(control.address, port, 'reference-host')]),
  ];
}

const TELLS = {
  target: ['address', 'port'],
  'reference-port': ['address', 'reference'],
  'reference-host': ['control', 'port'],
} as const satisfies Record<Done['role'], readonly Given[]>;

const connectQuestion = (target: string, port: number, role: Done['role'] = 'target'): Question => ({
  what: 'ping',
  target,
  port,
  role,
  options: { protocol: 'TCP', port, packets: PACKETS },
  tells: [...TELLS[role]],
});

const pathQuestion = (target: string, port: number): Question => ({
  what: 'traceroute',
  target,
  port,
  role: 'target',
  options: { protocol: 'TCP', port },
  tells: [...TELLS.target],
});

const nameQuestion = (host: string, family: 4 | 6): Question => ({
  what: 'dns',
  target: host,
  port: 53,
  role: 'target',
  options: { query: { type: family === 4 ? 'A' : 'AAAA' } },
  tells: ['name'],
});

/** A probe tells neither an errno nor who sent what, nor its routes; the rest as far as it came. */
function gapsOf(seen: readonly Sighted[], { host }: Errand): ViewGap[] {
  const isOpen = seen.some((o) => o.probe === 'tcp-connect' && o.outcome === 'open');
  const has = (probe: Sighted['probe']) => seen.some((o) => o.probe === probe);
  const missing: Partial<Record<ViewGap, boolean>> = {
    errno: true,
    sender: true,
    route: true,
    sweep: !isOpen && !has('trace-command'),
    name: host !== null && !has('system-resolve'),
  };
  return VIEW_GAPS.filter((gap) => missing[gap] === true);
}
