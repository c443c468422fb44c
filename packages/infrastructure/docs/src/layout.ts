import { LOGO } from './brand.ts';
import { type Html, html, nothing } from './html.ts';

export type Page = Readonly<{
  title: string;
  /** The link of the header that is marked as the current one. */
  section: Section;
  version: string;
  main: Html;
  /** Contents beside the page; behind a button where the screen is narrow. */
  sidebar?: Html;
  /** Scripts in addition to the one of every page, by their names below `/docs/assets`. */
  scripts?: readonly string[];
  /** For pages that make calls, and show who is signed in: whether the server may have demo people to sign in as. */
  session?: Readonly<{ demo: boolean }>;
}>;

export type Section = 'docs' | 'api' | 'events' | 'guides' | 'errors';

const links: readonly (readonly [path: string, label: string, section?: Section])[] = [
  ['/', 'Home'],
  ['/docs/api/', 'API', 'api'],
  ['/docs/events', 'Events', 'events'],
  ['/docs/guides/', 'Guides', 'guides'],
  ['/docs/errors', 'Errors', 'errors'],
];

/** A page of the documentation. Scripts and styles are files of the server; nothing is inline, and nothing comes from elsewhere. */
export const layout = ({ title, section, version, main, sidebar, scripts = [], session }: Page): string =>
  html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · Coucou</title>
<link rel="icon" href="/docs/assets/logo.svg" type="image/svg+xml">
<link rel="stylesheet" href="/docs/assets/style.css">
${['page.js', ...scripts].map((name) => html`<script type="module" src="/docs/assets/${name}"></script>`)}
</head>
<body${session?.demo === true ? html` data-demo` : nothing}>
<a class="skip" href="#main">Skip to the content</a>
<header class="top">
<a class="brand" href="/docs">${{ markup: LOGO }}<span>Coucou</span></a>
<nav aria-label="Documentation">${links.map(([path, label, of]) =>
    of === section ? html`<a href="${path}" aria-current="page">${label}</a>` : html`<a href="${path}">${label}</a>`,
  )}</nav>
${session === undefined ? nothing : html`<button class="chip" id="who" popovertarget="sign-in" hidden></button><div class="popover" id="sign-in" popover data-session></div>`}
</header>
<div class="${sidebar === undefined ? 'columns plain' : 'columns'}">
${sidebar === undefined ? nothing : aside(sidebar)}
<main id="main">
${main}
</main>
<footer><span>Coucou ${version}</span><span><a href="/openapi.json">openapi.json</a> <a href="/asyncapi.json">asyncapi.json</a></span></footer>
</div>
</body>
</html>
`.markup;

/** A popover where the screen is narrow, a column of its own elsewhere. */
const aside = (contents: Html): Html => html`<button class="contents" popovertarget="side">Contents</button>
<aside id="side" popover="auto" aria-label="Contents">
${contents}
</aside>`;

/** The box that narrows a list of links, and what is listed, to what is typed. */
export const filterBox = (placeholder: string): Html =>
  html`<input type="search" id="filter" placeholder="${placeholder}" aria-label="${placeholder}" autocomplete="off" spellcheck="false"><p class="none" id="no-match" hidden>Nothing matches.</p>`;
