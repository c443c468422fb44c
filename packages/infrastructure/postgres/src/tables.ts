import type { AccountTable, DeploymentTable } from './accounts/tables.ts';
import type { ConnectionLogTable, PresenceLogTable } from './activity/tables.ts';
import type { AttachmentTable, AttachmentUseTable } from './attachments/tables.ts';
import type { AuditEntryTable } from './audit/tables.ts';
import type {
  ApiKeyTable,
  ClaimTable,
  ExternalIssuerTable,
  IdentityTable,
  PasskeyTable,
  RecoveryCodeTable,
  SessionTable,
  SigningKeyTable,
  TotpTable,
} from './auth/tables.ts';
import type { BlockTable } from './blocks/tables.ts';
import type { BanTable, ConversationHeadTable, ConversationTable, InviteTable, MemberTable } from './conversations/tables.ts';
import type { DraftTable } from './drafts/tables.ts';
import type { FriendRequestTable, FriendshipTable } from './friends/tables.ts';
import type { IdempotencyRecordTable } from './idempotency/tables.ts';
import type { HideTable, MentionTable, MessageEditTable, MessageSearchTable, MessageTable, ReactionTable } from './messages/tables.ts';
import type { ModerationRuleTable, ReportTable, WordRuleTable } from './moderation/tables.ts';
import type { MailSuppressionTable, MailTemplateTable } from './mail/tables.ts';
import type { NotificationTable } from './notifications/tables.ts';
import type { OutboxTable } from './outbox/tables.ts';
import type { PreferenceTable } from './preferences/tables.ts';
import type { ScheduledMessageTable } from './scheduled/tables.ts';
import type { ThreadMarkTable } from './threads/tables.ts';
import type { HeldNameTable, UserEventTable, UserTable } from './users/tables.ts';

export type Tables = {
  account: AccountTable;
  app_user: UserTable;
  held_name: HeldNameTable;
  session: SessionTable;
  api_key: ApiKeyTable;
  claim: ClaimTable;
  identity: IdentityTable;
  external_issuer: ExternalIssuerTable;
  audit_entry: AuditEntryTable;
  totp: TotpTable;
  recovery_code: RecoveryCodeTable;
  passkey: PasskeyTable;
  conversation: ConversationTable;
  conversation_head: ConversationHeadTable;
  member: MemberTable;
  message: MessageTable;
  attachment: AttachmentTable;
  mention: MentionTable;
  message_search: MessageSearchTable;
  report: ReportTable;
  word_rule: WordRuleTable;
  moderation_rule: ModerationRuleTable;
  notification: NotificationTable;
  message_edit: MessageEditTable;
  reaction: ReactionTable;
  hide: HideTable;
  attachment_use: AttachmentUseTable;
  thread_mark: ThreadMarkTable;
  draft: DraftTable;
  ban: BanTable;
  invite: InviteTable;
  user_event: UserEventTable;
  block: BlockTable;
  friendship: FriendshipTable;
  friend_request: FriendRequestTable;
  idempotency_record: IdempotencyRecordTable;
  preference: PreferenceTable;
  scheduled_message: ScheduledMessageTable;
  outbox: OutboxTable;
  signing_key: SigningKeyTable;
  deployment: DeploymentTable;
  connection_log: ConnectionLogTable;
  presence_log: PresenceLogTable;
  mail_template: MailTemplateTable;
  mail_suppression: MailSuppressionTable;
};
