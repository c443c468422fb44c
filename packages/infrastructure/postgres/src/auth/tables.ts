import type { ClaimPurpose } from '@coucou/domain/auth/claim-repository';
import type { ProfileClaims, TokenAlgorithm } from '@coucou/domain/auth/external-issuer';
import type { RevocationReason, SignInMethod } from '@coucou/domain/auth/session';
import type { AdminRank } from '@coucou/domain/users/administration';
import type { Generated } from 'kysely';
import type { Json } from '../kit/json.ts';

export type SessionTable = {
  account_id: string;
  id: string;
  user_id: string;
  ip: string;
  user_agent: string;
  method: SignInMethod;
  created_at: Date;
  last_used_at: Date;
  expires_at: Date;
  revoked_at: Generated<Date | null>;
  revoked_for: Generated<RevocationReason | null>;
  rotation: number;
  rotated_at: Date;
  token_hash: string;
  previous_hash: string | null;
  sealed_successor: string | null;
  used_rotation: number;
  key_thumbprint: string | null;
};

export type ApiKeyTable = {
  account_id: string;
  id: string;
  name: string;
  scopes: string[];
  secret_hash: string;
  previous_hash: string | null;
  previous_until: Date | null;
  created_by: string | null;
  created_at: Date;
  expires_at: Date | null;
  last_used_at: Generated<Date | null>;
  revoked_at: Date | null;
};

export type ClaimTable = { account_id: string; purpose: ClaimPurpose; key: string; expires_at: Date };

export type TotpTable = {
  account_id: string;
  user_id: string;
  sealed_secret: string;
  created_at: Date;
  confirmed_at: Date | null;
  last_step: number | null;
};

export type RecoveryCodeTable = { account_id: string; user_id: string; code_hash: string };

export type PasskeyTable = {
  account_id: string;
  id: string;
  user_id: string;
  credential_id: string;
  public_key: string;
  counter: number;
  transports: Json<readonly string[]>;
  backed_up: boolean;
  name: string;
  created_at: Date;
  last_used_at: Date | null;
};

export type IdentityTable = {
  account_id: string;
  id: string;
  user_id: string;
  issuer: string;
  subject: string;
  email: string | null;
  created_at: Date;
  last_used_at: Date;
};

export type ExternalIssuerTable = {
  account_id: string;
  id: string;
  issuer: string;
  jwks_url: string | null;
  audiences: string[];
  algorithms: TokenAlgorithm[];
  claims: Json<ProfileClaims>;
  sign_up: boolean;
  max_token_seconds: number;
  rank: AdminRank;
  version: number;
  created_at: Date;
  updated_at: Date;
};

export type SigningKeyTable = {
  kid: string;
  generation: number;
  signs_from: Date;
  algorithm: string;
  public_jwk: string;
  sealed_private_jwk: string;
  created_at: Date;
};
