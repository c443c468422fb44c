import { Conversations } from '@coucou/application/conversations/repositories';
import { hook } from '@coucou/application/kernel/hook';
import { mentionsNamed } from '@coucou/application/messages/message-hooks';
import { unitOfWork } from '@coucou/application/ports/unit-of-work';
import type { UserId } from '@coucou/domain/kernel/ids';
import { messageErrors } from '@coucou/domain/messages/message';
import { userGroupLimits as limits } from '../domain/limits.ts';
import { GroupingAccounts, UserGroups } from './user-group-repository.ts';

/**
 * Who mentions a group mentions those of its members who are in the conversation, and not themself. Whoever is no member of the conversation
 * is passed over: who belongs to a group is not for the sender to know by heart.
 */
export const mentionMembers = hook({
  name: 'userGroups.mentionMembers',
  at: mentionsNamed,
  deps: { uow: unitOfWork({ groups: UserGroups, conversations: Conversations }), accounts: GroupingAccounts },
  onFailure: 'refuse',
  async run({ uow, accounts }, named, { account, actor }) {
    const ids = named.mentions.filter((mention): mention is UserId => mention !== '@all');
    if (ids.length === 0 || !(await accounts.has(account))) return named;
    return uow.read(account, async (tx) => {
      const members = await tx.groups.membersOf(ids);
      const groups = new Set(members.map(({ id }) => id));
      if (groups.size === 0) return named;
      const people = [...new Set(members.flatMap(({ userId }) => (userId === undefined || userId === actor.userId ? [] : [userId])))];
      const present = (await tx.conversations.members(named.conversationId, people)).map(({ userId }) => userId);
      if (present.length > limits.mentioned) throw messageErrors.MENTION_INVALID({ most: limits.mentioned });
      return { ...named, mentions: [...new Set([...named.mentions.filter((mention) => !groups.has(mention)), ...present])] };
    });
  },
});
