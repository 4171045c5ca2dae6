import type { Probe } from './probe.ts';

const MAX_ADDRESSES = 40;
const MAX_RESOLVERS = 2;
const MAX_NAME = 253;

/**
 * The names that reverse DNS gives to addresses (hops mostly), all at once. Names are decoration: whatever goes wrong,
 * the address has none. They are a stranger's words and are kept raw; whoever prints them makes them harmless.
 */
export const reverseNames: Probe<'reverse-names'> = async (
  { addresses, resolvers, timeoutMs },
  { doors, signal },
) => {
  const names: Record<string, string> = {};
  const asked = [...new Set(addresses)].slice(0, MAX_ADDRESSES);
  await Promise.all(
    asked.map(async (address) => {
      const question = reverseQuestion(address);
      if (question === null) return;
      // Two resolvers at once: the first one may be the broken part.
      const replies = await Promise.all(
        resolvers
          .slice(0, MAX_RESOLVERS)
          .map((resolver) =>
            doors.dnsQuery({ resolver, port: 53, name: question, type: 'PTR', timeoutMs, signal }),
          ),
      );
      const name = replies.flatMap((reply) => reply.names)[0]?.replace(/\.$/, '');
      if (name !== undefined && name !== '' && name.length <= MAX_NAME) names[address] = name;
    }),
  );
  if (signal.aborted && Object.keys(names).length === 0)
    return { outcome: 'cancelled', reason: null, data: null };
  return { outcome: Object.keys(names).length > 0 ? 'named' : 'unnamed', reason: null, data: { names } };
};

/** `7.2.0.192.in-addr.arpa` (RFC 1035 section 3.5), nibbles under `ip6.arpa` (RFC 3596); null for what is no address. */
export function reverseQuestion(address: string): string | null {
  const bare = address.replace(/%.*$/s, '');
  if (/^\d{1,3}(\.\d{1,3}){3}$/.test(bare)) return `${bare.split('.').reverse().join('.')}.in-addr.arpa`;
  if (!/^[0-9a-f:]+$/i.test(bare)) return null;
  const [head = '', tail, more] = bare.split('::');
  if (more !== undefined) return null;
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const missing = 8 - left.length - right.length;
  if (tail === undefined ? missing !== 0 : missing < 1) return null;
  const groups = [...left, ...Array<string>(tail === undefined ? 0 : missing).fill('0'), ...right];
  if (groups.some((group) => group.length < 1 || group.length > 4)) return null;
  return `${groups
    .map((group) => group.padStart(4, '0'))
    .join('')
    .split('')
    .reverse()
    .join('.')
    .toLowerCase()}.ip6.arpa`;
}
