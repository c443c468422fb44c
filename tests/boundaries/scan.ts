import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

export interface Source {
  /** Relative to the repository, with forward slashes. */
  path: string;
  text: string;
}

const IGNORED = new Set(['node_modules', 'dist', '.cache', '.data', 'coverage']);

/** Every TypeScript file of ours below `root`, or every file of SQL. */
export function sources(root: string, kind = '{ts,tsx}'): Source[] {
  return globSync(`{packages,apps,tests,bench,tools,examples}/**/*.${kind}`, { cwd: root, exclude: (name) => IGNORED.has(name) })
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

/** Time and chance, by the globals that give them. */
const CHANCE = new Set(['performance', 'setTimeout', 'setInterval', 'setImmediate', 'crypto']);

/** Where a file uses timers, the steady clock, or randomness. Answers `path:line`. */
export function chanceReads(source: Source): string[] {
  return find(source, '', (node) => {
    if (ts.isPropertyAccessExpression(node)) return node.name.text === 'random' && endsIn(node.expression, 'Math');
    if (!ts.isIdentifier(node) || !CHANCE.has(node.text)) return false;
    const { parent } = node;
    // The name of a property is nobody's global.
    return !(ts.isPropertyAccessExpression(parent) && parent.name === node) && !(ts.isPropertyAssignment(parent) && parent.name === node);
  });
}

/** Modules of Node that give time, randomness, or answers of other threads, and which of their names do. */
const GIVERS: Readonly<Record<string, RegExp>> = {
  'node:timers': /./,
  'node:timers/promises': /./,
  'node:perf_hooks': /./,
  'node:worker_threads': /./,
  'node:crypto': /^(random|generate|getRandomValues$|webcrypto$|subtle$|scrypt$|pbkdf2$|hkdf$|argon2$)/,
};

/** What a file imports from them that is not among those which a simulation replaces. Answers `path: name of module`. */
export function unsimulatedImports({ path, text }: Source, simulated: Readonly<Record<string, readonly string[]>>): string[] {
  return [...text.matchAll(/^import (?!type )([^;]*?) from '([^']+)';/gms)].flatMap(([, clause = '', module = '']) => {
    const gives = GIVERS[module];
    if (gives === undefined) return [];
    const names = clause.startsWith('{')
      ? clause
          .slice(1, -1)
          .split(',')
          .flatMap((name) => (/^type\b/.test(name.trim()) ? [] : [name.trim().split(' ')[0] ?? '']))
      : ['*'];
    const given = names.filter((name) => name !== '' && (name === '*' || gives.test(name)) && simulated[module]?.includes(name) !== true);
    return given.map((name) => `${path}: ${name} of ${module}`);
  });
}

/** What reads the time in SQL, apart from `clock_now()`. */
const SQL_TIME =
  /(?<![.\w])(?:pg_catalog\.)?(?:(?:now|(?:clock|statement|transaction)_timestamp|timeofday)\s*\(|(?:current_(?:timestamp|date|time)|localtime(?:stamp)?)\b)|'(?:now|today|tomorrow|yesterday)'::/i;

/** Where the text of SQL reads the time: in a file of SQL, or in the strings and templates of another. Answers `path:line`. */
export function sqlClockReads(source: Source): string[] {
  const { path, text } = source;
  if (path.endsWith('.sql'))
    return text.split('\n').flatMap((line, index) => (SQL_TIME.test(line.replace(/--.*/, '')) ? [`${path}:${index + 1}`] : []));
  if (!SQL_TIME.test(text)) return [];
  return find(
    source,
    '',
    (node) =>
      (ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddle(node) || ts.isTemplateTail(node)) &&
      SQL_TIME.test(node.text.replaceAll(/--.*/g, '')),
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
