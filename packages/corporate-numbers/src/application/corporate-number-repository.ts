import type { Page, PageRequest } from '@coucou/application/conversations/conversation-reader';
import { token } from '@coucou/application/kernel/token';
import type { UserId } from '@coucou/domain/kernel/ids';
import type { CorporateNumber, CorporateNumberId, E164 } from '../domain/corporate-number.ts';

/** All that is given has to hold. */
export type CorporateNumberFilter = Readonly<{
  /** The first digits, from the calling code on, without the plus. */
  prefix?: string | undefined;
  userId?: UserId | undefined;
}>;

/** The directory of the unit of work's account. */
export interface CorporateNumberRepository {
  lookup(id: CorporateNumberId): Promise<CorporateNumber | undefined>;
  /** Those of the numbers that are in the directory, in no particular order. */
  lookupMany(numbers: readonly E164[]): Promise<CorporateNumber[]>;
  lock(id: CorporateNumberId): Promise<CorporateNumber | undefined>;
  /** In the order of the numbers, digit by digit. A cursor of another list throws `CURSOR_INVALID`. */
  list(filter: CorporateNumberFilter, page: PageRequest): Promise<Page<CorporateNumber>>;
  /** Passes over numbers that are there already, in this order; answers which it added. */
  add(numbers: readonly CorporateNumber[]): Promise<ReadonlySet<CorporateNumberId>>;
  /** Writes label and person. */
  update(number: CorporateNumber): Promise<void>;
  remove(id: CorporateNumberId): Promise<CorporateNumber | undefined>;
}
export const CorporateNumbers = token<CorporateNumberRepository>('CorporateNumbers');
