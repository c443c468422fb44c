import type { AccountId } from '@coucou/domain/kernel/ids';
import { token } from '../kernel/token.ts';

/** A call that its caller may make again. The key is the caller's own: others may use the same one. */
export type KeyedCall = Readonly<{
  account: AccountId;
  /** The person, or the API key. */
  caller: string;
  key: string;
  /** What was asked for (`RequestDigests.fingerprint`). */
  fingerprint: string;
}>;

/** `body` is JSON text; undefined where nothing is answered. */
export type KeptAnswer = Readonly<{ status: number; body: string | undefined }>;

/** Calls that take effect once, however often and wherever they are made. */
export interface KeyedCalls {
  /**
   * Runs `work`, or answers what it answered before; for 24 h, on every node. The one transaction in which `work` writes commits when its
   * answer is known, together with the record of it: either both are there or neither, whenever the process ends. Its events are published
   * after that. What `work` reads after it wrote, it reads in the same transaction.
   *
   * What `work` throws is thrown, undoes what it wrote, and is not kept: the next call decides anew. Throws `IDEMPOTENCY_KEY_CONFLICT` when
   * something else was asked for under the key, `IDEMPOTENCY_IN_PROGRESS` while another call with it is writing, and `PAYLOAD_TOO_LARGE`
   * for an answer too large to keep; an error that is no `ChatError` when `work` writes twice.
   */
  once(call: KeyedCall, work: () => Promise<KeptAnswer>): Promise<KeptAnswer & Readonly<{ replayed: boolean }>>;
  /** Runs what is no part of the call that comes upon it, such as a hook: its transactions are its own. */
  apart<T>(work: () => T): T;
  /** Runs `work` once the call in which it is asked for is committed; at once where there is none, and never when it is undone. */
  afterwards(work: () => void): void;
}
export const KeyedCalls = token<KeyedCalls>('KeyedCalls');
