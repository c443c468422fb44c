import type { AuditEntry } from '@coucou/domain/audit/audit-entry';
import type { AccountId } from '@coucou/domain/kernel/ids';
import { token } from '../kernel/token.ts';

/** An event of the outbox that was given up. `payload`: its fact. `error`: why its last attempt failed. */
export type DeadLetter = Readonly<{
  id: string;
  accountId: AccountId;
  type: string;
  payload: Readonly<Record<string, unknown>>;
  attempts: number;
  error: string;
  storedAt: Date;
  diedAt: Date;
}>;

/** Which: one account's, those with these ids, or both; all of them where neither is named. */
export type DeadLetterFilter = Readonly<{ account?: AccountId | undefined; ids?: readonly string[] | undefined }>;

/** What the audit log says of so many of an account. */
export type EntryOf = (account: AccountId, count: number) => AuditEntry;

/** What side effects left for a person to decide on; of all accounts, so for the operator. */
export interface DeadLetters {
  /** The newest first. */
  list(filter: DeadLetterFilter, limit: number): Promise<readonly DeadLetter[]>;
  /** Makes them due, as if they had never been tried; answers how many there were. The entry of each account is written with it. */
  retry(filter: DeadLetterFilter, entryOf: EntryOf): Promise<number>;
  /** Forgets them, and what they should have caused with them. */
  drop(filter: DeadLetterFilter, entryOf: EntryOf): Promise<number>;
}
export const DeadLetters = token<DeadLetters>('DeadLetters');
