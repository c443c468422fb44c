import { readdir, readFile } from 'node:fs/promises';
import { posix, resolve } from 'node:path';
import type { Page } from './reference.ts';

const DOCS = resolve(import.meta.dirname, '../docs');

/**
 * Links of a page to files that are not on the site, such as source code, become plain text; `README.md` of the repository is the first page.
 * Links in code stay as they are.
 */
function localLinks(text: string, from: string): string {
  const parts = text.split(/(^```[\s\S]*?^```|`[^`\n]+`(?!\]))/m);
  return parts
    .map((part, at) =>
      at % 2 === 1
        ? part
        : part.replaceAll(/\[((?:[^[\]]|\[[^\]]*\])*)\]\(([^)\s]+)\)/g, (link, label: string, href: string) => {
            if (/^(?:https?:|mailto:|#|\/)/.test(href)) return link;
            const [target = '', anchor] = href.split('#', 2);
            const file = posix.normalize(posix.join(posix.dirname(from), target));
            const isHere = !file.startsWith('..') && /\.(?:md)$/.test(file);
            return isHere ? `[${label}](/${file}${anchor === undefined ? '' : `#${anchor}`})` : label;
          }),
    )
    .join('');
}

/** The pages that are written in `docs`, or generated there. */
export async function writtenPages(): Promise<readonly Page[]> {
  const files = (await readdir(DOCS, { recursive: true })).filter((file) => file.endsWith('.md')).toSorted();
  return Promise.all(
    files.map(async (path) => {
      const text = await readFile(resolve(DOCS, path), 'utf8');
      return { path, title: /^# (.+)$/m.exec(text)?.[1] ?? path, text: localLinks(text, path) };
    }),
  );
}
