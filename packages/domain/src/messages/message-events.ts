import type { Message } from './message.ts';

/** A sender's own marks when sending moved them; state of `receiptsVersion`. */
export type SenderReceipt = Readonly<{ receiptsVersion: number; readSeq: number; deliveredSeq: number }>;

export type MessageEvent = Readonly<{
  type: 'message.posted';
  message: Message;
  /** The conversation's access version at the commit: a node whose room is older reloads before it delivers. */
  accessVersion: number;
  receipt: SenderReceipt | undefined;
}>;
