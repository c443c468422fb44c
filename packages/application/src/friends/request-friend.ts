import { FriendRequest, friendErrors } from '@coucou/domain/friends/friend-request';
import type { UserId } from '@coucou/domain/kernel/ids';
import { Relations } from '@coucou/domain/users/relations';
import { Sessions } from '../auth/repositories.ts';
import { useCase } from '../kernel/use-case.ts';
import { Clock } from '../ports/clock.ts';
import { Ids } from '../ports/ids.ts';
import { unitOfWork } from '../ports/unit-of-work.ts';
import { UserRelations, Users } from '../users/repositories.ts';
import { feedEntries, lockPeople, settle } from './close-request.ts';
import { friendRequested } from './friend-events.ts';
import type { FriendRequestView } from './friend-reader.ts';
import { FriendSizes } from './friend-sizes.ts';
import { FriendRequests, Friendships } from './repositories.ts';

/** Idempotent while pending; when the other user asked first, their request is accepted. */
export const requestFriend = useCase({
  name: 'friends.request',
  deps: {
    uow: unitOfWork({
      relations: UserRelations,
      friendRequests: FriendRequests,
      users: Users,
      sessions: Sessions,
      friendships: Friendships,
    }),
    clock: Clock,
    ids: Ids,
    sizes: FriendSizes,
  },
  run: ({ uow, clock, ids, sizes }, { userId }: Readonly<{ userId: UserId }>, { account, actor }) =>
    uow.write(account, async (tx): Promise<FriendRequestView & Readonly<{ existing: boolean }>> => {
      FriendRequest.requireOther(actor.userId, userId);
      await tx.relations.lockPair(actor.userId, userId);
      const [me, other] = await lockPeople(tx, actor.userId, userId);
      const standing = (await tx.relations.standings(me.id, [other.id])).get(other.id) ?? Relations.strangers;
      if (Relations.relationOf(standing) === 'friend') throw friendErrors.ALREADY_FRIENDS();
      Relations.requireAllowed('friendRequest', standing);

      const pending = await tx.friendRequests.lookupPending(me.id, other.id);
      if (pending?.fromId === me.id) return { request: pending, from: me, to: other, existing: true };
      const now = clock.now();
      if (pending !== undefined) {
        const request = FriendRequest.close(pending, me.id, 'accepted', now);
        await settle(tx, request, [other, me], sizes, now);
        return { request, from: other, to: me, existing: false };
      }

      const request = FriendRequest.ask(
        { accountId: account, id: ids.next(), fromId: me.id, toId: other.id, now },
        { pending: await tx.friendRequests.countPending(me.id), rejectedAt: await tx.friendRequests.lastRejection(me.id, other.id) },
        sizes,
      );
      await tx.friendRequests.add(request);
      tx.emit(friendRequested({ request, from: me, to: other }), ...feedEntries(request));
      return { request, from: me, to: other, existing: false };
    }),
});
