import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');

/** A style sheet as it goes into a page. */
export const styleOf = (...paths: readonly string[]): string => paths.map(read).join('\n');

/**
 * Modules as one script, so that a page is one file: each after those that it imports. A module becomes a function that answers what it
 * exports (functions only), without the lines that import.
 */
export const scriptOf = (...paths: readonly string[]): string =>
  paths
    .map((path) => {
      const text = read(path);
      const names = [...text.matchAll(/^export (?:async )?function (\w+)/gm)].map(([, name]) => name).join(', ');
      const body = text.replaceAll(/^import .+;\n/gm, '').replaceAll(/^export /gm, '');
      return `const { ${names} } = (() => {\n${body}return { ${names} };\n})();`;
    })
    .join('\n');

/** The source of a Content-Security-Policy that allows this inline text and no other. */
export const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
