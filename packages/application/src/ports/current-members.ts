import type { AccountId, ConversationId, UserId } from '@coucou/domain/kernel/ids';
import { token } from '../kernel/token.ts';

/** With how far the conversation has come: whoever begins to follow it reads that much by sync. */
export type Following = Readonly<{ conversationId: ConversationId; accessVersion: number; version: number; receiptsVersion: number }>;

/** What rooms are made from: the truth about who is a member, never cached. */
export interface CurrentMembers {
  /** The most recently active conversations of a person, at most `limit`. */
  ofUser(account: AccountId, user: UserId, limit: number): Promise<Following[]>;
  /** Which of these people are members now, and the access version that this is true of. */
  present(
    account: AccountId,
    conversation: ConversationId,
    among: readonly UserId[],
  ): Promise<Readonly<{ accessVersion: number; userIds: ReadonlySet<UserId> }>>;
}
export const CurrentMembers = token<CurrentMembers>('CurrentMembers');
