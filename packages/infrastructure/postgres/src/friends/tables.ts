/** A pair, ordered by id. */
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
