import { randomBytes } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { lockDataDir } from '@coucou/server/start/lock';
import { createPglitePool } from '@coucou/postgres/kit/pglite-pool';
import { createDatabase } from '../support/database.ts';
import { environment } from '../support/environment.ts';
import { unpackImage } from '../support/image.ts';
import { freePort, privateDirectory } from '../support/machine.ts';
import { spawnTestApp } from '../support/spawned-app.ts';
import type { Database } from '../support/template.ts';
import { command, failedProcess, failedStart } from './support.ts';
import { inDatabase } from './sql.ts';

let directory: string;
let database: Database;

beforeAll(async () => {
  directory = await privateDirectory('start');
  database = await createDatabase();
});
afterAll(async () => {
  await database.drop();
  await rm(directory, { recursive: true });
});

/** One line, no stack, and a way out. */
function expectOneLine(failure: string, sentence: RegExp, wayOut: RegExp): void {
  expect(failure).toMatch(/^Coucou did not start: [^\n]+$/);
  expect(failure).toMatch(sentence);
  expect(failure).toMatch(wayOut);
}

const dataDir = (name: string) => ({ DATA_DIR: path.join(directory, name) });
const changed = (url: string, change: (url: URL) => void) => {
  const copy = new URL(url);
  change(copy);
  return copy.href;
};
const on = (url: string, more: Record<string, string> = {}) =>
  failedStart({ env: { ...dataDir('postgres'), DATABASE_URL: url, DATABASE_OWNER_URL: url, ...more } });

/** A superuser, where the run has one. */
const asAdmin = (of: Database): string => changed(inject('databases').adminUrl, (url) => (url.pathname = new URL(of.url).pathname));

/** What a database from before the first schema that is kept is known by. */
const DEVELOPMENT_VERSION = `
  create table kysely_migration (name text primary key, timestamp text not null);
  insert into kysely_migration values ('0001-foundation', '2026-11-20');
  grant select on kysely_migration to public`;

/** CREATEROLE, before PostgreSQL 16. */
const mayTakeAnyRole = async (url: string): Promise<boolean> => {
  const [row] = await inDatabase(url, `select current_setting('server_version_num')::int < 160000 as may`);
  return row?.['may'] === true;
};

/** What `pnpm cli migrate` answers. */
const failedMigration = (of: Database) => command(['migrate'], environment({ database: of }));

describe('a start fails in one line', () => {
  it('for every fault of the configuration, one each', async () => {
    const { code, stderr } = await failedProcess({ env: { ...dataDir('config'), PORT: 'http', LOG_LEVEL: 'loud', SECRET_KEY: 'hunter2' } });
    expect(stderr.split('\n')).toEqual([
      'Coucou did not start: the configuration has 3 errors:',
      expect.stringMatching(/^ {2}- PORT is "http", but must be a port/),
      expect.stringMatching(/^ {2}- SECRET_KEY must be at least 32 random bytes/),
      expect.stringMatching(/^ {2}- LOG_LEVEL is "loud"/),
    ]);
    expect(stderr).not.toContain('hunter2');
    expect(code).toBe(1);
  });

  it('in production without a database', async () => {
    const failure = await failedStart({ env: { ...dataDir('none'), NODE_ENV: 'production' } });
    expect(failure).toMatch(/DATABASE_URL is missing; in production write DATABASE_URL=postgres:.+EMBEDDED=1/);
  });

  it('when the data directory cannot be used', async () => {
    const file = path.join(directory, 'file');
    await writeFile(file, '');
    expectOneLine(await failedStart({ env: { DATA_DIR: path.join(file, 'data') } }), /cannot be used/, /DATA_DIR/);
  });

  it('when another process has the data directory', async () => {
    const taken = dataDir('taken');
    await mkdir(taken.DATA_DIR);
    const unlock = await lockDataDir(taken.DATA_DIR);
    const { code, stderr } = await failedProcess({ env: taken });
    await unlock();
    expectOneLine(stderr, new RegExp(`in use by process ${process.pid}`), /stop that server/);
    expect(code).toBe(1);
  });

  it('when the embedded database is damaged', async () => {
    const damaged = dataDir('damaged');
    await mkdir(path.join(damaged.DATA_DIR, 'database'), { recursive: true });
    await writeFile(path.join(damaged.DATA_DIR, 'database', 'PG_VERSION'), '3\n');
    const { code, stderr } = await failedProcess({ env: damaged });
    expect(stderr).toMatch(/the embedded database in .+ cannot be opened .+ move that directory away/);
    expect(code).toBe(1);
  });

  it('when the port is taken', async () => {
    const server: Server = createServer();
    const port = await new Promise<number>((resolve) => {
      server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
    });
    const failure = await failedStart({ database, env: { PORT: String(port) } });
    server.close();
    expectOneLine(failure, new RegExp(`port ${port} of 127.0.0.1 is already in use`), /choose another with PORT/);
  });

  it('when the host is not of this machine', async () => {
    expectOneLine(
      await failedStart({ database, env: { HOST: '192.0.2.1' } }),
      /192\.0\.2\.1 is not an address of this machine/,
      /check HOST/,
    );
  });

  it('when the database cannot be reached', async () => {
    const port = String(await freePort());
    const failure = await on(changed(database.url, (url) => (url.port = port)));
    expectOneLine(failure, /PostgreSQL at 127\.0\.0\.1:\d+ cannot be reached \(ECONNREFUSED\)/, /check DATABASE_URL/);
  });

  it('when the password is wrong, which it does not repeat', async () => {
    const url = changed(database.url, (copy) => (copy.password = 'hunter2'));
    const { code, stderr, stdout } = await failedProcess({ env: { ...dataDir('postgres'), DATABASE_URL: url, DATABASE_OWNER_URL: url } });
    expectOneLine(stderr, /rejects the user coucou_runtime_test/, /check the user and the password/);
    expect(stderr + stdout).not.toContain('hunter2');
    expect(code).toBe(1);
  });

  it('when no user is given', async () => {
    const failure = await on(changed(database.url, (url) => (url.username = url.password = '')));
    expectOneLine(failure, /got no user/, /add one to DATABASE_URL, such as postgres:/);
  });

  it('when it offers no TLS, and TLS is asked for', async () => {
    const failure = await on(changed(database.url, (url) => url.searchParams.set('sslmode', 'verify-full')));
    expectOneLine(failure, /does not offer TLS/, /remove sslmode from DATABASE_URL/);
  });

  it('when the database does not exist', async () => {
    const failure = await on(changed(database.url, (url) => (url.pathname = '/nowhere')));
    expectOneLine(failure, /has no database nowhere/, /create it/);
  });

  it('when the login may not migrate', async () => {
    const empty = await createDatabase({ empty: true });
    const failure = await on(empty.url);
    await empty.drop();
    expectOneLine(failure, /denies the user coucou_runtime_test a required privilege/, /DATABASE_OWNER_URL/);
  });

  it('on a database that was used with another secret', async () => {
    const used = await createDatabase();
    await inDatabase(
      used.ownerUrl,
      `insert into signing_key (kid, generation, algorithm, public_jwk, sealed_private_jwk, created_at, signs_from)
        values ('kid', 1, 'EdDSA', '{}', 'sealed by someone else, under another key', now(), now())`,
    );
    const failure = await failedStart({ database: used });
    await used.drop();
    expectOneLine(failure, /sealed under another SECRET_KEY/, /set SECRET_KEY .+SECRET_KEY_FILE=\/.+\/secret-key/);
  });

  it.each(['test', 'production'])('on a database from which a newer version took what this one needs, in %s', async (mode) => {
    const newer = await createDatabase();
    await inDatabase(newer.ownerUrl, `insert into coucou_migration (name, needs) values ('9999-drops', '99.0.0')`);
    const failure = await failedStart({ database: newer, env: { NODE_ENV: mode } });
    await newer.drop();
    expectOneLine(failure, /coucou\/9999-drops \(needs 99\.0\.0\)/, /start the newer version/);
  });

  it.each(['test', 'production'])('on a database of a development version, in %s', async (mode) => {
    const old = await createDatabase({ empty: true });
    await inDatabase(old.ownerUrl, DEVELOPMENT_VERSION);
    const failure = await failedStart({ database: old, env: { NODE_ENV: mode } });
    const { code, stderr } = await failedMigration(old);
    await old.drop();
    const sentence = /created by a development version, whose schema this version cannot change/;
    expectOneLine(failure, sentence, /drop the database, create it again and start again$/);
    expect(stderr).toMatch(/^the database was created by a development version[^\n]+; drop the database[^\n]+$/);
    expect(code).toBe(1);
  });

  it('on the embedded database of a development version', async () => {
    const old = dataDir('development');
    await unpackImage(old.DATA_DIR);
    const pool = await createPglitePool({ directory: path.join(old.DATA_DIR, 'database') });
    await pool.use((session) => session.script(`drop schema public cascade; create schema public; ${DEVELOPMENT_VERSION}`));
    await pool.end();
    expectOneLine(
      await failedStart({ env: old }),
      /created by a development version/,
      /move that directory away to start with an empty one/,
    );
  });

  it('beside another server on the same database', async () => {
    const first = await spawnTestApp({ database });
    const failure = await failedStart({ database });
    expectOneLine(failure, /another server uses this database/, /stop the other one first/);
    await first.kill('SIGKILL');
    await first.restart();
    await first.stop();
  });

  it.each([
    ['owns the tables', (): string => database.ownerUrl, /the login coucou_owner_test of DATABASE_URL .*owns tables,/],
    ['is a superuser', (): string => asAdmin(database), /of DATABASE_URL is a superuser,/],
  ])('in production with a login that %s, unless it is told to', async (_, url, sentence) => {
    const as = (env: Record<string, string> = {}) =>
      failedStart({ database: { ...database, url: url() }, env: { NODE_ENV: 'production', ...env } });
    expectOneLine(await as(), sentence, /log in as a role that owns nothing, .+ALLOW_OWNER_LOGIN=1/);
    await expect(as({ ALLOW_OWNER_LOGIN: '1' })).rejects.toThrow('the server started');
  });

  it('in production with a login that may become the owner, or one that passes row-level security', async () => {
    const admin = asAdmin(database);
    const logins = {
      member: 'in role coucou_owner_test',
      passing: 'bypassrls in role coucou_app',
      searching: 'in role coucou_app, coucou_search',
      making: 'createrole in role coucou_app',
    };
    const [member, passing, searching, making] = Object.keys(logins).map((name) => `coucou_${name}_${randomBytes(4).toString('hex')}`);
    const roles = [member, passing, searching, making];
    for (const [index, what] of Object.values(logins).entries())
      await inDatabase(admin, `create role ${roles[index]} login noinherit password 'x' ${what}`);
    const as = (user: string | undefined) =>
      failedStart({
        database: { ...database, url: changed(database.url, (url) => Object.assign(url, { username: user, password: 'x' })) },
        env: { NODE_ENV: 'production' },
      });
    try {
      expectOneLine(await as(member), /of DATABASE_URL .*owns tables,/, /ALLOW_OWNER_LOGIN=1/);
      expectOneLine(await as(passing), /of DATABASE_URL bypasses row-level security,/, /ALLOW_OWNER_LOGIN=1/);
      expectOneLine(await as(searching), /of DATABASE_URL bypasses row-level security,/, /ALLOW_OWNER_LOGIN=1/);
      if (await mayTakeAnyRole(admin)) expectOneLine(await as(making), /may take any role \(CREATEROLE\),/, /ALLOW_OWNER_LOGIN=1/);
    } finally {
      await inDatabase(admin, `drop role ${roles.join(', ')}`);
    }
  });

  it('in production on a database that acknowledges what it may lose, unless it is told to', async () => {
    const unsafe = await createDatabase();
    await inDatabase(unsafe.ownerUrl, `alter database ${new URL(unsafe.url).pathname.slice(1)} set synchronous_commit = off`);
    const as = (env: Record<string, string> = {}) => failedStart({ database: unsafe, env: { NODE_ENV: 'production', ...env } });
    expectOneLine(await as(), /runs with synchronous_commit = off and may lose acknowledged messages/, /ALLOW_UNSAFE_DATABASE=1/);
    await expect(as({ ALLOW_UNSAFE_DATABASE: '1' })).rejects.toThrow('the server started');
    await unsafe.drop();
  });

  it('in production while a function has another text than the one in the database', async () => {
    const earlier = await createDatabase();
    await inDatabase(earlier.ownerUrl, `update schema_function set hash = 'of another text' where name = 'messages/append-messages'`);
    const failure = await failedStart({ database: earlier, env: { NODE_ENV: 'production' } });
    await earlier.drop();
    expectOneLine(failure, /out of date \(pending: coucou\/functions\/messages\/append-messages\)/, /pnpm cli migrate/);
  });

  it('in production while migrations are pending', async () => {
    const empty = await createDatabase({ empty: true });
    const failure = await failedStart({ database: empty, env: { NODE_ENV: 'production' } });
    await empty.drop();
    expectOneLine(failure, /out of date \(pending: coucou\/0001-accounts, .+ and \d+ more\)/, /pnpm cli migrate/);
  });
});
