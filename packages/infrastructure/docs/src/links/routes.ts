import type { FastifyPluginAsync } from 'fastify';
import { linkPage, linkPages } from './page.ts';

/** The pages that links in mails lead to where there is no client app: one static file each. */
export const linkRoutes: FastifyPluginAsync = async (app) => {
  for (const name of linkPages) {
    const { text, policy } = linkPage(name);
    app.get(`/links/${name}`, (_request, reply) =>
      reply.header('content-security-policy', policy).header('cache-control', 'no-cache').type('text/html; charset=utf-8').send(text),
    );
  }
};
