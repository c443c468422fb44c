import { Conversation, type ConversationSettings, conversationErrors, type Visibility } from '@coucou/domain/conversations/conversation';
import type { ConversationRepository } from '@coucou/domain/conversations/conversation-repository';
import type { ConversationId, UserId } from '@coucou/domain/kernel/ids';
import type { RelationRepository } from '@coucou/domain/users/relation-repository';
import { userErrors } from '@coucou/domain/users/user';
import type { UserRepository } from '@coucou/domain/users/user-repository';
import type { UserCall } from '../kernel/call.ts';
import type { Ports } from '../kernel/token.ts';
import { useCase } from '../kernel/use-case.ts';
import { Hooks } from '../ports/hooks.ts';
import { requireAllowed } from '../users/require-allowed.ts';
import { conversationCreated } from './conversation-events.ts';
import { memberJoins } from './conversation-hooks.ts';
import { ConversationReader } from './conversation-reader.ts';
import { GroupSizes } from './group-sizes.ts';
import { openDirect, openDirectPorts } from './open-direct.ts';

export type CreateGroup = Readonly<{
  type: 'group';
  title: string;
  memberIds?: readonly UserId[] | undefined;
  visibility?: Visibility | undefined;
  description?: string | undefined;
  avatarUrl?: string | undefined;
  custom?: Readonly<Record<string, unknown>> | undefined;
  settings?: Readonly<{ [Key in keyof ConversationSettings]?: ConversationSettings[Key] | undefined }> | undefined;
}>;
export type CreateConversation = Readonly<{ type: 'direct'; userId: UserId }> | CreateGroup;

const groupPorts = { ...openDirectPorts, hooks: Hooks, sizes: GroupSizes };

export const createConversation = useCase({
  name: 'conversations.create',
  deps: { ...groupPorts, reader: ConversationReader },
  async run({ reader, ...ports }, input: CreateConversation, call) {
    const { account, actor } = call;
    const { id, created } =
      input.type === 'direct'
        ? await openDirect(ports, { accountId: account, userId: actor.userId, peerId: input.userId }, ports.ids.next())
        : await createGroup(ports, input, call);
    const view = await reader.find(account, actor.userId, id);
    if (view === undefined) throw conversationErrors.CONVERSATION_NOT_FOUND();
    return { view, created };
  },
});

/** Decided twice, before the hooks and in the write: hooks are not run for what is refused anyway. */
async function createGroup(
  { uow, clock, ids, hooks, sizes }: Ports<typeof groupPorts>,
  input: CreateGroup,
  call: UserCall,
): Promise<Readonly<{ id: ConversationId; created: boolean }>> {
  const { account, actor } = call;
  const id = ids.next<'conversation'>();
  const memberIds = [...new Set(input.memberIds)].filter((userId) => userId !== actor.userId);
  const requirePossible = async (
    tx: Readonly<{ users: UserRepository; conversations: ConversationRepository; relations: RelationRepository }>,
  ) => {
    Conversation.requireRoom(1 + memberIds.length, sizes.mostMembers);
    const limit = sizes.mostGroupsOwned;
    // Of two at once both may pass: the bound is against thousands.
    if ((await tx.conversations.countOwned(actor.userId, limit)) >= limit) throw conversationErrors.GROUP_LIMIT_REACHED({ limit });
    if (memberIds.length === 0) return;
    await requireAllowed(tx, 'addToGroup', actor.userId, memberIds);
    if ((await tx.users.lookupMany(memberIds)).length < memberIds.length) throw userErrors.USER_NOT_FOUND();
  };
  if (memberIds.length > 0) await uow.read(account, requirePossible);
  for (const userId of memberIds) await hooks.run(memberJoins, { conversationId: id, userId }, call);
  return uow.write(account, async (tx) => {
    await requirePossible(tx);
    const admission = Conversation.createGroup({
      accountId: account,
      id,
      createdBy: actor.userId,
      now: clock.now(),
      title: input.title,
      visibility: input.visibility ?? 'private',
      memberIds,
      description: input.description,
      avatarUrl: input.avatarUrl,
      custom: input.custom,
      settings: input.settings,
    });
    await tx.conversations.add(admission);
    tx.emit(conversationCreated({ ...admission, users: [] }));
    return { id: admission.conversation.id, created: true };
  });
}
