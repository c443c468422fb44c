import type { UserId } from '../kernel/ids.ts';

/** How far somebody has received and read a conversation; marks merge by maximum, so an older one is harmless. */
export type Receipt = Readonly<{ userId: UserId; deliveredSeq: number; readSeq: number }>;

/** A sender's own marks when sending moved them; state of `receiptsVersion`. */
export type SenderReceipt = Readonly<{ receiptsVersion: number; readSeq: number; deliveredSeq: number }>;
