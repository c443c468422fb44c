import type { Invite } from '@coucou/domain/conversations/invite';
import type { ConversationType, MemberRole } from '@coucou/domain/conversations/permissions';
import type { AccountId, ConversationId, UserId } from '@coucou/domain/kernel/ids';
import { token } from '../kernel/token.ts';
import type { BanView } from './ban-reader.ts';
import type { Page, PageRequest } from './conversation-reader.ts';

/** A page, and what decides whether the viewer may see it. */
export type Guarded<Item> = Readonly<{ type: ConversationType; role: MemberRole; page: Page<Item> }>;

/** Lists for a group's moderators, newest first; undefined for non-members. */
export interface InviteReader {
  /** Those that are not revoked. */
  invites(account: AccountId, viewer: UserId, id: ConversationId, page: PageRequest): Promise<Guarded<Invite> | undefined>;
  /** Those in force. */
  bans(account: AccountId, viewer: UserId, id: ConversationId, page: PageRequest): Promise<Guarded<BanView> | undefined>;
}
export const InviteReader = token<InviteReader>('InviteReader');
