import { createConnections } from '@coucou/postgres/kit/connections';
import { isConnectionError } from '@coucou/postgres/kit/errors';
import { createPgPool } from '@coucou/postgres/kit/pg-pool';
import type { SessionPool } from '@coucou/postgres/kit/session';
import { type NodeLock, takeNodeLock } from '@coucou/postgres/node-lock';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createDatabase } from '../support/database.ts';
import type { Database } from '../support/template.ts';

/** What ends connections that hear nothing, and what does not. */

let database: Database;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database?.drop());

const open: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).toReversed()) await close();
});

function connect() {
  const connections = createConnections();
  const pool = createPgPool({ url: database.url, max: 2, connections });
  open.push(() => pool.end());
  return { connections, pool };
}

/** Resolves once it is under way; `ended` answers what became of it. */
async function slowStatement(pool: SessionPool, seconds: number): Promise<{ ended: Promise<unknown> }> {
  const { promise: isUnderWay, resolve } = Promise.withResolvers<void>();
  const ended = pool.use(async (session) => {
    const asked = session.query('select pg_sleep($1)', [seconds]);
    resolve();
    await asked;
    return 'done';
  });
  await isUnderWay;
  return { ended: ended.catch((error: unknown) => error) };
}

const answer = (pool: SessionPool) => pool.use(async (session) => (await session.query<{ one: number }>('select 1 as one')).rows[0]?.one);

describe('connections of a database that owes an answer elsewhere', () => {
  it('are left alone when one of them hears something', async () => {
    const { connections, pool } = connect();
    const { ended } = await slowStatement(pool, 0.5);
    const silent = connections.doubt();
    expect(await answer(pool)).toBe(1);
    silent();
    expect(await ended).toBe('done');
  });

  it('are ended when none hears anything, and opened again when the database answers', async () => {
    const { connections, pool } = connect();
    expect(await answer(pool)).toBe(1);
    const { ended } = await slowStatement(pool, 60);
    connections.doubt()();
    expect(isConnectionError(await ended)).toBe(true);
    await expect(answer(pool)).rejects.toSatisfy(isConnectionError);
    connections.resume();
    expect(await answer(pool)).toBe(1);
  });
});

describe('a node that holds the lock', () => {
  async function become() {
    const { connections, pool } = connect();
    const told: string[] = [];
    const lock: NodeLock = await takeNodeLock({
      url: database.url,
      isShared: true,
      onDoubt: () => connections.doubt(),
      onLost: () => told.push('lost'),
      onRegained: () => told.push('regained'),
      onTaken: () => told.push('taken'),
    });
    open.push(() => lock.release());
    return { pool, lock, told };
  }

  it('takes a statement that is slow for no silence', async () => {
    const { pool, told } = await become();
    const { ended } = await slowStatement(pool, 3);
    expect(await ended).toBe('done');
    expect(told).toEqual([]);
  });

  it('takes its own busy event loop for no silence', async () => {
    const { pool, lock, told } = await become();
    const { ended } = await slowStatement(pool, 4);
    for (const ms of [1_000, 2_000]) {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
      await lock.guard();
    }
    expect(await ended).toBe('done');
    expect(told).toEqual([]);
  });
});

it('a connection that was given up is handed to nobody', async () => {
  const pool = createPgPool({ url: database.url, max: 1, answerTimeout: 0.5 });
  open.push(() => pool.end());
  const { ended } = await slowStatement(pool, 60);
  const next = answer(pool);
  expect(await ended).toBeInstanceOf(Error);
  expect(await next).toBe(1);
});
