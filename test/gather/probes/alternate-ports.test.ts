import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clock } from '../../../src/doors/clock.ts';
import { connectTcp } from '../../../src/doors/tcp.ts';
import type { Doors } from '../../../src/doors/types.ts';
import { alternatePorts } from '../../../src/gather/probes/alternate-ports.ts';
import type { FindingOf } from '../../../src/model/probes.ts';
import { closedPort, listener, silentPort } from '../../command/silent-port.ts';

type Finding = FindingOf<'alternate-ports'>;
let open: Awaited<ReturnType<typeof listener>>;
let silent: Awaited<ReturnType<typeof silentPort>>;
let closed: number;
beforeAll(async () => {
  [open, silent, closed] = await Promise.all([listener(), silentPort(), closedPort()]);
});
afterAll(() => {
  open.close();
  silent.close();
});

async function probe(
  ports: number[],
  signal = new AbortController().signal,
  told: (finding: Finding) => void = () => {},
) {
  const partials: Finding[] = [];
  const finding = await alternatePorts(
    { address: '127.0.0.1', ports, timeoutMs: 300 },
    {
      doors: { clock, connectTcp } as Doors,
      signal,
      partial: (known) => {
        partials.push(known);
        told(known);
      },
    },
  );
  return { finding, partials };
}
const outcomes = (finding: Finding | undefined) =>
  finding?.data?.ports.map(({ port, outcome }) => [port, outcome]);

describe('other ports of the host', () => {
  it('are told apart: open, refused, silent', async () => {
    const { finding } = await probe([open.port, closed, silent.port]);
    expect(finding.outcome).toBe('some-answered');
    expect(outcomes(finding)).toEqual([
      [open.port, 'open'],
      [closed, 'refused'],
      [silent.port, 'timeout'],
    ]);
  });

  it('an answer is told at once, while the silent ones are still waited for', async () => {
    const { partials } = await probe([silent.port, closed]);
    expect(partials.map(outcomes)).toEqual([
      [
        [silent.port, 'pending'],
        [closed, 'refused'],
      ],
    ]);
  });

  it('only silence: none answered, and nothing is told before the end', async () => {
    const { finding, partials } = await probe([silent.port]);
    expect(finding.outcome).toBe('none-answered');
    expect(partials).toEqual([]);
  });

  it('stopped early: what answered is kept', async () => {
    const stop = new AbortController();
    const { finding } = await probe([silent.port, closed], stop.signal, () => stop.abort());
    expect(finding.outcome).toBe('some-answered');
    expect(outcomes(finding)).toEqual([
      [silent.port, 'pending'],
      [closed, 'refused'],
    ]);
  });

  it('stopped before anything answered: cancelled', async () => {
    expect((await probe([silent.port], AbortSignal.abort())).finding.outcome).toBe('cancelled');
  });
});
