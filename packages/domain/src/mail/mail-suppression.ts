import { defineErrors } from '../kernel/errors.ts';
import type { AccountId, Id, Instant, UserId } from '../kernel/ids.ts';
import { addSeconds, isPast } from '../kernel/time.ts';

export type MailSuppressionId = Id<'mailSuppression'>;

/**
 * What came of mail to an address. `hard`: it cannot be delivered there; `soft`: it could not for now, as to a full mailbox; `complaint`: the
 * recipient called it unwanted.
 */
export type BounceKind = 'hard' | 'soft' | 'complaint';

/** What is known of an address that mail came back from. Only once it is suppressed nothing is sent there. */
export type MailSuppression = Readonly<{
  accountId: AccountId;
  id: MailSuppressionId;
  address: string;
  /** Whose address it was when mail came back. */
  userId: UserId | undefined;
  reason: BounceKind;
  /** Soft bounces since the first that still counts. */
  softBounces: number;
  /** Absent while there are too few soft bounces. */
  suppressedAt: Instant | undefined;
  /** When it is forgotten; never by itself where absent. */
  expiresAt: Instant | undefined;
  /** The message of the last report that named one, which does not count twice. */
  lastMessage: string | undefined;
}>;

export const mailSuppressionErrors = defineErrors('MAIL_SUPPRESSION', {
  NOT_FOUND: ['not_found', 'No mail to this address is held back.'],
});

const DAY = 86_400;
/** So many soft bounces within so many days suppress. */
const SOFT = { most: 3, windowSeconds: 7 * DAY };
/** Then the address is tried again: a mailbox is emptied, or given to somebody. A complaint is for an administrator to lift. */
const LASTS_SECONDS = { soft: 3 * DAY, hard: 30 * DAY };

const isCurrent = ({ expiresAt }: Pick<MailSuppression, 'expiresAt'>, now: Instant): boolean =>
  expiresAt === undefined || !isPast(expiresAt, now);

export type BounceReport = Pick<MailSuppression, 'accountId' | 'id' | 'address' | 'userId'> &
  Readonly<{ kind: BounceKind; at: Instant; messageId: string | undefined }>;

/** What is known of the address after one more report. `before`: what was, whether or not it still counts. */
function report(before: MailSuppression | undefined, { kind, at, messageId, ...address }: BounceReport): MailSuppression {
  const current = before !== undefined && isCurrent(before, at) ? before : undefined;
  const known = { ...address, id: before?.id ?? address.id, lastMessage: messageId ?? current?.lastMessage };
  if (kind === 'complaint') return { ...known, reason: kind, softBounces: 0, suppressedAt: at, expiresAt: undefined };
  if (current?.reason === 'complaint') return current;
  if (kind === 'hard') {
    const expiresAt = addSeconds(at, LASTS_SECONDS.hard);
    // A report that comes late, or names an early time, lifts nothing.
    if (current?.expiresAt !== undefined && current.expiresAt >= expiresAt) return current;
    return { ...known, reason: kind, softBounces: 0, suppressedAt: at, expiresAt };
  }
  if (current?.suppressedAt !== undefined) return current;
  if (messageId !== undefined && messageId === current?.lastMessage) return current;
  // Of before the week that counts.
  if (current?.expiresAt !== undefined && addSeconds(at, SOFT.windowSeconds) < current.expiresAt) return current;
  const softBounces = (current?.softBounces ?? 0) + 1;
  return softBounces < SOFT.most
    ? { ...known, reason: kind, softBounces, suppressedAt: undefined, expiresAt: current?.expiresAt ?? addSeconds(at, SOFT.windowSeconds) }
    : { ...known, reason: kind, softBounces, suppressedAt: at, expiresAt: addSeconds(at, LASTS_SECONDS.soft) };
}

const holdsBack = (suppression: MailSuppression | undefined, now: Instant): boolean =>
  suppression?.suppressedAt !== undefined && isCurrent(suppression, now);

export const MailSuppression = { report, holdsBack };
