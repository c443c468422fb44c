import type { Generated } from 'kysely';
import type { RuleAction, RuleKind } from '@coucou/domain/moderation/moderation-rule';
import type { Decision, ReportState } from '@coucou/domain/moderation/report';
import type { Json } from '../kit/json.ts';

export type ReportTable = {
  account_id: string;
  id: string;
  reporter_id: string | null;
  rule_id: string | null;
  kind: 'message' | 'user';
  user_id: string;
  message_id: string | null;
  conversation_id: string | null;
  seq: number | null;
  snapshot: Json<Record<string, unknown>>;
  reason: string;
  status: Generated<ReportState>;
  created_at: Date;
  assignee_id: Generated<string | null>;
  decision: Generated<Decision | null>;
  note: Generated<string | null>;
  decided_by: Generated<string | null>;
  decided_at: Generated<Date | null>;
  muted_until: Generated<Date | null>;
};

export type WordRuleTable = { account_id: string; word: string; action: 'mask' | 'reject' };

export type ModerationRuleTable = {
  account_id: string;
  id: string;
  kind: RuleKind;
  threshold: number;
  window_seconds: number | null;
  about: 'person' | 'message' | null;
  allowed_hosts: string[];
  action: RuleAction;
  mute_seconds: number | null;
  enabled: boolean;
  created_at: Date;
  updated_at: Date;
};
