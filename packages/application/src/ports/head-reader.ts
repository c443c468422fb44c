import type { AccountId, ConversationId, UserId } from '@coucou/domain/kernel/ids';
import { token } from '../kernel/token.ts';

export type ConversationHead = Readonly<{ id: ConversationId; version: number; receiptsVersion: number; accessVersion: number }>;
export type UserHead = Readonly<{ id: UserId; userVersion: number }>;

/** How far conversations and feeds have come, read by primary key: what was told is compared with it. Those that are gone are left out. */
export interface HeadReader {
  ofConversations(account: AccountId, ids: readonly ConversationId[]): Promise<readonly ConversationHead[]>;
  /** Of all conversations that a person is a member of. */
  ofMember(account: AccountId, user: UserId): Promise<readonly ConversationHead[]>;
  ofUsers(account: AccountId, ids: readonly UserId[]): Promise<readonly UserHead[]>;
}
export const HeadReader = token<HeadReader>('HeadReader');
