import { randomUUID } from 'node:crypto';
import pg from 'pg';
import type { Database } from './template.ts';

/** A side effect of somebody's account that was given up: its id. */
export async function addDeadLetter({ ownerUrl }: Pick<Database, 'ownerUrl'>, userId: string, word: string): Promise<string> {
  const client = new pg.Client({ connectionString: ownerUrl });
  await client.connect();
  try {
    const id = randomUUID();
    await client.query('begin; set local role coucou_system');
    const { rows } = await client.query<{ account_id: string }>('select account_id from app_user where id = $1', [userId]);
    const account = rows[0]?.account_id;
    await client.query('set local role coucou_app');
    await client.query("select set_config('app.account_id', $1, true)", [account]);
    await client.query(
      `insert into outbox (account_id, id, type, payload, attempts, last_error, dead_at, stored_by)
       values ($1, $2, 'test.given-up', json_build_object('text', $3::text), 12, $3, now(), null)`,
      [account, id, word],
    );
    await client.query('commit');
    return id;
  } finally {
    await client.end();
  }
}
