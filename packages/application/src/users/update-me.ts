import { errors } from '@coucou/domain/kernel/errors';
import { limits } from '@coucou/domain/kernel/limits';
import { type ProfileChange, User } from '@coucou/domain/users/user';
import { useCase } from '../kernel/use-case.ts';
import { CurrentMembers } from '../ports/current-members.ts';
import { unitOfWork } from '../ports/unit-of-work.ts';
import { announceProfile } from './announce-profile.ts';
import { UserRelations, Users } from './repositories.ts';
import { feedEntryAdded } from './user-events.ts';

export const updateMe = useCase({
  name: 'users.updateMe',
  deps: { uow: unitOfWork({ users: Users, relations: UserRelations }), currentMembers: CurrentMembers },
  async run({ uow, currentMembers }, input: ProfileChange, { account, actor }) {
    const followed = await currentMembers.ofUser(account, actor.userId, limits.shownConversations);
    return uow.write(account, async (tx) => {
      const [current] = await tx.users.lock([actor.userId]);
      if (current === undefined) throw errors.UNAUTHENTICATED();
      const user = User.updateProfile(current, input);
      if (user === undefined) return current;
      await tx.users.updateProfile(user);
      await announceProfile(tx, user, followed);
      tx.emit(
        feedEntryAdded({
          userId: user.id,
          kind: 'profile.updated',
          payload: { displayName: user.displayName, avatarUrl: user.avatarUrl ?? null, bio: user.bio ?? null, custom: user.custom ?? null },
        }),
      );
      return user;
    });
  },
});
