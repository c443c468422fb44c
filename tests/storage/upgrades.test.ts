import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { migrateDatabase, NodesTooOldError, upgradeStatus } from '@coucou/postgres/schema/migrate';
import { SchemaNewerError } from '@coucou/postgres/schema/needs';
import { type Migration, type SchemaSet, functionFiles } from '@coucou/postgres/schema/schema-set';
import { migrationStatus } from '@coucou/postgres/schema/status';
import { sql } from 'kysely';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { until } from '../support/until.ts';
import { useDatabasePerTest } from './database-per-test.ts';

/** Versions of the product on one database: `OLD` beside or after `NEW`, of a package `notes` with a table and a function. */

const [OLD, NEW] = ['1.0.0', '1.1.0'];
const FUNCTION = 'notes/functions/note-answer';

const test = useDatabasePerTest();
const { ask } = test;
const answer = async () => (await ask<{ answer: number }>('select note_answer() as answer'))[0]?.answer;
const migrate = (set: SchemaSet, version: string) =>
  migrateDatabase({ ownerUrl: test.database.ownerUrl, schemaSets: [set], version }).then(({ applied }) => applied);
const status = (set: SchemaSet, version: string) => test.engine.owner.use((session) => migrationStatus(session, [set], version));
const nodeRuns = (node: string, version: string | null, secondsAgo = 0) =>
  ask(`insert into node_run (id, node, version, seen_at) values (gen_random_uuid(), $1, $2, clock_now() - make_interval(secs => $3))`, [
    node,
    version,
    secondsAgo,
  ]);

const running =
  (statement: string): Migration['up'] =>
  (db) =>
    sql
      .raw(statement)
      .execute(db)
      .then(() => {});
const first: Readonly<Record<string, Migration>> = {
  '0001-notes': { up: running('create table note (id bigint primary key, draft text)') },
};
const dropping = (needs: string): Readonly<Record<string, Migration>> => ({
  ...first,
  '0002-drafts': { up: running('alter table note drop column draft'), needs },
});
let files = 0;
/** `note_answer()` answers this; another answer is another text. */
async function notes(text: number, options: Partial<Pick<SchemaSet, 'migrations'>> & { needs?: string } = {}): Promise<SchemaSet> {
  const file = path.join(test.folder, `${(files += 1)}`, 'note-answer.sql');
  await mkdir(path.dirname(file));
  await writeFile(
    file,
    `create or replace function note_answer() returns integer language sql immutable as $function$ select ${text} $function$;`,
  );
  const { needs } = options;
  const beside = pathToFileURL(path.join(path.dirname(file), 'list.ts')).href;
  return {
    name: 'notes',
    migrations: options.migrations ?? first,
    functions: functionFiles(beside, ['note-answer'], needs === undefined ? {} : { 'note-answer': needs }),
    personalData: {},
  };
}

describe('a migration that takes something away', () => {
  it.each([
    ['is older', OLD],
    ['says nothing of its version', null],
  ])('waits while a node runs that %s, and leaves nothing of the others', async (_, version) => {
    await migrate(await notes(1), OLD);
    await nodeRuns('node-1', version);
    await nodeRuns('node-2', NEW);
    const next = await notes(2, { migrations: { ...dropping(NEW), '0003-more': { up: running('create table more (id bigint)') } } });
    const blocked = migrate(next, NEW);
    await expect(blocked).rejects.toThrow(NodesTooOldError);
    await expect(blocked).rejects.toThrow(/notes\/0002-drafts \(1\.1\.0 or newer\).+ node-1 /);
    await expect(blocked).rejects.not.toThrow('node-2');
    expect(await answer()).toBe(1);
    expect(await ask(`select to_regclass('more') as more`)).toEqual([{ more: null }]);

    await ask(`delete from node_run where node = 'node-1'`);
    expect(await migrate(next, NEW)).toEqual(expect.arrayContaining(['notes/0002-drafts', 'notes/0003-more']));
    expect(await answer()).toBe(2);
  });

  it('does not wait for a node that was killed a while ago, nor for one that needs nothing of it', async () => {
    await migrate(await notes(1), OLD);
    await nodeRuns('killed', '0.9.0', 61);
    await nodeRuns('node-1', OLD);
    expect(await migrate(await notes(1, { migrations: dropping(OLD) }), NEW)).toContain('notes/0002-drafts');
  });

  it('keeps older nodes from starting, by its name, and no others', async () => {
    await migrate(await notes(1, { migrations: dropping(OLD) }), NEW);
    const older = await notes(1);
    await expect(status(older, '0.9.9')).rejects.toThrow(SchemaNewerError);
    await expect(migrate(older, '0.9.9')).rejects.toThrow('notes/0002-drafts (needs 1.0.0)');
    expect(await status(older, OLD)).toMatchObject({ pending: [], ahead: ['notes/0002-drafts'] });
    expect(await migrate(older, OLD)).toEqual([]);
  });

  it('needs a version that there is', async () => {
    const set = (needs: string) => notes(1, { migrations: dropping(needs) });
    await expect(migrate(await set('1.1.1'), NEW)).rejects.toThrow(
      'notes: 0002-drafts needs 1.1.1, which must be a version up to this one',
    );
    await expect(migrate(await set('next'), NEW)).rejects.toThrow('notes: 0002-drafts needs next');
  });
});

describe('an older version on a newer database', () => {
  it('leaves its functions as the newer one made them', async () => {
    const older = await notes(1);
    await migrate(older, OLD);
    await migrate(await notes(2), NEW);
    expect(await status(older, OLD)).toMatchObject({ pending: [], ahead: [FUNCTION] });
    expect(await migrate(older, OLD)).toEqual([]);
    expect(await answer()).toBe(2);
    // What is not known to be newer is of this version, in another text.
    expect((await status(older, NEW)).pending).toEqual([FUNCTION]);
    expect(await migrate(older, NEW)).toEqual([FUNCTION]);
    expect(await answer()).toBe(1);
  });

  it('leaves them where there are migrations that it does not know, whatever the version is called', async () => {
    const older = await notes(1);
    await migrate(older, OLD);
    const added = { ...first, '0002-more': { up: running('create table more (id bigint)') } };
    await migrate(await notes(2, { migrations: added }), OLD);
    expect(await status(older, OLD)).toMatchObject({ pending: [], ahead: ['notes/0002-more', FUNCTION] });
    expect(await migrate(older, OLD)).toEqual([]);
    expect(await answer()).toBe(2);
  });

  it('applies what it lacks beside a newer function, and not its own text of that', async () => {
    await migrate(await notes(2), NEW);
    const later = await notes(1, { migrations: { ...first, '0002-more': { up: running('create table more (id bigint)') } } });
    expect(await migrate(later, OLD)).toContain('notes/0002-more');
    expect(await answer()).toBe(2);
  });

  it('does not start where a function takes something away that it uses', async () => {
    await migrate(await notes(2, { needs: NEW }), NEW);
    await expect(status(await notes(1), OLD)).rejects.toThrow(`${FUNCTION} (needs 1.1.0)`);
    await nodeRuns('node-1', OLD);
    await expect(migrate(await notes(3, { needs: NEW }), NEW)).rejects.toThrow(NodesTooOldError);
    expect(await answer()).toBe(2);
  });

  it('adds no migration of its own to those that it does not know', async () => {
    await migrate(await notes(1, { migrations: { ...first, '0002-more': { up: running('create table more (id bigint)') } } }), OLD);
    const branch = await notes(1, { migrations: { ...first, '0003-other': { up: running('create table other (id bigint)') } } });
    await expect(migrate(branch, OLD)).rejects.toThrow('has notes/0002-more, which this version does not know, and lacks notes/0003-other');
  });
});

describe('text that is compared in another way', () => {
  const folded = (hash: string, version: string | null) =>
    ask(`update schema_function set hash = $1, version = $2 where schema_set = 'coucou' and name = 'folding'`, [hash, version]);

  it('is not written again while older nodes run', async () => {
    const set = await notes(1);
    await migrate(set, NEW);
    await folded('as before', OLD);
    await nodeRuns('node-1', OLD);
    await expect(migrate(set, NEW)).rejects.toThrow(/coucou\/folding .+node-1/);
    await ask('delete from node_run');
    await nodeRuns('node-1', NEW);
    expect(await migrate(set, NEW)).toEqual(['coucou/folding']);
  });

  it('keeps an older version from starting, which would write it back', async () => {
    const set = await notes(1);
    await migrate(set, OLD);
    await folded('in a new way', NEW);
    await expect(status(set, OLD)).rejects.toThrow(SchemaNewerError);
    await expect(migrate(set, OLD)).rejects.toThrow('1.1.0 folded names and messages in another way than 1.0.0');
  });
});

it('a database of a version that recorded none of it is read, and gets the records', async () => {
  const set = await notes(1);
  await migrate(set, OLD);
  await ask('alter table schema_function drop column version, drop column needs');
  await ask('alter table notes_migration drop column needs');
  await ask('alter table node_run drop column version');
  await ask(`insert into node_run (id, node, seen_at) values (gen_random_uuid(), 'node-1', clock_now())`);
  expect(await status(set, OLD)).toMatchObject({ pending: [], ahead: [] });
  const { nodes } = await upgradeStatus(test.database.ownerUrl, [set]);
  expect(nodes).toEqual([{ node: 'node-1', version: undefined, seenSecondsAgo: expect.any(Number) }]);

  const changed = await notes(2);
  expect(await migrate(changed, NEW)).toEqual([FUNCTION]);
  expect(await ask(`select version from schema_function where name = 'note-answer'`)).toEqual([{ version: NEW }]);
});

describe('a table that is in use', () => {
  it('is waited for a moment at a time, so that others get at it, and then changed', async () => {
    await migrate(await notes(1), OLD);
    const reader = new pg.Client({ connectionString: test.database.ownerUrl });
    await reader.connect();
    await reader.query('begin; select from note');
    const lines: string[] = [];
    const next = await notes(1, { migrations: dropping(OLD) });
    const migrating = migrateDatabase({
      ownerUrl: test.database.ownerUrl,
      schemaSets: [next],
      version: NEW,
      log: (line) => lines.push(line),
    });
    migrating.catch(() => {});
    try {
      await until(() => lines.some((line) => line.startsWith('tables are in use')), { what: 'the migration to let go' });
      await expect(ask('select draft from note')).resolves.toEqual([]);
    } finally {
      await reader.query('commit');
      await reader.end();
    }
    expect((await migrating).applied).toContain('notes/0002-drafts');
  });
});
