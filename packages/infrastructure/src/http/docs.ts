import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import type { AsyncApiDocument } from '../docs/asyncapi.ts';
import { eventsPage } from '../docs/events-page.ts';
import { html, page, STYLE } from '../docs/html.ts';
import type { OpenApiDocument } from '../docs/openapi.ts';

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

/** The documentation for people, made of the two documents; served from here in full. */
export async function docs(
  app: FastifyInstance,
  documents: Readonly<{ openapi: OpenApiDocument; asyncapi: AsyncApiDocument }>,
): Promise<void> {
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
}
