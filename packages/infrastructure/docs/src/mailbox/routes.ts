import type { FastifyPluginAsync, onRequestHookHandler } from 'fastify';
import { mailboxPage, type ShownMail } from './page.ts';

export type MailboxRoutes = Readonly<{
  list: () => readonly ShownMail[];
  /** Lets nobody pass whom conveniences of development are not for. */
  guard: onRequestHookHandler;
}>;

/** The development mailbox, for people; `GET /dev/mails` answers the same as JSON. */
export const mailboxRoutes =
  ({ list, guard }: MailboxRoutes): FastifyPluginAsync =>
  async (app) => {
    app.get('/dev/mailbox', { onRequest: guard }, (_request, reply) => {
      const { text, policy } = mailboxPage(list());
      return reply
        .header('content-security-policy', policy)
        .header('cache-control', 'no-store')
        .type('text/html; charset=utf-8')
        .send(text);
    });
  };
