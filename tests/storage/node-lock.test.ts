import { setImmediate as nextTurn } from 'node:timers/promises';
import { type NodeLock, OtherNodeError, takeNodeLock } from '@coucou/postgres/node-lock';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { createDatabase } from '../support/database.ts';
import type { Database } from '../support/template.ts';
import { until } from '../support/until.ts';

let database: Database;
let other: pg.Client;
beforeAll(async () => {
  database = await createDatabase();
  other = new pg.Client({ connectionString: database.url });
  await other.connect();
});
afterAll(async () => {
  await other.end();
  await database.drop();
});

const open: NodeLock[] = [];
afterEach(async () => {
  for (const node of open.splice(0)) await node.release();
});

async function become({ isShared = false } = {}) {
  const told: string[] = [];
  const node = await takeNodeLock({
    url: database.url,
    isShared,
    onLost: () => told.push('lost'),
    onRegained: () => told.push('regained'),
    onTaken: () => told.push('taken'),
  });
  open.push(node);
  const serves = () => {
    const refused = node.guard();
    refused?.catch(() => {});
    return refused === undefined;
  };
  return { ...node, told, serves };
}
type Node = Awaited<ReturnType<typeof become>>;

/** Whoever holds the lock loses the connection. */
const terminate = () =>
  other.query(
    `select pg_terminate_backend(l.pid, 5000) from pg_locks l join pg_database d on d.oid = l.database
     where l.locktype = 'advisory' and l.granted and d.datname = current_database() and l.pid <> pg_backend_pid()`,
  );
const LOCK = 7_266_826;

describe('the node lock of a database', () => {
  it('is held by one of two servers at most, however often its connection is terminated while the second one starts', async () => {
    const first = await become();
    let second: Node | undefined;
    const starting = become().then(
      (node) => ((second = node), 'it serves'),
      (error: unknown) => error instanceof OtherNodeError && 'it is refused',
    );
    let both = 0;
    const over = new AbortController();
    const watch = async () => {
      for (; !over.signal.aborted; await nextTurn()) if (first.serves() && second?.serves() === true) both += 1;
    };
    const watching = watch();
    for (let round = 0; round < 12; round += 1) {
      await terminate();
      await until(() => first.serves() || second?.serves(), { what: 'one of them to serve' });
    }
    over.abort();
    await watching;
    expect(both).toBe(0);
    expect(['it serves', 'it is refused']).toContain(await starting);
    expect([first.serves(), second?.serves() ?? false].toSorted()).toEqual([false, true]);
  });

  it('refuses everything while another has it, and goes on when that one is gone', async () => {
    const node = await become();
    // Waits in the queue of the lock, so that it has it as soon as it is free.
    const taking = other.query('select pg_advisory_lock($1)', [LOCK]);
    const admin = new pg.Client({ connectionString: database.url });
    await admin.connect();
    await until(async () => (await admin.query(`select from pg_locks where locktype = 'advisory' and not granted`)).rowCount, {
      what: 'the other to wait',
    });
    await admin.query(
      `select pg_terminate_backend(pid, 5000) from pg_stat_activity where application_name = 'coucou node lock' and datname = current_database()`,
    );
    await taking;
    await until(() => node.told.includes('taken'), { what: 'the loss to be noticed' });
    await expect(node.guard()).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    expect(node.told).toEqual(['lost', 'taken']);
    await expect(become()).rejects.toBeInstanceOf(OtherNodeError);
    await other.query('select pg_advisory_unlock($1)', [LOCK]);
    await until(() => node.serves(), { what: 'it to serve again' });
    expect(node.told).toEqual(['lost', 'taken', 'regained']);
    await admin.end();
  });

  it('asks again before it goes on after a pause that was too long', async () => {
    const node = await become();
    const late = performance.now() + 60_000;
    const clock = vi.spyOn(performance, 'now').mockReturnValue(late);
    const answer = node.guard();
    expect(answer).toBeInstanceOf(Promise);
    await answer;
    clock.mockReturnValue(late + 3_000);
    expect(node.serves()).toBe(true);
  });

  it('is held by nodes that share it side by side, and by no other with them', async () => {
    const shared = [await become({ isShared: true }), await become({ isShared: true })];
    await expect(become()).rejects.toBeInstanceOf(OtherNodeError);
    await terminate();
    for (const node of shared) await until(() => node.serves(), { what: 'each to hold it again' });
  });

  it('is free at once after a release', async () => {
    const node = await become();
    await node.release();
    const next = await become();
    expect(next.serves()).toBe(true);
    await expect(node.guard()).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
  });
});
