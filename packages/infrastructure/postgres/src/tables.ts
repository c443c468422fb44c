import type { BanTable, ConversationTable, DraftTable, InviteTable, MemberTable, ThreadMarkTable } from './conversations/tables.ts';
import type { AccountTable, DeploymentTable, OutboxTable, SigningKeyTable } from './accounts/tables.ts';
import type {
  AttachmentTable,
  AttachmentUseTable,
  HideTable,
  MentionTable,
  MessageEditTable,
  MessageSearchTable,
  MessageTable,
  ReactionTable,
} from './messages/tables.ts';
import type { ReportTable, WordRuleTable } from './moderation/tables.ts';
import type {
  BlockTable,
  FriendRequestTable,
  FriendshipTable,
  NotificationTable,
  PreferenceTable,
  RefreshTokenTable,
  SessionTable,
  UserEventTable,
  UserTable,
} from './users/tables.ts';

export type Tables = {
  account: AccountTable;
  app_user: UserTable;
  session: SessionTable;
  refresh_token: RefreshTokenTable;
  conversation: ConversationTable;
  member: MemberTable;
  message: MessageTable;
  attachment: AttachmentTable;
  mention: MentionTable;
  message_search: MessageSearchTable;
  report: ReportTable;
  word_rule: WordRuleTable;
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
  preference: PreferenceTable;
  outbox: OutboxTable;
  signing_key: SigningKeyTable;
  deployment: DeploymentTable;
};
