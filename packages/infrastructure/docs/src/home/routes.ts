import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import { LOGO } from '../brand.ts';
import { type HomeOptions, homePage, type Variant } from './page.ts';

export type HomeRoutes = HomeOptions & Readonly<{ variantFor: (request: FastifyRequest) => Promise<Variant> }>;

/** The page at `/` and the icon of all pages. */
export const homeRoutes =
  ({ variantFor, ...options }: HomeRoutes): FastifyPluginAsync =>
  async (app) => {
    const pages = {
      demo: homePage(options, 'demo'),
      hint: homePage(options, 'hint'),
      none: homePage({ version: options.version }, 'none'),
    };
    app.get('/', async (request, reply) => {
      const { text, policy } = pages[await variantFor(request)];
      // Which page it is depends on who asks, and on who exists.
      return reply
        .header('content-security-policy', policy)
        .header('cache-control', 'no-store')
        .type('text/html; charset=utf-8')
        .send(text);
    });
    app.get('/favicon.ico', (_request, reply) => reply.header('cache-control', 'public, max-age=86400').type('image/svg+xml').send(LOGO));
  };
