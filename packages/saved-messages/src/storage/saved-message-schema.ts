import { forceIsolation } from '@coucou/postgres/schema/isolation';
import { deleted, type PersonalData } from '@coucou/postgres/schema/personal-data';
import type { Check, Migration, SchemaSet } from '@coucou/postgres/schema/schema-set';
import { type Kysely, sql } from 'kysely';

async function createTable(db: Kysely<unknown>): Promise<void> {
  await sql`
    -- Read by its key: whenever a message is saved, changed or removed, and when a reminder is due; a person's are counted and exported by it.
    create table saved_message (
      account_id uuid not null,
      user_id uuid not null,
      message_id uuid not null,
      conversation_id uuid not null,
      seq bigint not null,
      note text,
      saved_at timestamptz not null,
      remind_at timestamptz,
      reminded_at timestamptz,
      primary key (account_id, user_id, message_id),
      foreign key (account_id, user_id) references app_user,
      -- With messages that are trimmed goes what was saved of them.
      foreign key (account_id, conversation_id, seq) references message on delete cascade
    )`.execute(db);
  await sql`
    -- The list, newest first (saved-messages).
    create index saved_message_newest on saved_message (account_id, user_id, saved_at desc, message_id desc) where saved_at is not null`.execute(
    db,
  );
  await sql`
    -- The cascade from message, and what was saved in a conversation that is deleted (savedMessages.conversationDeleted).
    create index saved_message_message on saved_message (account_id, conversation_id, seq) where seq is not null`.execute(db);

  await forceIsolation(db, 'saved_message');
  await sql`grant select, insert, update (note, remind_at, reminded_at), delete on saved_message to coucou_app`.execute(db);
}

/**
 * What was saved of a message that is trimmed stays, as of one that was deleted: with the person's own note, and showing that the message is not
 * available. With a cascade, the devices that hold it would have to be told.
 */
async function keepOfTrimmed(db: Kysely<unknown>): Promise<void> {
  await sql`alter table saved_message drop constraint saved_message_account_id_conversation_id_seq_fkey`.execute(db);
}

const personalData: PersonalData = {
  saved_message: {
    of: { user_id: { exported: { as: 'savedMessages', by: 'message_id' }, erased: deleted() } },
    personal: 'message_id conversation_id seq note saved_at remind_at reminded_at',
  },
};

const createdTable: Migration = { up: createTable };
const keptOfTrimmed: Migration = { up: keepOfTrimmed };

/** Of messages that are trimmed they stay, and name nothing. */
const checks: readonly Check[] = [
  {
    name: 'saved-messages',
    proves: 'saved messages are of conversations of the account, and name the message by the id that it has',
    faults: `
      select s.account_id, 'message ' || s.message_id || ', saved by ' || s.user_id || ', is another one or of no conversation' as what
      from saved_message s
      left join conversation c on c.account_id = s.account_id and c.id = s.conversation_id
      left join message m on m.account_id = s.account_id and m.conversation_id = s.conversation_id and m.seq = s.seq
      where c.id is null or m.id <> s.message_id`,
  },
];

export const savedMessageSchema: SchemaSet = {
  name: 'saved_messages',
  migrations: { '0001-saved-messages': createdTable, '0002-trimmed-messages': keptOfTrimmed },
  functions: [],
  personalData,
  checks,
};
