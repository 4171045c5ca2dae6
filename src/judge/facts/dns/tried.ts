import { includesAddress } from '../../../ground/address.ts';
import type { Readings } from '../../readings/index.ts';

const triedOf = (readings: Readings, addresses: readonly string[]) =>
  readings.all['tcp-connect'].filter(
    ({ input, outcome }) =>
      input.port === readings.request.target.port &&
      input.role !== 'reference-host' &&
      outcome !== 'pending' &&
      includesAddress(addresses, input.address),
  );

/** Whether one of these addresses accepts connections to the target's port; null where none was tried to the end. */
export function anyOpen(readings: Readings, addresses: readonly string[]): boolean | null {
  const tried = triedOf(readings, addresses);
  return tried.length === 0 ? null : tried.some(({ outcome }) => outcome === 'open');
}

/** Whether these addresses fail as the one in question does; null where one works or none was tried to the end. */
export function failsAlike(readings: Readings, addresses: readonly string[]): boolean | null {
  const here = readings.connects.target;
  const there = triedOf(readings, addresses);
  if (here === null || here.outcome === 'pending' || there.length === 0) return null;
  if (there.some(({ outcome }) => outcome === 'open')) return null;
  return there.every(({ outcome }) => outcome === here.outcome);
}
