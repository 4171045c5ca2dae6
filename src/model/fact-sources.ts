/** What facts of several subjects are made from. */

export const TARGET_TRACES = ['trace-syn:target', 'trace-command:target'] as const;
export const REFERENCE_TRACES = ['trace-syn:reference', 'trace-command:reference'] as const;
export const OTHER_TRACES = ['trace-syn:other-protocol', 'trace-command:other-protocol'] as const;
export const EVERY_TRACE = [...TARGET_TRACES, ...REFERENCE_TRACES, ...OTHER_TRACES] as const;

/** Conversations. */
export const SPEAKING = ['tls', 'ssh', 'http', 'greeting'] as const;

/** Connections to the port. */
export const CONNECTS = ['tcp-connect:target', 'tcp-connect:sample'] as const;
/** Whatever at the address answers tells how long a packet takes, and so from when on an attempt is silent. */
export const ROUND_TRIP = [
  ...CONNECTS,
  'alternate-ports',
  'ping',
  'trace-syn:target',
  'trace-syn:reference',
  'trace-syn:other-protocol',
] as const;
