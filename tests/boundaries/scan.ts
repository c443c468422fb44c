import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

export interface Source {
  /** Relative to the repository, with forward slashes. */
  path: string;
  text: string;
}

/** Every TypeScript file of ours below `root`. */
export function sources(root: string): Source[] {
  const ignored = new Set(['node_modules', 'dist', '.cache', '.data', 'coverage']);
  return globSync('{packages,apps,tests,bench,tools,examples}/**/*.{ts,tsx}', { cwd: root, exclude: (name) => ignored.has(name) })
    .toSorted()
    .map((path) => ({ path: path.replaceAll('\\', '/'), text: readFileSync(join(root, path), 'utf8') }));
}

export function lineCount(text: string): number {
  return text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
}

/** A barrel has no import; the files that begin with one, which are nearly all, need not be parsed. */
const beginsWithExport = /^(?:\s|\/\/.*|\/\*[^]*?\*\/)*export\b/;

/** Whether the file does nothing but re-export others. */
export function isBarrel({ path, text }: Source): boolean {
  if (!beginsWithExport.test(text)) return false;
  const { statements } = parse(path, text);
  return (
    statements.length > 0 && statements.every((statement) => ts.isExportDeclaration(statement) && statement.moduleSpecifier !== undefined)
  );
}

/** Where a file reads the clock of the machine: `new Date()`, `Date()`; lint already bans `Date.now`. Answers `path:line`. */
export function clockReads(source: Source): string[] {
  return find(
    source,
    'Date',
    (node) =>
      ((ts.isNewExpression(node) && !node.arguments?.length) || ts.isCallExpression(node)) &&
      ts.isIdentifier(node.expression) &&
      node.expression.text === 'Date',
  );
}

/** Where a file reads the environment: `process.env` in any spelling, or an import of node:process. Answers `path:line`. */
export function environmentReads(source: Source): string[] {
  return find(source, 'process', (node) => {
    if (ts.isPropertyAccessExpression(node)) return node.name.text === 'env' && endsIn(node.expression, 'process');
    if (ts.isElementAccessExpression(node)) {
      return (
        ts.isStringLiteralLike(node.argumentExpression) && node.argumentExpression.text === 'env' && endsIn(node.expression, 'process')
      );
    }
    if (ts.isVariableDeclaration(node)) {
      return (
        ts.isObjectBindingPattern(node.name) &&
        node.initializer !== undefined &&
        endsIn(node.initializer, 'process') &&
        binds(node.name, 'env')
      );
    }
    return ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier) && /^(node:)?process$/.test(node.moduleSpecifier.text);
  });
}

function binds(pattern: ts.ObjectBindingPattern, property: string): boolean {
  return pattern.elements.some((element) => (element.propertyName ?? element.name).getText() === property);
}

/** Whether an expression is the identifier `name`, or a property of that name (`globalThis.process`). */
function endsIn(expression: ts.Expression, name: string): boolean {
  if (ts.isIdentifier(expression)) return expression.text === name;
  return ts.isPropertyAccessExpression(expression) && expression.name.text === name;
}

/** Where `matches` holds, in a file that names `word` at all. */
function find({ path, text }: Source, word: string, matches: (node: ts.Node) => boolean): string[] {
  if (!text.includes(word)) return [];
  const file = parse(path, text);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (matches(node)) found.push(`${path}:${file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1}`);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

function parse(path: string, text: string): ts.SourceFile {
  return ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
}
