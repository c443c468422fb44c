import type { MessageId } from '@coucou/domain/kernel/ids';
import { MessageChange } from '@coucou/domain/messages/message-change';
import { Conversations } from '../conversations/repositories.ts';
import { useCase } from '../kernel/use-case.ts';
import { unitOfWork } from '../ports/unit-of-work.ts';
import { MessageReader } from './message-reader.ts';
import { openMessage } from './open-message.ts';
import { Messages } from './repositories.ts';

export type MessageHistory = Readonly<{ messageId: MessageId; limit: number; cursor?: string | undefined }>;

export const messageHistory = useCase({
  name: 'messages.history',
  deps: { uow: unitOfWork({ messages: Messages, conversations: Conversations }), reader: MessageReader },
  async run({ uow, reader }, { messageId, limit, cursor }: MessageHistory, { account, actor }) {
    const { message } = await uow.read(account, async (tx) => {
      const opened = await openMessage(tx, messageId, actor.userId, { lock: false });
      MessageChange.requireHistory(opened);
      return opened;
    });
    return reader.edits(account, message.conversationId, message.seq, { limit, cursor });
  },
});
