import type { HopAnswer, TtlReply } from '../../model/measured.ts';
import type { NativeResult, SweepJob } from '../types.ts';
import { type Asked, isTerminal, nextTurn } from './pace.ts';

/** What a probe of one TTL came to. */
export interface Heard {
  answer: HopAnswer;
  from: string | null;
  icmp: readonly [type: number, code: number] | null;
  errno: string | null;
}

/** How a system asks one TTL; what it holds open is its own, known by the TTL. */
export interface Driver {
  /** Null when the question is under way, else why it could not be asked. */
  launch(ttl: number): { errno: string } | null;
  /** Waits at most so long and says what was heard, by TTL. */
  wait(ms: number): Map<number, Heard>;
  /** Closes everything. */
  close(): void;
}

interface Probe extends Asked, Pick<Heard, 'icmp' | 'errno'> {
  rttMs: number | null;
}

/** The sweep of one port by connections with a short TTL, paced as on Linux: few routers answer a burst. */
export function pacedSweep(job: SweepJob, driver: Driver, clockMs: () => number): NativeResult {
  const started = clockMs();
  const elapsed = (): number => clockMs() - started;
  const probes: Probe[] = [];
  const settle = (probe: Probe, { answer, from, icmp, errno }: Heard): void => {
    if (probe.answer !== null) return;
    Object.assign(probe, { answer, from, icmp, errno });
    probe.rttMs = answer === 'local-error' ? null : Math.round((elapsed() - probe.atMs) * 100) / 100;
  };
  try {
    for (;;) {
      const turn = nextTurn(probes, job, elapsed());
      if (turn.act === 'end') break;
      if (turn.act === 'launch') {
        const ttl = probes.length + 1;
        const probe: Probe = {
          ttl,
          atMs: elapsed(),
          answer: null,
          from: null,
          icmp: null,
          errno: null,
          rttMs: null,
        };
        probes.push(probe);
        const failed = driver.launch(ttl);
        if (failed !== null) settle(probe, { answer: 'local-error', from: null, icmp: null, ...failed });
        continue;
      }
      for (const [ttl, heard] of driver.wait(Math.max(1, Math.ceil(turn.ms)))) {
        const probe = probes[ttl - 1];
        if (probe !== undefined) settle(probe, heard);
      }
    }
  } finally {
    driver.close();
  }
  const end = Math.min(...probes.filter(({ answer }) => isTerminal(answer)).map(({ ttl }) => ttl));
  const replies = probes.flatMap(({ ttl, answer, from, icmp, errno, rttMs }): TtlReply[] => {
    if (answer === null && ttl > end) return [];
    const [icmpType = null, icmpCode = null] = icmp ?? [];
    return [{ ttl, answer: answer ?? 'silence', from, icmpType, icmpCode, errno, rttMs, sent: 1 }];
  });
  return {
    status: 'swept',
    trace: {
      method: job.protocol === 'tcp' ? 'tcp-syn' : job.protocol,
      protocol: job.protocol,
      port: job.protocol === 'icmp' ? null : job.port,
      address: job.address,
      replies,
      counters: null,
    },
  };
}
