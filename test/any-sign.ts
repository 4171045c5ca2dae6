import fc from 'fast-check';

/** The surrogates are no code points of their own. */
const [FIRST, COUNT] = [0xd800, 0x800];

/** Any code point, as in `fc.string({ unit: anySign })`: what `unit: 'binary'` is, which first writes down all 1.1 million. */
export const anySign = fc.nat(0x10ffff - COUNT).map(
  (n) => String.fromCodePoint(n < FIRST ? n : n + COUNT),
  (sign) => {
    const code = typeof sign === 'string' ? (sign.codePointAt(0) ?? -1) : -1;
    if (code < 0 || sign !== String.fromCodePoint(code) || (code >= FIRST && code < FIRST + COUNT))
      throw new Error('not one code point');
    return code < FIRST ? code : code - COUNT;
  },
);
