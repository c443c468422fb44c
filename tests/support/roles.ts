import type { AccountRole } from '@coucou/domain/users/user';
import pg from 'pg';
import type { Database } from './template.ts';

/** Gives somebody a role in their account, past every rule: for tests whose people administer from the start. */
export async function giveRole({ ownerUrl }: Pick<Database, 'ownerUrl'>, userId: string, role: AccountRole): Promise<void> {
  const client = new pg.Client({ connectionString: ownerUrl });
  await client.connect();
  try {
    // The owner of the tables sees no rows: row-level security is forced.
    await client.query('begin; set local role coucou_system');
    const { rows } = await client.query<{ account_id: string }>('select account_id from app_user where id = $1', [userId]);
    await client.query('set local role coucou_app');
    await client.query("select set_config('app.account_id', $1, true)", [rows[0]?.account_id]);
    await client.query('update app_user set role = $2 where id = $1', [userId, role]);
    await client.query('commit');
  } finally {
    await client.end();
  }
}
