import { fold } from '@coucou/domain/kernel/folding';
import { gramsOf } from '@coucou/domain/messages/search-terms';
import { requestHash } from '../messages/append-batch.ts';
import { lexeme } from '../kit/lexeme.ts';
import { hasMark, senderMark } from '../messages/message-index-repository.ts';
import type { Session } from '../kit/session.ts';
import { type Dice, dice, emoji, idOf, sentence, timedIdOf } from './texts.ts';

/** A conversation as it stands in the database, locked. */
export type Standing = { id: string; last_seq: number; version: number; countable: number; active_at: Date };

export type Order = Readonly<{ standing: Standing; members: readonly string[]; count: number }>;

/** When the first message was sent, and how far they are apart. */
const BEGINNING = Date.UTC(2024, 0, 1, 8);
const STEP_MS = 20_000;
/** Fewer than the product allows in one conversation. */
const PINS = 80;

type Row = ReturnType<typeof messageOf>;
type Earlier = Readonly<{ seq: number; thread_root_seq: number | null }>;

function messageOf(
  account: string,
  { standing, members }: Order,
  place: number,
  countSeq: number,
  roll: Dice,
  earlier: Earlier | undefined,
) {
  const seq = standing.last_seq + place;
  const at = Math.min(Date.now(), Math.max(standing.active_at.getTime(), BEGINNING + seq * STEP_MS));
  const sender = members[roll(members.length)] ?? '';
  const content = sentence(roll);
  // A reply in a thread does not count as unread in the conversation, and is never a root itself.
  const root = roll(25) === 0 && earlier?.thread_root_seq === null ? earlier : undefined;
  const named = roll(40) === 0 ? members[roll(members.length)] : undefined;
  const reactions: Record<string, number> = {};
  const reacted: { user: string; emoji: string }[] = [];
  if (roll(12) === 0)
    for (const user of new Set(Array.from({ length: 1 + roll(4) }, () => members[roll(members.length)] ?? sender))) {
      const kind = emoji(roll);
      reactions[kind] = (reactions[kind] ?? 0) + 1;
      reacted.push({ user, emoji: kind });
    }
  const pinned = seq % 997 === 1 && seq < 997 * PINS;
  return {
    account_id: account,
    conversation_id: standing.id,
    seq,
    id: timedIdOf(at, standing.id, seq),
    sender_id: sender,
    client_message_id: idOf('client', standing.id, seq),
    request_hash: `\\x${requestHash({ type: 'text', content, data: undefined })}`,
    type: 'text',
    content,
    reply_to_seq: root === undefined && roll(12) === 0 ? (earlier?.seq ?? null) : null,
    thread_root_seq: root?.seq ?? null,
    mentions: named === undefined || named === sender ? [] : [named],
    mention_all: roll(4_000) === 0,
    reactions,
    reacted,
    reply_count: 0,
    last_reply_seq: null as number | null,
    pinned_at: pinned ? new Date(at) : null,
    pinned_by: pinned ? sender : null,
    count_seq: root === undefined ? countSeq + 1 : countSeq,
    version: standing.version + place,
    created_at: new Date(at),
    hidden_by: roll(100) === 0 ? (members[roll(members.length)] ?? null) : null,
  };
}

function conversationRows(account: string, order: Order): Row[] {
  const { standing, count } = order;
  const roll = dice(Number.parseInt(idOf(standing.id, standing.last_seq).slice(0, 8), 16));
  const rows: Row[] = [];
  const bySeq = new Map<number, Row>();
  let counted = standing.countable;
  for (let place = 1; place <= count; place += 1) {
    const row = messageOf(account, order, place, counted, roll, rows[Math.max(0, rows.length - 1 - roll(30))]);
    counted = row.count_seq;
    rows.push(row);
    bySeq.set(row.seq, row);
    const root = row.thread_root_seq === null ? undefined : bySeq.get(row.thread_root_seq);
    if (root === undefined) continue;
    root.reply_count += 1;
    root.last_reply_seq = row.seq;
  }
  return rows;
}

function entryOf({ account_id, conversation_id, seq, sender_id, created_at, content, mentions, mention_all }: Row) {
  const folded = fold(content).text;
  const has = [content.includes('https://') && 'link', (mention_all || mentions.length > 0) && 'mention'];
  const marks = [senderMark(sender_id)];
  for (const what of has) if (what !== false) marks.push(hasMark(what));
  return { account_id, conversation_id, seq, sender_id, created_at, folded, terms: [...marks, ...gramsOf(folded)].map(lexeme).join(' ') };
}

const INSERT_MESSAGES = `
  insert into message (account_id, conversation_id, seq, id, sender_id, client_message_id, request_hash, type, content, reply_to_seq,
    thread_root_seq, mentions, mention_all, reactions, reply_count, last_reply_seq, pinned_at, pinned_by, count_seq, version, created_at)
  select r.account_id, r.conversation_id, r.seq, r.id, r.sender_id, r.client_message_id, r.request_hash, r.type, r.content, r.reply_to_seq,
    r.thread_root_seq, r.mentions, r.mention_all, r.reactions, r.reply_count, r.last_reply_seq, r.pinned_at, r.pinned_by, r.count_seq, r.version, r.created_at
  from json_to_recordset($1::json) r(account_id uuid, conversation_id uuid, seq bigint, id uuid, sender_id uuid, client_message_id uuid,
    request_hash bytea, type text, content text, reply_to_seq bigint, thread_root_seq bigint, mentions uuid[], mention_all boolean,
    reactions jsonb, reply_count integer, last_reply_seq bigint, pinned_at timestamptz, pinned_by uuid, count_seq bigint, version bigint,
    created_at timestamptz)`;

const INSERT_ENTRIES = `
  insert into message_search (account_id, conversation_id, seq, sender_id, created_at, folded, terms)
  select r.account_id, r.conversation_id, r.seq, r.sender_id, r.created_at, r.folded, r.terms::tsvector
  from json_to_recordset($1::json) r(account_id uuid, conversation_id uuid, seq bigint, sender_id uuid, created_at timestamptz, folded text, terms text)`;

const INSERT_REACTIONS = `
  insert into reaction (account_id, conversation_id, seq, user_id, emoji, created_at)
  select r.account_id, r.conversation_id, r.seq, r.user_id, r.emoji, r.created_at
  from json_to_recordset($1::json) r(account_id uuid, conversation_id uuid, seq bigint, user_id uuid, emoji text, created_at timestamptz)`;

const INSERT_MENTIONS = `
  with r as (
    select * from json_to_recordset($1::json) r(account_id uuid, conversation_id uuid, seq bigint, user_id uuid, actor_id uuid, message_id uuid,
      id uuid, created_at timestamptz)
  ), named as (
    insert into mention (account_id, user_id, conversation_id, seq) select r.account_id, r.user_id, r.conversation_id, r.seq from r
  )
  insert into notification (account_id, user_id, id, kind, once, actor_id, conversation_id, message_id, seq, created_at)
  select r.account_id, r.user_id, r.id, 'mention', 'message:' || r.message_id, r.actor_id, r.conversation_id, r.message_id, r.seq, r.created_at from r`;

const INSERT_HIDES = `
  insert into hide (account_id, user_id, conversation_id, seq)
  select r.account_id, r.hidden_by, r.conversation_id, r.seq from json_to_recordset($1::json) r(account_id uuid, hidden_by uuid, conversation_id uuid, seq bigint)`;

const ADVANCE = `
  update conversation_head h set last_seq = r.last_seq, version = r.version, countable = r.countable, active_at = r.at, receipts_version = h.receipts_version + 1
  from json_to_recordset($1::json) r(id uuid, last_seq bigint, version bigint, countable bigint, at timestamptz)
  where h.conversation_id = r.id`;

/** How far behind the newest message somebody may stay. */
const BEHIND = 40;

/**
 * Everyone reads on, some further than others, which takes back "mark unread". What is unread is counted from the mark as the product
 * counts it: `unread_base` is what counts up to it, `own_since` what one wrote oneself after it.
 */
const READ_ON = `
  with recent as materialized (
    select x.* from unnest($1::uuid[]) k(id) cross join lateral (
      select m.conversation_id, m.seq, m.sender_id, m.count_seq, is_countable(m.type, m.thread_root_seq) as counts
      from message m where m.conversation_id = k.id order by m.seq desc limit ${BEHIND}
    ) x
  ),
  reader as materialized (
    select m.account_id, m.conversation_id, m.user_id, h.receipts_version,
      greatest(m.read_seq, h.last_seq - abs(hashtext(m.user_id::text || k.id::text)::bigint) % least(${BEHIND}, h.last_seq + 1)) as upto
    from unnest($1::uuid[]) k(id)
    join conversation_head h on h.conversation_id = k.id
    join member m on m.conversation_id = k.id and m.left_at is null
  ),
  reading as (
    select r.account_id, r.conversation_id, r.user_id, r.receipts_version, r.upto,
      coalesce(max(x.count_seq) filter (where x.seq = r.upto), 0) as base,
      count(*) filter (where x.seq > r.upto and x.sender_id = r.user_id and x.counts) as own
    from reader r join recent x on x.conversation_id = r.conversation_id
    group by r.account_id, r.conversation_id, r.user_id, r.receipts_version, r.upto
  )
  update member m set read_seq = r.upto, delivered_seq = greatest(m.delivered_seq, r.upto), unread_from_seq = null,
    unread_base = r.base, own_since = r.own, receipts_at = r.receipts_version
  from reading r
  where m.account_id = r.account_id and m.conversation_id = r.conversation_id and m.user_id = r.user_id`;

/** Posts into conversations that this transaction has locked; the session is in the role of the runtime, its account set. */
export async function post(session: Session, account: string, orders: readonly Order[]): Promise<void> {
  const written = orders.map((order) => ({ order, rows: conversationRows(account, order) })).filter(({ rows }) => rows.length > 0);
  const rows = written.flatMap((each) => each.rows);
  if (rows.length === 0) return;
  const json = (values: readonly object[]) => [JSON.stringify(values)];
  const base = ({ account_id, conversation_id, seq, created_at }: Row) => ({ account_id, conversation_id, seq, created_at });
  // Only the role of the append function may insert messages.
  await session.script('set local role coucou_append');
  await session.query(INSERT_MESSAGES, json(rows));
  await session.script('set local role coucou_app');
  await session.query(
    INSERT_REACTIONS,
    json(rows.flatMap((row) => row.reacted.map(({ user, emoji: kind }) => ({ ...base(row), user_id: user, emoji: kind })))),
  );
  await session.query(INSERT_HIDES, json(rows.filter(({ hidden_by: by }) => by !== null)));
  const mentions = rows.flatMap((row) =>
    row.mentions.map((user) => ({
      ...base(row),
      user_id: user,
      actor_id: row.sender_id,
      message_id: row.id,
      id: timedIdOf(row.created_at.getTime(), 'notification', row.id, user),
    })),
  );
  await session.query(INSERT_MENTIONS, json(mentions));
  await session.query(INSERT_ENTRIES, json(rows.map(entryOf)));
  const advances = written.map(({ order: { standing }, rows: own }) => {
    const last = own.at(-1);
    return { id: standing.id, last_seq: last?.seq, version: last?.version, countable: last?.count_seq, at: last?.created_at };
  });
  await session.query(ADVANCE, json(advances));
  await session.query(READ_ON, [advances.map(({ id }) => id)]);
}
