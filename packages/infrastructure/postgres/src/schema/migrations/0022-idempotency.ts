import { type Kysely, sql } from 'kysely';
import { forceIsolation } from '../isolation.ts';

/** What calls with an idempotency key were answered. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    -- Read and written by KeyedCalls.
    create table idempotency_record (
      account_id uuid not null references account,
      caller_id uuid not null,
      key text not null check (char_length(key) between 1 and 255),
      fingerprint text not null check (length(fingerprint) = 64),
      status smallint not null check (status between 200 and 299),
      body text check (octet_length(body) <= 1048576),
      expires_at timestamptz not null,
      primary key (account_id, caller_id, key)
    )`.execute(db);
  const comments = {
    caller_id: 'the person, or the API key: the key of one is nothing to another',
    fingerprint: 'an HMAC of operation and input: another request under the key is refused',
    body: 'the answer as JSON text, without signed URLs; null where nothing is answered',
  };
  for (const [column, text] of Object.entries(comments))
    await sql`comment on column ${sql.id('idempotency_record', column)} is ${sql.lit(text)}`.execute(db);
  await sql`
    -- Those that have expired (idempotency.forgetExpired).
    create index idempotency_record_expiry on idempotency_record (account_id, expires_at)`.execute(db);
  await forceIsolation(db, 'idempotency_record');
  await sql`grant select, insert, update, delete on idempotency_record to coucou_app`.execute(db);
}
