import type { AccountLimits } from '@coucou/domain/accounts/account-limits';
import type { AccountSettings } from '@coucou/domain/accounts/account-settings';
import type { ColumnType, Generated } from 'kysely';

export type DeploymentTable = { one: boolean; epoch: string; place: object | null; probed_at: Date | null };

export type AccountTable = {
  account_id: string;
  name: string;
  client_key: string;
  created_at: Date;
  /** Those that differ from the defaults. */
  settings: ColumnType<Partial<AccountSettings>, string | undefined, string>;
  /** Those that the operator granted in place of the server's. */
  limits: ColumnType<AccountLimits, never, string>;
  limits_changed_at: Generated<Date | null>;
  suspended_at: Generated<Date | null>;
};
