export type DraftTable = {
  account_id: string;
  user_id: string;
  conversation_id: string;
  content: string;
  reply_to_id: string | null;
  updated_at: Date;
};
