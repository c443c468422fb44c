import type { ConversationId, Instant, MessageId, UserId } from '../kernel/ids.ts';
import type { Message } from './message.ts';

/** A sender's own marks when sending moved them; state of `receiptsVersion`. */
export type SenderReceipt = Readonly<{ receiptsVersion: number; readSeq: number; deliveredSeq: number }>;

/**
 * Where and when a change took place; `accessVersion` is the conversation's at the commit. `withheld`: some present member may not see
 * the message (`history: 'joined'`), so that the room is told only that a version was taken, and asks `sync`.
 */
type Change = Readonly<{ conversationId: ConversationId; version: number; accessVersion: number; withheld: boolean }>;

export type MessageEvent =
  | Readonly<{
      type: 'message.posted';
      message: Message;
      /** The conversation's access version at the commit: a node whose room is older reloads before it delivers. */
      accessVersion: number;
    }>
  | Readonly<{ type: 'message.updated'; message: Message; accessVersion: number; withheld: boolean }>
  | (Change & Readonly<{ type: 'message.deleted'; messageId: MessageId; seq: number; deletedAt: Instant }>)
  | (Change &
      Readonly<{
        type: 'reaction.changed';
        messageId: MessageId;
        seq: number;
        emoji: string;
        userId: UserId;
        added: boolean;
        count: number;
      }>)
  | (Change & Readonly<{ type: 'pin.changed'; messageId: MessageId; seq: number; pinned: boolean; userId: UserId }>);
