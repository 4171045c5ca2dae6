/** What a step at work tells of itself, for people who wait; it is no evidence and changes nothing. */
export type RunProgress =
  /** A router was seen at this distance on the way of the port. */
  | { kind: 'hop'; ttl: number; from: string }
  /** So many of its connections have ended, and were accepted. */
  | { kind: 'attempt'; made: number; opened: number };
