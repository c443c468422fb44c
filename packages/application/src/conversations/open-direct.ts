import { Conversation } from '@coucou/domain/conversations/conversation';
import type { ConversationRepository } from '@coucou/domain/conversations/conversation-repository';
import type { AccountId, ConversationId, UserId } from '@coucou/domain/kernel/ids';
import type { PostingSnapshot } from '@coucou/domain/messages/message';
import type { RelationRepository } from '@coucou/domain/users/relation-repository';
import { userErrors } from '@coucou/domain/users/user';
import type { UserRepository } from '@coucou/domain/users/user-repository';
import type { Ports } from '../kernel/token.ts';
import { Suspensions } from '../moderation/repositories.ts';
import { Clock } from '../ports/clock.ts';
import { Ids } from '../ports/ids.ts';
import { unitOfWork } from '../ports/unit-of-work.ts';
import { UserRelations, Users } from '../users/repositories.ts';
import { requireAllowed } from '../users/require-allowed.ts';
import { conversationCreated } from './conversation-events.ts';
import { Conversations } from './repositories.ts';

export const openDirectPorts = {
  uow: unitOfWork({ users: Users, conversations: Conversations, relations: UserRelations, suspensions: Suspensions }),
  clock: Clock,
  ids: Ids,
};
type OpenDirectPorts = Ports<typeof openDirectPorts>;

/** `userId` is the one who opens it. */
export type Pair = Readonly<{ accountId: AccountId; userId: UserId; peerId: UserId }>;

/** The conversation that opening would create. Throws `USER_NOT_FOUND`, also across a block. */
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
 * The one direct conversation of two users, created on first use under `id`. Concurrent openings are serialised: the second finds what
 * the first created. Throws `USER_NOT_FOUND`, also across a block; an existing conversation is answered even then, since both users
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
    // Blocks are decided under the same lock, so no conversation can be created past a concurrent block.
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
 * The conversation of the two, without creating it; if there is none, the snapshot that posting into one under `id` would have.
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
    const restrictions = await tx.suspensions.restrictions(userId);
    const suspended = restrictions?.suspendedAt !== undefined;
    const { type, settings, accessVersion } = conversation;
    return {
      id,
      unopened: { type, settings, accessVersion, member: members[0], blocked: false, suspended, mutedUntil: restrictions?.mutedUntil },
    };
  });
}
