import { conversationErrors } from '@coucou/domain/conversations/conversation';
import type { ConversationId } from '@coucou/domain/kernel/ids';
import { useCase } from '../kernel/use-case.ts';
import { MessageReader } from './message-reader.ts';

export type ListPins = Readonly<{ conversationId: ConversationId; limit: number; cursor?: string | undefined }>;

export const listPins = useCase({
  name: 'pins.list',
  deps: { reader: MessageReader },
  async run({ reader }, { conversationId, limit, cursor }: ListPins, { account, actor }) {
    const page = await reader.pins(account, actor.userId, conversationId, { limit, cursor });
    if (page === undefined) throw conversationErrors.CONVERSATION_NOT_FOUND();
    return page;
  },
});
