import type { Page, PageRequest } from '@coucou/application/conversations/conversation-reader';
import { useCase } from '@coucou/application/kernel/use-case';
import { MessageReader } from '@coucou/application/messages/message-reader';
import type { Message } from '@coucou/domain/messages/message';
import type { SavedMessage } from '../domain/saved-message.ts';
import { SavedMessageReader } from './saved-message-repository.ts';

export type ListSaved = Readonly<{ limit: number; cursor?: string | undefined }>;

/** `message`: as the person sees it now; undefined when they may not, or it was deleted. */
export type SavedView = Readonly<{ saved: SavedMessage; message: Message | undefined }>;

export const listSaved = useCase({
  name: 'savedMessages.list',
  deps: { reader: SavedMessageReader, messages: MessageReader },
  async run({ reader, messages }, { limit, cursor }: ListSaved, { account, actor: { userId } }): Promise<Page<SavedView>> {
    const page: PageRequest = { limit, cursor };
    const { items, nextCursor } = await reader.list(account, userId, page);
    const visible = await messages.findMany(
      account,
      userId,
      items.map(({ messageId }) => messageId),
    );
    const byId = new Map(visible.filter(({ deletedAt }) => deletedAt === undefined).map((message) => [message.id, message]));
    return { items: items.map((saved) => ({ saved, message: byId.get(saved.messageId) })), nextCursor };
  },
});
