import { html } from './html.ts';
import { layout } from './layout.ts';

const cards = [
  ['/docs/api/', 'API reference', 'REST, with a form that calls each operation.'],
  ['/docs/events', 'Socket events', 'Socket.IO and plain WebSocket: calls, events and a live console.'],
  ['/docs/guides/', 'Guides', 'Build a client, stay connected, run it in production.'],
  ['/docs/errors', 'Errors', 'What each code means, and what a client does about it.'],
  ['/openapi.json', 'openapi.json', 'OpenAPI 3.1, for generators of clients.'],
  ['/asyncapi.json', 'asyncapi.json', 'AsyncAPI 3.0, for the socket side.'],
  ['/docs/coucou.postman.json', 'Postman', 'All operations as a collection, with values that can be sent.'],
  ['/docs/coucou.bruno.json', 'Bruno', 'The same, for Bruno.'],
  ['/llms.txt', 'llms.txt', 'What is here, for programs that read.'],
] as const;

/** The way to everything that is documented. */
export const indexPage = (version: string): string =>
  layout({
    title: 'Documentation',
    section: 'docs',
    version,
    main: html`<h1>Documentation</h1>
<p class="lead">Everything this server can do, as it runs here: the pages are made from the same declarations as its routes.</p>
<ul class="cards">${cards.map(([href, title, line]) => html`<li><a href="${href}"><strong>${title}</strong><span>${line}</span></a></li>`)}</ul>`,
  });
