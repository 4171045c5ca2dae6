import * as v from 'valibot';

/** The kinds of fields of saved evidence, each bounded, so that what passes is judged and printed in bounded time. */

export const text = v.pipe(v.string(), v.maxLength(16_384));
export const long = v.pipe(v.string(), v.maxLength(1024 * 1024));
export const flag = v.boolean();
/** JSON knows no NaN, but 1e999 is Infinity. */
export const number = v.pipe(v.number(), v.finite(), v.minValue(-1e15), v.maxValue(1e15));
export const ms = v.pipe(number, v.minValue(0));
export const count = v.pipe(number, v.integer(), v.minValue(0));
export const port = v.pipe(count, v.maxValue(65_535));
export const octet = v.pipe(count, v.maxValue(255));
export const family = v.picklist([4, 6]);
export const timestamp = v.pipe(
  v.string(),
  v.maxLength(40),
  v.isoTimestamp(),
  v.check((when) => Number.isFinite(Date.parse(when))),
);
export const list = <T extends v.GenericSchema>(item: T) => v.pipe(v.array(item), v.maxLength(4096));
export const or = v.nullable;
