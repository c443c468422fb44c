import { conversationCreated } from './conversation-events.ts';
import { UserRelations, Users } from '../users/repositories.ts';
import { Conversations } from './repositories.ts';
import { Suspensions } from '../moderation/repositories.ts';
import type { UserRepository } from '@coucou/domain/users/user-repository';
import type { ConversationRepository } from '@coucou/domain/conversations/conversation-repository';
import type { RelationRepository } from '@coucou/domain/users/relation-repository';
import { Conversation } from '@coucou/domain/conversations/conversation';
import type { AccountId, ConversationId, UserId } from '@coucou/domain/kernel/ids';
import type { PostingSnapshot } from '@coucou/domain/messages/message';
import { userErrors } from '@coucou/domain/users/user';
import type { Ports } from '../kernel/token.ts';
import { requireAllowed } from '../users/require-allowed.ts';
import { Clock } from '../ports/clock.ts';
import { Ids } from '../ports/ids.ts';
import { unitOfWork } from '../ports/unit-of-work.ts';

export const openDirectPorts = {
  uow: unitOfWork({ users: Users, conversations: Conversations, relations: UserRelations, suspensions: Suspensions }),
  clock: Clock,
  ids: Ids,
};
type OpenDirectPorts = Ports<typeof openDirectPorts>;

/** `userId` is the one who opens it. */
export type Pair = Readonly<{ accountId: AccountId; userId: UserId; peerId: UserId }>;

/** What opening would make. Throws `USER_NOT_FOUND`, across a block as well. */
async function admit(
  tx: Readonly<{ users: UserRepository; conversations: ConversationRepository; relations: RelationRepository }>,
  { clock }: OpenDirectPorts,
  { accountId, userId, peerId }: Pair,
  id: ConversationId,
) {
  await requireAllowed(tx, 'directConversation', userId, [peerId]);
  const admission = Conversation.openDirect({ accountId, id, createdBy: userId, peerId, now: clock.now() });
  const users = await tx.users.lookupMany([userId, peerId]);
  if (users.length < 2) throw userErrors.USER_NOT_FOUND();
  return { ...admission, users };
}

/**
 * The one direct conversation of two people, made on first use, under `id`. Crossing openings wait for each other: the second finds what
 * the first made. Throws `USER_NOT_FOUND`, across a block as well; a conversation that is there already is found all the same, since both
 * know it.
 */
export async function openDirect(
  ports: OpenDirectPorts,
  pair: Pair,
  id: ConversationId,
): Promise<Readonly<{ id: ConversationId; created: boolean }>> {
  const { accountId, userId, peerId } = pair;
  return ports.uow.write(accountId, async (tx) => {
    const existing = await tx.conversations.lookupDirect(userId, peerId);
    if (existing !== undefined) return { id: existing.id, created: false };
    // A block is decided about under the same lock: no conversation appears across one that it did not see.
    await tx.relations.lockPair(userId, peerId);
    const admission = await admit(tx, ports, pair, id);
    if (await tx.conversations.add(admission)) {
      tx.emit(conversationCreated({ ...admission }));
      return { id, created: true };
    }
    const winner = await tx.conversations.lookupDirect(userId, peerId);
    if (winner === undefined) throw userErrors.USER_NOT_FOUND();
    return { id: winner.id, created: false };
  });
}

/**
 * Where the two talk, without opening anything. Where they do not yet: what posting in it would rest on, were it opened under `id`.
 * Throws what opening it would.
 */
export async function findDirect(
  ports: OpenDirectPorts,
  pair: Pair,
  id: ConversationId,
): Promise<Readonly<{ id: ConversationId; unopened: PostingSnapshot | undefined }>> {
  const { accountId, userId, peerId } = pair;
  return ports.uow.read(accountId, async (tx) => {
    const existing = await tx.conversations.lookupDirect(userId, peerId);
    if (existing !== undefined) return { id: existing.id, unopened: undefined };
    const { conversation, members } = await admit(tx, ports, pair, id);
    const suspended = (await tx.suspensions.since(userId)) !== undefined;
    const { type, settings, accessVersion } = conversation;
    return { id, unopened: { type, settings, accessVersion, member: members[0], blocked: false, suspended } };
  });
}
