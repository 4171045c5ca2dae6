import { isAddress } from '../../ground/address.ts';
import { because } from '../../model/reasons.ts';
import type { Probe } from './probe.ts';
import { measureMtu } from './service/path-mtu.ts';

/** How large a packet gets there, where the service itself is well: what is asked of it is small. */
export const pathMtu: Probe<'path-mtu'> = async ({ address, timeoutMs, roundTripMs }, { doors, signal }) => {
  const nothing = (reason: string) => ({ outcome: 'not-available', reason, data: null }) as const;
  if (!isAddress(address)) return nothing(because('needs-address'));
  if (doors.platform !== 'linux') return nothing(because('linux-only'));
  const deadline = doors.clock.elapsed() + timeoutMs;
  const remaining = (): number => Math.max(0, Math.ceil(deadline - doors.clock.elapsed()));
  const mtu = await measureMtu(doors, address, signal, remaining, roundTripMs);
  if (signal.aborted && mtu?.fails == null) return { outcome: 'cancelled', reason: null, data: null };
  if (mtu === null) return nothing(because('not-installed', 'ping'));
  const outcome = !mtu.smallAnswered
    ? 'no-reply'
    : mtu.told !== null
      ? 'told'
      : mtu.fails !== null
        ? 'vanishes'
        : 'whole';
  return { outcome, reason: null, data: { mtu } };
};
