import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compare, type Kernel, openKernel, type Rules, whyNoKernel } from '../judge/ruleset/kernel.ts';
import { iptablesRulesets, nftRulesets } from '../judge/ruleset/random-rules.ts';

/** Rule sets of each kind; `KERNEL_RUNS=500 npx vitest run --project whole test/whole/ruleset-beside-the-kernel.test.ts` tries tens of thousands of packets. */
const RUNS = Number(process.env.KERNEL_RUNS ?? 6);
const SEED = process.env.KERNEL_SEED === undefined ? undefined : Number(process.env.KERNEL_SEED);

const why = whyNoKernel();
describe.skipIf(why !== null)(
  `the evaluator beside the kernel${why === null ? '' : ` (skipped: ${why})`}`,
  () => {
    let kernel: Kernel;
    beforeAll(async () => {
      kernel = await openKernel();
    });
    afterAll(() => kernel.close());

    const none: Rules = { nft: null, iptables: null, ip6tables: null };
    const kinds: [string, fc.Arbitrary<Rules>][] = [
      ['nftables', nftRulesets.map((nft) => ({ ...none, nft }))],
      ['iptables', iptablesRulesets(4).map((iptables) => ({ ...none, iptables }))],
      ['ip6tables', iptablesRulesets(6).map((ip6tables) => ({ ...none, ip6tables }))],
      [
        'nftables and iptables side by side',
        fc.record({ nft: nftRulesets, iptables: iptablesRulesets(4), ip6tables: fc.constant(null) }),
      ],
    ];
    it.each(kinds)(
      '%s: no verdict contradicts it',
      async (_, kind) => {
        let packets = 0;
        let certain = 0;
        await fc.assert(
          fc.asyncProperty(kind, async (rules) => {
            const tally = await compare(kernel, rules);
            fc.pre(tally !== null);
            packets += tally.packets;
            certain += tally.certain;
            expect(tally.contradictions).toEqual([]);
          }),
          { numRuns: RUNS, ...(SEED === undefined ? {} : { seed: SEED }) },
        );
        if (process.env.KERNEL_RUNS !== undefined)
          console.log(
            `seed ${fc.readConfigureGlobal().seed ?? SEED}: ${packets} packets, ${certain} of them with a certain verdict`,
          );
        // An evaluator that knew nothing would contradict nothing.
        expect(certain).toBeGreaterThan(packets / 2);
      },
      60_000 + RUNS * 2000,
    );
  },
);
