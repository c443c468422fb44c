import { up as memberIndexes } from '@coucou/postgres/schema/migrations/0045-member-indexes';
import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { faultsOf, newMigrations } from './migration-lint.ts';

const rulesOf = async (...statements: string[]): Promise<string[]> => {
  const migration = {
    async up(db: Parameters<typeof memberIndexes>[0]) {
      for (const statement of statements) await sql.raw(statement).execute(db);
    },
  };
  return [...new Set((await faultsOf(migration, 'planted/0001-planted')).map(({ rule }) => rule))].toSorted();
};

describe('squawk over the migrations', () => {
  it('finds what locks a table that is in use, or breaks nodes of the version before', async () => {
    expect(await rulesOf('create index message_sent on message (account_id, sent_at)')).toEqual(['require-concurrent-index-creation']);
    expect(await rulesOf('alter table member add constraint positive check (seq > 0)')).toEqual(['constraint-missing-not-valid']);
    expect(await rulesOf('alter table app_user drop column locale')).toEqual(['ban-drop-column']);
    expect(await rulesOf('alter table app_user rename column locale to language')).toEqual(['renaming-column']);
    expect(await rulesOf('alter table member alter column seq type numeric')).toEqual(['changing-column-type']);
    // As a migration writes it.
    const faults = await faultsOf({ up: memberIndexes }, 'coucou/0045-member-indexes');
    expect(faults.map(({ rule }) => rule)).toContain('require-concurrent-index-creation');
  });

  it('lets pass what adds, on a table of the same migration whatever it likes, and what says why', async () => {
    expect(await rulesOf('alter table app_user add column nickname text')).toEqual([]);
    expect(await rulesOf('create table a (id bigint primary key, b text)', 'create index a_b on a (b)')).toEqual([]);
    expect(
      await rulesOf('-- A table of at most a hundred rows.\n-- squawk-ignore require-concurrent-index-creation\ncreate index a_b on a (b)'),
    ).toEqual([]);
  });

  it('judges every migration since the first release', async () => {
    for (const [name, migration] of newMigrations()) expect([name, await faultsOf(migration, name)]).toEqual([name, []]);
  });
});
