import type { AuditEntry } from '@coucou/domain/audit/audit-entry';
import type { AccountId } from '@coucou/domain/kernel/ids';
import type { DeadLetter } from '@coucou/domain/jobs/dead-letter';
import { token } from '../kernel/token.ts';

/** Which: one account's, those with these ids, or both; all of them where neither is named. */
export type DeadLetterFilter = Readonly<{ account?: AccountId | undefined; ids?: readonly string[] | undefined }>;

/** What the audit log says of so many of an account. */
export type EntryOf = (account: AccountId, count: number) => AuditEntry;

/** Events of one type: how many are due, wait in a queue, run, wait for a time, and were given up; since when the oldest is due. */
export type JobCounts = Readonly<{
  type: string;
  due: number;
  queued: number;
  running: number;
  /** Of those that run and say how far they are: their mean, from 0 to 1; null where none does. */
  progress: number | null;
  later: number;
  dead: number;
  oldestSeconds: number;
}>;

/** What side effects are due and what they left for a person to decide on; of all accounts, so for the operator. */
export interface DeadLetters {
  /** The newest first. */
  list(filter: DeadLetterFilter, limit: number): Promise<readonly DeadLetter[]>;
  /** Makes them due, as if they had never been tried; answers how many there were. The entry of each account is written with it. */
  retry(filter: DeadLetterFilter, entryOf: EntryOf): Promise<number>;
  /** Forgets them, and what they should have caused with them. */
  drop(filter: DeadLetterFilter, entryOf: EntryOf): Promise<number>;
  /** What the outbox holds, by type of event. Reads all of it. */
  count(filter: Pick<DeadLetterFilter, 'account'>): Promise<readonly JobCounts[]>;
}
export const DeadLetters = token<DeadLetters>('DeadLetters');
