import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyPluginAsync } from 'fastify';
import type { AsyncApiDocument } from './asyncapi.ts';
import { eventsPage } from './events-page.ts';
import { html, page, STYLE } from './html.ts';
import type { OpenApiDocument } from './openapi.ts';

/** The reference styles its elements one by one; nothing else is relaxed, and nothing comes from another origin. */
const DOCS_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const INDEX = page(
  'Coucou: documentation',
  html`<h1>Coucou</h1>
<ul>
<li><a href="/docs/api/">API reference</a>: REST, with a form to try each operation</li>
<li><a href="/docs/events">Socket events</a>: Socket.IO and plain WebSocket</li>
<li><a href="/openapi.json">openapi.json</a> and <a href="/asyncapi.json">asyncapi.json</a>, for generators</li>
</ul>`,
);

/** The documentation's pages, made of the two documents; nothing comes from another origin. */
export const pages =
  (documents: Readonly<{ openapi: OpenApiDocument; asyncapi: AsyncApiDocument }>): FastifyPluginAsync =>
  async (app) => {
    app.addHook('onSend', async (_request, reply) => {
      reply.header('content-security-policy', DOCS_POLICY);
    });
    const events = eventsPage(documents.asyncapi);
    for (const path of ['/docs', '/docs/']) app.get(path, (_request, reply) => reply.type('text/html; charset=utf-8').send(INDEX));
    app.get('/docs/events', (_request, reply) => reply.type('text/html; charset=utf-8').send(events));
    app.get('/docs/style.css', (_request, reply) => reply.type('text/css; charset=utf-8').send(STYLE));
    await app.register(swagger, { mode: 'static', specification: { document: documents.openapi as never } });
    await app.register(swaggerUi, {
      routePrefix: '/docs/api',
      // Without it the reference sends the document's address to a validator elsewhere.
      uiConfig: { validatorUrl: null, deepLinking: true, docExpansion: 'none', displayRequestDuration: true },
      theme: { title: 'Coucou: API reference' },
    });
  };
