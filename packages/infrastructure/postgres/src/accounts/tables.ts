import type { Generated } from 'kysely';
import type { Json } from '../kit/json.ts';

export type DeploymentTable = { one: boolean; epoch: string };

export type AccountTable = { account_id: string; name: string; client_key: string; created_at: Date };

export type SigningKeyTable = {
  kid: string;
  first: boolean | null;
  algorithm: string;
  public_jwk: string;
  sealed_private_jwk: string;
  created_at: Date;
};

export type OutboxTable = {
  account_id: string;
  id: string;
  type: string;
  payload: Json<Record<string, unknown>>;
  created_at: Generated<Date>;
  due_at: Generated<Date>;
  attempts: Generated<number>;
  last_error: string | null;
  dead_at: Date | null;
};
