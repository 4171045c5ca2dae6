import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { expect, test } from 'vitest';
import { FACT_TABLE } from '../../src/judge/facts/index.ts';
import { builtInRules } from '../../src/judge/rules/load.ts';

const SRC = fileURLToPath(new URL('../../src/', import.meta.url));
const ids = (await builtInRules(FACT_TABLE)).map((rule) => rule.id);

/** A cause's id that is a word of something else, too: where it is that. */
const OTHER_MEANING: Record<string, RegExp> = {
  // A DNS resolver whose port is closed: an outcome of the probe.
  'port-closed':
    /^(doors\/(dns\/|types)|model\/(measured|probes)|gather\/probes\/dns|judge\/facts\/dns|report\/(wording|observation))/,
};

/** The texts of a file: literals, and the pieces of templates. */
function textsOf(file: string): string[] {
  const source = ts.createSourceFile(file, readFileSync(join(SRC, file), 'utf8'), ts.ScriptTarget.Latest);
  const texts: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node)) {
      texts.push(node.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return texts;
}

test('nothing in src knows a cause by its name', () => {
  const word = new RegExp(`(?<![\\w-])(${ids.join('|')})(?![\\w-])`, 'g');
  const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  );
  const found = files.flatMap((file) =>
    textsOf(file)
      .flatMap((text) => text.match(word) ?? [])
      .filter((id) => OTHER_MEANING[id]?.test(file) !== true)
      .map((id) => `${file}: ${id}`),
  );
  expect(files.length).toBeGreaterThan(100);
  expect(found).toEqual([]);
});
