import { Conversations } from '@coucou/application/conversations/repositories';
import { hook } from '@coucou/application/kernel/hook';
import { mentionsNamed } from '@coucou/application/messages/message-hooks';
import { unitOfWork } from '@coucou/application/ports/unit-of-work';
import { UserRelations } from '@coucou/application/users/repositories';
import { BlockRules } from '@coucou/domain/blocks/block-rules';
import type { UserId } from '@coucou/domain/kernel/ids';
import { messageErrors } from '@coucou/domain/messages/message';
import { Relations } from '@coucou/domain/users/relations';
import { userGroupLimits as limits } from '../domain/limits.ts';
import { GroupingAccounts, UserGroups } from './user-group-repository.ts';

/**
 * Who mentions a group mentions those of its members who are in the conversation now, and not themself. Whoever is no member of the conversation, or across
 * a block, is passed over: who belongs to a group is not for the sender to know by heart, and nobody is told of a block.
 */
export const mentionMembers = hook({
  name: 'userGroups.mentionMembers',
  at: mentionsNamed,
  deps: { uow: unitOfWork({ groups: UserGroups, conversations: Conversations, relations: UserRelations }), accounts: GroupingAccounts },
  onFailure: 'refuse',
  async run({ uow, accounts }, named, { account, actor }) {
    const ids = named.mentions.filter((mention): mention is UserId => mention !== '@all');
    if (ids.length === 0 || !(await accounts.has(account))) return named;
    return uow.read(account, async (tx) => {
      const entries = await tx.groups.membersOf(ids);
      const groups = new Set(entries.map(({ id }) => id));
      if (groups.size === 0) return named;
      const people = [...new Set(entries.flatMap(({ userId }) => (userId === undefined || userId === actor.userId ? [] : [userId])))];
      const found = await tx.conversations.members(named.conversationId, people);
      const members = found.filter(({ leftAt }) => leftAt === undefined).map(({ userId }) => userId);
      const standings = await tx.relations.standings(actor.userId, members);
      const present = members.filter((id) => BlockRules.allows('mention', standings.get(id) ?? Relations.strangers));
      if (present.length > limits.mentioned) throw messageErrors.MENTION_INVALID({ most: limits.mentioned });
      return { ...named, mentions: [...new Set([...named.mentions.filter((mention) => !groups.has(mention)), ...present])] };
    });
  },
});
