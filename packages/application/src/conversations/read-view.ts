import { conversationErrors } from '@coucou/domain/conversations/conversation';
import type { ConversationId } from '@coucou/domain/kernel/ids';
import type { UserCall } from '../kernel/call.ts';
import type { ConversationReader, ConversationView } from './conversation-reader.ts';

/** The conversation as the caller sees it now. Throws `CONVERSATION_NOT_FOUND`. */
export async function readView(reader: ConversationReader, { account, actor }: UserCall, id: ConversationId): Promise<ConversationView> {
  const view = await reader.find(account, actor.userId, id);
  if (view === undefined) throw conversationErrors.CONVERSATION_NOT_FOUND();
  return view;
}
