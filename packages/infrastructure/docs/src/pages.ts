import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { extname, resolve } from 'node:path';
import type { Operation } from '@coucou/contracts/kernel/operation';
import type { ErrorDefinition } from '@coucou/domain/kernel/errors';
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import type { AsyncApiDocument } from './asyncapi.ts';
import type { OpenApiDocument } from './openapi.ts';

/** Scripts, styles and calls of the server itself, and nothing else. */
const DOCS_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const types: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

const ASSETS = resolve(import.meta.dirname, '../assets');
/** Served as one file, in this order: the last one changes what the others say where the screen is narrow. */
const styles = ['layout.css', 'content.css', 'reference.css', 'narrow.css'];
const scripts = ['page.js', 'dom.js', 'session.js', 'reference.js', 'console.js'];

export type PagesOptions = Readonly<{
  /** Made when they are asked for. */
  documents: Readonly<{ openapi: () => Promise<OpenApiDocument>; asyncapi: () => Promise<AsyncApiDocument> }>;
  operations: readonly Operation[];
  catalogue: readonly ErrorDefinition[];
  version: string;
  /** Whether pages may ask for demo people; in vain where the server has none for who asks. */
  demo: boolean;
}>;

/** Made by its first reader, and kept; a failure is not. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () =>
    (made ??= make().catch((error: unknown) => {
      made = undefined;
      throw error;
    }));
}

type Content = Readonly<{ body: Buffer; etag: string }>;

const contentOf = (body: string | Buffer): Content => ({
  body: Buffer.from(body),
  etag: `"${createHash('sha256').update(body).digest('base64url')}"`,
});

/** With links relative to the page, so that they hold below any path that a proxy puts before the server's own. */
function relativeTo(path: string, page: string): string {
  const root = '../'.repeat(path.split('/').length - 2) || './';
  return page.replaceAll(/ (href|src)="\//g, ` $1="${root}`);
}

/** The documentation's pages. Each is made, and the code that makes it is loaded, at the first request for it: a start pays for none. */
export const pages =
  ({ documents, operations, catalogue, version, demo }: PagesOptions): FastifyPluginAsync =>
  async (app) => {
    /** The larger pages have hundreds of kilobytes: a conditional request for one that is cached gets 304. */
    const send = ({ headers }: FastifyRequest, reply: FastifyReply, type: string, { body, etag }: Content) => {
      reply.header('cache-control', 'no-cache').header('content-security-policy', DOCS_POLICY).header('etag', etag);
      return headers['if-none-match']?.includes(etag) ? reply.code(304).send() : reply.type(type).send(body);
    };
    const page = (paths: readonly string[], make: () => Promise<string>) => {
      for (const path of paths) {
        const made = once(async () => contentOf(relativeTo(path, await make())));
        app.get(path, async (request, reply) => send(request, reply, 'text/html; charset=utf-8', await made()));
      }
    };
    const asset = (name: string, make: () => Promise<string | Buffer>) => {
      const made = once(async () => contentOf(await make()));
      app.get(`/docs/assets/${name}`, async (request, reply) => send(request, reply, types[extname(name)] ?? '', await made()));
    };
    const guides = once(async () => (await import('./guides.ts')).readGuides(version));
    const guidePages = once(async () => {
      const contentIn = (markup: string) => contentOf(relativeTo('/docs/guides/:name', markup));
      return new Map((await guides()).map((guide) => [guide.name, contentIn(guide.page)]));
    });

    page(['/docs', '/docs/'], async () => (await import('./index-page.ts')).indexPage(version));
    page(['/docs/api', '/docs/api/'], async () => (await import('./reference-page.ts')).referencePage(await documents.openapi(), demo));
    page(['/docs/events'], async () => (await import('./events-page.ts')).eventsPage(await documents.asyncapi(), demo));
    page(['/docs/errors'], async () => (await import('./error-catalogue-page.ts')).errorCataloguePage({ catalogue, operations, version }));
    page(['/docs/guides', '/docs/guides/'], async () => (await import('./guides.ts')).guidesIndex(await guides(), version));
    app.get<{ Params: { name: string } }>('/docs/guides/:name', async (request, reply) => {
      const { name } = request.params;
      if (name.endsWith('.md')) {
        const written = (await guides()).find((each) => `${each.name}.md` === name);
        return written === undefined ? reply.callNotFound() : send(request, reply, 'text/markdown; charset=utf-8', contentOf(written.text));
      }
      const guide = (await guidePages()).get(name);
      return guide === undefined ? reply.callNotFound() : send(request, reply, 'text/html; charset=utf-8', guide);
    });

    const file = (path: string, type: string, make: () => Promise<string>) => {
      const made = once(async () => contentOf(await make()));
      app.get(path, async (request, reply) => send(request, reply, type, await made()));
    };
    const llms = async () => (await import('./guides.ts')).llmsText(await guides(), version);
    file('/llms.txt', 'text/plain; charset=utf-8', llms);
    const collection = async (make: (document: OpenApiDocument) => object) => JSON.stringify(make(await documents.openapi()), null, 2);
    file('/docs/coucou.postman.json', 'application/json', async () =>
      collection((await import('./collections/postman.ts')).postmanCollection),
    );
    file('/docs/coucou.bruno.json', 'application/json', async () => collection((await import('./collections/bruno.ts')).brunoCollection));

    for (const name of scripts) asset(name, () => readFile(resolve(ASSETS, name)));
    asset('style.css', async () => {
      const { BASE } = await import('./brand.ts');
      const sheets = await Promise.all(styles.map((name) => readFile(resolve(ASSETS, 'styles', name), 'utf8')));
      return [BASE, ...sheets].join('\n');
    });
    asset('logo.svg', async () => (await import('./brand.ts')).LOGO);
  };
