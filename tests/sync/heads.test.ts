import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApp, type ListeningApp } from '../support/listening-app.ts';
import { createDatabase } from '../support/database.ts';
import { openGroup, type Person, signUpAll } from '../support/people.ts';
import type { Database } from '../support/template.ts';
import { until } from '../support/until.ts';
import { Device } from './device.ts';
import { freshRead, held } from './fresh.ts';

/** D8: what was committed and never told, as by a node that died in between. */
let app: ListeningApp;
let database: Database;
let sql: pg.Client;
beforeAll(async () => {
  database = await createDatabase();
  app = await startTestApp({ database, overrides: { headsEveryMs: 50 } });
  sql = new pg.Client({ connectionString: database.ownerUrl });
  await sql.connect();
});
afterAll(async () => {
  await sql?.end();
  await app?.close();
  await database?.drop();
});

const deviceOf = async (person: Person) => {
  const device = new Device(person);
  await device.connect(200);
  await device.readOwn();
  return device;
};

/** The last heads that tell of the conversation. */
const headOf = ({ log }: Device, id: string) =>
  log.flatMap(({ name, payload }) => (name === 'heads' ? payload.conversations.filter(([named]: [string]) => named === id) : [])).at(-1);

test('the last change of a quiet conversation is noticed though nobody told of it', async () => {
  const { alice, bob, carol } = await signUpAll(app.url, 'alice', 'bob', 'carol');
  const { id } = await openGroup(alice, [bob]);
  const [alices, bobs, carols] = [await deviceOf(alice), await deviceOf(bob), await deviceOf(carol)];
  await sql.query(
    `with changed as (update conversation set changed_version = changed_version + 1, title = $2 where id = $1)
     update conversation_head set version = version + 1 where conversation_id = $1`,
    [id, 'Another'],
  );
  for (const device of [alices, bobs]) {
    expect(await until(() => headOf(device, id), { what: 'the heads' })).toEqual([id, 2, 0]);
    await device.drained();
    expect(device.replica.isBehind).toBe(true);
    await device.sync(200);
    expect(device.replica.isBehind).toBe(false);
    expect(held(device, 'all')).toEqual(await freshRead(device, 'all'));
    expect(device.replica.copies.get(id)?.conversation.title).toBe('Another');
  }
  expect(headOf(carols, id)).toBeUndefined();
});

test('so is what was read, and an entry of a feed', async () => {
  const { alice, bob } = await signUpAll(app.url, 'alice', 'bob');
  const { id } = await openGroup(alice, [bob]);
  const device = await deviceOf(alice);
  await sql.query('update conversation_head set receipts_version = receipts_version + 1 where conversation_id = $1', [id]);
  expect(await until(() => headOf(device, id), { what: 'the heads' })).toEqual([id, 1, 1]);

  await sql.query(`select set_config('app.account_id', account_id::text, false) from app_user where id = $1`, [alice.id]);
  await sql.query(
    `with moved as (update app_user set user_version = user_version + 1 where id = $1 returning account_id, id, user_version)
     insert into user_event (account_id, user_id, version, kind, payload, created_at)
     select account_id, id, user_version, 'block.added', json_build_object('userId', $2::text), now() from moved`,
    [alice.id, bob.id],
  );
  await until(() => device.log.some(({ name, payload }) => name === 'heads' && payload.userVersion === 1), { what: 'the feed' });
  await device.sync(200);
  expect([...device.replica.own.blocks]).toEqual([bob.id]);
});

/** The conversation ids of the `sync:required` events that a device received. */
const required = ({ log }: Device) => log.flatMap(({ name, payload }) => (name === 'sync:required' ? payload.conversationIds : []));

test('a member whose removal this node missed receives sync:required, and no head of the conversation', async () => {
  const { alice, bob } = await signUpAll(app.url, 'alice', 'bob');
  const { id } = await openGroup(alice, [bob]);
  const [alices, bobs] = [await deviceOf(alice), await deviceOf(bob)];
  await sql.query('update member set left_at = now(), version = 2 where conversation_id = $1 and user_id = $2', [id, bob.id]);
  await sql.query('update conversation set member_count = 1 where id = $1', [id]);
  await sql.query('update conversation_head set version = 3, access_version = access_version + 1 where conversation_id = $1', [id]);
  expect(await until(() => headOf(alices, id), { what: 'the heads' })).toEqual([id, 3, 0]);
  expect(await until(() => required(bobs)[0], { what: 'the request to sync' })).toBe(id);
  expect(headOf(bobs, id)).toBeUndefined();
  expect(required(alices)).toEqual([]);
  await bobs.sync(200);
  expect(bobs.replica.copies.has(id)).toBe(false);
});

test('every member of a conversation whose deletion this node missed receives sync:required', async () => {
  const { alice, bob } = await signUpAll(app.url, 'alice', 'bob');
  const { id } = await openGroup(alice, [bob]);
  const devices = [await deviceOf(alice), await deviceOf(bob)];
  await sql.query('update member set left_at = now() where conversation_id = $1', [id]);
  await sql.query('update conversation set deleted_at = now(), member_count = 0 where id = $1', [id]);
  for (const device of devices) {
    expect(await until(() => required(device)[0], { what: 'the request to sync' })).toBe(id);
    await device.sync(200);
    expect(device.replica.copies.has(id)).toBe(false);
  }
});

test('a member who was added behind the back of this node follows the conversation', async () => {
  const { alice, bob, carol } = await signUpAll(app.url, 'alice', 'bob', 'carol');
  const { id } = await openGroup(alice, [bob]);
  const device = await deviceOf(carol);
  await sql.query(`select set_config('app.account_id', account_id::text, false) from app_user where id = $1`, [carol.id]);
  await sql.query(
    `insert into member (account_id, conversation_id, user_id, role, joined_at, joined_seq, delivered_seq, read_seq, unread_base, version)
     select account_id, conversation_id, $2, 'member', now(), 0, 0, 0, 0, 2 from member where conversation_id = $1 and user_id = $3`,
    [id, carol.id, bob.id],
  );
  await sql.query('update conversation set member_count = 3 where id = $1', [id]);
  await sql.query('update conversation_head set version = 2, access_version = access_version + 1 where conversation_id = $1', [id]);
  expect(await until(() => headOf(device, id), { what: 'the heads' })).toEqual([id, 2, 0]);
  await alice.http.call('POST', `/api/v1/conversations/${id}/messages`, { content: 'welcome' });
  await until(() => device.log.some(({ name, payload }) => name === 'message:new' && payload.conversationId === id), {
    what: 'the message',
  });
  await app.settled();
  await device.drained();
  await device.sync(200);
  expect(held(device, 'all')).toEqual(await freshRead(device, 'all'));
});

test('what was told is not announced again', async () => {
  const { alice, bob } = await signUpAll(app.url, 'alice', 'bob');
  const device = await deviceOf(alice);
  const { id } = await openGroup(bob, [alice]);
  for (const content of ['one', 'two']) await bob.http.call('POST', `/api/v1/conversations/${id}/messages`, { content });
  const { id: other } = await openGroup(bob, [alice]);
  await sql.query('update conversation_head set version = version + 1 where conversation_id = $1', [other]);
  await until(() => headOf(device, other), { what: 'the heads of the other' });
  expect(headOf(device, id)).toBeUndefined();
});

test('whoever is in more conversations than are followed live is told how far the others have come', async () => {
  const own = await createDatabase();
  const small = await startTestApp({ database: own, overrides: { headsEveryMs: 50, mostFollowed: 1 } });
  try {
    const { alice, bob } = await signUpAll(small.url, 'alice', 'bob');
    const { id } = await openGroup(bob, [alice]);
    const { id: newer } = await openGroup(bob, [alice]);
    const device = await deviceOf(alice);
    await until(() => headOf(device, id), { what: 'the heads at the beginning' });
    await bob.http.call('POST', `/api/v1/conversations/${id}/messages`, { content: 'unseen' });
    await until(() => headOf(device, id)?.[1] === 2, { what: 'the heads' });
    expect(device.log.filter(({ name }) => name === 'message:new')).toEqual([]);
    expect(headOf(device, newer)).toBeUndefined();
    // Notifications are made from the outbox, after the answers.
    await small.settled();
    await device.sync(200);
    expect(device.replica.isBehind).toBe(false);
    expect(held(device, 'all')).toEqual(await freshRead(device, 'all'));
  } finally {
    await small.close();
    await own.drop();
  }
});
