import { addressKey, includesAddress, sameAddress } from '../../ground/address.ts';
import type { Evidence } from '../../model/evidence.ts';
import type { ConnectAttempt } from '../../model/measured.ts';
import type { Observation, ObservationOf } from '../../model/probes.ts';
import { HERE, isFromHere, type Seen, type Sight } from '../../model/views.ts';
import { addressesOf } from './addresses.ts';
import { connectOutcome } from './connects.ts';
import { countedOf } from './counted.ts';
import { localNetworkOf } from './local.ts';
import { isAbout, type Measured, measuredIn, type Place } from './measured.ts';
import { type SeenTrace, tracesOf } from './traces.ts';

/**
 * The table view x address: this client first, then each place that could be looked from, in the order of the views.
 * Empty where nobody looked from elsewhere.
 */
export function sightsOf(evidence: Evidence): Sight[] {
  const vantages = (evidence.views ?? []).filter(({ kind, ok }) => kind === 'vantage' && ok);
  if (vantages.length === 0) return [];
  const here = { name: HERE, observations: evidence.observations.filter(isFromHere) };
  const places = [
    here,
    ...vantages.map(({ name }) => ({
      name,
      observations: evidence.observations.filter(({ view }) => view === name),
    })),
  ];
  const ours = addressesOf({ request: evidence.request, observations: here.observations }).map(
    ({ address }) => address,
  );
  const addresses = [...ours, ...triedBeside(ours, places)];
  const sights = places.flatMap((place) =>
    addresses.map((address) => sightOf(place, address, evidence)).filter((sight) => sight !== null),
  );
  return sights.map((sight) => ({ ...sight, proves: sight.proves || endsWhereOursDoes(sight, sights) }));
}

/** What the name leads to elsewhere, a place after the other; none where the target is an address, or it was not asked. */
export function namesElsewhereOf(evidence: Evidence): { view: string; names: string[] }[] {
  return (evidence.views ?? [])
    .filter(({ kind, ok }) => kind === 'vantage' && ok)
    .flatMap(({ name }) => {
      const all = measuredIn(evidence.observations.filter(({ view }) => view === name));
      const names = namesSeen(all, evidence.request.target.host);
      return names === null ? [] : [{ view: name, names }];
    });
}

type From = { name: string; observations: readonly Observation[] };

/** Addresses that the name has elsewhere alone. */
function triedBeside(ours: readonly string[], places: readonly From[]): string[] {
  const found = new Map<string, string>();
  for (const o of places.flatMap(({ observations }) => observations))
    if (o.probe === 'tcp-connect' && o.input.role === 'target' && !includesAddress(ours, o.input.address))
      found.set(addressKey(o.input.address), o.input.address);
  return [...found.values()];
}

/** Null where this address was not looked at from there. */
function sightOf({ name, observations }: From, address: string, evidence: Evidence): Sight | null {
  const all = measuredIn(observations);
  const place: Place = { address, all, here: measuredIn(observations.filter((o) => isAbout(o, address))) };
  const { route } = localNetworkOf(place, evidence.vantage);
  const traces = tracesOf(place, countedOf(place, route));
  const swept = traces.target?.summary ?? null;
  const target = targetSeen(place, swept?.rejection?.address ?? null);
  if (target === null && swept === null) return null;
  const reference = referenceSeen(place, evidence);
  const control = controlSeen(all, evidence.request.target.port);
  const boundary =
    swept === null || swept.lastHop === 0 ? null : { hop: swept.lastHop, address: swept.lastAddress };
  return {
    view: name,
    address,
    target,
    reference,
    control,
    boundary,
    routers: routersOf([traces.target, traces.reference]),
    names: namesSeen(all, evidence.request.target.host),
    isInside:
      route === null || route.kind === 'unknown'
        ? null
        : route.kind === 'local' || (route.kind === 'unicast' && route.onLink === true),
    proves:
      !(name !== HERE && neverLeft(place)) &&
      (isAnswered(target) || isAnswered(reference) || isAnswered(control)),
  };
}

/** Of the sweep that saw most of them. */
function routersOf(traces: (SeenTrace | null)[]): string[] {
  const ways = traces.map((seen) =>
    seen === null ? [] : [...seen.summary.routers].sort(([a], [b]) => a - b).map(([, address]) => address),
  );
  return ways.reduce((most, way) => (way.length > most.length ? way : most), []);
}

/** The place has no way to such an address (no IPv6, no route): its packets never left it. */
const neverLeft = ({ here }: Place): boolean =>
  here['tcp-connect'].some(
    ({ input, data }) =>
      input.role === 'target' && data.attempts.length > 0 && data.attempts.every(({ local }) => local),
  );

/** The host itself spoke, or somebody in its name. An ICMP error may come from the place's own first router. */
const isAnswered = (seen: Seen | null): boolean => seen?.outcome === 'open' || seen?.outcome === 'refused';

/**
 * Where nothing is known to answer, routers that are the same as on our own way show that a place is connected. With a
 * reference that fails too it proves nothing, whatever routers say.
 */
function endsWhereOursDoes(sight: Sight, sights: readonly Sight[]): boolean {
  const ours = sights.find(({ view, address }) => view === HERE && address === sight.address);
  const end = sight.boundary?.address ?? null;
  if (end === null || ours?.boundary?.address == null || sight.view === HERE) return false;
  return sight.reference === null && sight.control === null && sameAddress(end, ours.boundary.address);
}

function targetSeen({ here }: Place, rejectedBy: string | null): Seen | null {
  const o = here['tcp-connect'].find(({ input }) => input.role === 'target');
  const seen = o === undefined ? null : seenOf(o);
  return seen?.outcome === 'unreachable' && seen.sender === null ? { ...seen, sender: rejectedBy } : seen;
}

function seenOf(o: ObservationOf<'tcp-connect'>): Seen | null {
  const outcome = connectOutcome(o);
  if (outcome === null) return null;
  const decided = o.data?.attempts.find((attempt) => attempt.outcome === outcome);
  return {
    port: o.input.port,
    outcome,
    code: decided?.code ?? null,
    elapsedMs: decided === undefined || decided.timed === false ? null : decided.elapsedMs,
    sender: decided === undefined ? null : senderOf(decided, o.input.address),
  };
}

/** Where somebody listened for ICMP errors and none came, a refusal was a reset, which bears the target's address. */
function senderOf({ outcome, told }: ConnectAttempt, address: string): string | null {
  if (told != null) return told.from;
  return told === null && outcome === 'refused' ? address : null;
}

function referenceSeen({ here }: Place, evidence: Evidence): Seen | null {
  const wanted = evidence.case?.reference?.port ?? null;
  const connects = here['tcp-connect'].filter(({ input }) => input.role === 'reference-port');
  const connect = connects.find(({ input }) => input.port === wanted) ?? connects[0];
  if (connect !== undefined) return seenOf(connect);
  const ports = here['alternate-ports'].flatMap(({ data }) => data.ports);
  const port =
    ports.find((one) => one.port === wanted) ?? ports.find(({ outcome }) => outcome === 'open') ?? null;
  return port === null
    ? null
    : {
        port: port.port,
        outcome: port.outcome,
        code: port.code,
        elapsedMs: port.timed === false ? null : port.elapsedMs,
        sender: null,
      };
}

function controlSeen(all: Measured, port: number): Seen | null {
  const o = all['tcp-connect'].find(({ input }) => input.role === 'reference-host' && input.port === port);
  return o === undefined ? null : seenOf(o);
}

function namesSeen(all: Measured, host: string): string[] | null {
  const o = all['system-resolve'].find(({ input }) => input.host === host);
  if (o === undefined || o.outcome === 'timeout' || o.outcome === 'temporary-failure') return null;
  return o.data.addresses.map(({ address }) => address);
}
