import type { InviteRepository } from '@coucou/domain/conversations/invite-repository';
import type { ConversationRepository } from '@coucou/domain/conversations/conversation-repository';
import type { RelationRepository } from '@coucou/domain/users/relation-repository';
import type { BanRepository } from '@coucou/domain/conversations/ban-repository';
import type { Conversation, Member } from '@coucou/domain/conversations/conversation';
import { Group } from '@coucou/domain/conversations/group';
import { Invite, inviteErrors } from '@coucou/domain/conversations/invite';
import type { Instant, UserId } from '@coucou/domain/kernel/ids';
import { Relations } from '@coucou/domain/users/relations';

export type FoundInvite = Readonly<{ invite: Invite; conversation: Conversation; rows: readonly Member[] }>;

/**
 * An invite that the user may use now; `conversationOf` decides whether its conversation is locked. Members pass even when
 * its uses are exhausted. To a user with a block between them and the inviter it does not exist.
 */
export async function findInvite(
  tx: Readonly<{ invites: InviteRepository; conversations: ConversationRepository; relations: RelationRepository; bans: BanRepository }>,
  code: string,
  userId: UserId,
  now: Instant,
  conversationOf: (id: Conversation['id']) => Promise<Conversation | undefined>,
): Promise<FoundInvite> {
  // Before any other query, so that unknown, expired and revoked invites also take the same time.
  const { conversationId } = Invite.requireLive(await tx.invites.lookup(code), now);
  const conversation = await conversationOf(conversationId);
  if (conversation === undefined || conversation.memberCount === 0) throw inviteErrors.INVITE_NOT_FOUND();
  // Read again under the lock, to count concurrent uses.
  const invite = Invite.requireLive(await tx.invites.lookup(code), now);
  const rows = await tx.conversations.members(conversationId, [userId]);
  if (rows.some((row) => row.leftAt === undefined)) return { invite, conversation, rows };
  if (invite.createdBy !== userId) {
    const standing = (await tx.relations.standings(userId, [invite.createdBy])).get(invite.createdBy) ?? Relations.strangers;
    if (!Relations.allows('invite', standing)) throw inviteErrors.INVITE_NOT_FOUND();
  }
  Group.requireNotBanned(await tx.bans.list(conversationId, [userId]), now);
  Invite.requireUse(invite);
  return { invite, conversation, rows };
}
