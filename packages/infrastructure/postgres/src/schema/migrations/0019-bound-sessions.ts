import { type Kysely, sql } from 'kysely';

/** The key that a session is bound to. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table session add column key_thumbprint text`.execute(db);
  await sql`comment on column session.key_thumbprint is 'of the key whose holder alone may use its tokens (RFC 7638); null where it is bound to none'`.execute(
    db,
  );
}
