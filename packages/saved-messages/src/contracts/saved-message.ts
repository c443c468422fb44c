import { id, time } from '@coucou/contracts/kernel/types';
import { Message } from '@coucou/contracts/messages/message';
import { z } from 'zod';

export const SavedMessage = z
  .object({
    messageId: id('message'),
    conversationId: id('conversation'),
    savedAt: time.meta({ description: 'when it was saved first' }),
    note: z
      .string()
      .optional()
      .meta({ examples: ['Answer before lunch'] }),
    remindAt: time.optional(),
    remindedAt: time.optional().meta({ description: 'when the reminder for `remindAt` was given; absent: not yet' }),
  })
  .meta({ id: 'SavedMessage' });

export const ListedSavedMessage = SavedMessage.extend({
  message: Message.optional().meta({
    description:
      'as you see it now; absent: it is not available to you any more, since it was deleted, you hid it, or you are not in the conversation',
  }),
}).meta({ id: 'ListedSavedMessage' });

/** Entries of the person's own feed. */
export const savedFeedEntries = {
  'saved_message.removed': z.object({ messageId: id('message') }),
  'saved_message.updated': SavedMessage,
};
