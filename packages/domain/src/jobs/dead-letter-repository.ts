import type { DeadLetter, DeadLetterId } from './dead-letter.ts';

/** What was given up in one account. */
export interface DeadLetterRepository {
  lookup(id: DeadLetterId): Promise<DeadLetter | undefined>;
  /** Makes it due, as if it had never been tried; answers what it was, and undefined where there is none any more. */
  retry(id: DeadLetterId): Promise<DeadLetter | undefined>;
  /** Forgets it, and what it should have caused with it. */
  drop(id: DeadLetterId): Promise<DeadLetter | undefined>;
}
