import type { ConversationRepository } from '@coucou/domain/conversations/conversation-repository';
import type { MembershipRepository } from '@coucou/domain/conversations/membership-repository';
import type { BanRepository } from '@coucou/domain/conversations/ban-repository';
import type { InviteRepository } from '@coucou/domain/conversations/invite-repository';
import { token } from '../kernel/token.ts';

export const Conversations = token<ConversationRepository>('Conversations');
export const Memberships = token<MembershipRepository>('Memberships');
export const Bans = token<BanRepository>('Bans');
export const Invites = token<InviteRepository>('Invites');
