import type { AccountReader, ExportedConversation, ExportedMember, ExportedMessage } from '@coucou/application/exchange/account-reader';
import type { UserLine } from '@coucou/application/exchange/lines';
import type { FileKey } from '@coucou/domain/attachments/attachment';
import { type ConversationSettings, defaultSettings } from '@coucou/domain/conversations/conversation';
import { asId } from '@coucou/domain/kernel/ids';
import { headOf } from '../conversations/conversation-head.ts';
import { orUndefined } from '../kit/nullable.ts';
import type { SessionPool } from '../kit/session.ts';
import { readOnce } from '../kit/unit-of-work.ts';
import type { MemberTable, ConversationTable } from '../conversations/tables.ts';
import type { MessageTable } from '../messages/tables.ts';
import type { UserTable } from '../users/tables.ts';
import type { Selectable } from 'kysely';

const PEOPLE = `
  select u.id, u.username, u.display_name, u.email, u.email_verified, u.external_id, u.role, u.avatar_url, u.bio, u.custom, u.password_hash,
    u.created_at, u.suspended_at, u.deleted_at
  from app_user u`;
/** $1 after, $2 limit. */
const PEOPLE_PAGE = `${PEOPLE} where $1::uuid is null or u.id > $1 order by u.id limit $2`;
/** $1 ids. */
const PEOPLE_OF = `${PEOPLE} where u.id = any($1::uuid[])`;

/** $1 after, $2 limit. */
const CONVERSATIONS = `
  select c.id, c.type, c.title, c.description, c.visibility, c.avatar_url, c.custom, c.settings, c.direct_lower, c.direct_higher, c.created_by,
    c.created_at, h.last_seq
  from (
    select * from conversation x where x.deleted_at is null and ($1::uuid is null or x.id > $1) order by x.id limit $2
  ) c
  cross join lateral ${headOf('c.account_id', 'c.id')} h
  order by c.id`;

/** Present members, and the message up to which they have read: $1 conversation, $2 its newest message, $3 after, $4 limit. */
const MEMBERS = `
  select m.user_id, m.role, m.joined_at, k.read_seq,
    (select x.id from message x where x.account_id = m.account_id and x.conversation_id = m.conversation_id and x.seq = k.read_seq
      and x.expires_at is null) as read_id
  from (
    select * from member o where o.conversation_id = $1 and o.left_at is null and o.joined_at is not null and ($3::uuid is null or o.user_id > $3)
    order by o.user_id limit $4
  ) m
  cross join lateral (select least(read_mark(m.unread_from_seq, m.read_seq), $2::bigint) as read_seq) k
  order by m.user_id`;

/** $1 conversation, $2 after, $3 its newest message, $4 limit. */
const MESSAGES = `
  select x.seq, x.id, x.sender_id, x.type, x.content, x.data, x.mentions, x.mention_all, x.forwarded, x.created_at, x.edited_at, x.deleted_at,
    x.pinned_at, x.pinned_by, x.attachment_ids,
    (select o.id from message o where o.account_id = x.account_id and o.conversation_id = x.conversation_id and o.seq = x.reply_to_seq
      and o.expires_at is null) as reply_to_id,
    (select o.id from message o where o.account_id = x.account_id and o.conversation_id = x.conversation_id and o.seq = x.thread_root_seq
      and o.expires_at is null) as thread_root_id,
    case when x.reactions <> '{}' then (
      select json_agg(json_build_object('user', r.user_id, 'emoji', r.emoji, 'at', r.created_at) order by r.created_at, r.user_id, r.emoji)
      from reaction r where r.account_id = x.account_id and r.conversation_id = x.conversation_id and r.seq = x.seq) end as reacted,
    case when cardinality(x.attachment_ids) > 0 then (
      select json_agg(json_build_object('id', a.id, 'owner', a.owner_id, 'name', a.name, 'key', a.storage_key)
        order by array_position(x.attachment_ids, a.id))
      from attachment a where a.account_id = x.account_id and a.id = any(x.attachment_ids) and a.status = 'ready') end as attached
  from message x
  where x.conversation_id = $1 and x.seq > $2 and x.seq <= $3 and x.expires_at is null
  order by x.seq limit $4`;

type PersonRow = Pick<
  Selectable<UserTable>,
  | 'id'
  | 'username'
  | 'display_name'
  | 'email'
  | 'email_verified'
  | 'external_id'
  | 'role'
  | 'avatar_url'
  | 'bio'
  | 'custom'
  | 'password_hash'
  | 'created_at'
  | 'suspended_at'
  | 'deleted_at'
>;
type ConversationRow = Selectable<ConversationTable> & Readonly<{ last_seq: number }>;
type MemberRow = Pick<Selectable<MemberTable>, 'user_id' | 'role' | 'joined_at' | 'read_seq'> & Readonly<{ read_id: string | null }>;
type MessageRow = Selectable<MessageTable> &
  Readonly<{
    reply_to_id: string | null;
    thread_root_id: string | null;
    reacted: readonly Readonly<{ user: string; emoji: string; at: string }>[] | null;
    attached: readonly Readonly<{ id: string; owner: string; name: string; key: string }>[] | null;
  }>;

const timeOf = (value: Date | null): string | undefined => value?.toISOString();

/** The name of a deleted person is longer than a username may be. */
const usernameOf = ({ id, username, deleted_at: deletedAt }: PersonRow): string =>
  deletedAt === null ? username : `deleted-${id.replaceAll('-', '').slice(-24)}`;

const toUserLine = (row: PersonRow): UserLine => ({
  type: 'user',
  id: row.id,
  username: usernameOf(row),
  displayName: row.display_name,
  email: orUndefined(row.email),
  emailVerified: row.email_verified,
  externalId: orUndefined(row.external_id),
  role: row.role,
  avatarUrl: orUndefined(row.avatar_url),
  bio: orUndefined(row.bio),
  custom: orUndefined(row.custom),
  passwordHash: orUndefined(row.password_hash),
  createdAt: row.created_at.toISOString(),
  suspended: row.suspended_at !== null,
});

const settingsOf = (stored: Partial<ConversationSettings>): ConversationSettings => {
  const { history, announcementsOnly, slowModeSeconds } = { ...defaultSettings, ...stored };
  return { history, announcementsOnly, slowModeSeconds };
};

function toConversation(row: ConversationRow): ExportedConversation {
  const base = { type: 'conversation', id: row.id, createdAt: row.created_at.toISOString() } as const;
  const line: ExportedConversation['line'] =
    row.type === 'direct'
      ? { ...base, kind: 'direct', people: [row.direct_lower ?? '', row.direct_higher ?? ''] }
      : {
          ...base,
          kind: 'group',
          title: row.title ?? 'Group',
          description: orUndefined(row.description),
          visibility: row.visibility,
          avatarUrl: orUndefined(row.avatar_url),
          custom: orUndefined(row.custom),
          settings: settingsOf(row.settings),
          createdBy: row.created_by,
        };
  return { id: asId(row.id), line, lastSeq: row.last_seq };
}

const toMember = (conversation: string, lastSeq: number, row: MemberRow): ExportedMember => ({
  userId: asId(row.user_id),
  line: { type: 'member', conversation, user: row.user_id, role: row.role, joinedAt: row.joined_at.toISOString() },
  receipt: row.read_seq >= lastSeq ? undefined : { type: 'receipt', conversation, user: row.user_id, read: row.read_id },
});

function toMessage(conversation: string, row: MessageRow): ExportedMessage {
  const { id } = row;
  return {
    seq: row.seq,
    line: {
      type: 'message',
      id,
      conversation,
      author: row.sender_id,
      createdAt: row.created_at.toISOString(),
      kind: row.type,
      text: orUndefined(row.content),
      data: orUndefined(row.data),
      replyTo: orUndefined(row.reply_to_id),
      thread: orUndefined(row.thread_root_id),
      mentions: row.mentions,
      mentionAll: row.mention_all,
      attachments: row.attachment_ids,
      forwarded: row.forwarded,
      editedAt: timeOf(row.edited_at),
      deletedAt: timeOf(row.deleted_at),
      pinnedAt: timeOf(row.pinned_at),
      pinnedBy: orUndefined(row.pinned_by),
    },
    reactions: (row.reacted ?? []).map(({ user, emoji, at }) => ({
      type: 'reaction',
      conversation,
      message: id,
      user,
      emoji,
      createdAt: new Date(at).toISOString(),
    })),
    attachments: (row.attached ?? []).map(({ id: attachment, owner, name, key }) => ({
      key: key as FileKey,
      line: { type: 'attachment', id: attachment, owner, name, file: `files/${attachment}` },
    })),
  };
}

export const createAccountReader = (pool: SessionPool): AccountReader => ({
  async people(account, after, limit) {
    const rows = await readOnce<PersonRow>(pool, account, PEOPLE_PAGE, [after ?? null, limit], 'export-people');
    return rows.map(toUserLine);
  },
  async peopleOf(account, ids) {
    const rows = await readOnce<PersonRow>(pool, account, PEOPLE_OF, [ids], 'export-people-of');
    return rows.map(toUserLine);
  },
  async conversations(account, after, limit) {
    const rows = await readOnce<ConversationRow>(pool, account, CONVERSATIONS, [after ?? null, limit], 'export-conversations');
    return rows.map(toConversation);
  },
  async members(account, { id, lastSeq }, after, limit) {
    const rows = await readOnce<MemberRow>(pool, account, MEMBERS, [id, lastSeq, after ?? null, limit], 'export-members');
    return rows.map((row) => toMember(id, lastSeq, row));
  },
  async messages(account, { id, lastSeq }, after, limit) {
    const rows = await readOnce<MessageRow>(pool, account, MESSAGES, [id, after, lastSeq, limit], 'export-messages');
    return rows.map((row) => toMessage(id, row));
  },
});
