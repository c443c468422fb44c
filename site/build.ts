import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { AsyncApiDocument } from '@coucou/docs/asyncapi';
import { brunoCollection } from '@coucou/docs/collections/bruno';
import { postmanCollection } from '@coucou/docs/collections/postman';
import { type Guide, llmsText, readGuides } from '@coucou/docs/guides';
import type { OpenApiDocument } from '@coucou/docs/openapi';
import { features } from '@coucou/server/composition/features';
import { settingsTable } from '@coucou/server/config/describe';
import { version } from '@coucou/server/version';
import { build } from 'vitepress';
import { eventsPage, type Page, referencePages } from './reference.ts';
import { writtenPages } from './written-pages.ts';

const repository = resolve(import.meta.dirname, '..');
/** Within this package, from which the pages find Vue. */
const source = join(import.meta.dirname, '.cache/pages');

const readApi = async (name: string): Promise<unknown> => JSON.parse(await readFile(join(repository, 'docs/api', name), 'utf8'));

/** What is served beside the pages, by its name. */
const filesOf = (openapi: OpenApiDocument, asyncapi: AsyncApiDocument, guides: readonly Guide[]): Readonly<Record<string, string>> => ({
  'openapi.json': JSON.stringify(openapi),
  'asyncapi.json': JSON.stringify(asyncapi),
  'coucou.postman.json': JSON.stringify(postmanCollection(openapi)),
  'coucou.bruno.json': JSON.stringify(brunoCollection(openapi)),
  'llms.txt': llmsText(guides, version, { guide: (name) => `/guides/${name}`, errors: '/errors' }),
});

const listOf = (pages: readonly Page[]): string => pages.map(({ path, title }) => `- [${title}](/${path})`).join('\n');

const FIRST = ['build-a-client', 'stay-connected', 'operate', 'add-a-feature'];
const rank = ({ path }: Page): number => {
  const at = FIRST.findIndex((name) => path === `guides/${name}.md`);
  return at === -1 ? FIRST.length : at;
};

const index = (pages: readonly Page[]): Page => ({
  path: 'index.md',
  title: 'Coucou',
  text: [
    '# Coucou',
    'A chat backend that you run behind your own apps: headless, self-hosted, TypeScript. Clients talk REST, Socket.IO or plain WebSocket; PostgreSQL is the truth.',
    '> An acknowledged message is durable, stored exactly once, in one gapless order, and reaches every member, whatever dies meanwhile; and one account never sees another’s data.',
    '## Guides',
    listOf(pages.filter(({ path }) => path.startsWith('guides/')).toSorted((a, b) => rank(a) - rank(b))),
    '## For programs',
    '[openapi.json](/openapi.json){target="_self"}, [asyncapi.json](/asyncapi.json){target="_self"}, collections for [Postman](/coucou.postman.json){target="_self"} and [Bruno](/coucou.bruno.json){target="_self"}, [llms.txt](/llms.txt){target="_self"}.',
  ].join('\n\n'),
});

const configurationPage = (): Page => ({
  path: 'reference/configuration.md',
  title: 'Configuration',
  text: ['# Configuration', 'Every setting is read from the environment or `.env`.', settingsTable(features)].join('\n\n'),
});

/** Builds the site into `dist/site`; fails for a link to a page that is not there. */
async function main(): Promise<void> {
  const openapi = (await readApi('openapi.json')) as OpenApiDocument;
  const asyncapi = (await readApi('asyncapi.json')) as AsyncApiDocument;
  const written = (await writtenPages()).toSorted((a, b) => rank(a) - rank(b));
  const pages = [...written, configurationPage(), eventsPage(asyncapi), ...referencePages(openapi)];
  await rm(source, { recursive: true, force: true });
  const all = [index(pages), ...pages].map(({ path, text }) => [path, text] as const);
  const files = Object.entries(filesOf(openapi, asyncapi, await readGuides(version))).map(
    ([name, text]) => [join('public', name), text] as const,
  );
  for (const [path, text] of [...all, ...files]) {
    await mkdir(dirname(join(source, path)), { recursive: true });
    await writeFile(join(source, path), text);
  }
  // For the configuration, which lists them at the side.
  await writeFile(join(source, 'pages.json'), JSON.stringify(pages.map(({ path, title }) => ({ path, title }))));
  await build(import.meta.dirname);
  process.stdout.write(`${all.length} pages in dist/site\n`);
}

await main();
