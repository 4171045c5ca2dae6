import type { Cause, Path, Report } from '../../src/model/report.ts';
import { SAMPLES } from './samples.ts';

/** A sample with what a test changes in it, and the parts of which ways are made. */

export const sample = (name: string, change: (report: Report) => void = () => undefined): Report => {
  const report = structuredClone(SAMPLES[name]!);
  change(report);
  return report;
};
export const dropped = (change?: (report: Report) => void) => sample('router-drops-the-port', change);
export const lead = (report: Report): Cause => report.causes[0]!;
export const path = (address: string, hops: Path['hops'], port = 5432): Path => ({
  method: 'tcp-syn',
  port,
  address,
  reached: false,
  lastHop: null,
  hops,
});
export const hop = (number: number, address: string | null, answer: Path['hops'][number]['answer']) => ({
  hop: number,
  address,
  name: null,
  rttMs: 1,
  answer,
});
