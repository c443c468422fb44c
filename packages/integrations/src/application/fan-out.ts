import { Conversations } from '@coucou/application/conversations/repositories';
import { batchSubscriber } from '@coucou/application/kernel/subscriber';
import { messagePosted } from '@coucou/application/messages/message-events';
import { Messages } from '@coucou/application/messages/repositories';
import { Clock } from '@coucou/application/ports/clock';
import { unitOfWork } from '@coucou/application/ports/unit-of-work';
import type { ConversationId, MessageId } from '@coucou/domain/kernel/ids';
import type { Message } from '@coucou/domain/messages/message';
import { isTriggered } from '../domain/connector.ts';
import { integrationDue } from './integration-events.ts';
import { IntegrationDirectory, Integrations } from './integration-repository.ts';

/** What people wrote; what an integration posted triggers nothing, or two of them would talk to each other for ever. */
export const isTold = ({ type, parts, deletedAt }: Message): boolean =>
  type !== 'system' && deletedAt === undefined && parts?.['integration'] === undefined;

/** Takes new messages out of the outbox for the integrations of their conversations. Repeated, its orders are merged with those that wait. */
export const fanOut = batchSubscriber({
  name: 'integrations.message',
  on: messagePosted,
  deps: {
    uow: unitOfWork({ conversations: Conversations, messages: Messages, integrations: Integrations }),
    directory: IntegrationDirectory,
    clock: Clock,
  },
  async run({ uow, directory, clock }, account, events) {
    const posted = new Map<ConversationId, MessageId[]>();
    for (const { conversationId, messageIds } of events) {
      if (!(await directory.tells(account, conversationId))) continue;
      posted.set(conversationId, [...(posted.get(conversationId) ?? []), ...messageIds]);
    }
    if (posted.size === 0) return;
    await uow.write(account, async (tx) => {
      const since = clock.now();
      for (const [conversationId, messageIds] of posted) {
        const integrations = await tx.integrations.outgoingOf(conversationId);
        const conversation = integrations.length === 0 ? undefined : await tx.conversations.lookup(conversationId);
        if (conversation === undefined) continue;
        for (const messageId of messageIds) {
          const found = await tx.messages.lookup(conversation, messageId);
          if (found === undefined || !isTold(found.message)) continue;
          const concerned = integrations.filter(({ connector }) => isTriggered(connector, found.message.content));
          tx.emit(
            ...concerned.map(({ id: integrationId }) => integrationDue({ integrationId, conversationId, messageId, attempts: 0, since })),
          );
        }
      }
    });
  },
});
