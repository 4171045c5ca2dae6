/** Settings that hold for every target of somebody: nothing that belongs to one target is among them. */
export interface ConfigKey {
  /** In the file; the name of its flag without `--`, and without `no-`. */
  key: string;
  variable: string;
  /** What it is called among the parsed flags. */
  flag: string;
  type: 'text' | 'list' | 'yes-no' | 'path' | 'number';
}

const key = (name: string, type: ConfigKey['type']): ConfigKey => ({
  key: name,
  variable: `REACHDOCTOR_${name.replaceAll('-', '_').toUpperCase()}`,
  flag: name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase()),
  type,
});

export const CONFIG_KEYS: readonly ConfigKey[] = [
  key('control', 'text'),
  key('resolver', 'list'),
  key('rules', 'path'),
  key('seen-as', 'text'),
  key('ca', 'path'),
  key('max-time', 'number'),
  key('names', 'yes-no'),
  key('ttl-probe', 'yes-no'),
  key('trace', 'yes-no'),
  key('redact', 'yes-no'),
  key('quiet', 'yes-no'),
  key('verbose', 'yes-no'),
  key('plain', 'yes-no'),
  key('color', 'yes-no'),
];
