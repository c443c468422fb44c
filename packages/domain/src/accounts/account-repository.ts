import type { Instant } from '../kernel/ids.ts';
import type { Account } from './account.ts';
import type { AccountLimits } from './account-limits.ts';
import type { AccountSettings } from './account-settings.ts';

export type OwnAccount = Account & Readonly<{ settings: AccountSettings; limits: AccountLimits; suspendedAt: Instant | undefined }>;

/** The account of the unit of work. */
export interface AccountRepository {
  own(): Promise<OwnAccount>;
  updateSettings(settings: AccountSettings): Promise<void>;
}
