import { conversationActions } from '@coucou/domain/conversations/audit-actions';
import type { BanRepository } from '@coucou/domain/conversations/ban-repository';
import { Conversation, conversationErrors } from '@coucou/domain/conversations/conversation';
import type { ConversationRepository } from '@coucou/domain/conversations/conversation-repository';
import { Group } from '@coucou/domain/conversations/group';
import type { ConversationId, UserId } from '@coucou/domain/kernel/ids';
import type { RelationRepository } from '@coucou/domain/users/relation-repository';
import { userErrors } from '@coucou/domain/users/user';
import type { UserRepository } from '@coucou/domain/users/user-repository';
import { AuditLog } from '../audit/audit-log.ts';
import { auditPorts, recordAudit } from '../audit/record-audit.ts';
import { useCase } from '../kernel/use-case.ts';
import { Hooks } from '../ports/hooks.ts';
import { unitOfWork } from '../ports/unit-of-work.ts';
import { UserRelations, Users } from '../users/repositories.ts';
import { requireAllowed } from '../users/require-allowed.ts';
import { memberJoined } from './conversation-events.ts';
import { memberJoins } from './conversation-hooks.ts';
import type { MemberView } from './conversation-reader.ts';
import { GroupSizes } from './group-sizes.ts';
import { Bans, Conversations } from './repositories.ts';

export type AddMembers = Readonly<{ conversationId: ConversationId; userIds: readonly UserId[] }>;

/** Decided twice, before the hooks and under the lock: hooks are not run for what is refused anyway. */
export const addMembers = useCase({
  name: 'members.add',
  deps: {
    uow: unitOfWork({ conversations: Conversations, users: Users, bans: Bans, relations: UserRelations, auditLog: AuditLog }),
    ...auditPorts,
    hooks: Hooks,
    sizes: GroupSizes,
  },
  async run({ uow, hooks, ...ports }, input: AddMembers, call) {
    const { account, actor } = call;
    const decide = async (
      tx: Readonly<{ conversations: ConversationRepository; users: UserRepository; bans: BanRepository; relations: RelationRepository }>,
      conversation: Conversation | undefined,
    ) => {
      if (conversation === undefined) throw conversationErrors.CONVERSATION_NOT_FOUND();
      const now = ports.clock.now();
      const rows = await tx.conversations.members(conversation.id, [actor.userId, ...input.userIds]);
      const by = rows.find((member) => member.userId === actor.userId);
      const admission = Conversation.admit(conversation, by, input.userIds, rows, ports.sizes.mostMembers, now);
      await requireAllowed(tx, 'addToGroup', actor.userId, input.userIds);
      const users = new Map((await tx.users.lookupMany(input.userIds)).map((user) => [user.id, user]));
      const views = admission.members.map((member): MemberView => {
        const user = users.get(member.userId);
        if (user === undefined) throw userErrors.USER_NOT_FOUND();
        return { member, user };
      });
      Group.requireNotBanned(await tx.bans.list(conversation.id, input.userIds), now);
      return { admission, views };
    };
    await uow.read(account, async (tx) => decide(tx, await tx.conversations.lookup(input.conversationId)));
    for (const userId of input.userIds) await hooks.run(memberJoins, { conversationId: input.conversationId, userId }, call);
    return uow.write(account, async (tx) => {
      const { admission, views } = await decide(tx, await tx.conversations.lock(input.conversationId));
      await tx.conversations.admit(admission);
      const details = { userIds: admission.members.map(({ userId }) => userId) };
      await recordAudit(ports, tx, call, conversationActions.members_added, { target: input.conversationId, details });
      tx.emit(...views.map(({ member, user }) => memberJoined({ conversation: admission.conversation, member, user, by: actor.userId })));
      return views;
    });
  },
});
