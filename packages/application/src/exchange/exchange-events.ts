import type { Conversation, Member } from '@coucou/domain/conversations/conversation';
import type { ConversationId, MessageId } from '@coucou/domain/kernel/ids';
import type { User } from '@coucou/domain/users/user';
import { joins } from '../conversations/conversation-events.ts';
import { event, holdIds } from '../kernel/event.ts';

/**
 * Messages came by an import: only the search hears of them, so nobody is notified. Written with them (import-messages.sql), also where the
 * import runs beside the server.
 */
export const messagesImported = event<{ messageIds: readonly MessageId[] }>()({
  type: 'messages.imported',
  tells: [],
  audience: () => [],
  fact: ({ messageIds }) => ({ messageIds }),
});

/** The members of an imported conversation were let in, with this version. Written with it, also where the import runs beside the server. */
export const conversationImported = event<{ conversationId: ConversationId; version: number }>()({
  type: 'conversation.imported',
  tells: [],
  audience: () => [],
  fact: ({ conversationId, version }) => ({ conversationId, version }),
  reads: (fact) => holdIds(fact, 'conversationId') && typeof fact['version'] === 'number',
});

/** The same for those of them who are connected. */
export const importedAdmitted = event<{
  conversation: Conversation;
  members: readonly Member[];
  /** Both of a direct conversation. */
  users: readonly User[];
}>()({
  type: 'conversation.admitted',
  tells: ['conversation:new'],
  audience: ({ conversation, members }) =>
    members.map((member) => ({ event: 'conversation:new' as const, to: joins(conversation, member) })),
});
