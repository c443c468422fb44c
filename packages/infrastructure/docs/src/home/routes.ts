import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import { LOGO } from '../brand.ts';
import type { Page } from './inline.ts';
import { type HomeOptions, homePage, type Variant } from './page.ts';

export type HomeRoutes = HomeOptions & Readonly<{ variantFor: (request: FastifyRequest) => Promise<Variant> }>;

/** The page at `/` and the icon of all pages. */
export const homeRoutes =
  ({ variantFor, ...options }: HomeRoutes): FastifyPluginAsync =>
  async (app) => {
    const made = new Map<Variant, Page>();
    const pageOf = (variant: Variant): Page => {
      const page = made.get(variant) ?? homePage(variant === 'none' ? { version: options.version } : options, variant);
      made.set(variant, page);
      return page;
    };
    app.get('/', async (request, reply) => {
      const { text, policy } = pageOf(await variantFor(request));
      // Which page it is depends on who asks, and on who exists.
      return reply
        .header('content-security-policy', policy)
        .header('cache-control', 'no-store')
        .type('text/html; charset=utf-8')
        .send(text);
    });
    app.get('/favicon.ico', (_request, reply) => reply.header('cache-control', 'public, max-age=86400').type('image/svg+xml').send(LOGO));
  };
