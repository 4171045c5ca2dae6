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
export const OLD_NAMES: OldNames = { facts: {}, words: {} };
