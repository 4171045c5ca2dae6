import { hostname } from 'node:os';
import type { Parts } from './engine.ts';

/** The parts of a real run. Nothing is imported before it is needed; the renderers load while the first probe waits. */
export function realParts(here: {
  version: string;
  env: Record<string, string | undefined>;
  isRoot: boolean;
}): Parts {
  return {
    async rules(dir) {
      const [{ builtInBook, loadRules, mergeRules, problemText }, { FACT_TABLE }] = await Promise.all([
        import('../judge/rules/load.ts'),
        import('../judge/facts/index.ts'),
      ]);
      const builtIn = await builtInBook(FACT_TABLE);
      if (dir === null) return { rules: builtIn.rules, problems: [], notices: [] };
      const own = await loadRules(dir, FACT_TABLE, builtIn);
      return {
        rules: mergeRules(builtIn.rules, own.rules),
        problems: own.problems.map(problemText),
        notices: own.notices.map(problemText),
      };
    },
    async diagnose(request, { rules, signal, onEvent, formats, redacted, caseId, before }) {
      // Node remembers a module that could not be opened as broken: what writes the report is loaded while descriptors are free.
      const writers = import('../report/index.ts').then(({ load }) => Promise.all(formats.map(load)));
      const [{ diagnose }, { realDoors }, { readVantage }] = await Promise.all([
        import('../gather/gather.ts'),
        import('../doors/real.ts'),
        import('../doors/vantage.ts'),
        writers,
        redacted ? import('../report/redact.ts') : null,
      ]);
      const doors = realDoors();
      const vantage = await readVantage(doors, here.env, here.isRoot, request.target.host);
      return diagnose(request, {
        doors,
        rules,
        version: here.version,
        vantage,
        signal,
        onEvent,
        caseId,
        ...(before === undefined ? {} : { before }),
      });
    },
    async many() {
      const [{ diagnose }, { realDoors, sharedNative }, { readVantage }, { keepHeapSmall }] =
        await Promise.all([
          import('../gather/gather.ts'),
          import('../doors/real.ts'),
          import('../doors/vantage.ts'),
          import('../doors/small-heap.ts'),
        ]);
      keepHeapSmall();
      const shared = sharedNative();
      return async (request, { rules, signal, gate }) => {
        const doors = realDoors(shared);
        const vantage = await readVantage(doors, here.env, here.isRoot, request.target.host);
        return diagnose(request, { doors, rules, version: here.version, vantage, signal, gate });
      };
    },
    async replay(evidence, rules) {
      const { reportOf } = await import('../judge/report-of.ts');
      const started = Date.parse(evidence.startedAt);
      const ends = evidence.observations.map((one) => Date.parse(one.startedAt) + one.durationMs);
      const durationMs = Math.max(0, ...ends.map((end) => Math.round(end - started)).filter(Number.isFinite));
      return reportOf(evidence, rules, { version: here.version, durationMs });
    },
    source: async (host) => (await import('../doors/source-address.ts')).sourceTowards(host),
    doors: async () => (await import('../doors/real.ts')).realDoors(),
    screen: async (report, options) =>
      (await import('../report/terminal.ts')).renderTerminal(report, options),
    document: async (format, report) => (await import('../report/index.ts')).render(format, report),
    redactReport: async (report) =>
      (await import('../report/redact.ts')).redactReport(report, { hostNames: [hostname()] }),
    redactEvidence: async (evidence) =>
      (await import('../report/redact.ts')).redactEvidence(evidence, { hostNames: [hostname()] }),
    progress: async (stream, options) =>
      (await import('../report/progress.ts')).createProgress(stream, options),
  };
}
