import type { AccountId, ConversationId, UserId } from '@coucou/domain/kernel/ids';
import { token } from '../kernel/token.ts';

/** With the current versions of the conversation: a client that starts to follow it has synced up to them. */
export type Following = Readonly<{
  conversationId: ConversationId;
  accessVersion: number;
  version: number;
  receiptsVersion: number;
  /** The conversation's version at which they joined; 0 when they joined so long ago that no earlier event can still arrive. */
  joinedVersion: number;
}>;

/** The source of rooms: current members, never cached. */
export interface CurrentMembers {
  /** The most recently active conversations of a user, at most `limit`. */
  ofUser(account: AccountId, user: UserId, limit: number): Promise<Following[]>;
  /** The same of several at once, each at most `limit`; who has none is not in the answer. */
  ofUsers(account: AccountId, users: readonly UserId[], limit: number): Promise<ReadonlyMap<UserId, readonly Following[]>>;
  /** Which of these users are members now, each with the conversation's version at which they joined, and as of which access version. */
  present(
    account: AccountId,
    conversation: ConversationId,
    among: readonly UserId[],
  ): Promise<Readonly<{ accessVersion: number; joined: ReadonlyMap<UserId, number> }>>;
}
export const CurrentMembers = token<CurrentMembers>('CurrentMembers');
