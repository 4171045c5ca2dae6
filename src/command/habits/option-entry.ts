/** What a shell can offer as the value of an option. A list = these words and no other. */
export type Values = readonly string[] | 'file' | 'folder' | 'host' | 'service' | 'cause' | 'target' | 'none';

/** One option: parsing, `--help`, the manual page and the completions are all made from it. */
export interface OptionEntry {
  /** As commander reads it: `-v, --verbose`, `--port <PORT>`, `--watch [SECONDS]`. */
  flags: string;
  /** One line. */
  text: string;
  /** A value to copy, for the sentence about a missing one: `443`. */
  example?: string;
  /** Of the value; `none` where absent, and where there is no value. */
  values?: Values;
  repeat?: true;
  /** On the one screen that `--help` shows, in these words. */
  short?: string;
}

export interface OptionGroup {
  title: string;
  options: readonly OptionEntry[];
}

/** `--wait-until <STATE>` -> `--wait-until`. */
export const longOf = ({ flags }: OptionEntry): string => /--[a-z][a-z0-9-]*/.exec(flags)?.[0] ?? flags;
/** `-v, --verbose` -> `-v`; null where there is none. */
export const shortOf = ({ flags }: OptionEntry): string | null => /^-\w(?=,)/.exec(flags)?.[0] ?? null;
/** `<STATE>` -> `STATE`; null where the option takes no value. */
export const valueTaken = ({ flags }: OptionEntry): { name: string; optional: boolean } | null => {
  const [, open, name] = /([<[])([^>\]]+)[>\]]$/.exec(flags) ?? [];
  return name === undefined ? null : { name, optional: open === '[' };
};
