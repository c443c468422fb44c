import { event, holdIds } from '@coucou/application/kernel/event';
import type { ConversationId, MessageId } from '@coucou/domain/kernel/ids';

/** The links of a message are to be looked at. One order of a message waits at a time. */
export const linksFound = event<Readonly<{ conversationId: ConversationId; messageId: MessageId }>>()({
  type: 'linkPreviews.linksFound',
  tells: [],
  audience: () => [],
  fact: ({ conversationId, messageId }) => ({ conversationId, messageId }),
  reads: (fact) => holdIds(fact, 'conversationId', 'messageId'),
  dedupKey: ({ messageId }) => messageId,
});
