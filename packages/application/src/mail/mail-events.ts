import type { Instant, UserId } from '@coucou/domain/kernel/ids';
import { mailErrors } from '@coucou/domain/auth/mailed-link';
import { event } from '../kernel/event.ts';
import type { Ports } from '../kernel/token.ts';
import { Clock } from '../ports/clock.ts';
import { Mailer } from '../ports/mailer.ts';
import type { Emitting } from '../ports/unit-of-work.ts';

/**
 * A mail to be sent. It holds no secret: the link is made when the mail is. `version`: the person's security version when it was asked for;
 * once that has been raised the mail is not sent. Mails that anybody may ask for name an address only, so that asking does the same work
 * whether or not somebody has it.
 */
export type MailOrder =
  | Readonly<{ kind: 'resetPassword' | 'magicLink'; email: string }>
  | Readonly<{ kind: 'verifyEmail' | 'changeEmail'; userId: UserId; email: string; version: number }>
  /** To the address before; the link goes back to it. */
  | Readonly<{ kind: 'undoEmailChange'; userId: UserId; email: string; version: number }>
  | Readonly<{ kind: 'passwordChanged'; userId: UserId }>;

export const mailDue = event<{ order: MailOrder; at: Instant }>()({
  type: 'mail.due',
  tells: [],
  audience: () => [],
  fact: ({ order, at }) => ({ order, at: at.toISOString() }),
});

export const mailPorts = { mailer: Mailer, clock: Clock };
type MailPorts = Ports<typeof mailPorts>;

/** Throws `MAIL_UNAVAILABLE` where nothing would come of asking for a mail. */
export function requireMail({ mailer }: Pick<MailPorts, 'mailer'>): void {
  if (!mailer.isAvailable) throw mailErrors.MAIL_UNAVAILABLE();
}

/** Sent after the commit. Without a mail server nothing is: for mails that nobody asked for. */
export function orderMail({ mailer, clock }: MailPorts, tx: Emitting, order: MailOrder): void {
  if (mailer.isAvailable) tx.emit(mailDue({ order, at: clock.now() }));
}
