import ts from 'typescript';

/** One small change of the source, as a survivor is reported. */
export interface Mutant {
  id: number;
  /** `judge/facts/path.ts` */
  file: string;
  line: number;
  kind: 'number' | 'comparison' | 'logical' | 'not' | 'boolean' | 'condition' | 'member';
  from: string;
  to: string;
  /** It stands in what is computed once, when the module loads. */
  isStatic: boolean;
}

/** The source with every mutant in it, each asleep until `globalThis.$mutant` has its id. */
export interface Instrumented {
  code: string;
  mutants: Mutant[];
}

const COMPARISONS: Partial<Record<ts.SyntaxKind, string[]>> = {
  [ts.SyntaxKind.LessThanToken]: ['<=', '>='],
  [ts.SyntaxKind.LessThanEqualsToken]: ['<', '>'],
  [ts.SyntaxKind.GreaterThanToken]: ['>=', '<='],
  [ts.SyntaxKind.GreaterThanEqualsToken]: ['>', '<'],
  [ts.SyntaxKind.EqualsEqualsEqualsToken]: ['!=='],
  [ts.SyntaxKind.ExclamationEqualsEqualsToken]: ['==='],
  [ts.SyntaxKind.EqualsEqualsToken]: ['!='],
  [ts.SyntaxKind.ExclamationEqualsToken]: ['=='],
};
const LOGICAL = [ts.SyntaxKind.AmpersandAmpersandToken, ts.SyntaxKind.BarBarToken];

/**
 * Puts all mutants of a file into it (mutation schemata): `900` becomes `(at(7) ? 990 : at(8) ? 810 : 900)`. What
 * is computed when a module loads (thresholds, tables) can be computed again: `const` at the top becomes `let`, whose value
 * is set by a function that runs whenever another mutant wakes; who imports it sees the new one.
 */
export function instrument(file: string, text: string, firstId: number): Instrumented {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2023, true);
  const mutants: Mutant[] = [];

  const add = (node: ts.Node, kind: Mutant['kind'], to: string): number => {
    const id = firstId + mutants.length;
    const line = source.getLineAndCharacterOfPosition(node.getStart()).line + 1;
    mutants.push({
      id,
      file,
      line,
      kind,
      from: short(node.getText()),
      to: short(to),
      isStatic: isStatic(node),
    });
    return id;
  };

  /** The node's text, its children instrumented. */
  const inner = (node: ts.Node): string => {
    let out = '';
    let at = node.getStart();
    for (const child of node.getChildren()) {
      out += text.slice(at, child.getStart()) + emit(child);
      at = child.getEnd();
    }
    return out + text.slice(at, node.getEnd());
  };

  const emit = (node: ts.Node): string => {
    if (ts.isTypeNode(node) || ts.isImportDeclaration(node) || ts.isExportDeclaration(node))
      return node.getText();
    if (ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)) return node.getText();
    if (ts.isVariableStatement(node) && node.parent === source) return topLevel(node);
    if (ts.isBinaryExpression(node) && node.operatorToken.kind in COMPARISONS) return comparison(node);
    if (ts.isBinaryExpression(node) && LOGICAL.includes(node.operatorToken.kind)) return logical(node);
    const changes = changesOf(node);
    const original = inner(node);
    if (changes.length === 0) return original;
    if (ts.isArrayLiteralExpression(node) && isStatic(node)) {
      return `$list([${changes.map(([id]) => id)}], (${changes.map(([id, changed]) => `$at(${id}) ? (${changed}) : `).join('')}${original}))`;
    }
    return `(${changes.map(([id, changed]) => `$at(${id}) ? (${changed}) : `).join('')}${original})`;
  };

  /** The operands are computed once, whatever is awake, so it is known at once which mutants would have told another truth. */
  const comparison = (node: ts.BinaryExpression): string => {
    const operator = node.operatorToken.getText();
    const [left, right] = [node.left.getText(), node.right.getText()];
    const others = COMPARISONS[node.operatorToken.kind]!;
    const ids = others.map((to) => add(node, 'comparison', `${left} ${to} ${right}`));
    // A number beside it is as good as another where the comparison comes out the same.
    const numbers = ts.isNumericLiteral(node.right) ? changesOf(node.right) : [];
    const to = numbers.length > 0 ? right : emit(node.right);
    return `$compare(${JSON.stringify(operator)}, ${emit(node.left)}, ${to}, ${JSON.stringify(others)}, ${ids[0]}, [${numbers.map(([id, changed]) => `[${id}, ${changed}]`)}])`;
  };

  /** The same for what connects two truths, as far as the right side was looked at. */
  const logical = (node: ts.BinaryExpression): string => {
    const isAnd = node.operatorToken.kind === ts.SyntaxKind.AmpersandAmpersandToken;
    const id = add(
      node,
      'logical',
      `(${node.left.getText()}) ${isAnd ? '||' : '&&'} (${node.right.getText()})`,
    );
    return `${isAnd ? '$and' : '$or'}(${id}, ${emit(node.left)}, () => (${emit(node.right)}))`;
  };

  const changesOf = (node: ts.Node): [id: number, changed: string][] => {
    const change = (kind: Mutant['kind'], to: string): [number, string] => [add(node, kind, to), to];
    if (ts.isNumericLiteral(node) && isValue(node))
      return otherNumbers(node).map((to) => change('number', to));
    if (node.kind === ts.SyntaxKind.TrueKeyword && isValue(node)) return [change('boolean', 'false')];
    if (node.kind === ts.SyntaxKind.FalseKeyword && isValue(node)) return [change('boolean', 'true')];
    if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.ExclamationToken) {
      return [change('not', `!!${node.operand.getText()}`)];
    }
    if (isPlainCondition(node)) return [change('condition', `!(${node.getText()})`)];
    if (ts.isArrayLiteralExpression(node) && node.elements.length > 1 && node.elements.every(isPlain)) {
      return node.elements.map((gone) => {
        const rest = node.elements.filter((one) => one !== gone).map((one) => one.getText());
        const id = add(gone, 'member', '');
        return [id, `[${rest.join(', ')}]`];
      });
    }
    return [];
  };

  const topLevel = (statement: ts.VariableStatement): string => {
    const declarations = statement.declarationList.declarations;
    const isPlainConst =
      (statement.declarationList.flags & ts.NodeFlags.Const) !== 0 &&
      declarations.every(({ name, initializer }) => ts.isIdentifier(name) && initializer !== undefined);
    const first = declarations[0]?.initializer;
    if (!isPlainConst || first === undefined || ts.isArrowFunction(first)) return inner(statement);
    const isExported = statement.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) === true;
    return declarations
      .map(({ name, initializer }) => {
        const value = emit(initializer!);
        return `${isExported ? 'export ' : ''}let ${name.getText()}; $again(() => { ${name.getText()} = ${value}; });`;
      })
      .join(' ');
  };

  const code = source.statements.map((statement) => emit(statement)).join('\n');
  return {
    code: `const { at: $at, again: $again, compare: $compare, and: $and, or: $or, list: $list } = globalThis.$mutation;\n${code}`,
    mutants,
  };
}

/** Small whole numbers count something: one more, one less. Others measure: a tenth more, a tenth less. */
function otherNumbers(node: ts.NumericLiteral): string[] {
  const value = Number(node.text);
  if (Number.isInteger(value) && value <= 32)
    return value === 0 ? ['1'] : [String(value + 1), String(value - 1)];
  const whole = Number.isInteger(value) ? Math.round : (x: number) => Number(x.toPrecision(12));
  return [String(whole(value * 1.1)), String(whole(value * 0.9))];
}

function isStatic(node: ts.Node): boolean {
  for (let at: ts.Node | undefined = node; at !== undefined; at = at.parent)
    if (ts.isFunctionLike(at)) return false;
  return true;
}

/** Not a type, not the name of a property, not an index. */
function isValue(node: ts.Node): boolean {
  const { parent } = node;
  if (ts.isLiteralTypeNode(parent)) return false;
  if (ts.isElementAccessExpression(parent)) return false;
  return !(ts.isPropertyAssignment(parent) && parent.name === node);
}

const isPlain = (node: ts.Expression): boolean => ts.isStringLiteral(node) || ts.isNumericLiteral(node);

/** A condition that is a name or a call: a comparison or a connective in its place has mutants of its own. */
function isPlainCondition(node: ts.Node): node is ts.Expression {
  const { parent } = node;
  if (
    parent === undefined ||
    !(ts.isIdentifier(node) || ts.isPropertyAccessExpression(node) || ts.isCallExpression(node))
  )
    return false;
  return (
    (ts.isIfStatement(parent) && parent.expression === node) ||
    (ts.isConditionalExpression(parent) && parent.condition === node)
  );
}

const short = (text: string): string => {
  const line = text.replace(/\s+/g, ' ');
  return line.length > 70 ? `${line.slice(0, 67)}...` : line;
};
