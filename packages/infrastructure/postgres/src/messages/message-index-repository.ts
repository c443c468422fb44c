import { fold } from '@coucou/domain/kernel/folding';
import type { MessageIndexRepository } from '@coucou/domain/messages/message-index-repository';
import { gramsOf } from '@coucou/domain/messages/search-terms';
import { type Kysely, sql } from 'kysely';
import { lexeme } from '../kit/lexeme.ts';
import type { Tables } from '../tables.ts';

/** Marks of an entry beside its grams; no gram is longer than three characters. */
export const senderMark = (id: string): string => `s${id.replaceAll('-', '')}`;
export const hasMark = (what: string): string => `h-${what}`;

const LINK = /\bhttps?:\/\/\S/i;

/** Entries of one statement: their text is bounded, a message's grams take tens of kilobytes. */
const CHUNK = 32;

type Source = Readonly<{
  account_id: string;
  conversation_id: string;
  seq: number;
  sender_id: string;
  created_at: Date;
  content: string;
  mentions: string[];
  mention_all: boolean;
  attached: boolean;
  pictured: boolean;
}>;

type Place = Readonly<{ conversation_id: string; seq: number }>;
type Entry = ReturnType<typeof entryOf>;

const placeOf = ({ conversation_id, seq }: Place): string => `${conversation_id} ${seq}`;

export function createMessageIndexRepository(db: Kysely<Tables>): MessageIndexRepository {
  /** Answers the places of those that had no entry. */
  async function add(entries: readonly Entry[]): Promise<readonly Place[]> {
    const { rows } = await sql<Place>`
      insert into message_search (account_id, conversation_id, seq, sender_id, created_at, folded, terms)
      select e.account_id, e.conversation_id, e.seq, e.sender_id, e.created_at, e.folded, e.terms::tsvector
      from json_to_recordset(${JSON.stringify(entries)}::json)
        as e(account_id uuid, conversation_id uuid, seq bigint, sender_id uuid, created_at timestamptz, folded text, terms text)
      on conflict do nothing returning conversation_id, seq`.execute(db);
    return rows;
  }

  const remove = (entries: readonly Entry[]): Promise<unknown> =>
    sql`
      delete from message_search e
      using unnest(${entries.map((entry) => entry.conversation_id)}::uuid[], ${entries.map(({ seq }) => seq)}::bigint[]) k(conversation_id, seq)
      where e.conversation_id = k.conversation_id and e.seq = k.seq`.execute(db);

  return {
    async index(messages) {
      if (messages.length === 0) return;
      // Shared locks delay edits and deletions until the entries exist, so that the trigger can remove them. Found and locked by key, one by
      // one: without statistics the planner would read all messages of the account.
      const { rows } = await sql<Source>`
        with found as materialized (
          select y.conversation_id, y.seq from unnest(${[...messages]}::uuid[]) k(id)
          cross join lateral (select m.conversation_id, m.seq from message m where m.id = k.id limit 1) y order by 1, 2
        )
        select x.account_id, x.conversation_id, x.seq, x.sender_id, x.created_at, x.content, x.mentions, x.mention_all,
          cardinality(x.attachment_ids) > 0 as attached,
          x.type = 'image' or exists (
            select from attachment f where f.account_id = x.account_id and f.id = any(x.attachment_ids) and f.type like 'image/%'
          ) as pictured
        from found f cross join lateral (
          select m.* from message m where m.conversation_id = f.conversation_id and m.seq = f.seq
            and m.deleted_at is null and m.content is not null and m.type <> 'system' for share
        ) x`.execute(db);
      for (let at = 0; at < rows.length; at += CHUNK) {
        const entries = rows.slice(at, at + CHUNK).map(entryOf);
        const added = new Set((await add(entries)).map(placeOf));
        // A trigger removes the entry of an edited or deleted message: one exists only after a repeated delivery, or under another folding version.
        const standing = entries.filter((entry) => !added.has(placeOf(entry)));
        if (standing.length === 0) continue;
        // In this order, in one round trip.
        await Promise.all([remove(standing), add(standing)]);
      }
    },
  };
}

function entryOf(row: Source) {
  const folded = fold(row.content).text;
  const has = [
    row.attached && 'attachment',
    row.pictured && 'image',
    LINK.test(row.content) && 'link',
    (row.mention_all || row.mentions.length > 0) && 'mention',
  ].flatMap((what) => (what === false ? [] : [hasMark(what)]));
  const terms = [senderMark(row.sender_id), ...has, ...gramsOf(folded)].map(lexeme).join(' ');
  const { account_id, conversation_id, seq, sender_id, created_at } = row;
  return { account_id, conversation_id, seq, sender_id, created_at, folded, terms };
}
