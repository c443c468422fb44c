import { defineErrors } from '../kernel/errors.ts';
import type { ConversationId, Instant, UserId } from '../kernel/ids.ts';
import { addSeconds, isPast } from '../kernel/time.ts';
import { Conversation, type Member } from './conversation.ts';

export const inviteErrors = defineErrors('', {
  INVITE_NOT_FOUND: ['not_found', 'There is no such invite.'],
  INVITE_EXHAUSTED: ['conflict', 'This invite has reached its maximum number of uses.'],
});

export type Invite = Readonly<{
  code: string;
  conversationId: ConversationId;
  createdBy: UserId;
  createdAt: Instant;
  /** Absent: until revoked. */
  expiresAt: Instant | undefined;
  maxUses: number | undefined;
  uses: number;
  revokedAt: Instant | undefined;
}>;

/** 96 bits: not guessable, and short enough for a link. */
const CODE_LENGTH = 16;

/** `secret` is at least 96 random bits as URL-safe base 64. */
function create(
  conversation: Conversation,
  by: Member | undefined,
  terms: Readonly<{ secret: string; expiresInSeconds: number | undefined; maxUses: number | undefined; now: Instant }>,
): Invite {
  const actor = Conversation.requirePermission(conversation, by, 'invite');
  return {
    code: terms.secret.slice(0, CODE_LENGTH),
    conversationId: conversation.id,
    createdBy: actor.userId,
    createdAt: terms.now,
    expiresAt: terms.expiresInSeconds === undefined ? undefined : addSeconds(terms.now, terms.expiresInSeconds),
    maxUses: terms.maxUses,
    uses: 0,
    revokedAt: undefined,
  };
}

/** Unknown, expired and revoked invites are answered alike. */
function requireLive(invite: Invite | undefined, now: Instant): Invite {
  if (invite === undefined || invite.revokedAt !== undefined) throw inviteErrors.INVITE_NOT_FOUND();
  if (invite.expiresAt !== undefined && isPast(invite.expiresAt, now)) throw inviteErrors.INVITE_NOT_FOUND();
  return invite;
}

function requireUse(invite: Invite): void {
  if (invite.maxUses !== undefined && invite.uses >= invite.maxUses) throw inviteErrors.INVITE_EXHAUSTED();
}

const use = (invite: Invite): Invite => ({ ...invite, uses: invite.uses + 1 });

function revoke(conversation: Conversation, by: Member | undefined, invite: Invite | undefined, now: Instant): Invite {
  Conversation.requirePermission(conversation, by, 'invite');
  if (invite === undefined || invite.conversationId !== conversation.id || invite.revokedAt !== undefined)
    throw inviteErrors.INVITE_NOT_FOUND();
  return { ...invite, revokedAt: now };
}

export const Invite = { create, requireLive, requireUse, use, revoke };
