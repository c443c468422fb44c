import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { anchorOf } from '@coucou/docs/markdown';
import { defineConfig } from 'vitepress';

const site = resolve(import.meta.dirname, '..');
/** Written by `build.ts`, with the pages themselves. */
const pages = JSON.parse(readFileSync(resolve(site, '.cache/pages/pages.json'), 'utf8')) as readonly Readonly<{
  path: string;
  title: string;
}>[];

const group = (text: string, holds: (path: string) => boolean) => ({
  text,
  collapsed: text === 'Decision records',
  items: pages.filter(({ path }) => holds(path)).map(({ path, title }) => ({ text: title, link: `/${path.replace(/\.md$/, '')}` })),
});

export default defineConfig({
  title: 'Coucou',
  description: 'A chat backend that you run behind your own apps.',
  srcDir: '.cache/pages',
  outDir: resolve(site, '../dist/site'),
  cacheDir: resolve(site, '.cache/vitepress'),
  cleanUrls: true,
  // Addresses of one's own machine, as in the guides.
  ignoreDeadLinks: 'localhostLinks',
  markdown: {
    // Texts hold tags and braces as examples, which are no markup and no templates.
    html: false,
    anchor: { slugify: anchorOf },
    config(md) {
      const { rules } = md.renderer;
      for (const name of ['text', 'code_inline'] as const) {
        const render = rules[name];
        rules[name] = (...given) => (render?.(...given) ?? '').replaceAll('{{', '&#123;&#123;');
      }
    },
  },
  vite: { build: { chunkSizeWarningLimit: 10_000 }, esbuild: { target: 'es2022' }, logLevel: 'warn' },
  themeConfig: {
    search: { provider: 'local' },
    sidebar: [
      group('Guides', (path) => path.startsWith('guides/')),
      group('Runbooks', (path) => path.startsWith('runbooks/')),
      group('Reference', (path) => path.startsWith('reference/') || (!path.includes('/') && path !== 'index.md')),
      group('Decision records', (path) => path.startsWith('adr/')),
    ].filter(({ items }) => items.length > 0),
    outline: [2, 3],
  },
});
