import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const SRC = fileURLToPath(new URL('../src/', import.meta.url));

interface Module {
  /** `judge/facts/path.ts` */
  file: string;
  text: string;
  /** `ground/icmp.ts`, `node:net`, `execa`; those of types and those that are loaded later, too. */
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
  [/^ground\/package-root\.ts$/, /^node:/],
  [/^ground\//, /^ground\/(?!package-root)/],
  [/^model\//, /^(model|ground)\//],
  [/^parsers\//, /^(model|ground|parsers)\//],
  [/^judge\/readings\//, /^(model|ground)\/|^judge\/readings\//],
  [/^judge\/ruleset\//, /^(model|ground)\/|^judge\/(ruleset|readings)\//],
  // What several subjects need is a reading; only the files of one subject know each other.
  [/^judge\/facts\/index\.ts$/, /^model\/|^ground\/together\.ts$|^judge\/(readings|facts)\//],
  [/^judge\/facts\/dns\//, /^(model|ground)\/|^judge\/(readings|facts\/dns)\//],
  [/^judge\/facts\/path\//, /^(model|ground)\/|^judge\/(readings|facts\/path)\//],
  [/^judge\/facts\/service\//, /^(model|ground)\/|^judge\/(readings|facts\/service)\//],
  [/^judge\/facts\/(there|own-rules)\.ts$/, /^(model|ground)\/|^judge\/(readings|ruleset)\//],
  [/^judge\/facts\//, /^(model|ground)\/|^judge\/readings\//],
  [
    /^judge\/rules\/(match|rank|as-met|judge|condition|template|title|place|outcomes)\.ts$/,
    /^model\/|^judge\/facts\/index\.ts$|^report\/(remarks|protocol-words)\.ts$|^judge\/rules\/(match|rank|as-met|condition|template|title|place|outcomes|tasks)\.ts$/,
  ],
  [
    /^judge\/(report-of|outcome|answer-notes)\.ts$/,
    /^(model|ground)\/|^judge\/|^report\/(wording|remarks|reason-words|answer-words)\.ts$/,
  ],
  [/^judge\/compare\.ts$/, /^(model|ground)\//],
  [/^gather\/plan\//, /^(model|ground)\/|^judge\/(readings|facts)\/|^gather\/plan\//],
  // What only looks at a value: isIPv6, and octets that nobody can guess.
  [
    /^gather\/probes\/(stall|service\/path-mtu)\.ts$/,
    /^(model|ground|parsers|gather\/probes)\/|^doors\/types\.ts$|^node:(net|crypto)$/,
  ],
  [/^gather\/case\.ts$/, /^(model|ground)\/|^judge\/readings\//],
  [/^gather\/probes\//, /^(model|ground|parsers|gather\/probes)\/|^doors\/types\.ts$/],
  [
    /^gather\/gather\.ts$/,
    /^model\/|^gather\/case\.ts$|^gather\/(plan\/(index|steps)|probes\/(index|probe))\.ts$|^judge\/(report-of|readings\/index)\.ts$|^doors\/types\.ts$|^node:events$/,
  ],
  // Colours, tables and the schema's library compute; they touch nothing.
  [/^report\/(?!emit-schema)/, /^(model|ground|report)\/|^(node:util|cli-table3|valibot)/],
  [/^doors\/native\//, /^(model|ground|parsers|doors\/native)\/|^doors\/(types|children)\.ts$|^node:/],
  [/^doors\/dns\//, /^(model|ground|doors\/dns)\/|^doors\/(types|last-look)\.ts$|^(node:|dns2$)/],
  [/^doors\//, /^(model|ground|parsers|doors)\/|^report\/sanitize\.ts$|^(node:|execa$)/],
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
      modules.filter(({ imports }) => imports.includes('doors/real.ts')).map(({ file }) => file),
    ).toEqual(['command/real-engine.ts']);
  });

  it('koffi is loaded by the native child alone', () => {
    const naming = modules
      .filter(({ text }) => /(require|import)\(['"]koffi['"]\)|from 'koffi'/.test(text))
      .map(({ file }) => file);
    expect(naming).toEqual(['doors/native/koffi.ts']);
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
      /^(model|parsers|gather\/(plan|probes)|judge\/(readings|facts))\/|^ground\/(?!package-root)|^judge\/(report-of|outcome|compare)\.ts$|^command\/watch\/incidents\.ts$|^judge\/rules\/(match|rank|as-met|judge|condition|template|title|place|outcomes)\.ts$|^report\/(?!emit-schema|progress)/,
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
      'doors/carriers/run-script.ts',
      // Ends the programs that were started.
      'doors/children.ts',
      'doors/commands.ts',
      // Children get a PATH, this node, and what the platform needs.
      'doors/lookup.ts',
      // Entry of the child process.
      'doors/native/child.ts',
      'doors/native/client.ts',
      // Hands a connection over its own IPC channel.
      'doors/native/first-connect.ts',
      'doors/native/shared-client.ts',
      // Build steps.
      'judge/rules/compile.ts',
      'report/emit-schema.ts',
    ]);
  });
});

describe('the size of a file', () => {
  it('one idea a file: none has more than 450 lines', () => {
    const long = modules.filter(({ text }) => text.split('\n').length > 451).map(({ file }) => file);
    expect(long).toEqual([]);
  });
});

describe('sentences for people', () => {
  /** Texts that are sentences, but for the `meaning` of a fact, which documents it in rules/README.md. */
  function sentencesIn({ file, text }: Module): string[] {
    const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
    const found: string[] = [];
    const visit = (node: ts.Node): void => {
      if (ts.isPropertyAssignment(node) && node.name.getText() === 'meaning') return;
      const words = ts.isStringLiteralLike(node)
        ? node.text
        : ts.isTemplateExpression(node)
          ? node.head.text + node.templateSpans.map(({ literal }) => `X${literal.text}`).join('')
          : '';
      if (/^[A-Z]\S* .*[A-Za-z0-9)"]\.$/s.test(words)) found.push(`${file}: ${words}`);
      ts.forEachChild(node, visit);
    };
    visit(source);
    return found;
  }

  it('stand in rules/ and report/, not in judge/, gather/ and parsers/', () => {
    expect(inside(/^(judge|gather|parsers)\//).flatMap(sentencesIn)).toEqual([]);
  });

  it('a reason is made of codes, in gather/ and doors/', () => {
    const said = inside(/^(gather|doors)\//).flatMap(({ file, text }) =>
      [...text.matchAll(/\breason(:| =) ['`][^'`]+['`]/g)].map(([found]) => `${file}: ${found}`),
    );
    expect(said).toEqual([]);
  });

  it('are read by no program: not the reason of an observation, not the purpose of a step', () => {
    const reading = modules
      .filter(({ file }) => !file.startsWith('report/'))
      .filter(({ text }) =>
        /\b(reason|purpose)\b[^\n;]{0,20}\.(match|search|split|replace|startsWith|endsWith|test)\(|\.test\([^)\n]*\b(reason|purpose)\b/.test(
          text,
        ),
      )
      .map(({ file }) => file);
    expect(reading).toEqual([]);
  });
});
