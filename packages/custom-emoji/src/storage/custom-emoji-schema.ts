import { forceIsolation } from '@coucou/postgres/schema/isolation';
import type { SchemaSet } from '@coucou/postgres/schema/schema-set';
import { type Kysely, sql } from 'kysely';

async function createTable(db: Kysely<unknown>): Promise<void> {
  await sql`
    -- Read by its key alone: emoji.list goes in the order of the names.
    create table custom_emoji (
      account_id uuid not null references account,
      name text collate "C" not null check (name ~ '^[a-z0-9_+-]{1,30}$'),
      image_url text not null,
      created_at timestamptz not null,
      primary key (account_id, name)
    )`.execute(db);
  await sql`comment on column custom_emoji.name is 'the shortcode without its colons'`.execute(db);
  await forceIsolation(db, 'custom_emoji');
  await sql`grant select, insert, update (image_url), delete on custom_emoji to coucou_app`.execute(db);
}

export const customEmojiSchema: SchemaSet = {
  name: 'custom_emoji',
  migrations: { '0001-custom-emoji': { up: createTable } },
  functions: [],
  personalData: { custom_emoji: { plain: 'name image_url created_at' } },
};
