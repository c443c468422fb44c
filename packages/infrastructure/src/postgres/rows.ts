import type { Conversation, Member } from '@coucou/domain/conversations/conversation';
import { asId } from '@coucou/domain/kernel/ids';
import type { Message } from '@coucou/domain/messages/message';
import type { User } from '@coucou/domain/users/user';
import type { Selectable } from 'kysely';
import type { ConversationTable, MemberTable, MessageTable, UserTable } from './tables.ts';

const orUndefined = <T>(value: T | null): T | undefined => (value === null ? undefined : value);

/** Rows that came through JSON carry times as text. */
const instant = (value: Date | string): Date => (typeof value === 'string' ? new Date(value) : value);
const instantOrUndefined = (value: Date | string | null): Date | undefined => (value === null ? undefined : instant(value));

export type UserRow = Omit<Selectable<UserTable>, 'username_key' | 'email_key' | 'password_hash'>;

export const userColumns = [
  'app_user.account_id',
  'app_user.id',
  'app_user.username',
  'app_user.email',
  'app_user.email_verified',
  'app_user.display_name',
  'app_user.avatar_url',
  'app_user.bio',
  'app_user.custom',
  'app_user.role',
  'app_user.created_at',
  'app_user.last_seen_at',
] as const;

export const toUser = (row: UserRow): User => ({
  accountId: asId(row.account_id),
  id: asId(row.id),
  username: row.username,
  email: orUndefined(row.email),
  emailVerified: row.email_verified,
  displayName: row.display_name,
  avatarUrl: orUndefined(row.avatar_url),
  bio: orUndefined(row.bio),
  custom: orUndefined(row.custom),
  role: row.role,
  createdAt: instant(row.created_at),
  lastSeenAt: instantOrUndefined(row.last_seen_at),
});

export const toConversation = (row: Selectable<ConversationTable>): Conversation => ({
  accountId: asId(row.account_id),
  id: asId(row.id),
  type: row.type,
  visibility: row.visibility,
  title: orUndefined(row.title),
  description: orUndefined(row.description),
  avatarUrl: orUndefined(row.avatar_url),
  custom: orUndefined(row.custom),
  settings: row.settings,
  createdBy: asId(row.created_by),
  createdAt: instant(row.created_at),
  lastSeq: row.last_seq,
  version: row.version,
  receiptsVersion: row.receipts_version,
  accessVersion: row.access_version,
  countable: row.countable,
  memberCount: row.member_count,
});

export const toMember = (row: Selectable<MemberTable>): Member => ({
  conversationId: asId(row.conversation_id),
  userId: asId(row.user_id),
  role: row.role,
  joinedAt: instant(row.joined_at),
  joinedSeq: row.joined_seq,
  deliveredSeq: row.delivered_seq,
  readSeq: row.read_seq,
  version: row.version,
  leftAt: instantOrUndefined(row.left_at),
  postingMutedUntil: instantOrUndefined(row.posting_muted_until),
});

export const messageColumns = [
  'message.account_id',
  'message.conversation_id',
  'message.seq',
  'message.id',
  'message.sender_id',
  'message.client_message_id',
  'message.type',
  'message.content',
  'message.data',
  'message.version',
  'message.created_at',
  'message.edited_at',
  'message.deleted_at',
] as const;

export const toMessage = (row: Selectable<MessageTable>): Message => ({
  accountId: asId(row.account_id),
  conversationId: asId(row.conversation_id),
  seq: row.seq,
  id: asId(row.id),
  version: row.version,
  senderId: asId(row.sender_id),
  clientMessageId: row.client_message_id,
  type: row.type,
  content: orUndefined(row.content),
  data: orUndefined(row.data),
  createdAt: instant(row.created_at),
  editedAt: instantOrUndefined(row.edited_at),
  deletedAt: instantOrUndefined(row.deleted_at),
});
