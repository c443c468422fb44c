import { conversationErrors } from '@coucou/domain/conversations/conversation';
import type { ConversationId } from '@coucou/domain/kernel/ids';
import { useCase } from '../kernel/use-case.ts';
import { ReceiptReader } from './receipt-reader.ts';

export type ListReceipts = Readonly<{ conversationId: ConversationId; limit: number; cursor?: string | undefined }>;

export const listReceipts = useCase({
  name: 'receipts.list',
  deps: { reader: ReceiptReader },
  async run({ reader }, { conversationId, limit, cursor }: ListReceipts, { account, actor }) {
    const page = await reader.list(account, actor.userId, conversationId, { limit, cursor });
    if (page === undefined) throw conversationErrors.CONVERSATION_NOT_FOUND();
    return page;
  },
});
