import type { Preferences } from '@coucou/domain/preferences/preferences';
import type { ColumnType, Generated } from 'kysely';

export type PreferenceTable = {
  account_id: string;
  user_id: string;
  settings: ColumnType<Preferences, string, string>;
  updated_at: Generated<Date>;
};
