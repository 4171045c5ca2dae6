/** The evaluator's verdict beside what the kernel does, for random rule sets. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { evaluate, type Judgement } from '../../../src/judge/ruleset/evaluate.ts';
import { combineRulesets, isInNftables } from '../../../src/parsers/filter-tools.ts';
import { parseIptablesSave } from '../../../src/parsers/iptables-save.ts';
import { parseNftDebug } from '../../../src/parsers/nft-debug.ts';
import { parseNftRuleset } from '../../../src/parsers/nft-ruleset.ts';
import { CLIENTS, PORTS, TARGETS } from './random-rules.ts';

const ADDRESSES = ['10.9.0.1', '10.9.0.3', '10.8.0.1', 'fd09:9::1', 'fd09:8::1'];

export interface Rules {
  nft: string | null;
  iptables: string | null;
  ip6tables: string | null;
}
export interface Probe {
  source: string;
  destination: string;
  port: number;
  timeoutMs: number;
}
export interface Result {
  outcome: 'open' | 'refused' | 'unreachable' | 'silent';
  said: string;
}
export type Listed = { nft: string; debug: string; iptables: string; ip6tables: string };
type Answer = { refused: string } | { listed: Listed; results: Result[] };

/** Why namespaces cannot be made here, or null. */
export function whyNoKernel(): string | null {
  for (const tool of ['nft', 'iptables-restore', 'ip6tables-restore', 'unshare', 'nsenter'])
    if (spawnSync(tool, ['--version']).error !== undefined) return `${tool} is not installed`;
  const made = spawnSync('unshare', [...namespaces(), 'true']);
  return made.status === 0 ? null : 'network namespaces cannot be made';
}
const namespaces = (): string[] =>
  process.getuid?.() === 0 ? ['--net'] : ['--user', '--map-root-user', '--net'];

export interface Kernel {
  ask(rules: Rules, probes: Probe[]): Promise<Answer>;
  close(): void;
}

export async function openKernel(): Promise<Kernel> {
  const world = fileURLToPath(new URL('kernel-world.mjs', import.meta.url));
  const child: ChildProcess = spawn('unshare', [...namespaces(), process.execPath, world], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, NODE_OPTIONS: '', PATH: `${process.env.PATH}:/usr/sbin:/sbin` },
  });
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  await lines.next();
  return {
    async ask(rules, probes) {
      child.stdin!.write(`${JSON.stringify({ ...rules, probes })}\n`);
      return JSON.parse((await lines.next()).value);
    },
    close: () => child.stdin!.end(),
  };
}

/** A SYN from every client to every port of every target. */
export const PROBES: Omit<Probe, 'timeoutMs'>[] = ([4, 6] as const).flatMap((family) =>
  CLIENTS[family].flatMap((source) =>
    TARGETS[family].flatMap((destination) => PORTS.map((port) => ({ source, destination, port }))),
  ),
);

/** What the evaluator says of each of PROBES, with and without what nft's listing leaves out. */
export function judged(listed: Listed, isListingWhole: boolean): Judgement[] {
  const iptables = ([4, 6] as const).flatMap((family) => {
    const text = family === 4 ? listed.iptables : listed.ip6tables;
    const ruleset = parseIptablesSave(text, family);
    return ruleset === null ? [] : [{ ruleset, isInNftables: isInNftables(text) }];
  });
  const ruleset = combineRulesets(
    parseNftRuleset(listed.nft, isListingWhole ? parseNftDebug(listed.debug) : undefined),
    iptables,
  );
  return PROBES.map(({ source, destination, port }) =>
    evaluate(
      ruleset,
      {
        family: source.includes(':') ? 6 : 4,
        source,
        destination,
        sourcePort: null,
        destinationPort: port,
        iif: 'eth0',
        oif: null,
        state: 'new',
        tcpFlags: 0x02,
        mss: source.includes(':') ? 1440 : 1460,
      },
      'arriving',
      { addresses: ADDRESSES, deviceTo: () => 'docker0' },
    ),
  );
}

/** Whether what happened is one of the things that were said to be possible. */
export function fits({ outcomes }: Judgement, { outcome, said }: Result): boolean {
  return outcomes.some(({ end, how, destination, port }) => {
    switch (end) {
      case 'unknown':
        return true;
      case 'dropped':
        return outcome === 'silent';
      case 'rejected':
        // A connect() over IPv6 hears of an ICMP error when it sends again.
        if (outcome === 'silent') return destination.includes(':') && !/reset|rst/.test(how ?? '');
        return outcome === 'refused' || outcome === 'unreachable';
      default: {
        const inside = destination.startsWith('10.8.0.2') || destination.startsWith('fd09:8::2');
        const listens = (inside ? [80, 8080] : [22, 80, 8080]).includes(port ?? 0);
        if (!listens) return outcome === 'refused';
        return outcome === 'open' && (said === '' || said === `${inside ? 'container' : 'host'} ${port}`);
      }
    }
  });
}

export interface Tally {
  packets: number;
  /** Of how many the verdict was certain. */
  certain: number;
  contradictions: string[];
}

/** One rule set, every probe; null where the tools do not take it. What does not fit is asked once more with patience: a busy machine is slow. */
export async function compare(kernel: Kernel, rules: Rules): Promise<Tally | null> {
  const answer = await kernel.ask(
    rules,
    PROBES.map((probe) => ({ ...probe, timeoutMs: 120 })),
  );
  if ('refused' in answer) return null;
  const verdicts = judged(answer.listed, true);
  const fromListing = judged(answer.listed, false);
  const odd = [verdicts, fromListing].flatMap((given) =>
    PROBES.flatMap((probe, i) =>
      fits(given[i]!, answer.results[i]!) ? [] : [{ probe, verdict: given[i]! }],
    ),
  );
  let contradictions: string[] = [];
  if (odd.length > 0) {
    const again = await kernel.ask(
      rules,
      odd.map(({ probe }) => ({ ...probe, timeoutMs: 1500 })),
    );
    if ('refused' in again) throw new Error(again.refused);
    contradictions = odd.flatMap(({ probe, verdict }, i) =>
      fits(verdict, again.results[i]!)
        ? []
        : [
            `${JSON.stringify(probe)}: said ${JSON.stringify(verdict)}, was ${JSON.stringify(again.results[i])}`,
          ],
    );
  }
  return {
    packets: PROBES.length,
    certain: verdicts.filter(({ verdict }) => verdict !== 'may').length,
    contradictions,
  };
}
