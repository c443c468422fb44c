import type { AccountId } from '@coucou/domain/kernel/ids';

/** What an answer is kept under. All of it counts: an answer of another account, operation, caller, input or validator is not found. */
export type AnswerKey = Readonly<{
  account: AccountId;
  /** The operation. */
  operation: string;
  /** Who asks, and for what. */
  slot: string;
  /** As of when: see `Validate`. */
  validator: string;
}>;

/** Keeps answers, as JSON text. It may lose any of them at any time, and never answers one that was not put under the very same key. */
export interface AnswerCache {
  /** Undefined where it has none, whatever the reason. Never rejects, and is never waited for long. */
  get(key: AnswerKey): Promise<string | undefined>;
  /** In the place of the slot's answer with another validator. Nobody waits for it, and nobody is told whether it was kept. */
  put(key: AnswerKey, answer: string): void;
}
