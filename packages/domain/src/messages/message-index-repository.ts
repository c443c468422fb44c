import type { MessageId } from '../kernel/ids.ts';

/** The entries by which messages are found. Edits and deletions take a message's entry away by themselves, in their own transaction. */
export interface MessageIndexRepository {
  /** Writes the entries of these messages as they are now; of deleted ones, and of those without text, there is none. */
  index(messages: readonly MessageId[]): Promise<void>;
}
