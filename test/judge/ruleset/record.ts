/**
 * `npx tsx test/judge/ruleset/record.ts [N] [SEED]`: asks the kernel about N random rule sets of each kind and writes what they list
 * and what happened to every packet into recorded/, for recorded.test.ts. Wants root or user namespaces, nft and iptables.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { fits, judged, openKernel, PROBES, type Rules } from './kernel.ts';
import { iptablesRulesets, nftRulesets } from './random-rules.ts';
import { eventOf, RECORDED, type Recording, verdictsOf } from './recorded.ts';

const [count = '20', seed = '1'] = process.argv.slice(2);
const none: Rules = { nft: null, iptables: null, ip6tables: null };
const kinds: Record<string, fc.Arbitrary<Rules>> = {
  nft: nftRulesets.map((nft) => ({ ...none, nft })),
  iptables: iptablesRulesets(4).map((iptables) => ({ ...none, iptables })),
  ip6tables: iptablesRulesets(6).map((ip6tables) => ({ ...none, ip6tables })),
  both: fc.record({ nft: nftRulesets, iptables: iptablesRulesets(4), ip6tables: fc.constant(null) }),
};

mkdirSync(RECORDED, { recursive: true });
const kernel = await openKernel();
for (const [kind, arbitrary] of Object.entries(kinds)) {
  const texts = fc.sample(arbitrary, { seed: Number(seed), numRuns: 20 * Number(count) });
  const kept: Recording[] = [];
  for (const rules of texts) {
    if (kept.length === Number(count)) break;
    const answer = await kernel.ask(
      rules,
      PROBES.map((probe) => ({ ...probe, timeoutMs: 300 })),
    );
    if ('refused' in answer) continue;
    const { listed, results } = answer;
    const verdicts = judged(listed, true);
    const odd = verdicts.filter((one, i) => !fits(one, results[i]!)).length;
    // What is open, or silent, for every packet says little.
    if (odd === 0 && new Set(results.map(eventOf)).size < 2) continue;
    if (odd > 0) {
      console.log(
        `${kind}: ${odd} packets fared otherwise than said: look at them with whole/ruleset-beside-the-kernel.test.ts`,
      );
      continue;
    }
    kept.push({
      listed,
      happened: results.map(eventOf),
      verdicts: verdictsOf(verdicts, judged(listed, false)),
    });
  }
  writeFileSync(`${RECORDED}${kind}.jsonl`, kept.map((one) => `${JSON.stringify(one)}\n`).join(''));
  console.log(`${kind}: ${kept.length}`);
}
kernel.close();
