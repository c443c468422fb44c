import type { FriendshipRepository } from '@coucou/domain/friends/friend-repositories';
import { friendErrors } from '@coucou/domain/friends/friend-request';
import type { UserId } from '@coucou/domain/kernel/ids';
import { useCase } from '../kernel/use-case.ts';
import { unitOfWork, type Writing } from '../ports/unit-of-work.ts';
import { UserRelations } from '../users/repositories.ts';
import { feedEntryAdded } from '../users/user-events.ts';
import { friendRemoved } from './friend-events.ts';
import { Friendships } from './repositories.ts';

export const removeFriend = useCase({
  name: 'friends.remove',
  deps: { uow: unitOfWork({ relations: UserRelations, friendships: Friendships }) },
  run: ({ uow }, { userId }: Readonly<{ userId: UserId }>, { account, actor }) =>
    uow.write(account, async (tx) => {
      await tx.relations.lockPair(actor.userId, userId);
      if (!(await endFriendship(tx, actor.userId, userId))) throw friendErrors.FRIEND_NOT_FOUND();
    }),
});

/** False when the two were not friends. */
export async function endFriendship(tx: Writing<{ friendships: FriendshipRepository }>, a: UserId, b: UserId): Promise<boolean> {
  if (!(await tx.friendships.remove(a, b))) return false;
  tx.emit(
    friendRemoved({ pair: [a, b] }),
    feedEntryAdded({ userId: a, kind: 'friend.removed', payload: { userId: b } }),
    feedEntryAdded({ userId: b, kind: 'friend.removed', payload: { userId: a } }),
  );
  return true;
}
