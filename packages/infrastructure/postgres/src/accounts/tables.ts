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
  suspended_at: Generated<Date | null>;
};
