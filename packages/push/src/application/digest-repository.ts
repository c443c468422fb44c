import { token } from '@coucou/application/kernel/token';
import type { AccountId, Instant, UserId } from '@coucou/domain/kernel/ids';
import type { Preferences } from '@coucou/domain/preferences/preferences';

/** `preferences` absent: never set. `dueAt`, `sentAt` absent: no digest was ever thought of, or sent. */
export type DigestReader = Readonly<{
  userId: UserId;
  preferences: Preferences | undefined;
  dueAt: Instant | undefined;
  sentAt: Instant | undefined;
}>;

/** `newestAt`: of the newest message in one of the conversations that count. */
export type DigestCount = Readonly<{ userId: UserId; unread: number; conversations: number; newestAt: Instant }>;

/** The digests of the unit of work's account. */
export interface DigestRepository {
  /** People with a proven address whose digest is due, or who have none scheduled: locked, so that two who look at once take different ones. */
  due(now: Instant, most: number): Promise<DigestReader[]>;
  /** What these have not read, of conversations that they have neither muted nor archived; of those with mentions only, what they were told of. */
  count(users: readonly UserId[], now: Instant): Promise<DigestCount[]>;
  schedule(account: AccountId, times: readonly Readonly<{ userId: UserId; nextAt: Instant; sentAt: Instant | undefined }>[]): Promise<void>;
}
export const Digests = token<DigestRepository>('Digests');
