import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { dashboards } from '@coucou/docs/monitoring/dashboards';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Instance } from '../support/instance.ts';
import { signUp } from '../support/people.ts';
import { startPostgres } from '../support/services.ts';
import { spawnTestApp } from '../support/spawned-app.ts';
import { cloneDatabase, createTemplate, type Database } from '../support/template.ts';
import { run, statementsOf } from './statements.ts';

const PASSWORD = 'a password of the reader';
const tables = Object.values(dashboards).flatMap(({ rows }) => rows.flatMap((row) => row.tables ?? []));

describe('the dashboard of accounts', () => {
  // A server of its own: roles belong to the whole server, and this one has a fixed name.
  let server: Instance;
  let database: Database;
  let reader: string;
  beforeAll(async () => {
    server = await startPostgres();
    database = await cloneDatabase(await createTemplate(server.url));
    const admin = new URL(server.url);
    admin.pathname = new URL(database.url).pathname;
    const sql = readFileSync(resolve(import.meta.dirname, '../../deploy/grafana/accounts.sql'), 'utf8');
    for (const statement of statementsOf(sql.replaceAll(":'reader_password'", pg.escapeLiteral(PASSWORD))))
      await run(admin.href, statement);
    Object.assign(admin, { username: 'coucou_grafana', password: PASSWORD });
    reader = admin.href;
  });
  afterAll(() => server?.stop());

  it('counts what each account has', async () => {
    const app = await spawnTestApp({ database });
    try {
      await signUp(app.url);
      await signUp(app.url);
    } finally {
      await app.stop();
    }
    expect(tables).toHaveLength(1);
    const client = new pg.Client({ connectionString: reader });
    await client.connect();
    try {
      const { rows } = await client.query(tables[0]?.sql ?? '');
      const counted = Object.fromEntries(Object.entries(rows[0] ?? {}).map(([name, value]) => [name, String(value)]));
      expect(counted).toMatchObject({
        account: 'Default',
        people: '2',
        conversations: '0',
        messages: '0',
        files: '0',
        'dead letters': '0',
      });
      expect(rows).toHaveLength(1);
      for (const { units } of tables) for (const name of Object.keys(units)) expect(rows[0]).toHaveProperty([name]);
    } finally {
      await client.end();
    }
  });

  it.each([
    'SELECT content FROM message',
    'SELECT username FROM app_user',
    'SELECT title FROM conversation',
    'SELECT name FROM attachment',
    'SELECT payload FROM outbox',
    'SELECT token_hash FROM session',
    'SET ROLE coucou_app',
    "SET TRANSACTION READ WRITE; UPDATE account SET name = 'mine'",
    'SET TRANSACTION READ WRITE; CREATE TABLE mine (id int)',
  ])('lets its login not %s', async (sql) => {
    await expect(run(reader, sql)).rejects.toThrow('permission denied');
  });
});
