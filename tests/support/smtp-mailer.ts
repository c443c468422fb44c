import { Mailer } from '@coucou/application/ports/mailer';
import { createSmtpMailer } from '@coucou/mail/smtp-mailer';
import { type Override, override } from '@coucou/server/composition/ports';

/** Mail over SMTP, as an operator has it by `SMTP_URL`, in a product without transports. */
export function smtpMailer(url: string): Readonly<{ provide: Override; close(): Promise<void> }> {
  const mailer = createSmtpMailer({ url, from: { address: 'no-reply@chat.example.com' }, log: { warn: () => {} } });
  return { provide: override(Mailer, mailer), close: () => mailer.close(0) };
}
