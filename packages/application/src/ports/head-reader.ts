import type { AccountId, ConversationId, UserId } from '@coucou/domain/kernel/ids';
import { token } from '../kernel/token.ts';

export type ConversationHead = Readonly<{ id: ConversationId; version: number; receiptsVersion: number; accessVersion: number }>;
/** How many conversations a user is in, and the sum of the last 32 bits of their ids: equal sums of equal counts are taken for the same. */
export type MembershipDigest = Readonly<{ id: UserId; count: number; sum: number }>;
export type UserHead = Readonly<{ id: UserId; userVersion: number }>;

/** Current versions of conversations and feeds, by primary key, to compare with what was delivered. Omits deleted ones. */
export interface HeadReader {
  ofConversations(account: AccountId, ids: readonly ConversationId[]): Promise<readonly ConversationHead[]>;
  /** Of all conversations of a user. */
  ofMember(account: AccountId, user: UserId): Promise<readonly ConversationHead[]>;
  ofUsers(account: AccountId, ids: readonly UserId[]): Promise<readonly UserHead[]>;
  /** Which conversations these users are in, in short. */
  memberships(account: AccountId, ids: readonly UserId[]): Promise<readonly MembershipDigest[]>;
}
export const HeadReader = token<HeadReader>('HeadReader');
