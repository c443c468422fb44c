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

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** A page with what its Content-Security-Policy allows: its own style and script, and nothing from another origin. */
export type Page = Readonly<{ text: string; policy: string }>;

/** The Content-Security-Policy of a page with this inline style and script, and no other. */
export function policyOf(style: string, script: string | undefined): string {
  return [
    "default-src 'none'",
    ...(script === undefined ? [] : [`script-src ${hashOf(script)}`, "connect-src 'self'"]),
    `style-src ${hashOf(style)}`,
    "img-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}
