export type AttachmentTable = {
  account_id: string;
  id: string;
  owner_id: string;
  name: string;
  type: string;
  size: number;
  width: number | null;
  height: number | null;
  status: 'pending' | 'ready';
  upload_key: string | null;
  storage_key: string | null;
  thumbnail_key: string | null;
  quota_bytes: number;
  created_at: Date;
};

export type AttachmentUseTable = { account_id: string; attachment_id: string; conversation_id: string; seq: number };
