import type { BanTable, ConversationTable, DraftTable, InviteTable, MemberTable, ThreadMarkTable } from './tables/conversations.ts';
import type { AccountTable, DeploymentTable, OutboxTable, SigningKeyTable } from './tables/deployment.ts';
import type {
  AttachmentTable,
  AttachmentUseTable,
  HideTable,
  MentionTable,
  MessageEditTable,
  MessageSearchTable,
  MessageTable,
  ReactionTable,
} from './tables/messages.ts';
import type { ReportTable, WordRuleTable } from './tables/moderation.ts';
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
} from './tables/people.ts';

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
