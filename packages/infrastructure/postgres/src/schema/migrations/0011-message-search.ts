import { type Kysely, sql } from 'kysely';
import { forceIsolation, grantDefiner } from '../isolation.ts';

/**
 * Entries of the search among messages. They are written behind the send by a subscriber; a trigger
 * (functions/messages/forget-message-search.sql) takes an entry away in the transaction that edits or deletes its message.
 *
 * `search_marks` and what it is made of stand here and not among the functions: an index is built on them, so another text would need the
 * index to be built again, which is a migration. Immutable, for no time zone changes how many seconds have passed.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    -- The shortest block of time that a moment lies in: 4 seconds, counted from 1970.
    create function search_block(at timestamptz) returns bigint language sql immutable parallel safe
    return floor(extract(epoch from at) / 4)::bigint`.execute(db);
  await sql`
    -- The mark of a block. 16 blocks of one level make one of the next: of 8 levels, 4 s, 64 s, 17 min, 4.6 h, 3 d, 49 d, 2 y, 34 y.
    create function search_block_mark(account uuid, level integer, block bigint) returns bigint language sql immutable parallel safe
    return uuid_hash_extended(account, block * 8 + level)`.execute(db);
  await sql`
    create function search_conversation_mark(conversation uuid) returns bigint language sql immutable parallel safe
    return uuid_hash_extended(conversation, -1)`.execute(db);
  await sql`
    -- What the index knows of an entry beside its terms: its conversation, and the block it lies in, of each level. Where two have one
    -- mark, an entry too many is looked at.
    create function search_marks(account uuid, conversation uuid, at timestamptz) returns bigint[] language sql immutable parallel safe
    return array(select search_block_mark(account, level, search_block(at) >> (4 * level)) from generate_series(0, 7) level)
      || search_conversation_mark(conversation)`.execute(db);

  await sql`
    -- Read by search_messages. In the order of its key: the oldest entry of a conversation.
    create table message_search (
      account_id uuid not null,
      conversation_id uuid not null,
      seq bigint not null,
      sender_id uuid not null,
      created_at timestamptz not null,
      folded text not null,
      terms tsvector not null,
      primary key (account_id, conversation_id, seq),
      foreign key (account_id, conversation_id, seq) references message on delete cascade
    )`.execute(db);
  await sql`comment on column message_search.terms is
    'grams of the text; s<sender> and h<what it has>, which no gram can be'`.execute(db);
  // Its list of what is not merged yet is read at every step of a search: kept as short as writing allows.
  await sql`
    -- search_messages: whatever lies before the newest entries.
    create index message_search_terms on message_search using gin (terms, search_marks(account_id, conversation_id, created_at))
      with (gin_pending_list_limit = 256)`.execute(db);
  await sql`
    -- search_messages over all conversations: the newest entries.
    create index message_search_newest on message_search (account_id, created_at, conversation_id, seq)
      where created_at is not null`.execute(db);
  await sql`
    -- search_messages in one conversation: its newest entries.
    create index message_search_conversation on message_search (account_id, conversation_id, created_at, seq)
      where created_at is not null`.execute(db);

  await forceIsolation(db, 'message_search');
  await sql`grant select, insert, delete on message_search to coucou_app`.execute(db);
  await grantDefiner(db, 'coucou_search', { message_search: 'select' });
}
