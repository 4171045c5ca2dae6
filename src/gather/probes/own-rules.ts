import type { CommandResult, Doors } from '../../doors/types.ts';
import { because } from '../../model/reasons.ts';
import { grownBetween, ruleCounters, rulesetOf } from '../../parsers/filter-tools.ts';
import { parseNftDebug } from '../../parsers/nft-debug.ts';
import type { Probe } from './probe.ts';

/** Every question is one to the own kernel; a rule set that takes longer is none that a person reads. */
const TIMEOUT_MS = 2000;

export const OWN_RULES_COMMANDS = {
  nft: ['nft', '-j', 'list', 'ruleset'],
  debug: ['nft', '--debug=netlink', 'list', 'ruleset'],
  iptables: ['iptables-save', '-c'],
  ip6tables: ['ip6tables-save', '-c'],
} as const;

/**
 * The rules of this machine's own packet filter, read before and after one connection to the port: whose counter grows
 * decides. Only root may read them, and only Linux is asked. Nothing is changed.
 */
export const ownRules: Probe<'own-rules'> = async ({ address, port, timeoutMs }, { doors, signal }) => {
  if (doors.platform !== 'linux')
    return { outcome: 'not-available', reason: because('linux-only'), data: null };
  const first = await printed(doors, signal);
  const debug = await run(doors, OWN_RULES_COMMANDS.debug, signal);
  const resets = parseNftDebug(textOf(debug) ?? '');
  const before = rulesetOf(first.texts, resets);
  if (signal.aborted) return { outcome: 'cancelled', reason: null, data: null };
  if (before === null) {
    const isRefused = first.results.some(({ status }) => status === 'done' || status === 'denied');
    return isRefused
      ? {
          outcome: 'not-available',
          reason: because('needs-privileges', 'nft'),
          data: null,
          enable: 'sudo reachdoctor ...',
        }
      : {
          outcome: 'not-available',
          reason: because('not-installed', 'nft, iptables-save'),
          data: null,
        };
  }
  await doors.connectTcp(address, port, { timeoutMs, signal });
  const second = await printed(doors, signal);
  if (signal.aborted) return { outcome: 'cancelled', reason: null, data: null };
  const ruleset = rulesetOf(second.texts, resets) ?? before;
  const grew = grownBetween(ruleCounters(before, first.texts), ruleCounters(ruleset, second.texts));
  return { outcome: 'read', reason: null, data: { ruleset, grew } };
};

async function printed(doors: Doors, signal: AbortSignal) {
  const { nft, iptables, ip6tables } = OWN_RULES_COMMANDS;
  const results = await Promise.all([nft, iptables, ip6tables].map((words) => run(doors, words, signal)));
  const [ofNft = null, ofIptables = null, ofIp6tables = null] = results.map(textOf);
  return { results, texts: { nft: ofNft, iptables: ofIptables, ip6tables: ofIp6tables } };
}

const run = (
  doors: Doors,
  [file = '', ...args]: readonly string[],
  signal: AbortSignal,
): Promise<CommandResult> => doors.runCommand({ file, args, timeoutMs: TIMEOUT_MS, signal });

/** Null where it was not read: that there are no rules is said otherwise. */
const textOf = ({ status, exitCode, stdout }: CommandResult): string | null =>
  status === 'done' && exitCode === 0 ? stdout : null;
