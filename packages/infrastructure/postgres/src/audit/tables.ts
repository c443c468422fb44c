import type { AuditActorKind } from '@coucou/domain/audit/audit-entry';
import type { Generated } from 'kysely';
import type { Json } from '../kit/json.ts';

export type AuditEntryTable = {
  account_id: string;
  id: string;
  action: string;
  actor_kind: AuditActorKind;
  actor_id: string | null;
  target_type: string;
  target_id: string;
  ip: string;
  user_agent: string;
  session_id: string | null;
  request_id: string;
  details: Json<Record<string, unknown>>;
  at: Date;
  origin_salt: Generated<string | null>;
  details_salt: Generated<string | null>;
};
