import type { MessageId } from '@coucou/domain/kernel/ids';
import { Conversations } from '../conversations/repositories.ts';
import { useCase } from '../kernel/use-case.ts';
import { openMessage } from '../messages/open-message.ts';
import { Messages } from '../messages/repositories.ts';
import { unitOfWork } from '../ports/unit-of-work.ts';
import { feedEntryAdded } from '../users/user-events.ts';
import { Threads } from './repositories.ts';

export type MarkThreadRead = Readonly<{ messageId: MessageId; readSeq?: number | undefined }>;

/** Private: sent to the user's own devices only. A mark never goes back. */
export const markThreadRead = useCase({
  name: 'threads.markRead',
  deps: { uow: unitOfWork({ threads: Threads, messages: Messages, conversations: Conversations }) },
  run: ({ uow }, { messageId, readSeq }: MarkThreadRead, { account, actor }) =>
    uow.write(account, async (tx) => {
      const { message } = await openMessage(tx, messageId, actor.userId, { lock: false });
      const marked = await tx.threads.mark(message, actor.userId, readSeq);
      if (marked === undefined) return;
      const payload = { conversationId: message.conversationId, rootId: message.id, readSeq: marked };
      tx.emit(feedEntryAdded({ userId: actor.userId, kind: 'thread.read', payload }));
    }),
});
