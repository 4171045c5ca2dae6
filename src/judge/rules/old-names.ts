/** Names that rules once used, and what they are called now. */
export interface OldNames {
  /** Facts: `old.name` -> `new.name`. */
  facts: Readonly<Record<string, string>>;
  /** Words of the language with a closed set: places, layers, owners, scopes. */
  words: Readonly<Record<string, string>>;
}

/**
 * A rule that a user wrote for the last release goes on working in this one, with a notice. Who renames a fact or a
 * word adds it here, and takes it out with the release after the next.
 */
export const OLD_NAMES: OldNames = {
  facts: {
    'control.hostGiven': 'referenceHost.given',
    'control.outcome': 'referenceHost.outcome',
    'control.stoppedAtSameHop': 'referenceHost.stoppedAtSameHop',
    'host.controlPort': 'host.referencePort',
    'host.controlPortWavers': 'host.referencePortWavers',
    'path.control.lastHop': 'path.reference.lastHop',
    'path.control.port': 'path.reference.port',
    'path.control.reached': 'path.reference.reached',
    'path.control.silentFromFirst': 'path.reference.silentFromFirst',
    'path.control.stopped': 'path.reference.stopped',
    'path.control.traced': 'path.reference.traced',
    'path.controlGoesFurther': 'path.referenceGoesFurther',
  },
  words: {},
};
