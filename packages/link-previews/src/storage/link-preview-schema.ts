import { forceIsolation } from '@coucou/postgres/schema/isolation';
import type { PersonalData } from '@coucou/postgres/schema/personal-data';
import type { Migration, SchemaSet } from '@coucou/postgres/schema/schema-set';
import { type Kysely, sql } from 'kysely';

async function createTables(db: Kysely<unknown>): Promise<void> {
  await sql`
    -- One row where the account has decided.
    create table link_preview_policy (
      account_id uuid primary key references account,
      enabled boolean not null
    )`.execute(db);
  await sql`
    -- Read by its key.
    create table link_preview_page (
      account_id uuid not null references account,
      url text not null,
      preview jsonb,
      fetched_at timestamptz not null,
      primary key (account_id, url)
    )`.execute(db);
  await sql`
    -- What has been kept for long enough (linkPreviews.upkeep).
    create index link_preview_page_age on link_preview_page (fetched_at, account_id)`.execute(db);
  for (const table of ['link_preview_policy', 'link_preview_page']) await forceIsolation(db, table);
  await sql`grant select, insert, update (enabled) on link_preview_policy to coucou_app`.execute(db);
  await sql`grant select, insert, update (preview, fetched_at), delete on link_preview_page to coucou_app`.execute(db);
}

/** What public pages say. That somebody linked to them is in their message alone, and gone from here after a day. */
const personalData: PersonalData = {
  link_preview_policy: { plain: 'enabled' },
  link_preview_page: { plain: 'url preview fetched_at' },
};

const createdTables: Migration = { up: createTables };

export const linkPreviewSchema: SchemaSet = {
  name: 'link_previews',
  migrations: { '0001-link-previews': createdTables },
  functions: [],
  personalData,
};
