import { mkdtemp, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { createPglitePool } from '@coucou/postgres/kit/pglite-pool';
import { functions } from '@coucou/postgres/schema/functions/list';
import { migrateDatabase, migrateSession } from '@coucou/postgres/schema/migrate';
import { migrationStatus, SchemaUnreleasedError } from '@coucou/postgres/schema/status';
import { forceIsolation } from '@coucou/postgres/schema/isolation';
import type { Migration, SchemaSet } from '@coucou/postgres/schema/schema-set';
import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { until } from '../support/until.ts';
import { createDatabase } from '../support/database.ts';
import { useDatabasePerTest } from './database-per-test.ts';
import { storageOn } from './test-storage.ts';
import { createPeople } from '../support/fixtures.ts';

const test = useDatabasePerTest();
const { ask } = test;

const migrate = (set: SchemaSet) => migrateDatabase({ ownerUrl: test.database.ownerUrl, schemaSets: [set] }).then(({ applied }) => applied);
const status = (set: SchemaSet) => test.engine.owner.use((session) => migrationStatus(session, [set]));

/** What a package `notes` would bring: a tenant's table, and a function in a file that leaves a note each time it is applied. */
async function notes(text: string = answering(1)): Promise<SchemaSet & { write(text: string): Promise<void> }> {
  const file = path.join(await mkdtemp(path.join(test.folder, 'notes-')), 'note-answer.sql');
  await writeFile(file, text);
  return {
    name: 'notes',
    migrations: {
      '0001-notes': {
        async up(db) {
          await sql`create table note (account_id uuid not null references account, id uuid not null, primary key (account_id, id))`.execute(
            db,
          );
          await forceIsolation(db, 'note');
          await sql`grant select, insert on note to coucou_app`.execute(db);
          await sql`create table application (id bigint primary key generated always as identity)`.execute(db);
        },
      },
    },
    functions: [{ name: 'note-answer', url: pathToFileURL(file) }],
    personalData: {},
    write: (changed) => writeFile(file, changed),
  };
}
const answering = (answer: number): string => `
  create or replace function note_answer() returns integer language sql immutable as $function$ select ${answer} $function$;
  insert into application default values;`;
const applications = async () => (await ask<{ times: number }>('select count(*) as times from application'))[0]?.times;
const answer = async () => (await ask<{ answer: number }>('select note_answer() as answer'))[0]?.answer;

const FUNCTION = 'notes/functions/note-answer';

/** Both begin before either can have done anything. */
async function together<T>(...nodes: readonly (() => Promise<T>)[]): Promise<T[]> {
  const waiting = async () =>
    (
      await ask<{ nodes: number }>(`
      select count(*) as nodes from pg_locks
      where locktype = 'advisory' and not granted and database = (select oid from pg_database where datname = current_database())`)
    )[0]?.nodes === nodes.length || undefined;
  const started = await test.engine.owner.use(async (session) => {
    await session.query('select pg_advisory_lock(7266825)');
    try {
      const running = Promise.all(nodes.map((node) => node()));
      running.catch(() => {});
      await until(waiting, { what: 'both nodes to wait for the lock' });
      return { running };
    } finally {
      await session.query('select pg_advisory_unlock(7266825)');
    }
  });
  return started.running;
}

describe('a function whose file has changed', () => {
  it('is pending, and is applied once by one of two nodes that start together', async () => {
    const set = await notes();
    await migrate(set);
    expect([await answer(), await applications()]).toEqual([1, 1]);
    expect(await status(set)).toMatchObject({ pending: [] });

    await set.write(answering(2));
    const { applied, pending } = await status(set);
    expect(pending).toEqual([FUNCTION]);
    expect(applied).not.toContain(FUNCTION);
    expect(applied).toEqual(expect.arrayContaining(['notes/0001-notes', 'coucou/functions/messages/append-messages']));

    const answers = await together(
      () => migrate(set),
      () => migrate(set),
    );
    expect(answers.toSorted((a, b) => a.length - b.length)).toEqual([[], [FUNCTION]]);
    expect([await answer(), await applications()]).toEqual([2, 2]);
    expect(await status(set)).toMatchObject({ pending: [] });
  });

  it('is applied to an empty database once, with everything else, by one of two', async () => {
    await test.replace(await createDatabase({ empty: true }));
    const set = await notes();
    const node = () => migrateDatabase({ ownerUrl: test.database.ownerUrl, schemaSets: [set] });
    const [first, second] = await together(node, node);
    expect([first?.applied.length, second?.applied.length].toSorted()).toEqual([0, expect.any(Number)]);
    expect([...(first?.applied ?? []), ...(second?.applied ?? [])]).toEqual(
      expect.arrayContaining(['coucou/0001-accounts', 'notes/0001-notes', FUNCTION]),
    );
    expect(await applications()).toBe(1);
  });

  it('is applied again after any migration, which may have dropped it', async () => {
    const set = await notes();
    await migrate(set);
    const dropFunction: Migration['up'] = async (db) => void (await sql`drop function note_answer()`.execute(db));
    const next = { ...set, migrations: { ...set.migrations, '0002-later': { up: dropFunction } } };
    expect((await status(next)).pending).toEqual(
      expect.arrayContaining(['notes/0002-later', FUNCTION, 'coucou/functions/messages/append-messages']),
    );
    await migrate(next);
    expect([await answer(), await applications()]).toEqual([1, 2]);
  });

  it('is read from a file that the list of the core names', async () => {
    const root = path.resolve(import.meta.dirname, '../../packages/infrastructure/postgres/src/schema/functions');
    const files = (await readdir(root, { recursive: true })).filter((name) => name.endsWith('.sql'));
    expect(functions.map(({ name }) => `${name}.sql`).toSorted()).toEqual(files.toSorted());
  });
});

describe('the schema of a package', () => {
  it('is recorded in a table of its own, its tables under row-level security', async () => {
    const set = await notes();
    expect(await migrate(set)).toEqual(expect.arrayContaining(['notes/0001-notes', FUNCTION]));
    expect(await ask('select name from notes_migration')).toEqual([{ name: '0001-notes' }]);
    expect(await ask('select name from coucou_migration where name = $1', ['0001-notes'])).toEqual([]);
    expect(await ask('select schema_set, name from schema_function where schema_set <> $1', ['coucou'])).toEqual([
      { schema_set: 'notes', name: 'note-answer' },
    ]);

    const storage = storageOn(test.engine);
    const [one, other] = [await createPeople(storage.uow, 'alice'), await createPeople(storage.uow, 'alice')];
    for (const { account, alice } of [one, other])
      await storage.ask('coucou_app', account, 'insert into note values ($1, $2)', [account, alice]);
    expect(await storage.ask('coucou_app', one.account, 'select id from note')).toEqual([{ id: one.alice }]);
    await expect(storage.ask('coucou_app', one.account, 'insert into note values ($1, $2)', [other.account, one.alice])).rejects.toThrow(
      /row-level security/,
    );
    // Forced: the owner, too, sees no row of any account.
    expect(await ask('select id from note')).toEqual([]);
  });

  it('may not add a migration before one that was applied', async () => {
    const set = await notes();
    await migrate(set);
    const late = { ...set, migrations: { ...set.migrations, '0000-late': { up: async () => {} } } };
    await expect(migrate(late)).rejects.toThrow('notes: the migration 0000-late comes before 0001-notes, which was applied');
  });

  it.each<[fault: string, change: (set: SchemaSet) => readonly SchemaSet[], message: string]>([
    ['the name of the core', (set) => [{ ...set, name: 'coucou' }], 'the schema set coucou is given twice'],
    ['a name that another has', (set) => [set, set], 'the schema set notes is given twice'],
    ['a name that is no identifier', (set) => [{ ...set, name: 'notes; drop' }], 'the schema set notes; drop must match'],
    [
      'a migration without a number',
      (set) => [{ ...set, migrations: { first: { up: async () => {} } } }],
      'notes: the migration first must',
    ],
    [
      'a function given twice',
      (set) => [{ ...set, functions: [...set.functions, ...set.functions] }],
      'notes: the function note-answer is given',
    ],
  ])('with %s is refused', async (_, change, message) => {
    const sets = change(await notes());
    await expect(migrateDatabase({ ownerUrl: test.database.ownerUrl, schemaSets: sets })).rejects.toThrow(message);
  });
});

it('refuses a function that another schema set has, by both names', async () => {
  const set = await notes(
    'create or replace function public.Is_Suspended(at timestamptz) returns boolean language sql as $f$ select false $f$',
  );
  await expect(migrate(set)).rejects.toThrow('notes: the function is_suspended is that of the schema set coucou');
});

it('applies the functions of a package again that was left out while there were migrations', async () => {
  const set = await notes();
  await migrate(set);
  const other: SchemaSet = {
    name: 'other',
    migrations: { '0001-other': { up: async (db) => void (await sql`drop function note_answer()`.execute(db)) } },
    functions: [],
    personalData: {},
  };
  await migrate(other);
  expect(await migrate(set)).toEqual([FUNCTION]);
  expect(await answer()).toBe(1);
});

describe('a run that fails', () => {
  it('in a function leaves nothing of its migrations', async () => {
    const set = await notes('create function note_answer() returns integer language sql as $function$ select missing() $function$');
    await expect(migrate(set)).rejects.toThrow('function missing() does not exist');
    expect(await ask(`select to_regclass('note') as note, to_regclass('notes_migration') as record`)).toEqual([
      { note: null, record: null },
    ]);
    expect(await ask('select name from schema_function where schema_set = $1', ['notes'])).toEqual([]);

    await set.write(answering(1));
    expect(await migrate(set)).toEqual(expect.arrayContaining(['notes/0001-notes', FUNCTION]));
    expect(await answer()).toBe(1);
  });

  it('leaves nothing on the embedded database either, which goes on with the next', async () => {
    const pool = await createPglitePool({});
    const set = await notes('select missing()');
    const tables = () => pool.use((session) => session.query(`select relname from pg_class where relname in ('account', 'note')`));
    await expect(pool.use((session) => migrateSession(session, { schemaSets: [set] }))).rejects.toThrow(
      'function missing() does not exist',
    );
    expect((await tables()).rows.length).toBe(0);
    await set.write(answering(1));
    await pool.use((session) => migrateSession(session, { schemaSets: [set] }));
    expect((await tables()).rows.length).toBe(2);
    await pool.end();
  });
});

it('refuses a database of a development version, and leaves one alone that somebody else keeps migrations in', async () => {
  const set = await notes();
  await ask('create table kysely_migration (name text, timestamp text)');
  await ask(`insert into kysely_migration values ('0001-somebody-else', '')`);
  await migrate(set);
  await ask(`insert into kysely_migration values ('0001-foundation', '')`);
  await expect(migrate(set)).rejects.toThrow(SchemaUnreleasedError);
  await expect(status(set)).rejects.toThrow(SchemaUnreleasedError);
});
