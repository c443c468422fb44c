import { forceIsolation } from '@coucou/postgres/schema/isolation';
import { cleared, type PersonalData } from '@coucou/postgres/schema/personal-data';
import type { Migration, SchemaSet } from '@coucou/postgres/schema/schema-set';
import { type Kysely, sql } from 'kysely';

async function createTable(db: Kysely<unknown>): Promise<void> {
  // By bytes: the order of digits, in which the list goes and a prefix is a range.
  await sql`
    -- Read by its number (corporateNumbers.check, admin.listCorporateNumbers), and by its key.
    create table corporate_number (
      account_id uuid not null references account,
      id uuid not null,
      number text collate "C" not null check (number ~ '^[+][1-9][0-9]{1,14}$'),
      label text,
      user_id uuid,
      created_at timestamptz not null,
      primary key (account_id, id),
      unique (account_id, number),
      foreign key (account_id, user_id) references app_user
    )`.execute(db);
  await sql`comment on column corporate_number.number is 'E.164, with the plus'`.execute(db);
  await sql`
    -- Those of a person: admin.listCorporateNumbers, export and erasure.
    create index corporate_number_person on corporate_number (account_id, user_id, id) where user_id is not null`.execute(db);
  await forceIsolation(db, 'corporate_number');
  await sql`grant select, insert, update (label, user_id), delete on corporate_number to coucou_app`.execute(db);
}

/** The numbers are the account's and stay. Once somebody is erased, nothing says whose one was: a label may name them. */
const personalData: PersonalData = {
  corporate_number: {
    of: { user_id: { exported: { as: 'corporateNumbers', by: 'id' }, erased: cleared({ label: 'null', user_id: 'null' }) } },
    personal: 'id number label created_at',
  },
};

const createdTable: Migration = { up: createTable };

export const corporateNumberSchema: SchemaSet = {
  name: 'corporate_numbers',
  migrations: { '0001-corporate-numbers': createdTable },
  functions: [],
  personalData,
};
