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

export function createMessageIndexRepository(db: Kysely<Tables>): MessageIndexRepository {
  return {
    async index(messages) {
      if (messages.length === 0) return;
      // Shared locks delay edits and deletions until the entries exist, so that the trigger can remove them.
      const { rows } = await sql<Source>`
        select x.account_id, x.conversation_id, x.seq, x.sender_id, x.created_at, x.content, x.mentions, x.mention_all,
          cardinality(x.attachment_ids) > 0 as attached,
          x.type = 'image' or exists (
            select from attachment f where f.account_id = x.account_id and f.id = any(x.attachment_ids) and f.type like 'image/%'
          ) as pictured
        from message x
        where x.id = any(${[...messages]}::uuid[])
          and x.deleted_at is null and x.content is not null and x.type <> 'system'
        order by x.conversation_id, x.seq for share of x`.execute(db);
      for (let at = 0; at < rows.length; at += CHUNK) {
        const chunk = rows.slice(at, at + CHUNK);
        const entries = chunk.map(entryOf);
        const places = [chunk.map((row) => row.conversation_id), chunk.map(({ seq }) => seq)] as const;
        const removed = sql`
          delete from message_search e using unnest(${places[0]}::uuid[], ${places[1]}::bigint[]) k(conversation_id, seq)
          where e.conversation_id = k.conversation_id and e.seq = k.seq`.execute(db);
        const added = sql`
          insert into message_search (account_id, conversation_id, seq, sender_id, created_at, folded, terms)
          select e.account_id, e.conversation_id, e.seq, e.sender_id, e.created_at, e.folded, e.terms::tsvector
          from json_to_recordset(${JSON.stringify(entries)}::json)
            as e(account_id uuid, conversation_id uuid, seq bigint, sender_id uuid, created_at timestamptz, folded text, terms text)
          on conflict do nothing`.execute(db);
        // In this order, in one round trip.
        await Promise.all([removed, added]);
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
