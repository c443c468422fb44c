import type { AccountId, Id, Instant, UserId } from '../kernel/ids.ts';
import type { PresenceStatus } from '../presence/presence.ts';

/** An entry of the presence log: from then on a user was online, away or offline. */
export type PresenceEntry = Readonly<{
  accountId: AccountId;
  id: Id<'presenceEntry'>;
  userId: UserId;
  status: PresenceStatus;
  at: Instant;
}>;
