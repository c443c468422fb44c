import { Clock } from '@coucou/application/ports/clock';
import type { HealthCheck } from '@coucou/application/ports/health';
import { MailLinks } from '@coucou/application/ports/mail-links';
import { Mailer } from '@coucou/application/ports/mailer';
import { token } from '@coucou/application/kernel/token';
import { createMailLinks, type MailLinksOptions } from '@coucou/mail/mail-links';
import { createMailbox, type Mailbox } from '@coucou/mail/mailbox';
import { noMailer } from '@coucou/mail/no-mailer';
import type { SmtpOptions } from '@coucou/mail/smtp-mailer';
import type { Container } from '../composition/container.ts';
import type { Config } from '../config.ts';

/** What the development mailbox has caught; provided where there is one. */
export const CaughtMail = token<Mailbox>('CaughtMail');

export type Mail = Readonly<{
  provide: (container: Container) => void;
  health: readonly HealthCheck[];
  close: (patienceMs: number) => Promise<void>;
}>;

/** The mail server of SMTP_URL; without it the development mailbox, or none for a server that others reach. */
export async function openMail(
  { smtp, conveniences, appUrl }: Pick<Config, 'smtp' | 'conveniences' | 'appUrl'>,
  { log, ownUrl }: Pick<SmtpOptions, 'log'> & Pick<MailLinksOptions, 'ownUrl'>,
): Promise<Mail> {
  const provideLinks = (container: Container) => container.provide(MailLinks, () => createMailLinks({ appUrl, ownUrl }));
  if (smtp !== undefined) {
    // Loaded only where it is used.
    const { createSmtpMailer } = await import('@coucou/mail/smtp-mailer');
    const mailer = createSmtpMailer({ ...smtp, log });
    return {
      provide(container) {
        provideLinks(container);
        container.provide(Mailer, () => mailer);
      },
      health: [mailer.health],
      close: (patienceMs) => mailer.close(patienceMs),
    };
  }
  return {
    provide(container) {
      provideLinks(container);
      if (conveniences) container.provide(CaughtMail, (resolve) => createMailbox({ clock: resolve(Clock) }));
      container.provide(Mailer, (resolve) => (conveniences ? resolve(CaughtMail) : noMailer));
    },
    health: [
      { name: 'mail', check: async () => ({ status: 'up', detail: conveniences ? 'kept at /dev/mailbox' : 'off: SMTP_URL is not set' }) },
    ],
    close: async () => {},
  };
}
