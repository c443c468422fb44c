import { asId, type ConversationId, type UserId } from '@coucou/domain/kernel/ids';
import { Conversations } from '../conversations/repositories.ts';
import { batchSubscriber, subscriber } from '../kernel/subscriber.ts';
import { MessageIndex } from '../messages/repositories.ts';
import { unitOfWork } from '../ports/unit-of-work.ts';
import { Users } from '../users/repositories.ts';
import { conversationImported, importedAdmitted, messagesImported } from './exchange-events.ts';
import { Imports } from './repositories.ts';

export const indexImported = batchSubscriber({
  name: 'exchange.indexImported',
  on: messagesImported,
  asyncCommit: true,
  deps: { uow: unitOfWork({ messageIndex: MessageIndex }) },
  run: ({ uow }, account, events) => uow.write(account, (tx) => tx.messageIndex.index(events.flatMap(({ messageIds }) => messageIds))),
});

/** Members of one announcement. */
const PAGE = 500;

/** Tells the members of an imported conversation who are connected that it is there. */
export const announceImported = subscriber({
  name: 'exchange.announceImported',
  on: conversationImported,
  deps: { uow: unitOfWork({ imports: Imports, conversations: Conversations, users: Users }) },
  async run({ uow }, { account, conversationId, version }) {
    const id: ConversationId = asId(conversationId);
    for (let after: UserId | undefined, isLast = false; !isLast; ) {
      const members = await uow.write(account, async (tx) => {
        const conversation = await tx.conversations.lookup(id);
        const some = conversation === undefined ? [] : await tx.imports.admitted(id, version, after, PAGE);
        if (conversation === undefined || some.length === 0) return [];
        const users = conversation.type === 'direct' ? await tx.users.lookupMany(some.map(({ userId }) => userId)) : [];
        tx.emit(importedAdmitted({ conversation, members: some, users }));
        return some;
      });
      after = members.at(-1)?.userId;
      isLast = members.length < PAGE;
    }
  },
});
