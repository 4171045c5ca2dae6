/** The same faults as root, and with tools missing: worse eyes, never a bolder claim. */
import {
  after,
  atHop,
  atTarget,
  type Commands,
  family,
  forward,
  hostPort,
  input,
  RESET_BY_HOST_LIMIT,
  type Scenario,
  type Tool,
  type Truth,
} from '../scenario.ts';
import type { Addresses } from '../topology.ts';
import * as world from '../worlds.ts';

const on = world.company3;
const target = (at: Addresses) => hostPort(at.server, 8080);

const faults: { words: string; listen?: number[]; fault: () => Commands; truth: (at: Addresses) => Truth }[] =
  [
    {
      words: 'router 2 drops the port',
      fault: () => ({ r2: [forward('tcp dport 8080 drop')] }),
      truth: (at) => ({ outcome: 'unreachable', causes: ['network-firewall-drop'], where: [after(at, 2)] }),
    },
    {
      words: 'router 2 rejects the port',
      fault: () => ({ r2: [forward('tcp dport 8080 reject with icmp admin-prohibited')] }),
      truth: (at) => ({ outcome: 'unreachable', causes: ['network-firewall-reject'], where: [atHop(at, 2)] }),
    },
    {
      words: 'the host drops the port',
      fault: () => ({ server: [input('tcp dport 8080 drop')] }),
      truth: (at) => ({
        outcome: 'unreachable',
        causes: ['host-firewall-drop', 'network-firewall-drop'],
        where: [after(at, 3)],
        maxConfidence: 0.75,
      }),
    },
    {
      words: 'nothing listens',
      listen: [22],
      fault: () => ({}),
      truth: (at) => ({
        outcome: 'unreachable',
        causes: ['port-closed'],
        where: [atTarget(at.server)],
        maxConfidence: RESET_BY_HOST_LIMIT,
      }),
    },
    {
      words: 'the host is off',
      listen: [],
      fault: () => ({ server: ['ip link set eth0 down'] }),
      truth: (at) => ({ outcome: 'unreachable', causes: ['host-down'], where: [after(at, 3)] }),
    },
  ];

const asRoot = family('as-root', faults, ({ words, fault, truth, listen }) => ({
  name: `as root: ${words}`,
  topology: on,
  ...(listen ? { listen } : {}),
  fault,
  target,
  as: 'root' as const,
  truth,
}));

const MISSING: { hide: Tool[]; words: string }[] = [
  { hide: ['ip'], words: 'without ip' },
  { hide: ['ping'], words: 'without ping' },
  { hide: ['mtr', 'tcptraceroute', 'traceroute', 'tracepath'], words: 'without any traceroute' },
];
const withoutTools = family(
  'tools-missing',
  MISSING.flatMap((missing) =>
    faults.slice(0, 3).map((fault) => ({ ...missing, ...fault, says: `${missing.words}: ${fault.words}` })),
  ),
  ({ hide, says, fault, truth, listen }) => ({
    name: says,
    topology: on,
    ...(listen ? { listen } : {}),
    fault,
    target,
    hide,
    truth,
  }),
);

/** Without the native sweep other tools may still see the path; where none does, the place is not known. */
const unplaced = (truth: Truth): Truth => ({
  ...truth,
  causes: truth.causes.includes('network-firewall-drop')
    ? ['network-firewall-drop', 'host-firewall-drop']
    : truth.causes,
  ...(truth.where ? { where: [...truth.where, null, { kind: 'between' }] } : {}),
});
const withoutNative = family('no-native-sweep', faults, ({ words, fault, truth, listen }) => ({
  name: `without koffi: ${words}`,
  topology: on,
  ...(listen ? { listen } : {}),
  fault,
  target,
  hide: ['koffi'] as Tool[],
  // What rejects cannot be told from the host where nobody reports the sender.
  truth: (at) => {
    const truthHere = unplaced(truth(at));
    return words.includes('rejects')
      ? { ...truthHere, causes: [...truthHere.causes, 'host-firewall-reject'] }
      : truthHere;
  },
}));

export default [...asRoot, ...withoutTools, ...withoutNative] satisfies Scenario[];
