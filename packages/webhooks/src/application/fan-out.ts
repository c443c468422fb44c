import {
  conversationCreated,
  conversationDeleted,
  conversationUpdated,
  memberJoined,
  memberLeft,
  memberUpdated,
} from '@coucou/application/conversations/conversation-events';
import type { AnyEvent, DurableEvent, Fact, FactOf } from '@coucou/application/kernel/event';
import { batchSubscriber, type Subscriber } from '@coucou/application/kernel/subscriber';
import type { Ports } from '@coucou/application/kernel/token';
import { messageDeleted, messagePosted, messageUpdated } from '@coucou/application/messages/message-events';
import { Clock } from '@coucou/application/ports/clock';
import { Ids } from '@coucou/application/ports/ids';
import { unitOfWork } from '@coucou/application/ports/unit-of-work';
import { userUpdated } from '@coucou/application/users/user-events';
import type { AccountId, ConversationId } from '@coucou/domain/kernel/ids';
import { eventIdOf, type WebhookEvent } from '../domain/event-types.ts';
import { webhookDue } from './webhook-events.ts';
import { Deliveries, type Occurrence, WebhookDirectory } from './webhook-repository.ts';

const deps = { uow: unitOfWork({ deliveries: Deliveries }), directory: WebhookDirectory, clock: Clock, ids: Ids };

/** `version`: absent in facts that an earlier version of the server stored. */
type Told = Readonly<{ conversationId?: ConversationId; version?: number | undefined; data: Fact }>;

async function enqueue(
  { uow, directory, clock }: Ports<typeof deps>,
  account: AccountId,
  occurrences: readonly Occurrence[],
): Promise<void> {
  if (!(await directory.has(account))) return;
  await uow.write(account, async (tx) => {
    const concerned = await tx.deliveries.addForSubscribers(account, occurrences, clock.now());
    tx.emit(...concerned.map((webhookId) => webhookDue({ webhookId })));
  });
}

type Subscribable = AnyEvent & Readonly<{ fact?: (event: never) => Fact }>;

/** Takes an event out of the outbox for all webhooks of the account. Repeated, it finds its deliveries there. */
const takes = <Definition extends Subscribable>(
  on: Definition,
  event: WebhookEvent,
  toldBy: (fact: DurableEvent<FactOf<Definition>>) => readonly Told[],
): Subscriber =>
  batchSubscriber({
    name: `webhooks.${event}`,
    on,
    deps,
    run: (ports, account, events) =>
      enqueue(
        ports,
        account,
        events.flatMap((each) =>
          toldBy(each).map(
            ({ conversationId, version, data }, index): Occurrence => ({
              id: ports.ids.next(),
              eventId: eventIdOf(each.id, index),
              event,
              conversationId,
              version,
              data,
            }),
          ),
        ),
      ),
  });

export const fanOut: readonly Subscriber[] = [
  takes(messagePosted, 'message.created', ({ conversationId, messageIds, version }) =>
    messageIds.map((messageId, index) => ({ conversationId, version: version && version + index, data: { messageId } })),
  ),
  takes(messageUpdated, 'message.updated', ({ conversationId, version, messageId, seq }) => [
    { conversationId, version, data: { messageId, seq } },
  ]),
  takes(messageDeleted, 'message.deleted', ({ conversationId, version, messageId, seq }) => [
    { conversationId, version, data: { messageId, seq } },
  ]),
  takes(conversationCreated, 'conversation.created', ({ conversationId, version, userIds }) => [
    { conversationId, version, data: { userIds } },
  ]),
  takes(conversationUpdated, 'conversation.updated', ({ conversationId, version }) => [{ conversationId, version, data: {} }]),
  takes(conversationDeleted, 'conversation.deleted', ({ conversationId, version }) => [{ conversationId, version, data: {} }]),
  takes(memberJoined, 'member.joined', ({ conversationId, version, userId, byId }) => [
    { conversationId, version, data: { userId, ...(byId && { byId }) } },
  ]),
  takes(memberUpdated, 'member.updated', ({ conversationId, version, userId }) => [{ conversationId, version, data: { userId } }]),
  takes(memberLeft, 'member.left', ({ conversationId, version, userId, reason }) => [
    { conversationId, version, data: { userId, reason } },
  ]),
  takes(userUpdated, 'user.updated', ({ userId }) => [{ data: { userId } }]),
];
