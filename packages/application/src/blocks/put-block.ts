import { Block } from '@coucou/domain/blocks/block';
import type { ConversationRepository } from '@coucou/domain/conversations/conversation-repository';
import type { FriendRequestRepository } from '@coucou/domain/friends/friend-repositories';
import type { Instant, UserId } from '@coucou/domain/kernel/ids';
import { userErrors } from '@coucou/domain/users/user';
import type { UserRepository } from '@coucou/domain/users/user-repository';
import { Conversations } from '../conversations/repositories.ts';
import { feedEntries, requestClosed } from '../friends/close-request.ts';
import { endFriendship } from '../friends/remove-friend.ts';
import { FriendRequests, Friendships } from '../friends/repositories.ts';
import { useCase } from '../kernel/use-case.ts';
import { Clock } from '../ports/clock.ts';
import { unitOfWork, type Writing } from '../ports/unit-of-work.ts';
import { UserRelations, Users } from '../users/repositories.ts';
import { feedEntryAdded } from '../users/user-events.ts';
import { Blocks } from './repositories.ts';

/**
 * Ends friendship and requests between the two. To the other user the friendship looks removed, and requests look cancelled or
 * declined: no event reveals the block.
 */
export const putBlock = useCase({
  name: 'blocks.put',
  deps: {
    uow: unitOfWork({
      relations: UserRelations,
      users: Users,
      blocks: Blocks,
      conversations: Conversations,
      friendRequests: FriendRequests,
      friendships: Friendships,
    }),
    clock: Clock,
  },
  run: ({ uow, clock }, { userId }: Readonly<{ userId: UserId }>, { account, actor }) =>
    uow.write(account, async (tx) => {
      Block.requireOther(actor.userId, userId);
      await tx.relations.lockPair(actor.userId, userId);
      if ((await tx.users.lookup(userId)) === undefined) throw userErrors.USER_NOT_FOUND();
      // Before any user is locked: conversations are locked first.
      await raiseAccess(tx, actor.userId, userId);
      await tx.users.lock([actor.userId, userId]);
      const blocked = await tx.blocks.count(actor.userId);
      if (!(await tx.blocks.add(actor.userId, userId, clock.now()))) return;
      Block.requireRoom(blocked);
      await endFriendship(tx, actor.userId, userId);
      await endRequest(tx, actor.userId, userId, clock.now());
      tx.emit(feedEntryAdded({ userId: actor.userId, kind: 'block.added', payload: { userId } }));
    }),
});

/** Makes cached decisions to post in the direct conversation of the two stale. */
export async function raiseAccess(tx: Writing<{ conversations: ConversationRepository }>, a: UserId, b: UserId): Promise<void> {
  const direct = await tx.conversations.lookupDirect(a, b);
  if (direct === undefined) return;
  await tx.conversations.lock(direct.id);
  await tx.conversations.raiseAccess(direct.id);
}

async function endRequest(
  tx: Writing<{ friendRequests: FriendRequestRepository; users: UserRepository }>,
  blocker: UserId,
  blocked: UserId,
  now: Instant,
): Promise<void> {
  const pending = await tx.friendRequests.lookupPending(blocker, blocked);
  if (pending === undefined) return;
  const request = { ...pending, status: pending.fromId === blocker ? 'cancelled' : 'rejected', respondedAt: now } as const;
  await tx.friendRequests.update(request);
  const people = await tx.users.lookupMany([request.fromId, request.toId]);
  const [from, to] = [request.fromId, request.toId].map((id) => people.find((user) => user.id === id));
  if (from === undefined || to === undefined) return;
  tx.emit(requestClosed[request.status]({ request, from, to }), ...feedEntries(request));
}
