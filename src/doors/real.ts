import { platform } from 'node:os';
import { clock } from './clock.ts';
import { interfaces } from './interfaces.ts';
import { listeningConnect } from './listening-connect.ts';
import { lookup } from './lookup.ts';
import { native } from './native/client.ts';
import { type Begun, Parked } from './parked.ts';
import { isNoFile, readPieces, readText } from './read-text.ts';
import { connectTcp } from './tcp.ts';
import type { Doors } from './types.ts';

/** The doors of this machine. What is heavy (execa, dns2, tls, the native child) is loaded by the first who needs it. */
export function realDoors(): Doors {
  const parked = new Parked();
  return {
    platform: platform(),
    clock,
    connectTcp: async (address, port, options) => {
      const { keepUntil } = options;
      const keep =
        keepUntil === undefined ? undefined : (begun: Begun) => parked.put(address, port, begun, keepUntil);
      const heard =
        options.onSent === undefined || platform() !== 'linux'
          ? null
          : await listeningConnect(address, port, options, keep);
      return heard ?? connectTcp(address, port, options, keep);
    },
    readText,
    isNoFile,
    readPieces,
    interfaces,
    lookup,
    runCommand: async (command) => (await import('./commands.ts')).runCommand(command),
    dnsQuery: async (question) => (await import('./dns/query.ts')).dnsQuery(question),
    warmNative: () => native.warm(),
    native,
    speak: async (to, talk) =>
      (await import('./speak/speak.ts')).speak(to, talk, parked.take(to.address, to.port)),
  };
}
