import { wired } from '@coucou/application/kernel/event';
import { bind, bindSigned } from '@coucou/application/kernel/operation';
import { feature } from '@coucou/features/feature';
import { listSaved } from './application/list-saved.ts';
import { remindDue } from './application/remind-due.ts';
import { reminderKind } from './application/reminder-notification.ts';
import { removeOfConversation, removeSaved } from './application/remove-saved.ts';
import { saveMessage } from './application/save-message.ts';
import { reminderDue } from './application/saved-message-events.ts';
import * as contracts from './contracts/operations.ts';
import { savedFeedEntries } from './contracts/saved-message.ts';
import { SavedMessage, savedMessageErrors } from './domain/saved-message.ts';
import { signedPage } from './presenters.ts';
import { savedMessageStorage } from './storage/saved-message-storage.ts';

/** Saved messages: private bookmarks with an optional note and reminder. */
export const savedMessagesFeature = feature({
  name: 'savedMessages',
  operations: [
    bind(contracts.saveMessage, saveMessage, SavedMessage.shown),
    bind(contracts.removeSavedMessage, removeSaved, () => {}),
    bindSigned(contracts.listSavedMessages, listSaved, signedPage),
  ],
  errors: [savedMessageErrors],
  events: [wired(reminderDue, {}, {})],
  feedEntries: savedFeedEntries,
  notificationKinds: [reminderKind],
  subscribers: [remindDue, removeOfConversation],
  storage: savedMessageStorage,
});
