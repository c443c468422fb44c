import type { AccountId } from '@coucou/domain/kernel/ids';
import type { Access, Session } from '@coucou/postgres/kit/session';
import { asSystem } from '@coucou/postgres/transactions/transaction';
import { sql } from 'kysely';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { createDatabase } from '../support/database.ts';
import type { Database } from '../support/template.ts';
import { engines, openPostgres } from './engines.ts';
import { storageOn, type TestStorage } from './test-storage.ts';
import { createAccount, createUsers } from '../support/fixtures.ts';

let database: Database;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());

/** Usernames have an id behind them. */
const NAMES = `select array_agg(split_part(username, '-', 1) order by username) as names from app_user where split_part(username, '-', 1) = any($1)`;
const RENAME = `update app_user set bio = $2 where username like $1 || '-%' returning bio`;
type Names = { names: string[] | null };

describe.each(engines)('a statement in an account on %s', (_, open) => {
  let storage: TestStorage;
  let here: AccountId;
  let there: AccountId;
  beforeAll(async () => {
    storage = storageOn(await open());
    here = await createAccount(storage.uow);
    there = await createAccount(storage.uow);
    await createUsers(storage.uow, here, ['alice', 'bob']);
    await createUsers(storage.uow, there, ['carol']);
  });
  afterAll(() => storage.close());

  const on = <T>(work: (session: Session) => Promise<T>) => storage.main.use(work);
  const names = async (session: Session, account: AccountId, access: Access = 'read') =>
    (await session.inAccount<Names>(account, access, NAMES, [['alice', 'bob', 'carol']], 'names')).rows[0]?.names;
  const setting = async (session: Session) =>
    (await session.query<{ account: string }>(`select coalesce(current_setting('app.account_id', true), '') as account`)).rows;

  it('sees that account, and leaves nothing behind on its connection', async () => {
    await on(async (session) => {
      expect(await names(session, here)).toEqual(['alice', 'bob']);
      expect(await setting(session)).toEqual([{ account: '' }]);
      expect(await names(session, there, 'write')).toEqual(['carol']);
      expect((await session.query<Names>(NAMES, [['alice', 'carol']])).rows).toEqual([{ names: null }]);
    });
  });

  it('writes when it says so, and not when it does not', async () => {
    await on(async (session) => {
      await expect(session.inAccount(here, 'read', RENAME, ['alice', 'read'], 'rename')).rejects.toMatchObject({ code: '25006' });
      expect(await session.inAccount(here, 'write', RENAME, ['alice', 'written'], 'rename')).toEqual({
        rows: [{ bio: 'written' }],
        rowCount: 1,
      });
      // What was refused for reading only was so for its own transaction.
      expect((await session.inAccount(there, 'write', RENAME, ['alice', 'stolen'], 'rename')).rowCount).toBe(0);
    });
  });

  it('that fails leaves a connection that goes on, in no account', async () => {
    await on(async (session) => {
      const divide = (by: number) => session.inAccount<{ n: number }>(here, 'write', 'select 1 / $1::int as n', [by], 'divide');
      await expect(divide(0)).rejects.toMatchObject({ code: '22012' });
      await expect(session.inAccount(here, 'read', 'select nothing from nowhere', [], 'nowhere')).rejects.toMatchObject({ code: '42P01' });
      await expect(session.inAccount(here, 'read', 'select nothing from nowhere', [], 'nowhere')).rejects.toMatchObject({ code: '42P01' });
      expect((await divide(1)).rows).toEqual([{ n: 1 }]);
      expect(await setting(session)).toEqual([{ account: '' }]);
      await expect(session.inAccount("'; drop table app_user; --" as AccountId, 'read', NAMES, [[]], 'names')).rejects.toThrow(/uuid/i);
      expect(await names(session, here)).toEqual(['alice', 'bob']);
    });
  });
});

describe('many statements on one connection of PostgreSQL', () => {
  it('that are on their way at once each see their own account', async () => {
    const storage = storageOn(openPostgres(database));
    const accounts = await Promise.all(Array.from({ length: 6 }, () => createAccount(storage.uow)));
    for (const [at, account] of accounts.entries()) await createUsers(storage.uow, account, [`p${at}`]);
    const turns = Array.from({ length: 60 }, (_, at) => at % accounts.length);
    const seen = await storage.main.use((session) =>
      Promise.all(
        turns.map(async (at) => {
          const text = at === 3 ? 'select 1 / 0 as n' : `select split_part(username, '-', 1) as n from app_user`;
          const asked = session.inAccount<{ n: string }>(accounts[at] as AccountId, 'read', text, [], `mixed-${at === 3}`);
          return asked.then(({ rows }) => rows.map(({ n }) => n)).catch((error: { code: string }) => error.code);
        }),
      ),
    );
    expect(seen).toEqual(turns.map((at) => (at === 3 ? '22012' : [`p${at}`])));
    await storage.close();
  });

  it('that the driver refuses leave nothing on the wire for the next', async () => {
    const storage = storageOn(openPostgres(database));
    const account = await createAccount(storage.uow);
    const ask = (session: Session, text: string, name: string) => session.inAccount(account, 'read', text, [], name);
    await storage.main.use(async (session) => {
      await ask(session, 'select 1 as n', 'one');
      const refused = ask(session, 'select 2 as n', 'one').catch(String);
      expect((await ask(session, 'select 3 as n', 'three')).rows).toEqual([{ n: 3 }]);
      expect(await refused).toMatch(/must be unique/);
      const again = ask(session, 'select 2 as n', 'one').catch(String);
      expect((await session.query('select 4 as n')).rows).toEqual([{ n: 4 }]);
      expect(await again).toMatch(/must be unique/);
    });
    await storage.close();
  });

  it('go on after a migration has changed what they answer', async () => {
    const owner = new pg.Client({ connectionString: database.ownerUrl });
    await owner.connect();
    await owner.query('create table changing (n int); insert into changing values (1); grant select on changing to coucou_app');
    const storage = storageOn(openPostgres(database));
    const account = await createAccount(storage.uow);
    const ask = () => storage.main.use((session) => session.inAccount(account, 'read', 'select * from changing', [], 'changing'));
    await ask();
    await owner.query(`alter table changing add more text default 'more'`);
    await expect(ask()).rejects.toMatchObject({ code: '0A000' });
    expect((await ask()).rows).toEqual([{ n: 1, more: 'more' }]);
    await storage.close();
    await owner.end();
  });

  it('of units of work are prepared where they repeat, and a migration fails none of them', async () => {
    const owner = new pg.Client({ connectionString: database.ownerUrl });
    await owner.connect();
    await owner.query('create table repeated (n int); insert into repeated values (1); grant select on repeated to coucou_system');
    const storage = storageOn(openPostgres(database));
    const ask = (session: Session) => sql`select * from repeated`.execute(session.db);
    const prepared = async (session: Session) =>
      (await session.query<{ n: number }>(`select count(*)::int as n from pg_prepared_statements where statement like '%from repeated'`))
        .rows;
    await asSystem(storage.main, 'test', async (session) => {
      for (let times = 0; times < 4; times += 1) await ask(session);
      expect(await prepared(session)).toEqual([{ n: 0 }]);
      await ask(session);
      expect(await prepared(session)).toEqual([{ n: 1 }]);
    });
    await owner.query(`alter table repeated add more text default 'more'`);
    const { rows } = await asSystem(storage.main, 'test', ask);
    expect(rows).toEqual([{ n: 1, more: 'more' }]);
    await storage.close();
    await owner.end();
  });

  it('fail when they take too long or their backend ends, and the next are answered', async () => {
    const storage = storageOn(openPostgres(database));
    const account = await createAccount(storage.uow);
    const sleep = (session: Session) => session.inAccount(account, 'read', 'select pg_sleep(60)', [], 'sleep');
    const one = () => storage.main.use((session) => session.inAccount<{ n: number }>(account, 'read', 'select 1 as n', [], 'one'));
    const slow = storage.main.use(async (session) => {
      await session.script(`set statement_timeout = '50ms'`);
      try {
        return await sleep(session);
      } finally {
        // The connection is lent again.
        await session.script('reset statement_timeout');
      }
    });
    await expect(slow).rejects.toMatchObject({ code: '57014' });
    const admin = new pg.Client({ connectionString: inject('databases').adminUrl });
    await admin.connect();
    const ended = storage.main.use(async (session) => {
      const { rows } = await session.query<{ pid: number }>('select pg_backend_pid() as pid');
      // Waited for at once: it may fail before whoever ends it is answered.
      await Promise.all([sleep(session), admin.query('select pg_terminate_backend($1)', [rows[0]?.pid])]);
    });
    await expect(ended).rejects.toThrow(/terminat/);
    expect((await Promise.all([one(), one(), one(), one(), one()])).map(({ rows }) => rows)).toEqual([1, 2, 3, 4, 5].map(() => [{ n: 1 }]));
    await admin.end();
    await storage.close();
  });
});
