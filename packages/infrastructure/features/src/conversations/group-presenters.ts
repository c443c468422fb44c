import type { BanView } from '@coucou/application/conversations/ban-reader';
import type { InvitePreview } from '@coucou/application/conversations/preview-invite';
import type { Ban as WireBan } from '@coucou/contracts/conversations/bans';
import type { Invite as WireInvite, InvitePreview as WirePreview } from '@coucou/contracts/conversations/invites';
import type { Invite } from '@coucou/domain/conversations/invite';
import type { z } from 'zod';
import { presentPage } from './presenters.ts';
import { presentUser } from '../users/presenters.ts';

export const presentBan = ({ ban, user }: BanView): z.infer<typeof WireBan> => ({
  userId: ban.userId,
  user: presentUser(user),
  bannedBy: ban.bannedBy,
  reason: ban.reason,
  createdAt: ban.createdAt.toISOString(),
  expiresAt: ban.expiresAt?.toISOString(),
});

export const presentInvite = (invite: Invite): z.infer<typeof WireInvite> => ({
  code: invite.code,
  conversationId: invite.conversationId,
  createdBy: invite.createdBy,
  createdAt: invite.createdAt.toISOString(),
  expiresAt: invite.expiresAt?.toISOString(),
  maxUses: invite.maxUses,
  uses: invite.uses,
});

/** What a non-member may see of a group before joining. */
export const presentInvitePreview = ({ invite, conversation, inviter, isMember }: InvitePreview): z.infer<typeof WirePreview> => ({
  code: invite.code,
  conversation: {
    id: conversation.id,
    title: conversation.title,
    description: conversation.description,
    avatarUrl: conversation.avatarUrl,
    memberCount: conversation.memberCount,
  },
  inviter: inviter && presentUser(inviter),
  isMember,
  expiresAt: invite.expiresAt?.toISOString(),
});

export const presentBans = presentPage(presentBan);
export const presentInvites = presentPage(presentInvite);
