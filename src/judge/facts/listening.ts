import { familyOf, sameAddress } from '../../ground/address.ts';
import type { FactsOf, FactTable } from '../../model/facts.ts';
import type { Listener } from '../../model/measured.ts';
import type { Readings } from '../readings/index.ts';

const HERE = ['local-network'] as const;

export const LISTENING_FACTS = {
  'local.listens': {
    type: 'boolean',
    meaning:
      "Of an own address: this machine's socket table has a program that listens on the port at this address; null when it is no own address, the table could not be read, or the connection was refused and only `::` is listened on, which may take IPv4 or not.",
    from: [...HERE, 'tcp-connect:target'],
  },
  'local.listensAt': {
    type: 'string',
    meaning: 'Where local.listens is false: the other own addresses at which a program listens on the port.',
    from: HERE,
  },
  'local.connectAt': {
    type: 'string',
    meaning:
      'local.listensAt as addresses that one can connect to: 127.0.0.1 where it is every address of IPv4.',
    from: HERE,
  },
  'local.waiting': {
    type: 'number',
    meaning: 'Connections that wait to be accepted by the program that listens there.',
    from: HERE,
  },
  'local.container': {
    type: 'string',
    values: ['docker', 'podman', 'kubernetes', 'wsl'],
    meaning:
      'The target is a loopback address, and this process runs in a container or WSL, which has its own.',
    from: HERE,
  },
} as const satisfies FactTable;

/** `::` takes IPv4 as well, unless the program asked for IPv6 only, which the table does not tell: a refusal may. */
function takes(listener: Listener, address: string): boolean {
  if (listener.address === '::') return true;
  if (listener.address === '0.0.0.0') return familyOf(address) === 4;
  return sameAddress(listener.address, address);
}

export function listeningFacts({ address, here, connects }: Readings): FactsOf<typeof LISTENING_FACTS> {
  const [first] = here['local-network'];
  const listeners = first?.data.listeners ?? null;
  const mine = address === null ? [] : (listeners?.filter((one) => takes(one, address)) ?? []);
  const isMaybe =
    connects.outcome === 'refused' &&
    address !== null &&
    familyOf(address) === 4 &&
    mine.length > 0 &&
    mine.every((one) => one.address === '::');
  const elsewhere = [...new Set(listeners?.map((one) => one.address) ?? [])];
  return {
    'local.listens': listeners === null || isMaybe ? null : mine.length > 0,
    'local.listensAt': mine.length > 0 || elsewhere.length === 0 ? null : elsewhere.join(', '),
    'local.connectAt':
      mine.length > 0 || elsewhere.length === 0
        ? null
        : elsewhere.map((one) => (one === '0.0.0.0' ? '127.0.0.1' : one)).join(', '),
    'local.waiting': mine.length > 0 ? Math.max(...mine.map(({ waiting }) => waiting)) : null,
    'local.container': first?.data.container ?? null,
  };
}
