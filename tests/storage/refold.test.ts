import { foldingVersion } from '@coucou/domain/kernel/folding';
import { migrateDatabase } from '@coucou/postgres/schema/migrate';
import { migrationStatus } from '@coucou/postgres/schema/status';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createDatabase } from '../support/database.ts';
import type { Database } from '../support/template.ts';
import { type Caller, openTestApp, type TestApp } from '../support/test-app.ts';
import { openGroup, send } from '../use-cases/calls.ts';
import { type EnginePools, openPostgres } from './engines.ts';

/** A database of a version that folded in another way: its stored keys are those of plain lower case. */

let database: Database;
let engine: EnginePools;
let app: TestApp;
let alice: Caller;
beforeAll(async () => {
  database = await createDatabase();
  engine = openPostgres(database);
  app = await openTestApp({ database });
  alice = await app.person('alice');
});
afterAll(async () => {
  await app.close();
  await engine.close();
  await database.drop();
});

const signUp = (username: string) =>
  alice.call('auth.signup', { username, email: `${Buffer.from(username).toString('hex')}@example.com`, password: 'correct horse battery' });
const status = () => engine.owner.use((session) => migrationStatus(session));
const migrate = async () => {
  const lines: string[] = [];
  const { applied } = await migrateDatabase({ ownerUrl: database.ownerUrl, log: (line) => lines.push(line) });
  return { applied, lines };
};
const asOwner = (text: string, params: readonly unknown[] = []) =>
  engine.owner.use(async (session) => {
    await session.script(`begin; set local app.account_id = '${alice.account}'; set local role coucou_app`);
    const { rows } = await session.query<Record<string, unknown>>(text, params);
    await session.script('commit');
    return rows;
  });

it('is folded again by the next migration: names, listed words and messages', async () => {
  expect((await status()).pending).toEqual([]);
  const group = await openGroup(alice, []);
  const { user: emile } = await signUp('Émile');
  const { user: strasse } = await signUp('STRASSE');
  const message = await send(alice, group, 'Grüße aus der Straße');
  await app.settled();
  await app.uow.write(alice.account, (tx) => tx.wordRules.put({ word: 'darn', action: 'mask' }));

  await asOwner(`update app_user set username_key = 'émile', display_name_key = 'émile', name_grams = '' where id = $1`, [emile.id]);
  // Two names that were two, of which the older one's key is not the new one.
  await asOwner(
    `insert into app_user (account_id, id, username, username_key, display_name, role, created_at)
     values ($1, '00000000-0000-7000-8000-000000000001', 'straße', 'straße', 'straße', 'member', now())`,
    [alice.account],
  );
  await asOwner(`insert into word_rule values ($1, 'dárn', 'reject'), ($1, 'straße', 'mask')`, [alice.account]);
  await asOwner(
    `with old as (delete from message_search where conversation_id = $1 returning *)
     insert into message_search select account_id, conversation_id, seq, sender_id, created_at, 'grüße aus der straße', '' from old`,
    [group.id],
  );
  await engine.owner.use((session) => session.query(`update schema_function set hash = 'other' where name = 'folding'`));

  const search = async (q: string) => (await alice.call('messages.search', { q })).items.map(({ id }: { id: string }) => id);
  expect(await search('strasse')).toEqual([]);
  expect((await status()).pending).toEqual(['coucou/folding']);

  const { applied, lines } = await migrate();
  expect(applied).toEqual(['coucou/folding']);
  expect(lines.join('\n')).toContain('the username straße is now the same as another');
  expect((await status()).pending).toEqual([]);
  expect(await asOwner('select username, username_key, display_name_key from app_user where id <> $1 order by id', [alice.id])).toEqual([
    { username: 'straße', username_key: 'strasse#00000000-0000-7000-8000-000000000001', display_name_key: 'strasse' },
    { username: 'Émile', username_key: 'emile', display_name_key: 'emile' },
    { username: 'STRASSE', username_key: 'strasse', display_name_key: 'strasse' },
  ]);
  expect(await app.uow.read(alice.account, (tx) => tx.wordRules.list())).toEqual([
    { word: 'darn', action: 'reject' },
    { word: 'strasse', action: 'mask' },
  ]);
  expect(await search('strasse')).toEqual([message.id]);
  expect((await alice.call('users.search', { q: 'mile' })).items).toMatchObject([{ id: emile.id }]);
  expect(strasse.id).toEqual(expect.any(String));
  const stored = await engine.owner.use((session) => session.query('select hash from schema_function where name = $1', ['folding']));
  expect(stored.rows).toEqual([{ hash: foldingVersion }]);
});

it('is left alone by a migration of the same folding', async () => {
  expect(await migrate()).toEqual({ applied: [], lines: [] });
});
