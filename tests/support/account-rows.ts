import pg from 'pg';
import type { Database } from './template.ts';

/** Statements of the runtime role in the account of this person, in one transaction: for rows that no operation makes. */
export async function inAccountOf<T>(
  { ownerUrl }: Pick<Database, 'ownerUrl'>,
  userId: string,
  work: (query: (text: string, values: readonly unknown[]) => Promise<unknown>, account: string) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({ connectionString: ownerUrl });
  await client.connect();
  try {
    await client.query('begin; set local role coucou_system');
    const { rows } = await client.query<{ account_id: string }>('select account_id from app_user where id = $1', [userId]);
    const account = rows[0]?.account_id ?? '';
    await client.query('set local role coucou_app');
    await client.query("select set_config('app.account_id', $1, true)", [account]);
    const done = await work((text, values) => client.query(text, [...values]), account);
    await client.query('commit');
    return done;
  } finally {
    await client.end();
  }
}
