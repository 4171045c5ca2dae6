import { endpoint } from '../ground/address.ts';
import { serviceNamed } from '../ground/services.ts';
import type { Target } from '../model/request.ts';
import { PROTOCOL_WORD } from './protocol-words.ts';

/** `TCP 443 (HTTPS) of example.com, from 192.168.178.50 over eth0`. */
export function testingWords(
  { host, port, service }: Pick<Target, 'host' | 'port' | 'service'>,
  source: { address: string; device: string | null } | null,
): string {
  const name = serviceName(service);
  const from =
    source === null
      ? ''
      : `, from ${source.address}${source.device === null ? '' : ` over ${source.device}`}`;
  return `TCP ${port}${name === null ? '' : ` (${name})`} of ${host}${from}`;
}

const words: Readonly<Record<string, string>> = PROTOCOL_WORD;
function serviceName(service: string | null): string | null {
  if (service === null) return null;
  return words[service] ?? (serviceNamed(service)?.speaks === 'http' ? service.toUpperCase() : service);
}

export const targetWords = ({ host, port }: Pick<Target, 'host' | 'port'>): string => endpoint(host, port);
