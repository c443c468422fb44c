import { Membership, type Notify } from '@coucou/domain/conversations/membership';
import type { ConversationId } from '@coucou/domain/kernel/ids';
import { messageErrors } from '@coucou/domain/messages/message';
import { unreadMessages } from '@coucou/domain/receipts/unread';
import { useCase } from '../kernel/use-case.ts';
import { Clock } from '../ports/clock.ts';
import { ReceiptLog } from '../ports/receipt-log.ts';
import { unitOfWork } from '../ports/unit-of-work.ts';
import { feedEntryAdded } from '../users/user-events.ts';
import type { FeedEntryAdded } from '../users/user-events.ts';
import { ConversationReader } from './conversation-reader.ts';
import { lockConversation } from './lock-conversation.ts';
import { readView } from './read-view.ts';
import { Conversations, Memberships } from './repositories.ts';

export type UpdateMembership = Readonly<{
  conversationId: ConversationId;
  archived?: boolean | undefined;
  pinned?: boolean | undefined;
  /** RFC 3339; null unmutes. */
  mutedUntil?: string | null | undefined;
  notify?: Notify | undefined;
}>;

/** The complete private state, so that a device that receives a later change needs no earlier one. */
export const membershipUpdated = (membership: Membership, unread: number): FeedEntryAdded =>
  feedEntryAdded({
    userId: membership.userId,
    kind: 'membership.updated',
    payload: {
      conversationId: membership.conversationId,
      archived: membership.archived,
      pinned: membership.pinned,
      notify: membership.notify,
      ...(membership.notifyMutedUntil && { mutedUntil: membership.notifyMutedUntil.toISOString() }),
      ...(membership.unreadFromSeq !== undefined && { unreadFromSeq: membership.unreadFromSeq }),
      unread,
    },
  });

export const updateMembership = useCase({
  name: 'membership.update',
  deps: {
    uow: unitOfWork({ memberships: Memberships, conversations: Conversations }),
    clock: Clock,
    reader: ConversationReader,
    receipts: ReceiptLog,
  },
  async run({ uow, clock, reader, receipts }, { conversationId, mutedUntil, ...rest }: UpdateMembership, call) {
    const changes = { ...rest, mutedUntil: typeof mutedUntil === 'string' ? new Date(mutedUntil) : mutedUntil };
    const { userId } = call.actor;
    const changed = await uow.write(call.account, async (tx) => {
      const { conversation } = await lockConversation(tx, conversationId, []);
      const membership = Membership.arrange(await tx.memberships.lookup(conversationId, userId), changes, clock.now());
      if (membership === undefined) return undefined;
      await tx.memberships.update(membership);
      tx.emit(membershipUpdated(membership, unreadMessages(conversation, membership)));
      return membership;
    });
    // What is archived does not count in the totals.
    if (changed !== undefined && rest.archived !== undefined) receipts.recountMember(call.account, userId, conversationId);
    return (await readView(reader, call, conversationId)).membership;
  },
});

export const markUnread = useCase({
  name: 'membership.markUnread',
  deps: { uow: unitOfWork({ memberships: Memberships, conversations: Conversations }), reader: ConversationReader, receipts: ReceiptLog },
  async run({ uow, reader, receipts }, { conversationId, fromSeq }: Readonly<{ conversationId: ConversationId; fromSeq: number }>, call) {
    const { userId } = call.actor;
    const changed = await uow.write(call.account, async (tx) => {
      const { conversation } = await lockConversation(tx, conversationId, []);
      const own = Membership.requireMarkable(conversation, await tx.memberships.lookup(conversationId, userId), fromSeq);
      const counts = await tx.memberships.countAround(conversationId, userId, fromSeq);
      if (counts === undefined) throw messageErrors.MESSAGE_NOT_FOUND();
      const marked = Membership.markUnread(own, fromSeq, counts);
      if (marked === undefined) return undefined;
      await tx.memberships.update(marked);
      tx.emit(membershipUpdated(marked, unreadMessages(conversation, marked)));
      return marked;
    });
    if (changed !== undefined) receipts.recountMember(call.account, userId, conversationId);
    return readView(reader, call, conversationId);
  },
});
