export type BlockTable = { account_id: string; blocker_id: string; blocked_id: string; created_at: Date };
