import { BlockRules } from '@coucou/domain/blocks/block-rules';
import { errors } from '@coucou/domain/kernel/errors';
import { limits } from '@coucou/domain/kernel/limits';
import { addSeconds } from '@coucou/domain/kernel/time';
import { userActions } from '@coucou/domain/users/audit-actions';
import { User } from '@coucou/domain/users/user';
import { AuditLog } from '../audit/audit-log.ts';
import { auditPorts, recordAudit } from '../audit/record-audit.ts';
import { tellSignIn } from '../auth/prove-mailbox.ts';
import { Credentials } from '../auth/repositories.ts';
import { useCase } from '../kernel/use-case.ts';
import { CurrentMembers } from '../ports/current-members.ts';
import { unitOfWork } from '../ports/unit-of-work.ts';
import { HeldNames, UserRelations } from './repositories.ts';
import { userUpdated } from './user-events.ts';

/** Another username. The old one is held for a while, so that nobody passes for them. */
export const changeUsername = useCase({
  name: 'users.changeUsername',
  deps: {
    uow: unitOfWork({ credentials: Credentials, heldNames: HeldNames, relations: UserRelations, auditLog: AuditLog }),
    currentMembers: CurrentMembers,
    ...auditPorts,
  },
  async run({ uow, currentMembers, ...given }, { username }: Readonly<{ username: string }>, call) {
    const { userId } = call.actor;
    const followed = await currentMembers.ofUser(call.account, userId, limits.shownConversations);
    return uow.write(call.account, async (tx) => {
      const found = await tx.credentials.lock(userId);
      if (found === undefined) throw errors.UNAUTHENTICATED();
      const now = given.clock.now();
      const { user: before, usernameChangedAt, securityVersion } = found;
      const user = User.rename(before, username, usernameChangedAt, now);
      if (user === undefined) return before;
      await tx.credentials.updateUsername(user, now);
      await tx.heldNames.remove('username', user.username);
      if (User.usernameKey(user.username) !== User.usernameKey(before.username)) {
        const until = addSeconds(now, limits.usernameChange.heldSeconds);
        await tx.heldNames.put({ kind: 'username', name: before.username, userId, until, securityVersion });
      }
      await recordAudit(given, tx, call, userActions.username_changed, { target: userId, details: { before: before.username } });
      const to = await tx.relations.acquaintances(userId, limits.audience);
      const across = BlockRules.hiddenFrom('profileUpdate', await tx.relations.blockedWith(userId));
      tx.emit(userUpdated({ user, to, conversationIds: followed.map(({ conversationId }) => conversationId), across }));
      tellSignIn(tx, user);
      return user;
    });
  },
});
