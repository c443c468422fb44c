import type { Instant, UserId } from '@coucou/domain/kernel/ids';
import { mailErrors } from '@coucou/domain/auth/mailed-link';
import { type MailKind, mailKinds } from '@coucou/domain/mail/mail-template';
import { event, type Fact } from '../kernel/event.ts';
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
  | Readonly<{ kind: 'passwordChanged'; userId: UserId }>
  /** How many messages are unread, in how many conversations. */
  | Readonly<{ kind: 'digest'; userId: UserId; unread: number; conversations: number }>
  /** A mail of another kind, to look at: to whom asked for it, with a link that is none. */
  | Readonly<{ kind: 'test'; of: MailKind; locale: string; userId: UserId }>;

/** In place of the token of a link that leads nowhere. */
export const SAMPLE_TOKEN = 'sample';

type Ordered = Readonly<{ order: MailOrder; at: Instant }>;

const isText = (value: unknown): boolean => typeof value === 'string';
/** What an order of a kind has besides. */
const fields: Readonly<Record<MailOrder['kind'], Readonly<Record<string, (value: unknown) => boolean>>>> = {
  resetPassword: { email: isText },
  magicLink: { email: isText },
  verifyEmail: { userId: isText, email: isText, version: Number.isInteger },
  changeEmail: { userId: isText, email: isText, version: Number.isInteger },
  undoEmailChange: { userId: isText, email: isText, version: Number.isInteger },
  passwordChanged: { userId: isText },
  digest: { userId: isText, unread: Number.isInteger, conversations: Number.isInteger },
  test: { of: (value) => mailKinds.some((kind) => kind === value), locale: isText, userId: isText },
};

function isOrder({ order, at }: Fact): boolean {
  const { kind, ...rest } = (order ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof kind !== 'string' || !Object.hasOwn(fields, kind) || typeof at !== 'string' || Number.isNaN(Date.parse(at))) return false;
  return Object.entries(fields[kind as MailOrder['kind']]).every(([name, fits]) => fits(rest[name]));
}

const ordered = {
  tells: [],
  audience: () => [],
  fact: ({ order, at }: Ordered) => ({ order, at: at.toISOString() }),
  reads: isOrder,
};

/** Somebody sits before their screen and waits for it. */
export const mailDue = event<Ordered>()({ ...ordered, type: 'mail.due' });
/** It tells of what has happened. */
export const noticeDue = event<Ordered>()({ ...ordered, type: 'mail.notice' });

const notices: ReadonlySet<MailOrder['kind']> = new Set(['undoEmailChange', 'passwordChanged', 'digest']);

export const mailPorts = { mailer: Mailer, clock: Clock };
type MailPorts = Ports<typeof mailPorts>;

/** Throws `MAIL_UNAVAILABLE` where nothing would come of asking for a mail. */
export function requireMail({ mailer }: Pick<MailPorts, 'mailer'>): void {
  if (!mailer.isAvailable) throw mailErrors.MAIL_UNAVAILABLE();
}

/** Sent after the commit. Without a mail server nothing is: for mails that nobody asked for. */
export function orderMail({ mailer, clock }: MailPorts, tx: Emitting, order: MailOrder): void {
  if (!mailer.isAvailable) return;
  const due = { order, at: clock.now() };
  tx.emit(notices.has(order.kind) ? noticeDue(due) : mailDue(due));
}
