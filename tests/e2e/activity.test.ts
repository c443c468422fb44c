import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { createActivityStore } from '@coucou/postgres/activity/activity-store';
import { createPgPool, RUNTIME_SESSION } from '@coucou/postgres/kit/pg-pool';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AppUnderTest, startAppUnderTest } from '../support/app-under-test.ts';
import { plainClient, type SocketClient } from '../support/clients.ts';
import { createDatabase, redisUrl } from '../support/database.ts';
import type { Payload } from '../support/event-log.ts';
import { startTestApp } from '../support/listening-app.ts';
import { canPoll } from '../support/load-balancing.ts';
import { expectStatus, openDirect, type Person, signInAgain, signUp, signUpAll } from '../support/people.ts';
import { spawnTestApp } from '../support/spawned-app.ts';
import type { Database } from '../support/template.ts';
import { until } from '../support/until.ts';

/** What the server itself writes into the connection log and the presence log, on all transports. */

let app: AppUnderTest;
let database: Database;
let owner: pg.Client;
beforeAll(async () => {
  database = await createDatabase();
  app = await startAppUnderTest({ database, redisUrl: redisUrl(), env: { INSTANCE_ID: 'node-7' } });
  owner = new pg.Client({ connectionString: database.ownerUrl });
  await owner.connect();
});
afterAll(async () => {
  await app?.close();
  await owner?.end();
  await database?.drop();
});

type Entry = Record<string, Payload>;
const historyOf = async ({ http, id }: Person, what = 'connection'): Promise<Entry[]> =>
  expectStatus(await http.call('GET', `/api/v1/users/${id}/${what}-history`), 200).items;
/** The history, once it has so many entries; the newest first. */
const logged = (person: Person, count: number, what = 'connection'): Promise<Entry[]> =>
  until(
    async () => {
      const entries = await historyOf(person, what);
      return entries.length === count && entries;
    },
    { what: `${count} entries in the ${what} history` },
  );
/** The newest of so many connections, once it has ended. */
async function ended(person: Person, count = 1): Promise<Entry> {
  return until(
    async () => {
      const entries = await historyOf(person);
      return entries.length === count && entries[0]?.['endReason'] !== undefined && entries[0];
    },
    { what: 'the end of the connection in the log' },
  );
}

describe('a connection', () => {
  it('is logged with where it came from, on every transport, and with the end that it had', async () => {
    const alice = await signUp(app.url);
    const transports: ('polling' | 'websocket')[] = canPoll ? ['polling', 'websocket'] : ['websocket'];
    const [stock, plain] = [alice.socketIo({ transports, headers: { 'user-agent': 'stock' } }), alice.plain()];
    await stock.connect();
    const [entry] = await logged(alice, 1);
    expect(entry).toMatchObject({ userId: alice.id, sessionId: alice.session.id, ip: '127.0.0.1', userAgent: 'stock' });
    expect(entry).not.toHaveProperty('endedAt');
    await until(() => stock.socket.io.engine.transport.name === 'websocket', { what: 'the upgrade' });
    await stock.close();
    expect(await ended(alice)).toMatchObject({ transport: 'websocket', endReason: 'client_closed', durationMs: expect.any(Number) });
    await plain.connect();
    await plain.close();
    expect(await ended(alice, 2)).toMatchObject({ transport: 'plain', endReason: 'transport_closed' });
    if (!canPoll) return;
    const polling = alice.socketIo({ transports: ['polling'] });
    await polling.connect();
    polling.socket.io.engine.close();
    expect(await ended(alice, 3)).toMatchObject({ transport: 'polling', endReason: 'transport_closed' });
  });

  it.each(['socket.io', 'websocket'] as const)('ends as its client was told, over %s', async (transport) => {
    const alice = await signUp(app.url);
    const other = await signInAgain(app.url, alice);
    const socket = other.socket(transport);
    await socket.connect();
    expectStatus(await alice.http.call('DELETE', `/api/v1/auth/sessions/${other.session.id}`), 204);
    expect((await socket.closed).reason).toBe('session_revoked');
    expect(await ended(alice)).toMatchObject({ endReason: 'session_revoked', sessionId: other.session.id });
  });

  it('is logged once somebody is signed in on it, and not before', async () => {
    const alice = await signUp(app.url);
    const socket: SocketClient = plainClient(app.url);
    await socket.connect();
    // Whoever comes later is in the log before anything could have been written of the first.
    const bob = await signUp(app.url, 'bob');
    const later = bob.plain();
    await later.connect();
    await logged(bob, 1);
    expect(await historyOf(alice)).toEqual([]);
    await socket.call('authenticate', { token: alice.accessToken });
    await logged(alice, 1);
    await socket.close();
    await later.close();
  });
});

it('logs who came online, went away and offline, and lets nobody else read it', async () => {
  const { alice, bob } = await signUpAll(app.url, 'alice', 'bob');
  const socket = alice.socket('websocket');
  await socket.connect();
  await logged(alice, 1, 'presence');
  await socket.call('presence.set', { status: 'away' });
  await logged(alice, 2, 'presence');
  await socket.close();
  const entries = await logged(alice, 3, 'presence');
  expect(entries.map(({ status }) => status)).toEqual(['offline', 'away', 'online']);
  for (const path of ['connection-history', 'presence-history'])
    expect((await bob.http.call('GET', `/api/v1/users/${alice.id}/${path}`)).status).toBe(403);
});

it('is never in the way: with the tables locked people connect, send and leave, and the rows follow', async () => {
  const { alice, bob } = await signUpAll(app.url, 'alice', 'bob');
  const { id: conversationId } = await openDirect(alice, bob);
  await owner.query('begin; lock table connection_log, presence_log in access exclusive mode');
  try {
    for (let round = 0; round < 3; round += 1) {
      const socket = alice.socket('websocket');
      await socket.connect();
      expect(await socket.call('message:send', { conversationId, content: 'hello' })).toMatchObject({ ok: true });
      await socket.close();
    }
  } finally {
    await owner.query('rollback');
  }
  await ended(alice, 3);
  const entries = await logged(alice, 3);
  expect(entries.map(({ endReason }) => endReason)).toEqual(['transport_closed', 'transport_closed', 'transport_closed']);
});

it('writes the rest when it stops, and another node ends what a killed one left open', async () => {
  const own = await createDatabase();
  const asOwner = new pg.Client({ connectionString: own.ownerUrl });
  await asOwner.connect();
  const graceful = await startTestApp({ database: own, redisUrl: redisUrl(), env: { INSTANCE_ID: 'graceful' } });
  const alice = await signUp(graceful.url);
  await alice.socketIo().connect();
  await graceful.close();
  const killed = await spawnTestApp({ database: own, redisUrl: redisUrl(), env: { INSTANCE_ID: 'killed' } });
  const bob = await signUp(killed.url, 'bob');
  await bob.plain().connect();
  const rowOf = async (person: Person) => {
    await asOwner.query('begin; set local role coucou_system');
    const { rows } = await asOwner.query('select node, end_reason, ended_at from connection_log where user_id = $1', [person.id]);
    await asOwner.query('commit');
    return rows;
  };
  await until(async () => (await rowOf(bob)).length > 0, { what: 'the row of the connection' });
  expect(await rowOf(alice)).toMatchObject([{ node: 'graceful', end_reason: 'server_draining' }]);
  await killed.kill('SIGKILL');
  expect(await rowOf(bob)).toMatchObject([{ node: 'killed', end_reason: null }]);

  const pool = createPgPool({ url: own.url, max: 1, onConnect: RUNTIME_SESSION });
  try {
    // As a node does that has not heard of the other for a minute; here it asks at once.
    await createActivityStore(pool).closeGone({ id: randomUUID(), node: 'next' }, 0);
  } finally {
    await pool.end();
    await killed.stop();
  }
  expect(await rowOf(bob)).toMatchObject([{ node: 'killed', end_reason: 'unknown', ended_at: expect.any(Date) }]);
  await asOwner.end();
  await own.drop();
});
