import type { ConversationChanges, Held, SyncReader } from '@coucou/application/sync/sync-reader';
import { asId, type UserId } from '@coucou/domain/kernel/ids';
import { limits } from '@coucou/domain/kernel/limits';
import type { Selectable } from 'kysely';
import { z } from 'zod';
import {
  HISTORY_FLOOR,
  type MemberRow,
  publicUserJson,
  toMemberView,
  toOwnMembership,
  UNREAD,
  UNREAD_MENTIONS,
} from '../conversations/conversation-reader.ts';
import { decodeCursor, encodeCursor } from '../kit/cursor.ts';
import { readFeed } from './feed-page.ts';
import {
  marksShown,
  type MessageRow,
  messageSelect,
  notHidden,
  previewFor,
  readShown,
  toConversation,
  toMessage,
} from '../messages/message-rows.ts';
import type { Session, SessionPool } from '../kit/session.ts';
import { type ReceiptRow, receiptColumns, toReceipt } from '../receipts/receipt-reader.ts';
import { type ChangeRow, cutPage, planPages, type PagePlan } from './sync-pages.ts';
import type { ConversationTable, MemberTable } from '../conversations/tables.ts';
import { readAccount } from '../kit/unit-of-work.ts';

const STATE = `
  select row_to_json(c) as conversation, row_to_json(m) as membership, ${HISTORY_FLOOR} as floor, ${UNREAD} as unread,
    ${UNREAD_MENTIONS} as mentions,
    case when begins_with_joining(c.settings) then m.version else 0 end as since
  from member m join conversation c on c.account_id = m.account_id and c.id = m.conversation_id
  where m.user_id = $1 and m.conversation_id = any($2::uuid[]) and m.left_at is null`;

/** Changed messages of many conversations, each bounded by its own limit: $1 viewer, $2 ids, $3 versions, $4 floors, $5 limits. */
const MESSAGES = `
  select k.id as conversation_id, ${messageSelect('x', '$1', previewFor('$1', 'k.floor'))}
  from unnest($2::uuid[], $3::bigint[], $4::bigint[], $5::bigint[]) k(id, version, floor, most)
  cross join lateral (
    select * from message x where x.conversation_id = k.id and x.version > k.version and x.seq > k.floor and ${notHidden('x', '$1')} order by x.version limit k.most
  ) x`;

/** The newest messages of many conversations: $1 viewer, $2 ids, $3 floors, $4 limits. */
const WINDOWS = `
  select k.id as conversation_id, ${messageSelect('x', '$1', previewFor('$1', 'k.floor'))}
  from unnest($2::uuid[], $3::bigint[], $4::bigint[]) k(id, floor, most)
  cross join lateral (
    select * from message x where x.conversation_id = k.id and x.seq > k.floor and ${notHidden('x', '$1')} order by x.seq desc limit k.most
  ) x`;

const MEMBERS = `
  select row_to_json(x) as member, ${readShown('x', '$5')} as shown, ${marksShown('x', '$5')} as reachable, ${publicUserJson('u')} as "user"
  from unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::boolean[]) k(id, version, most, present_only)
  cross join lateral (
    select * from member x where x.conversation_id = k.id and x.version > k.version and (not k.present_only or x.left_at is null)
    order by x.version limit k.most
  ) x
  join app_user u on u.account_id = x.account_id and u.id = x.user_id`;

/** Marks moved since: of all members where they are few, else one's own. $1 viewer, $2 ids, $3 receipt versions, $4 whether of all. */
const RECEIPTS = `
  select x.* from unnest($2::uuid[], $3::bigint[], $4::boolean[]) k(id, version, everyone)
  cross join lateral (
    select m.conversation_id, ${receiptColumns('m', '$1')} from member m
    where k.everyone and m.conversation_id = k.id and m.left_at is null and m.joined_at is not null and m.receipts_at > k.version
    union all
    select m.conversation_id, ${receiptColumns('m', '$1')} from member m
    where not k.everyone and m.conversation_id = k.id and m.user_id = $1 and m.receipts_at > k.version
  ) x`;

const HEADS = `
  select c.id, c.version, c.receipts_version
  from (
    select o.account_id, o.conversation_id from member o
    where o.user_id = $1 and o.left_at is null and not o.conversation_id = any($2::uuid[]) and ($3::uuid is null or o.conversation_id > $3)
    order by o.conversation_id limit $4
  ) m
  cross join lateral (select * from conversation x where x.account_id = m.account_id and x.id = m.conversation_id limit 1) c
  order by c.id`;

type StateRow = Readonly<{
  conversation: Selectable<ConversationTable>;
  membership: Selectable<MemberTable>;
  floor: number;
  since: number;
  unread: number;
  mentions: number;
}>;
type SyncedMessageRow = MessageRow & Readonly<{ conversation_id: string }>;
type HeadRow = Readonly<{ id: string; version: number; receipts_version: number }>;

export function createSyncReader(pool: SessionPool, epoch: string): SyncReader {
  return {
    sync: (account, viewer, request) =>
      readAccount(pool, account, async (session) => {
        const ids = request.conversations.map((held) => held.id);
        const restored = request.epoch !== undefined && request.epoch !== epoch;
        const after = request.headsCursor === undefined ? [null] : decodeCursor('heads', z.tuple([z.uuid()]), request.headsCursor);
        const [user, states, headRows] = await Promise.all([
          readFeed(session, viewer, request.userVersion, request.limit, restored),
          session.query<StateRow>(STATE, [viewer, ids], 'sync-state'),
          session.query<HeadRow>(HEADS, [viewer, ids, after[0], limits.sync.heads + 1], 'sync-heads'),
        ]);
        const conversations = await changesOf(session, viewer, request.conversations, states.rows, request.limit, restored);
        const heads = headRows.rows.slice(0, limits.sync.heads);
        const last = heads.at(-1);
        return {
          epoch,
          user,
          conversations,
          heads: heads.map((head) => [asId<'conversation'>(head.id), head.version, head.receipts_version] as const),
          headsCursor: headRows.rows.length > limits.sync.heads && last ? encodeCursor('heads', [last.id]) : undefined,
        };
      }),
  };
}

async function changesOf(
  session: Session,
  viewer: UserId,
  held: readonly Held[],
  states: readonly StateRow[],
  limit: number,
  restored: boolean,
): Promise<ConversationChanges[]> {
  const byId = new Map(states.map((state) => [state.conversation.id, state]));
  const plans = planPages(
    held.flatMap(({ id, version }) => {
      const state = byId.get(id);
      if (state === undefined) return [];
      const { floor, since } = state;
      return [{ id, held: restored ? undefined : version, current: state.conversation.version, floor, since }];
    }),
    limit,
  );
  const planOf = new Map(plans.map((plan) => [plan.id as string, plan]));
  const changed = plans.filter((plan) => plan.kind === 'changes' && plan.rows > 0);
  const windows = plans.filter((plan) => plan.kind === 'window');
  const listed = [...changed, ...windows].filter(
    (plan) => (byId.get(plan.id)?.conversation.member_count ?? 0) <= limits.sync.inlineMembers,
  );
  // A version stamps at most a batch of memberships: that many beyond the limit always complete the first version of a page.
  const most = (plan: PagePlan) => (plan.kind === 'window' ? limits.sync.inlineMembers : plan.rows + limits.batch + 2);

  const column = <T>(of: readonly PagePlan[], pick: (plan: PagePlan) => T): T[] => of.map(pick);
  const marked = held.flatMap(({ id, receiptsVersion = -1 }) => {
    const state = byId.get(id);
    if (state === undefined) return [];
    const { receipts_version: current, member_count: size } = state.conversation;
    const reset = restored || planOf.get(id)?.kind === 'window' || receiptsVersion > current;
    return [{ id, from: reset ? -1 : receiptsVersion, everyone: size <= limits.individualReceipts }];
  });
  const [messages, newest, members, receipts] = await Promise.all([
    changed.length === 0
      ? []
      : session
          .query<SyncedMessageRow>(
            MESSAGES,
            [
              viewer,
              column(changed, (p) => p.id),
              column(changed, (p) => p.from),
              column(changed, (p) => p.floor),
              column(changed, (p) => p.rows + 1),
            ],
            'sync-messages',
          )
          .then((answer) => answer.rows),
    windows.length === 0
      ? []
      : session
          .query<SyncedMessageRow>(
            WINDOWS,
            [viewer, column(windows, (p) => p.id), column(windows, (p) => p.floor), column(windows, (p) => p.rows)],
            'sync-windows',
          )
          .then((answer) => answer.rows),
    listed.length === 0
      ? []
      : session
          .query<MemberRow>(
            MEMBERS,
            [
              column(listed, (p) => p.id),
              column(listed, (p) => p.from),
              column(listed, most),
              column(listed, (p) => p.kind === 'window'),
              viewer,
            ],
            'sync-members',
          )
          .then((answer) => answer.rows),
    session
      .query<ReceiptRow & { conversation_id: string }>(
        RECEIPTS,
        [viewer, marked.map((m) => m.id), marked.map((m) => m.from), marked.map((m) => m.everyone)],
        'sync-receipts',
      )
      .then((answer) => answer.rows),
  ]);

  const messagesOf = Map.groupBy([...messages, ...newest], (row) => row.conversation_id);
  const receiptsOf = Map.groupBy(receipts, (row) => row.conversation_id);
  const membersOf = Map.groupBy(members, (row) => row.member.conversation_id);

  return held.map(({ id }): ConversationChanges => {
    const state = byId.get(id);
    const plan = planOf.get(id);
    if (state === undefined || plan === undefined) return { id, removed: true };
    const conversation = toConversation(state.conversation);
    const changes: ChangeRow[] = [
      ...(messagesOf.get(id) ?? []).map((row) => ({
        version: row.version,
        message: toMessage(row, conversation.accountId, conversation.id),
      })),
      ...(membersOf.get(id) ?? []).map((row) => ({ version: row.member.version, member: toMemberView(row) })),
    ];
    const page = cutPage(plan, changes, conversation.version, {
      messages: plan.rows + 1,
      members: most(plan),
    });
    return {
      id,
      removed: false,
      version: page.version,
      conversation,
      conversationChanged: state.conversation.changed_version > plan.from,
      membership: toOwnMembership(state.membership),
      unread: { messages: state.unread, mentions: state.mentions },
      messages: page.messages,
      members: page.members,
      receipts: (receiptsOf.get(id) ?? []).map(toReceipt),
      reset: plan.kind === 'window',
      hasMore: page.version < conversation.version,
    };
  });
}
