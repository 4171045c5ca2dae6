import type { Report } from '../model/report.ts';
import type { Request } from '../model/request.ts';

/** A report of nothing, so that callers of --json get their document even when we failed. */
export function brokenReport(
  request: Request,
  io: { version: string; platform: string },
  startedAt: Date,
  bug: unknown,
): Report {
  const why = bug instanceof Error ? bug.message : String(bug);
  const { input, host, port, service } = request.target;
  return {
    schema: 'reachdoctor.report/1',
    tool: { name: 'reachdoctor', version: io.version },
    startedAt: startedAt.toISOString(),
    durationMs: Date.now() - startedAt.getTime(),
    target: { input, host, port, service, addresses: [] },
    outcome: 'undetermined',
    headline: `reachdoctor itself failed, so nothing is known about the target: ${why.split('\n')[0]}`,
    causes: [],
    ruledOut: [],
    cannotTell: [],
    notChecked: [
      { probe: 'tcp-connect', reason: `a bug in reachdoctor: ${why.split('\n')[0]}`, enable: null },
    ],
    paths: [],
    observations: [],
    vantage: { os: io.platform, addresses: [], resolvers: [], privileges: 'user' },
  };
}
