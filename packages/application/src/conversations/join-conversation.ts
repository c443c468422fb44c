import type { BanRepository } from '@coucou/domain/conversations/ban-repository';
import type { Admission } from '@coucou/domain/conversations/conversation';
import type { ConversationRepository } from '@coucou/domain/conversations/conversation-repository';
import { Group } from '@coucou/domain/conversations/group';
import type { ConversationId } from '@coucou/domain/kernel/ids';
import type { RelationRepository } from '@coucou/domain/users/relation-repository';
import { userErrors } from '@coucou/domain/users/user';
import type { UserRepository } from '@coucou/domain/users/user-repository';
import type { UserCall } from '../kernel/call.ts';
import { useCase } from '../kernel/use-case.ts';
import { Clock } from '../ports/clock.ts';
import { Hooks } from '../ports/hooks.ts';
import { unitOfWork, type Writing } from '../ports/unit-of-work.ts';
import { UserRelations, Users } from '../users/repositories.ts';
import { memberJoined } from './conversation-events.ts';
import { memberJoins } from './conversation-hooks.ts';
import { ConversationReader } from './conversation-reader.ts';
import { GroupSizes } from './group-sizes.ts';
import { readView } from './read-view.ts';
import { Bans, Conversations } from './repositories.ts';

/** Idempotent for members. Decided twice, before the hooks and under the lock: hooks are not run for what is refused anyway. */
export const joinConversation = useCase({
  name: 'conversations.join',
  deps: {
    uow: unitOfWork({ conversations: Conversations, bans: Bans, users: Users, relations: UserRelations }),
    clock: Clock,
    hooks: Hooks,
    reader: ConversationReader,
    sizes: GroupSizes,
  },
  async run({ uow, clock, hooks, reader, sizes }, { conversationId }: Readonly<{ conversationId: ConversationId }>, call) {
    const { account, actor } = call;
    const decide = async (
      tx: Readonly<{ conversations: ConversationRepository; bans: BanRepository; users: UserRepository; relations: RelationRepository }>,
      conversation: Parameters<typeof Group.join>[0],
    ): Promise<Admission | undefined> => {
      const former = await tx.conversations.members(conversationId, [actor.userId]);
      if (conversation !== undefined && former.some((member) => member.leftAt === undefined)) return undefined;
      const [ban] = await tx.bans.list(conversationId, [actor.userId]);
      return Group.join(conversation, actor.userId, former, ban, sizes.mostMembers, clock.now());
    };
    const admission = await uow.read(account, async (tx) => decide(tx, await tx.conversations.lookup(conversationId)));
    if (admission !== undefined) {
      await hooks.run(memberJoins, { conversationId, userId: actor.userId }, call);
      await uow.write(account, async (tx) => admitCaller(tx, await decide(tx, await tx.conversations.lock(conversationId)), call));
    }
    return readView(reader, call, conversationId);
  },
});

/** Writes and announces the caller's admission, if there is one. */
export async function admitCaller(
  tx: Writing<{ users: UserRepository; conversations: ConversationRepository; relations: RelationRepository }>,
  admission: Admission | undefined,
  { actor }: UserCall,
): Promise<void> {
  const [member] = admission?.members ?? [];
  if (admission === undefined || member === undefined) return;
  const user = await tx.users.lookup(actor.userId);
  if (user === undefined) throw userErrors.USER_NOT_FOUND();
  await tx.conversations.admit(admission);
  tx.emit(memberJoined({ conversation: admission.conversation, member, user }));
}
