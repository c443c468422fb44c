import type { AccountId, ConversationId, Instant, UserId } from '@coucou/domain/kernel/ids';
import type { Message } from '@coucou/domain/messages/message';
import { token } from '../kernel/token.ts';

/** A place in a conversation: a seq, or a time. */
export type Place = number | Instant;

export type HistoryRequest = Readonly<{ limit: number } & ({ before?: Place } | { after: Place } | { around: Place })>;

/** Ascending by seq. */
export type HistoryPage = Readonly<{ items: readonly Message[]; hasBefore: boolean; hasAfter: boolean }>;

export interface MessageReader {
  /** Constant cost at any depth; undefined for those who are no members. */
  history(account: AccountId, viewer: UserId, conversation: ConversationId, request: HistoryRequest): Promise<HistoryPage | undefined>;
}
export const MessageReader = token<MessageReader>('MessageReader');
