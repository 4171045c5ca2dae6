import type { View } from '../../model/facts.ts';
import type { Observation, ObservationOf, ProbeName } from '../../model/probes.ts';

/** Observations of one probe that measured something, in the order in which they were asked. */
export function observed<P extends ProbeName>(
  view: View,
  probe: P,
): (ObservationOf<P> & { data: NonNullable<ObservationOf<P>['data']> })[] {
  return view.evidence.observations.filter(
    (o: Observation): boolean => o.probe === probe && o.data !== null,
  ) as unknown as (ObservationOf<P> & { data: NonNullable<ObservationOf<P>['data']> })[];
}

/** The same, only those about the address of the view. */
export function observedHere<P extends ProbeName>(view: View, probe: P) {
  return observed(view, probe).filter((o) => (o.input as { address?: string }).address === view.address);
}
