import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { createHealthFigures } from '@coucou/postgres/health-figures';
import { createPgPool, RUNTIME_SESSION } from '@coucou/postgres/kit/pg-pool';
import { createOutboxStore } from '@coucou/postgres/outbox/outbox-store';
import { migrateDatabase } from '@coucou/postgres/schema/migrate';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Instance } from '../support/instance.ts';
import { startPostgres } from '../support/services.ts';
import { run, statementsOf } from './statements.ts';

/** The statements that psql would send, with its variables filled in. */
const statements = (file: string, variables: Record<string, string>): string[] =>
  statementsOf(readFileSync(file, 'utf8').replaceAll(/:'(\w+)'/g, (_, name: string) => pg.escapeLiteral(variables[name] ?? '')));

describe('the roles that deploy/postgres creates', () => {
  let server: Instance;
  const passwords = { owner_password: 'o', runtime_password: 'r', backup_password: 'b' };

  // A server of its own: roles belong to the whole server, and these have fixed names.
  beforeAll(async () => {
    server = await startPostgres();
    for (const statement of statements(resolve(import.meta.dirname, '../../deploy/postgres/10-roles.sql'), passwords)) {
      await run(server.url, statement);
    }
  });
  afterAll(() => server.stop());

  const login = (user: string, password: string): string => {
    const url = new URL(server.url);
    Object.assign(url, { username: user, password, pathname: '/coucou' });
    return url.href;
  };
  const asOwner = (...sql: string[]): Promise<unknown> => run(login('coucou_owner', passwords.owner_password), ...sql);
  const asRuntime = (...sql: string[]): Promise<unknown> => run(login('coucou', passwords.runtime_password), ...sql);

  it('let the owner do what the migrations do', async () => {
    const done = asOwner(
      'CREATE ROLE coucou_app NOLOGIN',
      'CREATE ROLE coucou_append NOLOGIN',
      'GRANT coucou_app TO coucou',
      'GRANT coucou_append TO CURRENT_USER',
      'CREATE EXTENSION pg_trgm',
      'CREATE TABLE example (id int)',
      'GRANT SELECT ON example TO coucou_app',
    );
    await expect(done).resolves.toBeUndefined();
  });

  it('let the server read only after it has taken a role', async () => {
    await expect(asRuntime('SELECT * FROM example')).rejects.toThrow('permission denied for table example');
    await asRuntime('SET ROLE coucou_app', 'SELECT * FROM example');
  });

  it('let the back-up read every row, and write none', async () => {
    const asBackup = (...sql: string[]): Promise<unknown> => run(login('coucou_backup', passwords.backup_password), ...sql);
    await asOwner('ALTER TABLE example ENABLE ROW LEVEL SECURITY', 'ALTER TABLE example FORCE ROW LEVEL SECURITY');
    await expect(asOwner('SET row_security = off', 'SELECT * FROM example')).rejects.toThrow('row-level security');
    await asBackup('SET row_security = off', 'SELECT * FROM example');
    await expect(asBackup('INSERT INTO example VALUES (1)')).rejects.toThrow('permission denied');
  });

  it('let a migrated server read its health figures', async () => {
    await asOwner('DROP TABLE example');
    await migrateDatabase({ ownerUrl: login('coucou_owner', passwords.owner_password), runtimeUser: 'coucou' });
    const pool = createPgPool({ url: login('coucou', passwords.runtime_password), max: 1, onConnect: RUNTIME_SESSION });
    try {
      expect(await createHealthFigures(pool, createOutboxStore(pool)).read()).toMatchObject({
        deadLetters: 0,
        databaseMiB: expect.any(Number),
      });
    } finally {
      await pool.end();
    }
  });

  it.each(['CREATE TABLE mine (id int)', 'SET ROLE coucou_owner', 'SET ROLE coucou_append', 'CREATE ROLE mine', 'DROP TABLE message'])(
    'forbid the server to %s',
    async (sql) => {
      await expect(asRuntime(sql)).rejects.toThrow(/permission denied|must be owner/);
    },
  );
});
