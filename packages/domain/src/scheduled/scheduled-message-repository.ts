import type { ScheduledMessageId, UserId } from '../kernel/ids.ts';
import type { ScheduledMessage, ScheduledOwner } from './scheduled-message.ts';

/** Messages that are to be sent later. */
export interface ScheduledMessageRepository {
  lookup(id: ScheduledMessageId): Promise<ScheduledMessage | undefined>;
  /** The row stays as it is until the transaction ends. */
  lock(id: ScheduledMessageId): Promise<ScheduledMessage | undefined>;
  /** How many a person has, or the account itself; of two who count at once, the second waits for the first. */
  lockCount(owner: ScheduledOwner, sender: UserId): Promise<number>;
  add(scheduled: ScheduledMessage): Promise<void>;
  update(scheduled: ScheduledMessage): Promise<void>;
  remove(id: ScheduledMessageId): Promise<void>;
}
