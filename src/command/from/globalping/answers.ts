import * as v from 'valibot';
import { isAddress } from '../../../ground/address.ts';
import { safe } from '../../../report/sanitize.ts';
import { count, list, ms, number, or } from '../../field-schemas.ts';
import { MOST_PROBES } from '../globalping.ts';

/**
 * What the Globalping API answers (public/v1/spec.yaml of jsdelivr/globalping), as far as it is read here: every field
 * bounded, words of strangers made safe.
 */

const words = (most: number) =>
  v.pipe(
    v.string(),
    v.transform((text) => safe(text.trim().slice(0, most))),
  );
const address = v.pipe(v.string(), v.maxLength(45), v.check(isAddress));
const id = v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{1,64}$/));
const rttMs = v.pipe(ms, v.maxValue(60_000));

export const CREATED = v.object({ id, probesCount: v.pipe(count, v.minValue(1), v.maxValue(MOST_PROBES)) });

export const PROBE = v.object({
  country: words(8),
  city: words(60),
  asn: v.pipe(count, v.maxValue(0xffff_ffff)),
  network: words(60),
});
export type Probe = v.InferOutput<typeof PROBE>;

/** `in-progress` is the only status of a measurement, or of a probe's test, that is not its last. */
export const MEASUREMENT = v.object({
  id,
  type: v.picklist(['ping', 'traceroute', 'dns']),
  status: words(30),
  results: v.pipe(
    v.array(v.object({ probe: PROBE, result: v.looseObject({ status: words(30) }) })),
    v.minLength(1),
    v.maxLength(MOST_PROBES),
  ),
});

/** A probe's test by TCP ping. */
export const PING = v.pipe(
  v.object({
    resolvedAddress: or(address),
    stats: v.object({ total: v.pipe(count, v.maxValue(16)), rcv: v.pipe(count, v.maxValue(16)) }),
    // Some versions of the probe write -1 for a connection that was not answered.
    timings: v.pipe(v.array(v.object({ rtt: v.pipe(number, v.maxValue(60_000)) })), v.maxLength(16)),
  }),
  v.check(({ stats }) => stats.rcv <= stats.total),
);
export type Ping = v.InferOutput<typeof PING>;

export const TRACEROUTE = v.object({
  resolvedAddress: or(address),
  hops: v.pipe(
    v.array(v.object({ resolvedAddress: or(address), timings: list(v.object({ rtt: rttMs })) })),
    v.maxLength(64),
  ),
  rawOutput: v.pipe(v.string(), v.maxLength(65_536)),
});
export type Traceroute = v.InferOutput<typeof TRACEROUTE>;

export const DNS = v.object({
  statusCodeName: words(30),
  answers: v.pipe(
    v.array(v.object({ type: words(16), value: v.pipe(v.string(), v.maxLength(4096)) })),
    v.maxLength(200),
  ),
});

export const ERROR = v.object({ error: v.object({ type: words(60), message: words(200) }) });
