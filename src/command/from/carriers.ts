import { parseCarrier } from '../../doors/carriers/carrier.ts';
import type { SourceKind } from './source.ts';

/** A machine of the user's, over ssh, into a container or a namespace, or over any program that runs `sh -s`. */
export const CARRIERS: SourceKind = {
  forms: [
    'ssh:server.example.com',
    'docker:NAME',
    'podman:NAME',
    'k8s:NAMESPACE/POD',
    'netns:NAME',
    'cmd:COMMAND',
  ],
  parse(text) {
    const carrier = parseCarrier(text);
    if (carrier === null) return null;
    return {
      by: text,
      look: async (errand, { signal }) => [
        await (await import('./carrier-look.ts')).lookOver(carrier, errand, signal),
      ],
    };
  },
};
