import type { AccountId, ConversationId, MessageId } from '@coucou/domain/kernel/ids';
import { MessageChange } from '@coucou/domain/messages/message-change';
import { Conversations } from '../conversations/repositories.ts';
import { batchSubscriber } from '../kernel/subscriber.ts';
import type { Ports } from '../kernel/token.ts';
import { Clock } from '../ports/clock.ts';
import { unitOfWork } from '../ports/unit-of-work.ts';
import { messageDeleted, messageExpires } from './message-events.ts';
import { Messages } from './repositories.ts';

/** Messages deleted under one lock of their conversation, so that who posts there waits for few of them. */
const MOST_AT_ONCE = 20;

const deps = { uow: unitOfWork({ messages: Messages, conversations: Conversations }), clock: Clock };

/** Deletes messages for everyone when their time has come. One that is gone already stays as it is, so a repetition is harmless. */
export const expireMessages = batchSubscriber({
  name: 'messages.expire',
  on: messageExpires,
  deps,
  async run(ports, account, events) {
    for (const [conversationId, ofOne] of Map.groupBy(events, (event) => event.conversationId)) {
      const ids = ofOne.map(({ messageId }) => messageId);
      for (let at = 0; at < ids.length; at += MOST_AT_ONCE)
        await expireIn(ports, account, conversationId, ids.slice(at, at + MOST_AT_ONCE));
    }
  },
});

const expireIn = (
  { uow, clock }: Ports<typeof deps>,
  account: AccountId,
  conversationId: ConversationId,
  ids: readonly MessageId[],
): Promise<void> =>
  uow.write(account, async (tx) => {
    let conversation = await tx.conversations.lock(conversationId);
    for (const messageId of ids) {
      const found = conversation && (await tx.messages.lookup(conversation, messageId));
      if (conversation === undefined || found === undefined) continue;
      const deletedAt = clock.now();
      const deleted = MessageChange.expire(found, deletedAt);
      if (deleted === undefined) continue;
      await tx.messages.erase(deleted);
      const { version, seq } = deleted;
      const { accessVersion } = conversation;
      const mentions = MessageChange.mentionsChanged(found.message, deleted);
      tx.emit(messageDeleted({ conversationId, messageId, seq, version, accessVersion, withheld: found.withheld, deletedAt, mentions }));
      conversation = { ...conversation, version };
    }
  });
