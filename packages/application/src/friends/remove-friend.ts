import { friendErrors } from '@coucou/domain/friends/friend-request';
import type { UserId } from '@coucou/domain/kernel/ids';
import { useCase } from '../kernel/use-case.ts';
import { UnitOfWork, type Writing } from '../ports/unit-of-work.ts';

export const removeFriend = useCase({
  name: 'friends.remove',
  deps: { uow: UnitOfWork },
  run: ({ uow }, { userId }: Readonly<{ userId: UserId }>, { account, actor }) =>
    uow.write(account, async (tx) => {
      await tx.relations.lockPair(actor.userId, userId);
      if (!(await endFriendship(tx, actor.userId, userId))) throw friendErrors.FRIEND_NOT_FOUND();
    }),
});

/** False when the two were no friends. */
export async function endFriendship(tx: Writing, a: UserId, b: UserId): Promise<boolean> {
  if (!(await tx.friendships.remove(a, b))) return false;
  tx.emit(
    { type: 'friend.removed', pair: [a, b] },
    { type: 'user.event', userId: a, kind: 'friend.removed', payload: { userId: b } },
    { type: 'user.event', userId: b, kind: 'friend.removed', payload: { userId: a } },
  );
  return true;
}
