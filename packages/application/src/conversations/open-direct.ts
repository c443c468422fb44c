import { Conversation } from '@coucou/domain/conversations/conversation';
import type { AccountId, ConversationId, UserId } from '@coucou/domain/kernel/ids';
import { userErrors } from '@coucou/domain/users/user';
import type { Ports } from '../kernel/token.ts';
import { requireAllowed } from '../users/require-allowed.ts';
import { Clock } from '../ports/clock.ts';
import { Ids } from '../ports/ids.ts';
import { UnitOfWork } from '../ports/unit-of-work.ts';

export const openDirectPorts = { uow: UnitOfWork, clock: Clock, ids: Ids };

/**
 * The one direct conversation of two people, made on first use. Crossing openings wait for each other: the second finds what the first
 * made. Throws `USER_NOT_FOUND`, across a block as well; a conversation that is there already is found all the same, since both know it.
 */
export async function openDirect(
  { uow, clock, ids }: Ports<typeof openDirectPorts>,
  account: AccountId,
  userId: UserId,
  peerId: UserId,
): Promise<Readonly<{ id: ConversationId; created: boolean }>> {
  return uow.write(account, async (tx) => {
    const existing = await tx.conversations.lookupDirect(userId, peerId);
    if (existing !== undefined) return { id: existing.id, created: false };
    // A block is decided about under the same lock: no conversation appears across one that it did not see.
    await tx.relations.lockPair(userId, peerId);
    await requireAllowed(tx, 'directConversation', userId, [peerId]);
    const admission = Conversation.openDirect({ accountId: account, id: ids.next(), createdBy: userId, peerId, now: clock.now() });
    const users = await tx.users.lookupMany([userId, peerId]);
    if (users.length < 2) throw userErrors.USER_NOT_FOUND();
    if (await tx.conversations.add(admission)) {
      tx.emit({ type: 'conversation.created', ...admission, users });
      return { id: admission.conversation.id, created: true };
    }
    const winner = await tx.conversations.lookupDirect(userId, peerId);
    if (winner === undefined) throw userErrors.USER_NOT_FOUND();
    return { id: winner.id, created: false };
  });
}
