import type { RunReadings, Shared } from '../../judge/readings/index.ts';
import { CONVERSATIONS } from '../../judge/readings/talk.ts';
import type { ObservationOf, ProbeName, Step } from '../../model/probes.ts';
import { failed, ofStep } from './steps.ts';

const NAME_PROBES: ReadonlySet<ProbeName> = new Set(['dns', 'hosts-file', 'system-resolve']);

/**
 * Whether a step that is still at work can change the answer. When no wanted step is left the run ends, and the
 * others are cancelled: a dead second resolver must not delay "connection refused".
 */
export function isWanted(step: Step, seen: RunReadings): boolean {
  const { host } = seen.request.target;
  if (!NAME_PROBES.has(step.probe)) {
    if (CONVERSATIONS.has(step.probe)) return !isSettled(step, seen);
    if (step.probe !== 'ping') return true;
    // Echo replies come within a round trip or not at all; where the port was answered nothing depends on waiting longer
    // but the other ports, where a router's few ICMP errors are for ping first.
    const isFirst = !seen.observations.some(
      (o) => o.probe === 'alternate-ports' && o.input.address === step.input.address,
    );
    return isFirst || !answeredAtOnce(seen, step.input.address);
  }
  if (step.id === 'resolve-reference' || step.probe === 'hosts-file') return true;
  if (step.probe === 'dns' && step.input.nonsense === true) return true;
  const { addresses } = seen;
  if (addresses.length > 0) {
    if (step.probe === 'system-resolve') return false;
    if (step.probe === 'dns' && !step.input.configured)
      return addresses.some(({ address }) => failed(seen, address));
    const failing = addresses.filter(({ address }) => failed(seen, address));
    if (failing.some(({ address }) => !answeredAtOnce(seen, address))) return true;
    return failing.length > 0 && isAboutToAnswer(step, seen);
  }
  if (step.probe !== 'system-resolve') return true;
  // getaddrinfo waits 5 s and more for a dead resolver; ours, asked side by side, have told already.
  const asked = seen.observations.filter(
    (o): o is ObservationOf<'dns'> => o.probe === 'dns' && o.input.host === host && o.input.configured,
  );
  const expected = Math.min(seen.vantage.resolvers.length, 3);
  const listed = ofStep(seen, 'hosts-file');
  return !(
    expected > 0 &&
    asked.length >= expected &&
    asked.every((o) => o.final && o.outcome !== 'answered') &&
    listed?.outcome !== 'listed'
  );
}

/** The other shapes of a request have shown why the first conversation is silent: it need not be waited for any longer. */
function isSettled(step: Step, seen: RunReadings): boolean {
  const address = 'address' in step.input ? step.input.address : null;
  const stall = seen.observations.find(
    (o): o is ObservationOf<'stall'> => o.probe === 'stall' && o.final && o.input.address === address,
  );
  const speaksTls = seen.observations.some(
    (o) => o.probe === 'tls' && o.input.address === address && o.data?.tls.ended === null,
  );
  if (step.probe !== 'tls' && speaksTls) return true;
  if (stall?.data == null || ofStep(seen, step.id)?.outcome !== 'stalled') return false;
  const others = stall.data.variants.filter(({ name }) => name !== 'as-is');
  // The same request was answered a moment later: an application that had to wake up for the first one answers that as well.
  if (stall.outcome === 'answers-now') return false;
  // Where every shape is silent, slow and hung look alike, and only waiting tells.
  if (stall.outcome !== 'all-silent' && stall.outcome !== 'unclear') return true;
  const service = step.probe === 'greeting' ? step.input.service : null;
  // A mail server that scolds who talks before its greeting has one all the same.
  const isOther = ({ name, protocol, complaint }: (typeof others)[number]): boolean =>
    name !== 'plain-http' ? complaint !== true : protocol !== null && protocol !== service;
  if (others.some((one) => one.ended === 'answered' && isOther(one))) return true;
  const told = others.filter(({ unacked }) => unacked !== null);
  return told.length > 0 && told.every(({ unacked }) => unacked! > 0);
}

/** As long as glibc waits for its first resolver: a lookup that took less was answered by that one. */
export const FIRST_RESOLVER_MS = 4000;

/**
 * What the first resolver says about a name that failed at once (a filter, another address than the hosts file's) is
 * worth its moment: it has answered the system, or the hosts file spoke in its place. A silent one has been told so.
 */
function isAboutToAnswer(step: Step, seen: RunReadings): boolean {
  if (step.probe !== 'dns' || step.input.resolver !== seen.vantage.resolvers[0]) return false;
  const soFar = ofStep(seen, step.id);
  if (soFar?.outcome === 'timeout') return false;
  const listed = ofStep(seen, 'hosts-file')?.outcome;
  if (listed === 'listed') return true;
  const system = ofStep(seen, 'resolve');
  return listed === 'not-listed' && system?.outcome === 'resolved' && system.durationMs < FIRST_RESOLVER_MS;
}

/** A refusal that takes longer than this came after a search for the host, or for a packet that was sent again. */
export const AT_ONCE_MS = 900;

function answeredAtOnce({ all }: Shared, address: string): boolean {
  const o = all['tcp-connect'].find(({ input }) => input.address === address && input.role === 'target');
  if (o === undefined) return false;
  if (o.outcome !== 'refused' && o.outcome !== 'unreachable' && o.outcome !== 'local-error') return false;
  return o.data.attempts.some((a) => a.outcome === o.outcome && a.elapsedMs < AT_ONCE_MS);
}
