import { readdir, readFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { type Html, html } from './html.ts';
import { layout } from './layout.ts';
import { type LinkTarget, renderMarkdown } from './markdown.ts';
import { linkGroup } from './schema-view.ts';

const DOCS = resolve(import.meta.dirname, '../../../../docs');
/** What the guides refer to and clients need. */
const references = ['glossary.md', 'permissions.md'];
/** A reader's first ones; all others follow by name. */
const first = ['build-a-client', 'stay-connected', 'files', 'operate', 'add-a-feature'];

export type Guide = Readonly<{
  name: string;
  title: string;
  /** Its first sentence. */
  line: string;
  /** As it is written. */
  text: string;
  page: string;
}>;

/** The first sentence below the title, without marks. */
const lineOf = (text: string): string =>
  (/^# .+\n+([^\n]+)/.exec(text)?.[1] ?? '')
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replaceAll(/[`*]/g, '')
    .replace(/([.:])\s.*$/, '.');

const rank = (name: string): number => (first.includes(name) ? first.indexOf(name) : first.length);
const nameOf = (file: string): string => basename(file, '.md');

/** The guides of the repository, ready to be served; read at the first request. Throws where their folder is missing. */
export async function readGuides(version: string): Promise<readonly Guide[]> {
  const inFolder = (await readdir(resolve(DOCS, 'guides'))).filter((file) => file.endsWith('.md')).map((file) => `guides/${file}`);
  const files = [...inFolder.toSorted((a, b) => rank(nameOf(a)) - rank(nameOf(b)) || (a < b ? -1 : 1)), ...references];
  const texts = await Promise.all(files.map(async (file) => ({ name: nameOf(file), text: await readFile(resolve(DOCS, file), 'utf8') })));
  const names = new Set(texts.map(({ name }) => name));
  const rendered = texts.map(({ name, text }) => ({ name, text, ...renderMarkdown(text, targetsOf(names)) }));
  const guides = rendered.map(({ headings, ...guide }) => ({ ...guide, headings, title: headings[0]?.text ?? guide.name }));
  return guides.map(({ name, title, text, markup, headings }) => {
    const sections = headings
      .filter(({ level }) => level === 2)
      .map(({ anchor, text: heading }) => ({ href: `#${anchor}`, label: html`${heading}`, find: heading }));
    const sidebar = html`${linkGroup('On this page', sections)}${guideLinks(guides, name)}`;
    return {
      name,
      title,
      text,
      line: lineOf(text),
      page: layout({ title, section: 'guides', version, sidebar, main: html`<article>${{ markup }}</article>` }),
    };
  });
}

const guideLinks = (guides: readonly Pick<Guide, 'name' | 'title'>[], current: string): Html =>
  linkGroup(
    'Guides',
    guides
      .filter(({ name }) => name !== current)
      .map(({ name, title }) => ({ href: `/docs/guides/${name}`, label: html`${title}`, find: title })),
  );

/** Links between the guides, and to the errors, lead to pages of this server; those to other files of the repository to nothing. */
const targetsOf =
  (names: ReadonlySet<string>): LinkTarget =>
  (href) => {
    if (/^(?:https?:\/\/|#|\/)/.test(href)) return href;
    const [path = '', anchor] = href.split('#', 2);
    const name = nameOf(path);
    const page = name === 'errors' ? '/docs/errors' : names.has(name) && path.endsWith('.md') ? `/docs/guides/${name}` : undefined;
    return page === undefined ? undefined : anchor === undefined ? page : `${page}#${anchor}`;
  };

/** The list of all guides. */
export const guidesIndex = (guides: readonly Guide[], version: string): string =>
  layout({
    title: 'Guides',
    section: 'guides',
    version,
    main: html`<h1>Guides</h1>
<ul class="cards">${guides.map(
      ({ name, title, line }) => html`<li><a href="/docs/guides/${name}"><strong>${title}</strong><span>${line}</span></a></li>`,
    )}</ul>`,
  });

/** Where the guides and the catalogue of errors are. */
export type Places = Readonly<{ guide: (name: string) => string; errors: string }>;
const onServer: Places = { guide: (name) => `/docs/guides/${name}.md`, errors: '/docs/errors' };

/** An index for language models ([llms.txt](https://llmstxt.org)). */
export const llmsText = (
  guides: readonly Pick<Guide, 'name' | 'title' | 'line'>[],
  version: string,
  { guide, errors }: Places = onServer,
): string => `# Coucou

> A chat backend that runs behind other apps: REST, Socket.IO and plain WebSocket on PostgreSQL. This is version ${version}.

An acknowledged message is stored once, in one gapless order, and reaches every member. Clients send each message under a \`clientMessageId\` of their own, repeat it after any doubt, and ask \`sync\` for what they missed.

## Guides
${guides.map(({ name, title, line }) => `- [${title}](${guide(name)}): ${line}`).join('\n')}

## Reference
- [OpenAPI](/openapi.json): every operation over HTTP.
- [AsyncAPI](/asyncapi.json): every call and event of sockets.
- [Errors](${errors}): what each code means, and what a client does about it.
- Discovery, at \`/.well-known/coucou\` of each server: its limits and addresses.
`;
