import { operation } from '@coucou/contracts/kernel/operation';
import { z } from 'zod';

export const unsubscribeFromMail = operation({
  name: 'notifications.unsubscribe',
  summary:
    'End the mails that tell somebody what is unread, by the link in one of them. Mail programs post to it (RFC 8058); so do people, from a page.',
  http: { method: 'POST', path: '/notifications/unsubscribe/:token', status: 204, ignoresBody: true },
  access: 'public',
  input: z.strictObject({
    token: z
      .string()
      .min(1)
      .max(512)
      .meta({ examples: ['q83vEjRWeJq83vEjRWeJ'] }),
  }),
  errors: ['LINK_INVALID'],
});
