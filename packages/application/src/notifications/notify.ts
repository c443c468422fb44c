import { BlockRules } from '@coucou/domain/blocks/block-rules';
import type { AccountId, ConversationId, UserId } from '@coucou/domain/kernel/ids';
import { limits } from '@coucou/domain/kernel/limits';
import { type NewNotification, Notification } from '@coucou/domain/notifications/notification';
import type { NotificationRepository } from '@coucou/domain/notifications/notification-repository';
import { Relations } from '@coucou/domain/users/relations';
import { conversationCreated, memberJoined } from '../conversations/conversation-events.ts';
import { Conversations } from '../conversations/repositories.ts';
import { friendAccepted, friendRequested } from '../friends/friend-events.ts';
import { FriendRequests, Friendships } from '../friends/repositories.ts';
import { batchSubscriber, subscriber } from '../kernel/subscriber.ts';
import type { Ports } from '../kernel/token.ts';
import { messagePosted } from '../messages/message-events.ts';
import { Clock } from '../ports/clock.ts';
import { Ids } from '../ports/ids.ts';
import { unitOfWork, type Writing } from '../ports/unit-of-work.ts';
import { UserPreferences } from '../preferences/repositories.ts';
import { UserRelations } from '../users/repositories.ts';
import { feedEntryAdded } from '../users/user-events.ts';
import { notificationCreated } from './notification-events.ts';
import { Notifications } from './repositories.ts';

export const notifyDeps = {
  uow: unitOfWork({
    notifications: Notifications,
    conversations: Conversations,
    relations: UserRelations,
    friendRequests: FriendRequests,
    friendships: Friendships,
    preferences: UserPreferences,
  }),
  clock: Clock,
  ids: Ids,
};
type Given = Ports<typeof notifyDeps>;

export type About = Pick<Notification, 'userId' | 'kind' | 'actorId'> &
  Partial<Pick<Notification, 'conversationId' | 'messageId' | 'seq' | 'friendRequestId' | 'scheduledMessageId'>> &
  Readonly<{ once: string }>;

/** Stores the new ones and emits them: live, and in the user's feed. */
export async function tell(
  { clock, ids }: Pick<Given, 'clock' | 'ids'>,
  tx: Writing<{ notifications: NotificationRepository }>,
  account: AccountId,
  abouts: readonly About[],
): Promise<void> {
  const createdAt = clock.now();
  const wanted = abouts.map(({ once, ...about }): NewNotification => {
    const { conversationId, messageId, seq, friendRequestId, scheduledMessageId } = about;
    const { userId, kind, actorId } = about;
    const refers = { conversationId, messageId, seq, friendRequestId, scheduledMessageId };
    return { notification: { accountId: account, id: ids.next(), userId, kind, actorId, ...refers, createdAt, readAt: undefined }, once };
  });
  for (const notification of await tx.notifications.add(wanted))
    tx.emit(
      notificationCreated({ notification }),
      feedEntryAdded({
        userId: notification.userId,
        kind: 'notification.created',
        payload: { notificationId: notification.id, kind: notification.kind },
      }),
    );
}

/** Notifies those concerned by a message; a plain message creates no notification. */
export const notifyOfMessages = batchSubscriber({
  name: 'notifications.message',
  on: messagePosted,
  deps: notifyDeps,
  async run(given, account, events) {
    const { uow, clock } = given;
    const messages = events.flatMap(({ messageIds }) => messageIds);
    const concerning = await uow.read(account, (tx) => tx.notifications.concerning(messages));
    // One transaction per message: a mention of everyone already writes many rows.
    for (const { conversationId, messageId } of concerning)
      await uow.write(account, async (tx) => {
        const found = await tx.notifications.concerned(conversationId, messageId, limits.notifications.everyone);
        if (found === undefined) return;
        const { seq, senderId: actorId } = found;
        const now = clock.now();
        const abouts = found.people.flatMap((person): About[] => {
          const kind = Notification.ofMessage(person, now);
          return kind === undefined
            ? []
            : [{ userId: person.userId, kind, actorId, conversationId, messageId, seq, once: `message:${messageId}` }];
        });
        await tell(given, tx, account, abouts);
      });
  },
});

/** Members still present, unless a block hides the action of the user who added them. */
async function tellAdded(
  given: Given,
  account: AccountId,
  conversationId: ConversationId,
  actorId: UserId,
  userIds: readonly UserId[],
  once: string,
) {
  await given.uow.write(account, async (tx) => {
    const others = userIds.filter((id) => id !== actorId);
    const members = await tx.conversations.members(conversationId, others);
    const present = members.filter(({ leftAt }) => leftAt === undefined).map(({ userId }) => userId);
    const standings = await tx.relations.standings(actorId, present);
    const reachable = present.filter((id) => BlockRules.allows('notification', standings.get(id) ?? Relations.strangers));
    await tell(
      given,
      tx,
      account,
      reachable.map((userId) => ({ userId, kind: 'added', actorId, conversationId, once: `added:${once}` })),
    );
  });
}

/** Not for direct conversations: their first message suffices. */
export const notifyOfCreation = subscriber({
  name: 'notifications.created',
  on: conversationCreated,
  deps: notifyDeps,
  async run(given, { id, account, conversationId, userIds }) {
    const conversation = await given.uow.read(account, (tx) => tx.conversations.lookup(conversationId));
    if (conversation === undefined || conversation.type === 'direct') return;
    await tellAdded(given, account, conversationId, conversation.createdBy, userIds, id);
  },
});

/** Not for users who joined themselves. */
export const notifyOfAddition = subscriber({
  name: 'notifications.added',
  on: memberJoined,
  deps: notifyDeps,
  async run(given, { id, account, conversationId, userId, byId }) {
    if (byId !== undefined) await tellAdded(given, account, conversationId, byId, [userId], id);
  },
});

/** Not when the request was answered or cancelled in the meantime. */
export const notifyOfRequest = subscriber({
  name: 'notifications.friendRequested',
  on: friendRequested,
  deps: notifyDeps,
  run: (given, { account, requestId, fromId, toId }) =>
    given.uow.write(account, async (tx) => {
      if ((await tx.friendRequests.lookup(requestId))?.status !== 'pending') return;
      const about = { userId: toId, actorId: fromId, friendRequestId: requestId };
      await tell(given, tx, account, [{ ...about, kind: 'friendRequested', once: `requested:${requestId}` }]);
    }),
});

export const notifyOfAcceptance = subscriber({
  name: 'notifications.friendAccepted',
  on: friendAccepted,
  deps: notifyDeps,
  run: (given, { account, requestId, fromId, toId }) =>
    given.uow.write(account, async (tx) => {
      if (!(await tx.friendships.exists(fromId, toId))) return;
      const about = { userId: fromId, actorId: toId, friendRequestId: requestId };
      await tell(given, tx, account, [{ ...about, kind: 'friendAccepted', once: `accepted:${requestId}` }]);
    }),
});
