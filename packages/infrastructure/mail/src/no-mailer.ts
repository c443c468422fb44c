import type { Mailer } from '@coucou/application/ports/mailer';
import { errors } from '@coucou/domain/kernel/errors';

/** For servers without a mail server: what was promised before it was taken away waits in the outbox until there is one again. */
export const noMailer: Mailer = {
  isAvailable: false,
  send: () => Promise.reject(errors.SERVICE_UNAVAILABLE({ reason: 'mail' })),
};
