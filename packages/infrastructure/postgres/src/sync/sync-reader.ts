import type { ConversationState, PageRows, SyncMoment, SyncReader } from '@coucou/application/sync/sync-reader';
import { type AccountId, asId, type ConversationId, type UserId } from '@coucou/domain/kernel/ids';
import { limits } from '@coucou/domain/kernel/limits';
import type { PagePlan } from '@coucou/domain/sync/pages';
import type { Selectable } from 'kysely';
import { z } from 'zod';
import {
  HISTORY_FLOOR,
  type MemberRow,
  toMemberView,
  toOwnMembership,
  unreadOf,
  UNREAD_MENTIONS,
} from '../conversations/conversation-reader.ts';
import { publicUserJson } from '../users/user-rows.ts';
import { decodeCursor, encodeCursor } from '../kit/cursor.ts';
import { marksShown, type MessageRow, messageSelect, notHidden, previewFor, readShown, toMessage } from '../messages/message-rows.ts';
import { conversationOf, headOf } from '../conversations/conversation-head.ts';
import { type ConversationRow, toConversation } from '../conversations/conversation-rows.ts';
import type { Session, SessionPool } from '../kit/session.ts';
import { type ReceiptRow, receiptColumns, toReceipt } from '../receipts/receipt-reader.ts';
import type { MemberTable } from '../conversations/tables.ts';
import { readAccount } from '../kit/unit-of-work.ts';
import { unnestGiven } from '../kit/unnest.ts';

const STATE = `
  select row_to_json(c) as conversation, row_to_json(m) as membership, ${HISTORY_FLOOR} as floor,
    ${UNREAD_MENTIONS} as mentions
  from member m
  cross join lateral ${conversationOf('m.account_id', 'm.conversation_id')} c
  where m.user_id = $1 and m.conversation_id = any($2::uuid[]) and m.left_at is null`;

/** Changed messages of many conversations, each bounded by its own limit: $1 viewer, $2 ids, $3 versions, $4 floors, $5 limits. */
const MESSAGES = `
  select k.id as conversation_id, ${messageSelect('x', '$1', previewFor('$1', 'k.floor'))}
  from ${unnestGiven('$2::uuid[]', '$3::bigint[]', '$4::bigint[]', '$5::bigint[]')} k(id, version, floor, most)
  cross join lateral (
    select * from message x where x.conversation_id = k.id and x.version > k.version and x.seq > k.floor and ${notHidden('x', '$1')} order by x.version limit k.most
  ) x`;

/** The newest messages of many conversations: $1 viewer, $2 ids, $3 floors, $4 limits. */
const WINDOWS = `
  select k.id as conversation_id, ${messageSelect('x', '$1', previewFor('$1', 'k.floor'))}
  from ${unnestGiven('$2::uuid[]', '$3::bigint[]', '$4::bigint[]')} k(id, floor, most)
  cross join lateral (
    select * from message x where x.conversation_id = k.id and x.seq > k.floor and ${notHidden('x', '$1')} order by x.seq desc limit k.most
  ) x`;

const MEMBERS = `
  select row_to_json(x) as member, ${readShown('x', '$5')} as shown, ${marksShown('x', '$5')} as reachable, ${publicUserJson('u')} as "user"
  from ${unnestGiven('$1::uuid[]', '$2::bigint[]', '$3::bigint[]', '$4::boolean[]')} k(id, version, most, present_only)
  cross join lateral (
    select * from member x where x.conversation_id = k.id and x.version > k.version and (not k.present_only or x.left_at is null)
    order by x.version limit k.most
  ) x
  join app_user u on u.account_id = x.account_id and u.id = x.user_id`;

/** Marks moved since: of all members in small conversations, else the viewer's own. $1 viewer, $2 ids, $3 receipt versions, $4 whether of all. */
const RECEIPTS = `
  select x.* from ${unnestGiven('$2::uuid[]', '$3::bigint[]', '$4::boolean[]')} k(id, version, everyone)
  cross join lateral (
    select m.conversation_id, ${receiptColumns('m', '$1')} from member m
    where k.everyone and m.conversation_id = k.id and m.left_at is null and m.joined_at is not null and m.receipts_at > k.version
    union all
    select m.conversation_id, ${receiptColumns('m', '$1')} from member m
    where not k.everyone and m.conversation_id = k.id and m.user_id = $1 and m.receipts_at > k.version
  ) x`;

const HEADS = `
  select h.conversation_id as id, h.version, h.receipts_version
  from (
    select o.account_id, o.conversation_id from member o
    where o.user_id = $1 and o.left_at is null and not o.conversation_id = any($2::uuid[]) and ($3::uuid is null or o.conversation_id > $3)
    order by o.conversation_id limit $4
  ) m
  cross join lateral ${headOf('m.account_id', 'm.conversation_id')} h
  order by h.conversation_id`;

/** Feed entries: $1 user, $2 version after which, $3 limit. */
const FEED = `
  select u.user_version as current, e.version, e.kind, e.payload, e.created_at
  from app_user u left join lateral (
    select * from user_event e where e.account_id = u.account_id and e.user_id = u.id and e.version > $2 order by e.version limit $3
  ) e on true
  where u.id = $1 order by e.version`;

type StateRow = Readonly<{
  conversation: ConversationRow;
  membership: Selectable<MemberTable>;
  floor: number;
  mentions: number;
}>;
type InConversation = Readonly<{ conversation_id: string }>;
type SyncedMessageRow = MessageRow & InConversation;
type HeadRow = Readonly<{ id: string; version: number; receipts_version: number }>;
type FeedRow = Readonly<{ current: number; version: number | null; kind: string; payload: Record<string, unknown>; created_at: Date }>;

export const createSyncReader = (pool: SessionPool, epoch: string): SyncReader => ({
  epoch,
  read: (account, viewer, work) => readAccount(pool, account, (session) => work(momentOf(session, account, viewer))),
});

const momentOf = (session: Session, account: AccountId, viewer: UserId): SyncMoment => ({
  async conversations(ids) {
    const { rows } = await session.query<StateRow>(STATE, [viewer, ids], 'sync-state');
    return new Map(rows.map((row) => [asId<'conversation'>(row.conversation.id), toState(row)]));
  },

  async feed({ after, most }) {
    const { rows } = await session.query<FeedRow>(FEED, [viewer, after, most], 'sync-feed');
    const entries = rows.flatMap(({ version, kind, payload, created_at: at }) =>
      version === null ? [] : [{ version, kind, payload, at }],
    );
    return { current: rows[0]?.current ?? 0, entries };
  },

  async heads(but, cursor) {
    const [after] = cursor === undefined ? [null] : decodeCursor('heads', z.tuple([z.uuid()]), cursor);
    const { rows } = await session.query<HeadRow>(HEADS, [viewer, but, after, limits.sync.heads + 1], 'sync-heads');
    const heads = rows.slice(0, limits.sync.heads);
    const last = heads.at(-1);
    return {
      heads: heads.map((head) => [asId<'conversation'>(head.id), head.version, head.receipts_version] as const),
      headsCursor: rows.length > limits.sync.heads && last ? encodeCursor('heads', [last.id]) : undefined,
    };
  },

  async rows(plans) {
    const [messages, members, receipts] = await Promise.all([
      readMessages(session, viewer, plans),
      readMembers(session, viewer, plans),
      readReceipts(session, viewer, plans),
    ]);
    const messagesOf = Map.groupBy(messages, (row) => row.conversation_id);
    const membersOf = Map.groupBy(members, (row) => row.member.conversation_id);
    const receiptsOf = Map.groupBy(receipts, (row) => row.conversation_id);
    return new Map(
      plans.map(({ id }): [ConversationId, PageRows] => [
        id,
        {
          messages: (messagesOf.get(id) ?? []).map((row) => toMessage(row, account, id)),
          members: (membersOf.get(id) ?? []).map(toMemberView),
          receipts: (receiptsOf.get(id) ?? []).map(toReceipt),
        },
      ]),
    );
  },
});

function toState(row: StateRow): ConversationState {
  const { conversation, membership, floor, mentions } = row;
  return {
    conversation: toConversation(conversation),
    changedVersion: conversation.changed_version,
    membership: toOwnMembership(membership),
    unread: { messages: unreadOf(row), mentions },
    floor,
  };
}

/** The same of each plan, as one array: what `unnest` takes. */
const column = <T>(plans: readonly PagePlan[], pick: (plan: PagePlan) => T): T[] => plans.map(pick);

async function ask<Row>(
  session: Session,
  name: string,
  text: string,
  plans: readonly PagePlan[],
  params: readonly unknown[],
): Promise<readonly Row[]> {
  return plans.length === 0 ? [] : (await session.query<Row>(text, params, name)).rows;
}

async function readMessages(session: Session, viewer: UserId, plans: readonly PagePlan[]): Promise<readonly SyncedMessageRow[]> {
  const wanted = plans.filter(({ messages }) => messages > 0);
  const changes = wanted.filter(({ kind }) => kind === 'changes');
  const windows = wanted.filter(({ kind }) => kind === 'window');
  const [changed, newest] = await Promise.all([
    ask<SyncedMessageRow>(session, 'sync-messages', MESSAGES, changes, [
      viewer,
      column(changes, (plan) => plan.id),
      column(changes, (plan) => plan.from),
      column(changes, (plan) => plan.floor),
      column(changes, (plan) => plan.messages),
    ]),
    ask<SyncedMessageRow>(session, 'sync-windows', WINDOWS, windows, [
      viewer,
      column(windows, (plan) => plan.id),
      column(windows, (plan) => plan.floor),
      column(windows, (plan) => plan.messages),
    ]),
  ]);
  return [...changed, ...newest];
}

function readMembers(session: Session, viewer: UserId, plans: readonly PagePlan[]): Promise<readonly MemberRow[]> {
  const wanted = plans.filter(({ members }) => members > 0);
  return ask<MemberRow>(session, 'sync-members', MEMBERS, wanted, [
    column(wanted, (plan) => plan.id),
    column(wanted, (plan) => plan.from),
    column(wanted, (plan) => plan.members),
    column(wanted, (plan) => plan.kind === 'window'),
    viewer,
  ]);
}

function readReceipts(session: Session, viewer: UserId, plans: readonly PagePlan[]): Promise<readonly (ReceiptRow & InConversation)[]> {
  const wanted = plans.filter(({ receipts }) => receipts.most > 0);
  return ask<ReceiptRow & InConversation>(session, 'sync-receipts', RECEIPTS, wanted, [
    viewer,
    column(wanted, (plan) => plan.id),
    column(wanted, (plan) => plan.receipts.from),
    column(wanted, (plan) => plan.receipts.of === 'everyone'),
  ]);
}
