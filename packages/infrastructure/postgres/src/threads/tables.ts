export type ThreadMarkTable = { account_id: string; user_id: string; conversation_id: string; root_seq: number; read_seq: number };
