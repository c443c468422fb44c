import { randomUUID } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDatabase } from '../support/database.ts';
import { type ListeningApp, startTestApp } from '../support/listening-app.ts';
import { expectStatus, expectUnavailable, openDirect, type Person, signUpAll } from '../support/people.ts';
import { spawnTestApp } from '../support/spawned-app.ts';
import type { Database } from '../support/template.ts';
import { until } from '../support/until.ts';

/** A database that cannot serve for a while: what clients are told, and that all goes on afterwards. */

const send = (person: Person, conversationId: string, content = 'hello') =>
  person.http.call('POST', `/api/v1/conversations/${conversationId}/messages`, { clientMessageId: randomUUID(), content });

const ready = async (person: Person) => (await person.http.call('GET', '/health/ready')).status;

async function untilSound(person: Person, conversationId: string): Promise<void> {
  await until(async () => (await ready(person)) === 200, { what: 'the server to be ready again', timeoutMs: 60_000 });
  await until(async () => (await send(person, conversationId)).status === 201, { what: 'the server to go on' });
}

/** Gapless, and everything that was acknowledged. */
async function expectComplete(person: Person, conversationId: string): Promise<void> {
  const { items } = expectStatus(await person.http.call('GET', `/api/v1/conversations/${conversationId}/messages?limit=100`), 200);
  expect(items.map(({ seq }: { seq: number }) => seq)).toEqual(items.map((_: unknown, index: number) => index + 1));
}

describe('a server on PostgreSQL', () => {
  let database: Database;
  let owner: pg.Client;
  /** Logged in as the server is. */
  let runtime: pg.Client;
  let app: ListeningApp;
  let people: Record<'alice' | 'bob', Person>;
  let id: string;
  beforeAll(async () => {
    database = await createDatabase();
    owner = new pg.Client({ connectionString: database.ownerUrl });
    runtime = new pg.Client({ connectionString: database.url });
    await Promise.all([owner.connect(), runtime.connect()]);
    app = await startTestApp({ database, env: { LOG_LEVEL: 'silent' } });
    people = await signUpAll(app.url, 'alice', 'bob');
    ({ id } = await openDirect(people.alice, people.bob));
    expectStatus(await send(people.alice, id), 201);
  });
  afterAll(async () => {
    await app.close();
    await Promise.all([owner.end(), runtime.end()]);
    await database.drop();
  });

  const name = () => new URL(database.url).pathname.slice(1);
  const lose = async (application: string) => {
    await runtime.query(
      `select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and application_name = $1`,
      [application],
    );
  };

  it.each(['53100', '53200', '58030', '57P04'])('says that it is unavailable while the database fails with %s', async (code) => {
    await owner.query(`
      create or replace function fail() returns trigger language plpgsql as $$ begin raise exception 'could not extend file' using errcode = '${code}'; end $$;
      create trigger fail before insert on message for each statement execute function fail();
      create trigger fail before update on deployment for each statement execute function fail()`);
    try {
      expectUnavailable(await send(people.alice, id));
      const socket = people.alice.socketIo();
      await socket.connect();
      expect(await socket.call('message:send', { conversationId: id, content: 'hello' })).toMatchObject({
        ok: false,
        error: { code: 'SERVICE_UNAVAILABLE' },
      });
      await socket.close();
      await until(async () => (await ready(people.alice)) === 503, { what: 'the server to say that it is not ready' });
    } finally {
      await owner.query('drop trigger fail on message; drop trigger fail on deployment');
    }
    await untilSound(people.alice, id);
    await expectComplete(people.bob, id);
  });

  it('says the same on a server that takes no writes, and finds the one that does without a restart', async () => {
    await owner.query(`alter database ${name()} set default_transaction_read_only = on`);
    await lose('coucou');
    expectUnavailable(await send(people.alice, id));
    expectUnavailable(await people.alice.http.call('PATCH', '/api/v1/users/me', { displayName: 'Alice' }));
    expect((await people.alice.http.call('GET', `/api/v1/users/${people.bob.id}`)).status).toBe(200);
    await until(async () => (await ready(people.alice)) === 503, { what: 'the server to say that it is not ready' });
    await owner.query(`set transaction read write; alter database ${name()} set default_transaction_read_only = off`);
    await untilSound(people.alice, id);
    await expectComplete(people.bob, id);
  });

  it('says the same while it cannot log in', async () => {
    await owner.query(`alter database ${name()} connection limit 0`);
    await lose('coucou');
    expectUnavailable(await send(people.alice, id));
    await owner.query(`alter database ${name()} connection limit -1`);
    await untilSound(people.alice, id);
  });

  it('announces changes of presence that it could not announce meanwhile', async () => {
    const [atAlice, atBob] = [people.alice.socket('websocket'), people.bob.socket('socket.io')];
    await Promise.all([atAlice.connect(), atBob.connect()]);
    const isTold = (status: string) =>
      until(() => atBob.events.of('presence:changed').some((told) => told.userId === people.alice.id && told.status === status), {
        what: `bob to be told that alice is ${status}`,
      });
    await isTold('online');
    await owner.query(`alter database ${name()} connection limit 0`);
    await lose('coucou');
    await atAlice.call('presence:set', { status: 'away' });
    // What it was announced by has failed by then.
    expectUnavailable(await send(people.alice, id));
    await owner.query(`alter database ${name()} connection limit -1`);
    await isTold('away');
    await Promise.all([atAlice.close(), atBob.close()]);
  });

  it('serves nothing while another server has its database, and sends its clients there', async () => {
    const sockets = [people.alice.socketIo(), people.bob.plain()];
    for (const socket of sockets) await socket.connect();
    const second = new pg.Client({ connectionString: database.url });
    await second.connect();
    // Waits in the queue of the lock, so that it has it as soon as it is free.
    const taking = second.query('select pg_advisory_lock(7266826)');
    await until(
      async () =>
        (await owner.query(`select from pg_locks where locktype = 'advisory' and not granted and pid <> pg_backend_pid()`)).rowCount,
      {
        what: 'the other server to wait',
      },
    );
    await lose('coucou node lock');
    await taking;
    for (const socket of sockets) expect(await socket.closed).toMatchObject({ reason: 'server_draining' });
    expectUnavailable(await send(people.alice, id));
    expectUnavailable(await people.alice.http.call('GET', `/api/v1/users/${people.bob.id}`));
    await until(async () => (await ready(people.alice)) === 503, { what: 'the server to say that it is not ready' });
    await second.end();
    await untilSound(people.alice, id);
    const again = people.bob.plain();
    await again.connect();
    await again.close();
    await expectComplete(people.bob, id);
  });
});

/** No file grows while there is a file `full` beside the data directory. */
const FULL_DISK = `
  import fs from 'node:fs';
  const { writeSync, fstatSync } = fs;
  const full = process.env.DATA_DIR + '/../full';
  fs.writeSync = (fd, bytes, offset, length, position) => {
    if (fd > 2 && typeof position === 'number' && position + length > fstatSync(fd).size && fs.existsSync(full))
      throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC', errno: -28, syscall: 'write' });
    return writeSync(fd, bytes, offset, length, position);
  };`;

describe('an embedded server', () => {
  it('says that it is unavailable while its disk is full, and goes on when there is room', async () => {
    const server = await spawnTestApp({ env: { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(FULL_DISK)}` } });
    try {
      const { alice, bob } = await signUpAll(server.url, 'alice', 'bob');
      const { id } = await openDirect(alice, bob);
      expectStatus(await send(alice, id, 'before'), 201);
      const full = path.join(server.directory, 'full');
      await writeFile(full, '');
      const fill = () => send(alice, id, 'x'.repeat(4_000));
      expectUnavailable(
        await until(
          async () => {
            const answer = await fill();
            return answer.status !== 201 && answer;
          },
          { what: 'the disk to be full' },
        ),
      );
      // Some find room, and some need a new file for the log: then the embedded database breaks, and is opened again.
      const answers = await Promise.all(Array.from({ length: 40 }, fill));
      for (const answer of answers.filter(({ status }) => status !== 201)) expectUnavailable(answer);
      await until(async () => (await ready(alice)) === 503, { what: 'the server to say that it is not ready' });
      await rm(full);
      await untilSound(alice, id);
      await expectComplete(bob, id);
      expect(server.output()).not.toContain('INTERNAL');
    } finally {
      await server.stop();
    }
  });
});
