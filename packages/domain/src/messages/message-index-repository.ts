import type { MessageId } from '../kernel/ids.ts';

/** The search index of messages. A trigger removes a message's entry in the transaction that edits or deletes it. */
export interface MessageIndexRepository {
  /** Writes the entries of these messages as they are now; of deleted ones, and of those without text, there is none. */
  index(messages: readonly MessageId[]): Promise<void>;
}
