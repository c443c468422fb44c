import type { ReadyOperation } from '@coucou/application/kernel/execute';
import { type Operation, operation } from '@coucou/contracts/kernel/operation';
import { mailboxRoutes } from '@coucou/docs/mailbox/routes';
import { requireLocal } from '@coucou/http/conveniences';
import { z } from 'zod';
import type { Container } from '../composition/container.ts';
import { CaughtMail } from '../start/mail.ts';

const listMails = operation({
  name: 'dev.mails',
  summary: 'The mails that this server would have sent, newest first.',
  http: { method: 'GET', path: '/mails', status: 200 },
  access: 'public',
  input: z.strictObject({}),
  output: z.object({
    items: z.array(
      z.object({ id: z.string(), at: z.string(), to: z.string(), subject: z.string(), text: z.string(), link: z.string().optional() }),
    ),
  }),
  errors: [],
});

/** The development mailbox, as a page and as an operation below `/dev`; nothing where mail is sent. */
export function developmentMailbox(container: Container): Readonly<{
  operations: readonly ReadyOperation<Operation>[];
  pages: readonly ReturnType<typeof mailboxRoutes>[];
}> {
  if (!container.has(CaughtMail)) return { operations: [], pages: [] };
  const { list } = container.resolve(CaughtMail);
  return {
    operations: [
      {
        operation: listMails,
        run: async () => ({
          body: { items: list().map(({ id, at, to, subject, text, link }) => ({ id, at: at.toISOString(), to, subject, text, link })) },
          existing: false,
        }),
      },
    ],
    pages: [mailboxRoutes({ list, guard: requireLocal })],
  };
}
