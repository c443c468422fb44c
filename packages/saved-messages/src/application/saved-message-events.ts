import { event, holdIds } from '@coucou/application/kernel/event';
import type { Emitting } from '@coucou/application/ports/unit-of-work';
import { feedEntryAdded } from '@coucou/application/users/user-events';
import type { Instant } from '@coucou/domain/kernel/ids';
import { SavedMessage } from '../domain/saved-message.ts';

/** Internal: the subscriber checks that the reminder still stands, and notifies the person. */
export const reminderDue = event<{ saved: SavedMessage; remindAt: Instant }>()({
  type: 'savedMessages.reminderDue',
  tells: [],
  audience: () => [],
  fact: ({ saved: { userId, messageId }, remindAt }) => ({ userId, messageId, remindAt: remindAt.toISOString() }),
  reads: (fact) =>
    holdIds(fact, 'userId', 'messageId') && typeof fact['remindAt'] === 'string' && !Number.isNaN(Date.parse(fact['remindAt'])),
  dueAt: ({ remindAt }) => remindAt,
});

/** To all devices of the person, by their own feed. */
export const tellSaved = (tx: Emitting, saved: SavedMessage): void =>
  tx.emit(feedEntryAdded({ userId: saved.userId, kind: 'saved_message.updated', payload: SavedMessage.shown(saved) }));

export const tellRemoved = (tx: Emitting, { userId, messageId }: SavedMessage): void =>
  tx.emit(feedEntryAdded({ userId, kind: 'saved_message.removed', payload: { messageId } }));
