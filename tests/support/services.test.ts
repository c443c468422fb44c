import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { Redis } from 'ioredis';
import pg from 'pg';
import { afterAll, expect, test } from 'vitest';
import { createDatabase, redisUrl } from './database.ts';
import { startPostgres, startRedis } from './services.ts';
import { until } from './until.ts';

const undo: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  for (const step of undo.toReversed()) await step();
});

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  // A server that dies under an idle client reports it here; unheard, it would take the test process with it.
  client.on('error', () => {});
  await client.connect();
  undo.push(() => client.end());
  return client;
}

async function database() {
  const created = await createDatabase();
  undo.push(() => created.drop());
  return created;
}

test('PostgreSQL and Redis answer', async () => {
  const client = await connect((await database()).url);
  const { rows } = await client.query('SELECT version()');
  expect(rows[0].version).toMatch(/^PostgreSQL \d+/);
  const redis = new Redis(redisUrl());
  undo.push(() => redis.quit());
  expect(await redis.ping()).toBe('PONG');
});

test('every file has a database of its own', async () => {
  const [one, other] = await Promise.all([database(), database()]);
  const [here, there] = [await connect(one.ownerUrl), await connect(other.ownerUrl)];
  await here.query('CREATE TABLE only_here ()');
  const { rows } = await there.query("SELECT to_regclass('only_here') AS found");
  expect(rows[0].found).toBeNull();
});

test('a clone is migrated, and the product connects as a role that owns nothing and passes no policy', async () => {
  const { url } = await database();
  const client = await connect(url);
  const { rows: role } = await client.query('SELECT rolsuper, rolbypassrls, rolcreaterole FROM pg_roles WHERE rolname = current_user');
  expect(role).toEqual([{ rolsuper: false, rolbypassrls: false, rolcreaterole: false }]);
  const { rows: tables } = await client.query(
    "SELECT count(*)::int AS all, count(*) FILTER (WHERE tableowner = current_user)::int AS own FROM pg_tables WHERE schemaname = 'public'",
  );
  expect(tables[0].all).toBeGreaterThan(0);
  expect(tables[0].own).toBe(0);
  for (const group of ['coucou_app', 'coucou_system']) await client.query(`SET ROLE ${group}`);
});

test('a dropped database is gone, though somebody was in it', async () => {
  const created = await createDatabase({ empty: true });
  const client = await connect(created.ownerUrl);
  await created.drop();
  await expect(client.query('SELECT 1')).rejects.toThrow(/terminat|not queryable/);
  await expect(connect(created.ownerUrl)).rejects.toThrow('does not exist');
});

test('a PostgreSQL of our own keeps what it committed when it is killed, and leaves nothing behind', async () => {
  const postgres = await startPostgres({ settings: { max_connections: '20' } });
  undo.push(() => postgres.stop());
  const before = await connect(postgres.url);
  await before.query('CREATE TABLE kept (id int)');
  await before.query('INSERT INTO kept VALUES (1)');
  const { rows: where } = await before.query("SELECT current_setting('data_directory') AS directory, current_setting('fsync') AS fsync");
  expect(where[0].fsync).toBe('on');
  await postgres.kill('SIGKILL');
  await expect(connect(postgres.url)).rejects.toThrow('ECONNREFUSED');
  await postgres.restart();
  const after = await connect(postgres.url);
  expect((await after.query('SELECT id FROM kept')).rows).toEqual([{ id: 1 }]);
  await postgres.stop();
  expect(existsSync(where[0].directory)).toBe(false);
});

test('a Redis of our own comes back empty on the same address', async () => {
  const server = await startRedis();
  undo.push(() => server.stop());
  const redis = new Redis(server.url, { maxRetriesPerRequest: null });
  redis.on('error', () => {});
  undo.push(async () => redis.disconnect());
  await redis.set('key', 'value');
  await server.kill();
  await server.restart();
  expect(await redis.get('key')).toBeNull();
});

test('what we started dies with us, even by SIGKILL', async () => {
  const services = new URL('./services.ts', import.meta.url).href;
  const script = `
    const { startPostgres, startRedis } = await import(${JSON.stringify(services)});
    const urls = [(await startPostgres()).url, (await startRedis()).url];
    process.stdout.write(JSON.stringify(urls), () => process.kill(process.pid, 'SIGKILL'));`;
  const directory = await mkdtemp(path.join(tmpdir(), 'coucou-crash-'));
  undo.push(() => rm(directory, { recursive: true, force: true }));
  await chmod(directory, 0o755);
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    env: { ...process.env, TMPDIR: directory },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const output = await text(child.stdout);
  const [postgres, redis] = JSON.parse(output) as [string, string];
  await until(() => refused(() => connect(postgres)), { what: 'PostgreSQL to be gone' });
  await until(() => refused(() => connect(redis)), { what: 'Redis to be gone' });
  await until(async () => (await readdir(directory)).length === 0, { what: 'their directories to be gone' });
  expect(await readdir(directory)).toEqual([]);
});

async function refused(attempt: () => Promise<unknown>): Promise<boolean> {
  const error = await attempt().then(
    () => undefined,
    (reason: NodeJS.ErrnoException) => reason,
  );
  return error?.code === 'ECONNREFUSED';
}
