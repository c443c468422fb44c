export type SessionTable = {
  account_id: string;
  id: string;
  user_id: string;
  ip: string;
  user_agent: string;
  created_at: Date;
  last_used_at: Date;
  expires_at: Date;
  revoked_at: Date | null;
};

export type RefreshTokenTable = {
  account_id: string;
  token_hash: string;
  session_id: string;
  issued_at: Date;
  expires_at: Date;
  spent_at: Date | null;
};

export type SigningKeyTable = {
  kid: string;
  first: boolean | null;
  algorithm: string;
  public_jwk: string;
  sealed_private_jwk: string;
  created_at: Date;
};
