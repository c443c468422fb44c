import type { Instant, MessageId } from '@coucou/domain/kernel/ids';
import type { ScheduledMessage } from '@coucou/domain/scheduled/scheduled-message';
import { event, holdIds } from '../kernel/event.ts';
import type { Emitting } from '../ports/unit-of-work.ts';
import { feedEntryAdded } from '../users/user-events.ts';

/** Nobody is told: its subscriber sends the occurrence. `dueAt` is later than the occurrence where it was put off. */
export const scheduledDue = event<{ scheduled: ScheduledMessage; dueAt: Instant }>()({
  type: 'scheduled.due',
  tells: [],
  audience: () => [],
  fact: ({ scheduled: { id, conversationId, revision, nextAt } }) => ({
    scheduledMessageId: id,
    conversationId,
    revision,
    at: nextAt.toISOString(),
  }),
  reads: (fact) =>
    holdIds(fact, 'scheduledMessageId', 'conversationId') &&
    Number.isInteger(fact['revision']) &&
    typeof fact['at'] === 'string' &&
    !Number.isNaN(Date.parse(fact['at'])),
  dueAt: ({ dueAt }) => dueAt,
});

const failure = {
  tells: [],
  audience: () => [],
  fact: ({ scheduled: { id, senderId, revision } }: Readonly<{ scheduled: ScheduledMessage }>) => ({
    scheduledMessageId: id,
    userId: senderId,
    revision,
  }),
} as const;

/** One of a person is not tried again, which they learn by a notification. */
export const scheduledFailed = event<{ scheduled: ScheduledMessage }>()({ ...failure, type: 'scheduled.failed' });

/** One that had failed, as it was then, has been corrected or deleted. */
export const scheduledAmended = event<{ scheduled: ScheduledMessage }>()({ ...failure, type: 'scheduled.amended' });

type Told =
  | Readonly<{ state: 'scheduled'; sendAt: string; messageId?: MessageId; code?: string }>
  | Readonly<{ state: 'sent'; messageId: MessageId }>
  | Readonly<{ state: 'failed'; code: string }>
  | Readonly<{ state: 'deleted' }>;

/** What a person's devices hear, without what the message says. Of one that belongs to the account nobody hears. */
export function tellOwner(tx: Emitting, { id, owner, senderId, conversationId }: ScheduledMessage, told: Told): void {
  if (owner === 'account') return;
  tx.emit(feedEntryAdded({ userId: senderId, kind: 'scheduled.updated', payload: { scheduledMessageId: id, conversationId, ...told } }));
}

/** Stored or changed: its next occurrence is awaited. */
export function awaitNext(tx: Emitting, scheduled: ScheduledMessage, more: Readonly<{ messageId?: MessageId; code?: string }> = {}): void {
  tx.emit(scheduledDue({ scheduled, dueAt: scheduled.nextAt }));
  tellOwner(tx, scheduled, { state: 'scheduled', sendAt: scheduled.nextAt.toISOString(), ...more });
}
