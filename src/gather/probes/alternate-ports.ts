import type { PortResult } from '../../model/measured.ts';
import type { FindingOf } from '../../model/probes.ts';
import type { Probe } from './probe.ts';

/**
 * One connect() to each of a handful of ports of the same host, side by side. Any answer - even a refusal - proves that
 * something at that address is alive; the plan takes a port that answered as the reference of its traces.
 */
export const alternatePorts: Probe<'alternate-ports'> = async (input, { doors, signal, partial }) => {
  const ports: PortResult[] = input.ports.map((port) => ({
    port,
    outcome: 'pending',
    code: null,
    elapsedMs: 0,
  }));
  const finding = (): FindingOf<'alternate-ports'> => {
    const answered = ports.some(
      ({ outcome }) => outcome === 'open' || outcome === 'refused' || outcome === 'unreachable',
    );
    const pending = ports.some(({ outcome }) => outcome === 'pending');
    return {
      outcome: answered ? 'some-answered' : pending ? 'pending' : 'none-answered',
      reason: null,
      data: { ports: ports.map((port) => ({ ...port })) },
    };
  };
  await Promise.all(
    ports.map(async (entry) => {
      const result = await doors.connectTcp(input.address, entry.port, {
        timeoutMs: input.timeoutMs,
        signal,
      });
      entry.elapsedMs = result.elapsedMs;
      if (result.timed === false) entry.timed = false;
      if (result.resent === false) entry.resent = false;
      if (result.outcome === 'cancelled') return;
      entry.outcome = result.outcome;
      entry.code = result.code;
      if (result.outcome !== 'timeout') partial(finding());
    }),
  );
  if (signal.aborted && ports.every(({ outcome }) => outcome === 'pending'))
    return { outcome: 'cancelled', reason: null, data: { ports } };
  return finding();
};
