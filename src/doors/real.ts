import { platform } from 'node:os';
import { clock } from './clock.ts';
import { interfaces } from './interfaces.ts';
import { listeningConnect } from './listening-connect.ts';
import { lookup } from './lookup.ts';
import { native } from './native/client.ts';
import { sharedNativeDoor } from './native/shared-client.ts';
import { type Begun, Parked } from './parked.ts';
import { isNoFile, readPieces, readText } from './read-text.ts';
import { synsSentAgain, timedByKernel } from './sent-again.ts';
import { connectTcp } from './tcp.ts';
import type { Doors, NativeDoor } from './types.ts';

/** What the diagnoses of one run with many targets have in common. */
export const sharedNative = (): NativeDoor => sharedNativeDoor(native, { mostAlone: 1 });

/**
 * The doors of this machine. What is heavy (execa, dns2, tls, the native child) is loaded by the first who needs it.
 * `shared` = the native door of a run with many targets: no child is then started ahead for a target.
 */
export function realDoors(shared: NativeDoor | null = null): Doors {
  const parked = new Parked();
  const own = sharedNativeDoor(native, { isIdle: native.isIdle });
  return {
    platform: platform(),
    clock,
    connectTcp: async (address, port, options) => {
      const before = synsSentAgain();
      const { keepUntil } = options;
      const keep =
        keepUntil === undefined ? undefined : (begun: Begun) => parked.put(address, port, begun, keepUntil);
      const heard =
        shared !== null || options.onSent === undefined || platform() !== 'linux'
          ? null
          : await listeningConnect(address, port, options, keep);
      return timedByKernel(heard ?? (await connectTcp(address, port, options, keep)), before);
    },
    readText,
    isNoFile,
    readPieces,
    interfaces,
    lookup,
    runCommand: async (command) => (await import('./commands.ts')).runCommand(command),
    dnsQuery: async (question) => (await import('./dns/query.ts')).dnsQuery(question),
    ...(shared === null ? { warmNative: own.warm } : {}),
    native: shared ?? own,
    speak: async (to, talk) =>
      (await import('./speak/speak.ts')).speak(to, talk, parked.take(to.address, to.port)),
  };
}
