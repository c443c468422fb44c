import { type Conversation, defaultSettings, type Member } from '@coucou/domain/conversations/conversation';
import { asId } from '@coucou/domain/kernel/ids';
import type { Selectable } from 'kysely';
import { instant, instantOrUndefined, orUndefined } from '../kit/nullable.ts';
import type { ConversationHeadTable, ConversationTable, MemberTable } from './tables.ts';

export type ConversationRow = Selectable<ConversationTable> & Omit<Selectable<ConversationHeadTable>, 'conversation_id' | 'era'>;

export const toConversation = (row: ConversationRow): Conversation => ({
  accountId: asId(row.account_id),
  id: asId(row.id),
  type: row.type,
  visibility: row.visibility,
  title: orUndefined(row.title),
  description: orUndefined(row.description),
  avatarUrl: orUndefined(row.avatar_url),
  custom: orUndefined(row.custom),
  settings: { ...defaultSettings, ...row.settings },
  status: row.status,
  assigneeId: row.assignee_id === null ? undefined : asId(row.assignee_id),
  labels: row.labels,
  createdBy: asId(row.created_by),
  createdAt: instant(row.created_at),
  lastSeq: row.last_seq,
  firstSeq: row.first_seq,
  trimmedVersion: row.trimmed_version,
  version: row.version,
  receiptsVersion: row.receipts_version,
  accessVersion: row.access_version,
  countable: row.countable,
  memberCount: row.member_count,
  lastMessageAt: row.last_seq > 0 ? instant(row.active_at) : undefined,
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
