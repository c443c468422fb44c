import type { ConversationReader, ConversationView, MemberView } from '@coucou/application/conversations/conversation-reader';
import { limits } from '@coucou/domain/kernel/limits';
import { unreadMessages } from '@coucou/domain/receipts/unread';
import type { Selectable } from 'kysely';
import { z } from 'zod';
import { decodeCursor, encodeCursor, moment } from '../kit/cursor.ts';
import { rowVersion } from '../kit/row-version.ts';
import { marksShown, type MessageRow, messageSelect, notHidden, previewFor, readShown, toMessage } from '../messages/message-rows.ts';
import { conversationOf, headOf } from './conversation-head.ts';
import { type ConversationRow, toConversation, toMember } from './conversation-rows.ts';
import { publicUserJson, toUser, type UserRow } from '../users/user-rows.ts';
import type { SessionPool } from '../kit/session.ts';
import type { MemberTable } from './tables.ts';
import { readOnce } from '../kit/unit-of-work.ts';

type ViewRow = Readonly<{
  conversation: ConversationRow;
  membership: Selectable<MemberTable>;
  last_message: MessageRow | null;
  peer: UserRow | null;
  mentions: number;
}>;

/** The member `m` sees the messages of the conversation `c` above this seq. */
export const HISTORY_FLOOR = 'history_floor(c.first_seq, c.settings, m.joined_seq)';

/** A member's mark: everything after it is unread. */
export const READ_MARK = 'read_mark(m.unread_from_seq, m.read_seq)';

/** What the member `m` has not read in the conversation `c`. */
export const UNREAD = 'unread_messages(c.countable, m.unread_base, m.own_since)';

/**
 * Unread messages that name the member, or everyone; counted up to a bound, so that a long absence costs no more, and not at all where
 * nothing came since. The floor comes from a query of its own: under row-level security only a bare comparison becomes a condition on
 * an index, and what was read long ago is not looked at.
 */
export const UNREAD_MENTIONS = `case when c.last_seq > ${READ_MARK} then (
    select least(${limits.mentionsCounted}, (
      select count(*) from (
        select from mention n where n.account_id = m.account_id and n.user_id = m.user_id and n.conversation_id = m.conversation_id and n.seq > f.floor
        limit ${limits.mentionsCounted}) named
    ) + (
      select count(*) from (
        select from message a where a.account_id = m.account_id and a.conversation_id = m.conversation_id and a.mention_all and a.seq > f.floor
          and a.deleted_at is null and a.sender_id <> m.user_id and not m.user_id = any(a.mentions)
        limit ${limits.mentionsCounted}) everyone
    ))::int
    from (select greatest(${READ_MARK}, ${HISTORY_FLOOR}) as floor offset 0) f
  ) else 0 end`;

/** The conversation `c` of the member `m`. */
const CONVERSATION = `cross join lateral ${conversationOf('m.account_id', 'm.conversation_id')} c`;

/** Its counters alone. */
const HEAD = `cross join lateral ${headOf('m.account_id', 'm.conversation_id')} c`;

const VIEW = `
  select row_to_json(c) as conversation, row_to_json(m) as membership,
    (select row_to_json(y) from (select ${messageSelect('l', '$1', previewFor('$1', HISTORY_FLOOR))} from (
      select * from message l where l.account_id = c.account_id and l.conversation_id = c.id and l.seq > ${HISTORY_FLOOR} and ${notHidden('l', '$1')}
      order by l.seq desc limit 1) l) y) as last_message,
    (select ${publicUserJson('p')} from app_user p
      where p.account_id = c.account_id and p.id = case when c.direct_lower = m.user_id then c.direct_higher else c.direct_lower end) as peer,
    ${UNREAD_MENTIONS} as mentions`;

const FIND = `${VIEW} from member m ${CONVERSATION}
  where m.user_id = $1 and m.left_at is null and m.conversation_id = $2`;

/**
 * A page of somebody's conversations, by little of each: but for some filters, by their counters alone. Without a filter: everything that is not
 * archived. $1 viewer, $2 and $3 the place after which, $4 limit, $5 filter, $6 assignee, $7 label.
 */
const pageOf = (columns = ''): string => `
  page as materialized (
    select m.account_id, m.conversation_id, c.active_at${columns}
    from member m ${HEAD}
    where m.user_id = $1 and m.left_at is null
      and ($2::timestamptz is null or (c.active_at, c.conversation_id) < ($2, $3::uuid))
      and m.archived = ($5::text is not distinct from 'archived')
      and case $5::text when 'unread' then ${UNREAD} > 0 when 'pinned' then m.pinned else true end
      and (($5::text in ('mine', 'open', 'pending', 'resolved') or $6::uuid is not null or $7::text is not null) is not true or (
        select case $5::text when 'mine' then o.assignee_id = $1 when 'open' then o.status = 'open' when 'pending' then o.status = 'pending'
            when 'resolved' then o.status = 'resolved' else true end
          and ($6::uuid is null or o.assignee_id = $6)
          and ($7::text is null or $7 = any(o.labels))
        from conversation o where o.account_id = m.account_id and o.id = m.conversation_id))
    order by c.active_at desc, m.conversation_id desc limit $4
  )`;

/**
 * The page first, then what is shown of it: to sort whole rows of everything that somebody is in costs several times the rest. Parameters as
 * for the page.
 */
export const LIST_SQL = `
  with ${pageOf()}
  ${VIEW}
  from page g
  cross join lateral (select * from member o where o.account_id = g.account_id and o.conversation_id = g.conversation_id and o.user_id = $1 limit 1) m
  ${CONVERSATION}
  order by g.active_at desc, g.conversation_id desc`;

/**
 * Of each conversation of the page, in order: which it is, and the versions of the rows that it is shown from (`rowVersion`): its head's, since every
 * change of a message or of the conversation itself takes a version; the viewer's membership; and the other one's profile, of a direct one. What the viewer hides is
 * in their feed. Parameters as for the page.
 */
const LIST_VALIDATOR = `
  with ${pageOf(`, ${rowVersion('c')} as own, ${rowVersion('m')} as membership`)}
  select (select u.user_version from app_user u where u.id = $1) || ' ' || coalesce(md5(string_agg(
      concat_ws(' ', g.conversation_id, g.own, g.membership, (
        select ${rowVersion('p')} from conversation o join app_user p on p.account_id = o.account_id
          and p.id = case when o.direct_lower = $1 then o.direct_higher else o.direct_lower end
        where o.account_id = g.account_id and o.id = g.conversation_id)),
      ',' order by g.active_at desc, g.conversation_id desc)), '') as validator
  from page g`;

/**
 * The page first, along its index, then who they are: a group may have thousands. $1 conversation, $2 viewer, $3 and $4 the place after
 * which, $5 limit.
 */
const MEMBERS = `
  select row_to_json(m) as member, ${readShown('m', '$2')} as shown, ${marksShown('m', '$2')} as reachable, ${publicUserJson('u')} as "user"
  from (
    select * from member o
    where o.conversation_id = $1 and o.left_at is null and o.joined_at is not null
      and (o.joined_at, o.user_id) > (coalesce($3::timestamptz, '-infinity'), coalesce($4::uuid, '00000000-0000-0000-0000-000000000000'))
    order by o.joined_at, o.user_id limit $5
  ) m
  cross join lateral (select * from app_user u where u.account_id = m.account_id and u.id = m.user_id limit 1) u
  where exists (select from member v where v.conversation_id = $1 and v.user_id = $2 and v.left_at is null)
  order by m.joined_at, m.user_id`;

const placeKey = z.tuple([moment, z.uuid()]);

/** The viewer's own membership, including its private fields. */
export const toOwnMembership = (row: Selectable<MemberTable>): ConversationView['membership'] => ({
  ...toMember(row),
  archived: row.archived,
  pinned: row.pinned,
  unreadFromSeq: row.unread_from_seq ?? undefined,
  notify: row.notify,
  notifyMutedUntil: row.notify_muted_until === null ? undefined : new Date(row.notify_muted_until),
});

/** Unread messages of a conversation and the membership in it, read as whole rows. */
export const unreadOf = ({
  conversation,
  membership,
}: Readonly<{ conversation: ConversationRow; membership: Selectable<MemberTable> }>): number =>
  unreadMessages(conversation, { unreadBase: membership.unread_base, ownSince: membership.own_since });

function toView(row: ViewRow): ConversationView {
  const conversation = toConversation(row.conversation);
  return {
    conversation,
    membership: toOwnMembership(row.membership),
    lastMessage: row.last_message === null ? undefined : toMessage(row.last_message, conversation.accountId, conversation.id),
    unread: { messages: unreadOf(row), mentions: row.mentions },
    peer: row.peer === null ? undefined : toUser(row.peer),
  };
}

const activity = (row: ViewRow): string => new Date(row.conversation.active_at).toISOString();

export type MemberRow = Readonly<{ member: Selectable<MemberTable>; shown: boolean; reachable: boolean; user: UserRow }>;
export const toMemberView = ({ member, shown, reachable, user }: MemberRow): MemberView => ({
  member: toMember({ ...member, read_seq: shown ? member.read_seq : 0, delivered_seq: reachable ? member.delivered_seq : 0 }),
  user: toUser(user),
});

/** Lists of conversations are read from `lists`. */
export function createConversationReader(pool: SessionPool, lists = pool): ConversationReader {
  return {
    async find(account, viewer, id) {
      const [row] = await readOnce<ViewRow>(pool, account, FIND, [viewer, id], 'conversation-find');
      return row && toView(row);
    },

    async list(account, viewer, { limit, cursor }, { filter, assigneeId, label } = {}) {
      const [at, id] = cursor === undefined ? [null, null] : decodeCursor('conversations', placeKey, cursor);
      const rows = await readOnce<ViewRow>(
        lists,
        account,
        LIST_SQL,
        [viewer, at, id, limit + 1, filter ?? null, assigneeId ?? null, label ?? null],
        'conversation-list',
      );
      const items = rows.slice(0, limit);
      const last = items.at(-1);
      const nextCursor = rows.length > limit && last ? encodeCursor('conversations', [activity(last), last.conversation.id]) : undefined;
      return { items: items.map(toView), nextCursor };
    },

    async validateList(account, viewer, limit, { filter, assigneeId, label } = {}) {
      const params = [viewer, null, null, limit + 1, filter ?? null, assigneeId ?? null, label ?? null];
      const [row] = await readOnce<{ validator: string }>(pool, account, LIST_VALIDATOR, params, 'conversation-list-validator');
      return row?.validator ?? '';
    },

    async listMembers(account, viewer, id, { limit, cursor }) {
      const [at, userId] = cursor === undefined ? [null, null] : decodeCursor('members', placeKey, cursor);
      const rows = await readOnce<MemberRow>(pool, account, MEMBERS, [id, viewer, at, userId, limit + 1], 'member-list');
      // The first page of a member holds at least the member, so an empty one means not a member.
      if (rows.length === 0 && cursor === undefined) return undefined;
      if (rows.length === 0 && (await this.find(account, viewer, id)) === undefined) return undefined;
      const items = rows.slice(0, limit);
      const last = items.at(-1);
      const nextCursor =
        rows.length > limit && last
          ? encodeCursor('members', [new Date(last.member.joined_at).toISOString(), last.member.user_id])
          : undefined;
      return { items: items.map(toMemberView), nextCursor };
    },
  };
}
