import type { ChainHead, LinkFault } from '@coucou/domain/audit/audit-chain';
import type { AccountId } from '@coucou/domain/kernel/ids';
import { token } from '../kernel/token.ts';

/** How far a check came: `last` is the last link that is right; `fault` is what is wrong with the next one, whose entry this is. */
export type CheckedLinks = Readonly<{ last: ChainHead; erased: number; fault: (LinkFault & Readonly<{ entryId: string }>) | undefined }>;

/** The hash chains over the audit log, one for each account. */
export interface AuditChain {
  /** Accounts that have entries without a seal. */
  waiting(): Promise<readonly AccountId[]>;
  /**
   * Seals entries of the account, at most so many, and answers how many. Nodes that do so at once take turns, and writers wait for none of them.
   */
  seal(account: AccountId, most: number): Promise<number>;
  /** How far the sealing trails in all accounts: at most 100,000 entries are counted; the oldest is so many seconds old. */
  lag(): Promise<Readonly<{ waiting: number; oldestSeconds: number }>>;
  /** `CHAIN_START` where nothing is sealed. */
  head(account: AccountId): Promise<ChainHead>;
  /** Checks the links after one that is right, at most so many. */
  check(account: AccountId, after: ChainHead, most: number): Promise<CheckedLinks>;
  /** The number of the seal with this hash, from the last one on; reads the chain. */
  numberOf(account: AccountId, hash: string): Promise<number | undefined>;
  /** Entries that wait for their seal, and one that has none and does not wait for it. */
  unsealed(account: AccountId): Promise<Readonly<{ waiting: number; stray: string | undefined }>>;
}
export const AuditChain = token<AuditChain>('AuditChain');
