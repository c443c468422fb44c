import type { AccountId, ConversationId } from '@coucou/domain/kernel/ids';
import { token } from '../kernel/token.ts';
import type { Following } from './current-members.ts';

/**
 * What a connection watches, by the id of its socket; forgotten when it closes. Unknown sockets are ignored. An
 * end of membership removes a user's sockets automatically.
 */
export interface Watching {
  /**
   * Presence, profile changes and individual receipts of its members, typing if it is large, and its events where the person's devices do
   * not follow it already. `accessVersion` is one at which the person is known to be a member.
   */
  watch(socketId: string, following: Pick<Following, 'conversationId' | 'accessVersion' | 'joinedVersion'>): void;
  unwatch(socketId: string, account: AccountId, conversationId: ConversationId): void;
  /** Changes in the inbox of the whole account. */
  watchInbox(socketId: string, account: AccountId): void;
  unwatchInbox(socketId: string, account: AccountId): void;
}
export const Watching = token<Watching>('Watching');
