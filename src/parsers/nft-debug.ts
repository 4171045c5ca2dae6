// inet f i 2
//   [ meta load nfproto => reg 1 ]
//   [ cmp eq reg 1 0x0000000a ]
//   [ reject type 1 code 0 ]
import type { Family } from '../model/request.ts';

/**
 * The family that a rule which ends in `reject with tcp reset` is for: 4, 6, or null for both. nft lists
 * `meta nfproto ipv6 reject with tcp reset` without its family (1.0.6), so the listing alone does not tell. Keyed by
 * `inet table chain handle`; a rule that is not in it may be for either.
 */
export type ResetFamilies = ReadonlyMap<string, Family | null>;

const RULE = /^(inet|netdev) (\S+) (\S+) (\d+)/;
/** nfproto is the family's number (2, 10), protocol the one of Ethernet in the network's order. */
const IPV4 = /^0x0*(?:2|8|800)$/;
const IPV6 = /^0x0*(?:a|86dd|dd86)$/;
const MAX_LINES = 200_000;

/** `nft --debug=netlink list ruleset`: before its listing it prints what the kernel holds. */
export function parseNftDebug(text: string): ResetFamilies {
  const found = new Map<string, Family | null>();
  let key: string | null = null;
  let family: Family | null | 'unclear' = null;
  let isLoaded = false;
  for (const line of text.split('\n', MAX_LINES)) {
    const [, table, name, chain, handle] = RULE.exec(line) ?? [];
    if (table !== undefined) {
      key = `${table} ${name} ${chain} ${handle}`;
      family = null;
      isLoaded = false;
      continue;
    }
    if (isLoaded) family = familyOf(line);
    isLoaded = /\[ meta load (?:nfproto|protocol) /.test(line);
    if (key !== null && /\[ reject type 1 /.test(line) && family !== 'unclear') found.set(key, family);
  }
  return found;
}

function familyOf(line: string): Family | 'unclear' {
  const value = /\[ cmp eq reg \d+ (0x[0-9a-f]+) \]/.exec(line)?.[1] ?? '';
  if (IPV4.test(value)) return 4;
  return IPV6.test(value) ? 6 : 'unclear';
}

/** The same as the kit for the other end writes it: `inet,f,i,2,6`, and `-` for both. */
export function resetFamilies(lines: readonly string[]): ResetFamilies {
  return new Map(
    lines.flatMap((line): [string, Family | null][] => {
      const [, rule, family] = /^((?:inet|netdev),[^\s,]+,[^\s,]+,\d+),([46-])$/.exec(line) ?? [];
      if (rule === undefined) return [];
      return [[rule.replaceAll(',', ' '), family === '4' ? 4 : family === '6' ? 6 : null]];
    }),
  );
}
