import { execFile } from 'node:child_process';
import { access, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';

const repository = path.resolve(import.meta.dirname, '../..');
const built = path.join(repository, 'dist/site');

/** Markup by the address of the page, without `.html`. */
let pages: Map<string, string>;

beforeAll(async () => {
  await promisify(execFile)(process.execPath, ['build.ts'], { cwd: path.join(repository, 'site') });
  const files = (await readdir(built, { recursive: true })).filter((file) => file.endsWith('.html'));
  pages = new Map(
    await Promise.all(
      files.map(async (file) => [`/${file.replace(/\.html$/, '')}`, await readFile(path.join(built, file), 'utf8')] as const),
    ),
  );
}, 180_000);

const found = (text: string, pattern: RegExp): string[] => [...text.matchAll(pattern)].map(([, group = '']) => group);
const article = (page: string): string => /<main[\s\S]*<\/main>/.exec(page)?.[0] ?? '';

describe('the static site', () => {
  it('has a page for each document, and for each tag of the API', async () => {
    const written = (await readdir(path.join(repository, 'docs'), { recursive: true })).filter((file) => file.endsWith('.md'));
    expect(written.filter((file) => !pages.has(`/${file.replace(/\.md$/, '')}`))).toEqual([]);
    for (const name of ['messages', 'sync', 'events', 'configuration']) expect(pages.has(`/reference/${name}`)).toBe(true);
    expect(pages.get('/reference/messages')?.includes('/api/v1/conversations/{conversationId}/messages')).toBe(true);
  });

  it('has what every link within it leads to', async () => {
    const dead: unknown[] = [];
    for (const [from, page] of pages)
      for (const href of new Set(found(article(page), /href="(\/[^"]*|#[^"]*)"/g))) {
        const [address = '', anchor] = decodeURIComponent(href).split('#', 2);
        const target = address === '' ? from : address.replace(/\/$/, '/index');
        const there = pages.get(target);
        const isFile =
          there === undefined &&
          (await access(path.join(built, target)).then(
            () => true,
            () => false,
          ));
        const isMissing = there === undefined ? !isFile : anchor !== undefined && anchor !== '' && !there.includes(` id="${anchor}"`);
        if (isMissing) dead.push([from, href]);
      }
    expect(dead).toEqual([]);
  });

  it('shows braces and tags as they are written', () => {
    const page = pages.get('/guides/operate') ?? '';
    expect(article(page).includes('<code>{{site}}</code>')).toBe(true);
    // Those of the theme are templates.
    expect(page.replace(article(page), '').includes('{{')).toBe(false);
  });

  it('can be searched', async () => {
    const assets = await readdir(path.join(built, 'assets/chunks'));
    const index = assets.find((name) => name.startsWith('@localSearchIndexroot'));
    expect((await readFile(path.join(built, 'assets/chunks', index ?? ''), 'utf8')).includes('clientmessageid')).toBe(true);
  });
});
