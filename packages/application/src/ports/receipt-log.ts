import type { AccountId, ConversationId, UserId } from '@coucou/domain/kernel/ids';
import { token } from '../kernel/token.ts';

export type Mark = Readonly<{ conversationId: ConversationId; deliveredSeq?: number | undefined; readSeq?: number | undefined }>;

export type ChangedMentions = Readonly<{ conversationId: ConversationId; seq: number; named: readonly UserId[]; everyone: boolean }>;

/** A membership's marks as they are after its batch. */
export type Marked = Readonly<{
  conversationId: ConversationId;
  deliveredSeq: number;
  readSeq: number;
  receiptsVersion: number;
  unread: number;
}>;

/**
 * Delivered and read marks, gathered off the hot path and written in batches: of several marks of one user in
 * one conversation the highest counts. Marks never go back and never pass the newest message. Resolves when the batch is committed,
 * with those conversations of which the person is a member. Throws `OVERLOADED` when too many wait, `SERVICE_UNAVAILABLE` when the
 * database is away.
 */
export interface ReceiptLog {
  mark(account: AccountId, user: UserId, marks: readonly Mark[]): Promise<readonly Marked[]>;
  /**
   * Recounts the totals of the members whose unread mentions a changed message may have changed, and publishes them to their devices some time
   * after it resolves. A change of `everyone` is published in conversations of up to `limits.notifications.everyone` members; in larger
   * ones the inbox and sync have it.
   */
  recountMentions(account: AccountId, change: ChangedMentions): Promise<void>;
  /** The same for one member, whose membership changed what is unread to them. Does not wait. */
  recountMember(account: AccountId, user: UserId, conversation: ConversationId): void;
}
export const ReceiptLog = token<ReceiptLog>('ReceiptLog');

/** A mark that a batch moved, with what decides who may know of it. */
export type MovedMark = Readonly<{
  conversationId: ConversationId;
  userId: UserId;
  deliveredSeq: number;
  readSeq: number;
  receiptsVersion: number;
  memberCount: number;
  /** Whether the user's read receipts are on. */
  showsRead: boolean;
  /** Present members with a block between them and the person, in either direction. */
  blockedWith: readonly UserId[];
}>;

/**
 * A user's unread total over all conversations that are not archived, and what is unread in one that changed; that is absent for those
 * who left it meanwhile.
 */
export type UnreadTotal = Readonly<{
  userId: UserId;
  total: number;
  mentions: number;
  conversationId: ConversationId;
  messages?: number | undefined;
  unreadFromSeq?: number | undefined;
}>;

/** What the log calls after a commit, once per batch and account; the calls must not throw. Never called with an empty list. */
export interface ReceiptObserver {
  /** Before those who marked are answered. */
  moved(account: AccountId, marks: readonly MovedMark[]): void;
  /** Some time later: nothing waits for the totals. */
  recounted(account: AccountId, totals: readonly UnreadTotal[]): void;
}
