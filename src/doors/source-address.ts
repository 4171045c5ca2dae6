import { createSocket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';

/** RFC 5737: nobody's address, so that the way to it is the default route. */
const ANYWHERE = '192.0.2.1';

/**
 * The address and the interface that this machine would use towards `host` (an IP literal; anything else stands for the
 * default route). Connects a UDP socket, which sends nothing. Null where there is no route.
 */
export function sourceTowards(host: string): Promise<{ address: string; device: string | null } | null> {
  const isLiteral = /^[0-9.]+$|:/.test(host);
  const socket = createSocket(isLiteral && isIPv6(host) ? 'udp6' : 'udp4');
  return new Promise((resolve) => {
    const end = (address: string | null) => {
      socket.close();
      resolve(address === null ? null : { address, device: deviceOf(address) });
    };
    socket.on('error', () => end(null));
    try {
      socket.connect(9, isLiteral ? host : ANYWHERE, () => end(socket.address().address));
    } catch {
      // No such family here.
      end(null);
    }
  });
}

const deviceOf = (address: string): string | null =>
  Object.entries(networkInterfaces()).find(([, own]) => own?.some((one) => one.address === address))?.[0] ??
  null;
