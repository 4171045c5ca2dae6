import type { Evidence, Vantage } from '../../model/evidence.ts';
import type { Observation } from '../../model/probes.ts';
import type { Request } from '../../model/request.ts';
import { isFromHere, type Sight } from '../../model/views.ts';
import { addressesOf, type TargetAddress } from './addresses.ts';
import { type AddressOutcome, addressOutcomes, type Connects, connectsOf } from './connects.ts';
import { type Counted, countedOf } from './counted.ts';
import { namesElsewhereOf, sightsOf } from './elsewhere.ts';
import { type LocalNetwork, localNetworkOf } from './local.ts';
import { isAbout, type Measured, measuredIn, type Place } from './measured.ts';
import { type Names, type Naming, namesOf, namingOf } from './names.ts';
import { withCode } from './older-runs.ts';
import { type BothEnds, bothEndsAt } from './other-end.ts';
import { type Talks, talksOf } from './talk.ts';
import { hostDistance, type Traces, tracesOf } from './traces.ts';

/** What every address of the target shares. */
export interface Shared {
  request: Request;
  vantage: Vantage;
  startedAt: string;
  /** Of this client, those that measured nothing included. */
  observations: readonly Observation[];
  all: Measured;
  addresses: readonly TargetAddress[];
  outcomes: readonly AddressOutcome[];
  /** Null where the target is an address. */
  names: Names | null;
  /** From this client and from elsewhere; empty where nobody looked from elsewhere. */
  sights: readonly Sight[];
  /** What the name leads to elsewhere, by view. */
  namesElsewhere: readonly { view: string; names: string[] }[];
  /** The run itself, with what other places saw: for the other end's half of the case alone. */
  evidence: Evidence;
}

/** Everything that facts are made from, read once for one address of the target (or for none, while none is known). */
export interface Readings extends Shared, Place {
  naming: Naming | null;
  local: LocalNetwork;
  connects: Connects;
  counted: Counted;
  traces: Traces;
  /** Smallest TTL that reaches the host; null where that is not known. */
  distance: number | null;
  talks: Talks;
  /** The other end's half of the case; null where nobody looked there. */
  otherEnd: BothEnds | null;
}

/** A whole run: one reading for each address that is tried, or one without an address where the name led to none. */
export interface RunReadings extends Shared {
  perAddress: readonly Readings[];
}

/** Reads the evidence. Facts, plan and report take from the result; nobody reads the evidence again. */
export function readingsOf(evidence: Evidence): RunReadings {
  const shared = sharedOf(evidence);
  const addresses = shared.addresses.map(({ address }) => address);
  return {
    ...shared,
    perAddress: (addresses.length > 0 ? addresses : [null]).map((address) => readAt(shared, address)),
  };
}

/** The readings of one address, whether it is among the target's or not. */
export const readingsAt = (evidence: Evidence, address: string | null): Readings =>
  readAt(sharedOf(evidence), address);

function sharedOf(evidence: Evidence): Shared {
  const { request, vantage, startedAt, observations: taken } = evidence;
  const observations = taken.filter(isFromHere).map(withCode);
  const all = measuredIn(observations);
  const addresses = addressesOf({ request, observations });
  return {
    request,
    vantage,
    startedAt,
    observations,
    all,
    addresses,
    outcomes: addressOutcomes(addresses, all),
    names: namesOf(request.target.host, vantage, all),
    sights: sightsOf(evidence),
    namesElsewhere: namesElsewhereOf(evidence),
    evidence,
  };
}

function readAt(shared: Shared, address: string | null): Readings {
  const about = shared.observations.filter((o) => isAbout(o, address));
  const place: Place = { address, here: measuredIn(about), all: shared.all };
  const local = localNetworkOf(place, shared.vantage);
  const counted = countedOf(place, local.route);
  const traces = tracesOf(place, counted);
  return {
    ...shared,
    ...place,
    naming: shared.names === null ? null : namingOf(shared.names, address),
    local,
    connects: connectsOf(place),
    counted,
    traces,
    distance: hostDistance(traces),
    otherEnd: bothEndsAt(shared.evidence, address),
    talks: talksOf(shared.request.target, place.here, about),
  };
}
