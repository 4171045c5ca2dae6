import { bracketed, endpoint } from '../../ground/address.ts';
import type { Readings } from '../../judge/readings/index.ts';
import type { Step } from '../../model/probes.ts';
import { ofStep, roundTripOf } from './steps.ts';

const TALK_MS = 2000;
const HTTPS = 443;

/**
 * Who was told of a certificate has met TLS: it is spoken whatever usually stands on that port, once what is expected
 * there (`asked`) has had its conversation. Nothing where TLS was spoken anyway.
 */
export function certificateSteps(
  readings: Readings,
  { address, n, asked }: { address: string; n: number; asked: readonly Step[] },
): Step[] {
  const { request, talks } = readings;
  const { target } = request;
  if (request.answers.symptom !== 'certificate-error') return [];
  const isSpoken = asked.some(({ probe }) => probe === 'tls') || talks.greeting?.data.tls != null;
  const isOver = asked.every(({ id }) => ofStep(readings, id)?.final === true);
  if (isSpoken || !isOver) return [];
  const isAddress = readings.addresses.some(({ source }) => source === 'literal');
  const serverName = request.sni ?? (isAddress ? null : target.host);
  return [
    {
      id: `tls-${n}`,
      probe: 'tls',
      input: {
        address,
        port: target.port,
        roundTripMs: roundTripOf(readings),
        patienceMs: 0,
        serverName,
        expectedAddress: serverName === null ? address : null,
        caPem: request.caPem,
        httpPath: null,
        inside: null,
        httpExpected: false,
        httpHost: target.port === HTTPS ? bracketed(target.host) : endpoint(target.host, target.port),
        timeoutMs: TALK_MS,
      },
      purpose: 'tls',
    },
  ];
}
