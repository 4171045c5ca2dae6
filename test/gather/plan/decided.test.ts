import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { isDecided, nextSteps } from '../../../src/gather/plan/index.ts';
import { FACT_TABLE } from '../../../src/judge/facts/index.ts';
import { readingsOf } from '../../../src/judge/readings/index.ts';
import { reportOf } from '../../../src/judge/report-of.ts';
import { builtInRules } from '../../../src/judge/rules/load.ts';
import type { Evidence } from '../../../src/model/evidence.ts';
import type { Trace } from '../../../src/model/measured.ts';
import type { Observation, ObservationOf, Step } from '../../../src/model/probes.ts';

const rules = await builtInRules(FACT_TABLE);
const judge = (evidence: Evidence) => reportOf(evidence, rules, { version: '0', durationMs: 0 });

const recorded = async (name: string): Promise<Evidence> =>
  JSON.parse(await readFile(new URL(`../../scenarios/${name}/evidence.json`, import.meta.url), 'utf8'));

/** The recorded run at the moment when its port had been silent for so long; what is listed is still at work. */
function at(evidence: Evidence, silentMs: number, working: readonly string[]): [Step[], Evidence] {
  const isPort = (o: Observation): o is ObservationOf<'tcp-connect'> =>
    o.probe === 'tcp-connect' && o.input.role === 'target';
  const port = evidence.observations.find(isPort)!;
  const observations = evidence.observations
    .filter(({ id }) => !id.startsWith('local-network-again'))
    .map((o): Observation => {
      if (!isPort(o))
        return { ...o, final: !working.includes(o.id), startedAt: port.startedAt, durationMs: silentMs };
      const pending = { outcome: 'pending', code: null, elapsedMs: 700, local: false } as const;
      const attempts = o.data!.attempts.map(({ startMs }) => ({ startMs, ...pending }));
      return { ...o, outcome: 'pending', final: false, durationMs: 700, data: { attempts } };
    });
  const steps = observations.filter(({ id }) => id === port.id || working.includes(id));
  return [steps as unknown as Step[], { ...evidence, observations }];
}

const portOf = ({ observations }: Evidence) => observations.find(({ id }) => id === 'tcp-1')!;
const decidedAt = (steps: readonly Step[], evidence: Evidence, silentMs: number): boolean =>
  isDecided(
    steps,
    readingsOf(evidence),
    { evidence, nowMs: Date.parse(portOf(evidence).startedAt) + silentMs },
    { judge, next: nextSteps },
  );

async function decided(name: string, silentMs: number, working: readonly string[] = []): Promise<boolean> {
  const [steps, evidence] = at(await recorded(name), silentMs, working);
  return decidedAt(steps, evidence, silentMs);
}

describe('whether anything that may still come would change the diagnosis', () => {
  it('no, once a router beyond the stop has answered other traffic', async () => {
    expect(await decided('router-2-drops-the-port', 2200)).toBe(true);
    expect(await decided('router-2-drops-the-port', 2200, ['trace-syn-target-1', 'reverse-names-1'])).toBe(
      true,
    );
  });

  it('yes, while the port may still answer a SYN that was sent again', async () => {
    expect(await decided('router-2-drops-the-port', 1500)).toBe(false);
  });

  it('no, where the host answers elsewhere and gets none of the port: nobody looks for anybody', async () => {
    expect(await decided('host-or-last-router-drops-the-port', 2200)).toBe(true);
  });

  it('yes, where the host hands the port on, and may still say that it found nobody', async () => {
    const evidence = await recorded('host-or-last-router-drops-the-port');
    const host = evidence.observations.find(
      (o) => o.id === 'trace-syn-reference-1',
    ) as ObservationOf<'trace-syn'>;
    const distance = host.data!.replies.find(({ answer }) => answer !== 'time-exceeded')!.ttl;
    const observations = evidence.observations.map((o) => {
      if (o.id !== 'trace-syn-target-1') return o;
      const data = o.data as Trace;
      const told = {
        answer: 'time-exceeded',
        from: data.address,
        icmpType: 11,
        icmpCode: 0,
        rttMs: 1,
      } as const;
      return {
        ...o,
        data: {
          ...data,
          replies: data.replies.map((one) => (one.ttl === distance ? { ...one, ...told } : one)),
        },
      } as Observation;
    });
    const [steps, forwards] = at({ ...evidence, observations }, 2200, []);
    expect(decidedAt(steps, forwards, 2200)).toBe(false);
  });

  it('yes, where the last router, or the host, may still say that it looked for somebody, until all searches are over', async () => {
    expect(await decided('host-off', 2200)).toBe(false);
    expect(await decided('host-off', 3600)).toBe(false);
  });

  it('yes, while a trace that settles the place is at work', async () => {
    const [steps, evidence] = at(await recorded('router-2-drops-the-port'), 2200, ['trace-syn-reference-1']);
    const without = {
      ...evidence,
      observations: evidence.observations.filter(({ final, id }) => final || id === 'tcp-1'),
    };
    expect(decidedAt(steps, without, 2200)).toBe(false);
  });

  it('is not asked where the port is no longer waited for', async () => {
    const [, evidence] = at(await recorded('router-2-drops-the-port'), 2200, []);
    expect(decidedAt([], evidence, 2200)).toBe(false);
  });
});
