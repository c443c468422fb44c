import type { Preferences } from '@coucou/domain/preferences/preferences';
import type { ColumnType, Generated } from 'kysely';

export type BlockTable = { account_id: string; blocker_id: string; blocked_id: string; created_at: Date };

/** The pair in the order of its ids. */
export type FriendshipTable = { account_id: string; lower_id: string; higher_id: string; since: Date };

export type FriendRequestTable = {
  account_id: string;
  id: string;
  from_id: string;
  to_id: string;
  status: 'pending' | 'accepted' | 'rejected' | 'cancelled';
  created_at: Date;
  responded_at: Date | null;
};

export type PreferenceTable = { account_id: string; user_id: string; settings: ColumnType<Preferences, string, string>; updated_at: Generated<Date> };
