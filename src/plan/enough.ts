import { addressesOf } from '../facts/addresses.ts';
import type { Evidence, ObservationOf, ProbeName, Step } from '../model.ts';
import { failed, ofStep } from './steps.ts';

const NAME_PROBES: ReadonlySet<ProbeName> = new Set(['dns', 'hosts-file', 'system-resolve']);

/**
 * Whether a step that is still at work can change the answer. When no wanted step is left the run ends, and the
 * others are cancelled: a dead second resolver must not delay "connection refused".
 */
export function isWanted(step: Step, evidence: Evidence): boolean {
  const { host } = evidence.request.target;
  if (!NAME_PROBES.has(step.probe)) {
    if (step.probe !== 'ping') return true;
    // Echo replies come within a round trip or not at all; where the port was answered nothing depends on waiting longer
    // but the other ports, where a router's few ICMP errors are for ping first.
    const isFirst = !evidence.observations.some(
      (o) => o.probe === 'alternate-ports' && o.input.address === step.input.address,
    );
    return isFirst || !answeredAtOnce(evidence, step.input.address);
  }
  if (step.id === 'resolve-control' || step.probe === 'hosts-file') return true;
  const addresses = addressesOf(evidence);
  if (addresses.length > 0) {
    if (step.probe === 'system-resolve') return false;
    if (step.probe === 'dns' && !step.input.configured)
      return addresses.some(({ address }) => failed(evidence, address));
    return addresses.some(({ address }) => failed(evidence, address) && !answeredAtOnce(evidence, address));
  }
  if (step.probe !== 'system-resolve') return true;
  // getaddrinfo waits 5 s and more for a dead resolver; ours, asked side by side, have told already.
  const asked = evidence.observations.filter(
    (o): o is ObservationOf<'dns'> => o.probe === 'dns' && o.input.host === host && o.input.configured,
  );
  const expected = Math.min(evidence.vantage.resolvers.length, 3);
  const listed = ofStep(evidence, 'hosts-file');
  return !(
    expected > 0 &&
    asked.length >= expected &&
    asked.every((o) => o.final && o.outcome !== 'answered') &&
    listed?.outcome !== 'listed'
  );
}

function answeredAtOnce(evidence: Evidence, address: string): boolean {
  const o = evidence.observations.find(
    (c) => c.probe === 'tcp-connect' && c.input.address === address && c.input.role === 'target',
  );
  if (o === undefined || o.probe !== 'tcp-connect') return false;
  if (o.outcome !== 'refused' && o.outcome !== 'unreachable' && o.outcome !== 'local-error') return false;
  return (o.data?.attempts ?? []).some((a) => a.outcome === o.outcome && a.elapsedMs < 900);
}
