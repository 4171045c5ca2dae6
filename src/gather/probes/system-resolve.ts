import type { FindingOf, ProbeCatalogue } from '../../model/probes.ts';
import { because } from '../../model/reasons.ts';
import type { Probe } from './probe.ts';

const DEFAULT_TIMEOUT_MS = 6500;

/**
 * What every other program on this machine gets for the name: getaddrinfo, with the hosts file, the search list, caches
 * and whatever else the system asks. It cannot be stopped (the C library has its own timeouts, up to half a minute):
 * after the deadline its answer is no longer waited for.
 */
export const systemResolve: Probe<'system-resolve'> = async (input, { doors, signal }) => {
  const stop = new AbortController();
  const end = AbortSignal.any([signal, stop.signal]);
  const tooLate = doors.clock
    .sleep(input.timeoutMs ?? DEFAULT_TIMEOUT_MS, end)
    .then((): FindingOf<'system-resolve'> => {
      if (signal.aborted) return { outcome: 'cancelled', reason: null, data: null };
      return {
        outcome: 'timeout',
        reason: because('resolver-late'),
        data: { addresses: [], code: null },
      };
    });
  const answer = doors.lookup(input.host, end).then(
    (addresses): FindingOf<'system-resolve'> =>
      addresses.length > 0
        ? { outcome: 'resolved', reason: null, data: { addresses: addresses.slice(0, 64), code: null } }
        : { outcome: 'not-found', reason: null, data: { addresses: [], code: null } },
    (error: unknown): FindingOf<'system-resolve'> => {
      if (signal.aborted) return { outcome: 'cancelled', reason: null, data: null };
      const code = String((error as { code?: unknown }).code ?? 'UNKNOWN');
      // Nobody asked: whether the name has addresses is not known.
      if (code === 'NOT_ASKED')
        return {
          outcome: 'not-available',
          reason: because('resolver-not-asked', (error as Error).message),
          data: null,
        };
      return { outcome: outcomeOf(code), reason: null, data: { addresses: [], code } };
    },
  );
  const finding = await Promise.race([answer, tooLate]);
  stop.abort();
  return finding;
};

/** getaddrinfo(3) by way of libuv. Node reports EAI_NODATA and EAI_NONAME both as ENOTFOUND. */
function outcomeOf(code: string): ProbeCatalogue['system-resolve']['outcome'] {
  if (['ENOTFOUND', 'ENODATA', 'EAI_NONAME', 'EAI_NODATA'].includes(code)) return 'not-found';
  if (['EAI_AGAIN', 'ESERVFAIL', 'ETIMEOUT'].includes(code)) return 'temporary-failure';
  return 'error';
}
