import { isAddress } from '../../ground/address.ts';
import type { RunReadings } from '../../judge/readings/index.ts';
import type { Step } from '../../model/probes.ts';
import { failed, isLoopback } from './steps.ts';

const PROXY_MS = 2500;

/**
 * Where the target cannot be reached from here, or its name has no address here: whether the proxy of the environment gets
 * there. Asked for, wherever the user says that one is in use.
 */
export function proxySteps(seen: RunReadings): Step[] {
  const { proxy } = seen.vantage;
  const { host, port } = seen.request.target;
  const addresses = seen.addresses.map(({ address }) => address);
  if (proxy == null || addresses.some(isLoopback)) return [];
  // Who says that a proxy is in use may mean that it fails where the direct way works.
  const isSaid = seen.request.answers['vpn-or-proxy'] === 'yes' && addresses.length > 0;
  // The name of a proxy is looked up like any other: not where no resolver answers.
  const isKnown = isAddress(proxy.host) || seen.names?.deciding != null;
  const isLost =
    addresses.length === 0
      ? seen.names?.unresolved === true && isKnown
      : addresses.every((address) => failed(seen, address));
  if (!isSaid && !isLost) return [];
  return [
    {
      id: 'proxy-connect',
      probe: 'proxy-connect',
      input: { proxyHost: proxy.host, proxyPort: proxy.port, host, port, timeoutMs: PROXY_MS },
      purpose: 'proxy',
    },
  ];
}
