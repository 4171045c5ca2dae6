import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const SRC = fileURLToPath(new URL('../src/', import.meta.url));

interface Module {
  /** `facts/path.ts` */
  file: string;
  text: string;
  /** `facts/icmp.ts`, `node:net`, `execa`; those of types and those that are loaded later, too. */
  imports: string[];
}

const modules: Module[] = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .sort()
  .map((file) => {
    const text = readFileSync(join(SRC, file), 'utf8');
    const imports = ts
      .preProcessFile(text)
      .importedFiles.map(({ fileName }) =>
        fileName.startsWith('.') ? relative(SRC, join(SRC, dirname(file), fileName)) : fileName,
      );
    return { file, text, imports };
  });
const inside = (which: RegExp): Module[] => modules.filter(({ file }) => which.test(file));

/** Folder -> what may be imported there. The order counts: the first line that fits is the one. */
const MAY_IMPORT: [who: RegExp, what: RegExp][] = [
  [/^model\.ts$/, /^$/],
  [/^(dialogue|services|nearest|exit-code|outcome)\.ts$/, /^model\.ts$/],
  [/^parsers\//, /^(model\.ts|parsers\/)/],
  [/^facts\//, /^(model\.ts|dialogue\.ts|facts\/)/],
  [/^plan\//, /^(model|services|dialogue)\.ts$|^(facts|plan)\//],
  [
    /^rules\/(match|rank|judge|condition|template|place|catalogue)\.ts$/,
    /^(model\.ts|facts\/index\.ts|rules\/(match|rank|condition|template|place)\.ts)$/,
  ],
  [/^report-of\.ts$/, /^(model|outcome|report\/wording|rules\/(judge|match))\.ts$|^facts\//],
  // Colours, tables and the schema's library compute; they touch nothing.
  [/^report\/(?!emit-schema)/, /^(model\.ts|report\/|node:util|cli-table3|valibot)/],
  // What only looks at a value: isIPv6, and octets that nobody can guess.
  [
    /^probes\/(stall|service\/path-mtu)\.ts$/,
    /^(model\.ts|parsers\/|probes\/|system\/doors\.ts|node:net|node:crypto)/,
  ],
  [/^probes\//, /^(model\.ts|parsers\/|probes\/|system\/doors\.ts)/],
  [/^native\//, /^(model\.ts|native\/|parsers\/|system\/doors\.ts|node:)/],
  [/^dns\//, /^(model\.ts|dns\/|system\/doors\.ts|node:|dns2$)/],
  // The doors, and the prompts, which print what they are given.
  [
    /^system\//,
    /^(model\.ts|package-root\.ts|parsers\/|system\/|dns\/query\.ts|report\/sanitize\.ts|node:|execa$|inquirer$)/,
  ],
  [
    /^diagnose\.ts$/,
    /^(model|plan\/(index|steps)|report-of|probes\/(index|probe)|system\/doors)\.ts$|^node:events$/,
  ],
];

describe('who imports whom', () => {
  it.each(MAY_IMPORT.map(([who, what], i) => [who.source, who, what, i] as const))(
    '%s',
    (_, who, what, i) => {
      const earlier = MAY_IMPORT.slice(0, i).map(([one]) => one);
      const files = inside(who).filter(({ file }) => !earlier.some((one) => one.test(file)));
      expect(files).not.toEqual([]);
      const forbidden = files.flatMap(({ file, imports }) =>
        imports.filter((one) => !what.test(one)).map((one) => `${file} imports ${one}`),
      );
      expect(forbidden).toEqual([]);
    },
  );

  it('nobody imports cli.ts', () => {
    expect(modules.filter(({ imports }) => imports.includes('cli.ts'))).toEqual([]);
  });

  it('real doors are made in one place', () => {
    expect(
      modules.filter(({ imports }) => imports.includes('system/doors-real.ts')).map(({ file }) => file),
    ).toEqual(['parts-real.ts']);
  });

  it('koffi is loaded by the native child alone', () => {
    const naming = modules
      .filter(({ text }) => /(require|import)\(['"]koffi['"]\)|from 'koffi'/.test(text))
      .map(({ file }) => file);
    expect(naming).toEqual(['native/libc.ts']);
  });
});

/** The code without comments and texts, so that words in them are no use of anything. */
const codeOf = (text: string): string =>
  text
    .replace(/\/\*[\s\S]*?\*\/|(?<![:'"`\\])\/\/[^\n]*/g, '')
    .replace(/'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"/g, "''");

describe('who touches what', () => {
  it('the middle has no clock, no chance, no process, no network', () => {
    const middle = inside(
      /^(model|outcome|dialogue|services|report-of)\.ts$|^(facts|plan|parsers|probes)\/|^rules\/(match|rank|judge|condition|template|place)\.ts$|^report\/(?!emit-schema|progress)/,
    );
    const touching = middle.filter(({ text }) =>
      /\b(Date\.now|new Date\(\)|performance\.|setTimeout|setInterval|Math\.random|process\.|fetch\()/.test(
        codeOf(text),
      ),
    );
    expect(touching.map(({ file }) => file)).toEqual([]);
  });

  it('process is touched by cli.ts, by what starts other programs, and by programs of their own', () => {
    const touching = modules.filter(
      ({ text, imports }) => /\bprocess\.[a-z]/.test(codeOf(text)) || imports.includes('node:process'),
    );
    expect(touching.map(({ file }) => file)).toEqual([
      'cli.ts',
      // Entry of the child process.
      'native/child.ts',
      // Build steps.
      'report/emit-schema.ts',
      'rules/compile.ts',
      // Children get a PATH, this node, and what the platform needs.
      'system/lookup.ts',
      'system/native.ts',
      'system/run-command.ts',
    ]);
  });
});
