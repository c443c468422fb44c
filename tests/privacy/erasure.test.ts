import { randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { schemaSetsOf } from '@coucou/postgres/kit/storage-parts';
import { coreSchema } from '@coucou/postgres/schema/core-schema';
import { columnsOf, type PersonalData } from '@coucou/postgres/schema/personal-data';
import { features } from '@coucou/server/composition/features';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HttpAnswer, httpClient } from '../support/clients.ts';
import { createDatabase } from '../support/database.ts';
import type { Payload } from '../support/event-log.ts';
import { atNode, expectStatus, openDirect, openGroup, type Person, signUp, signUpAll } from '../support/people.ts';
import { type SpawnedApp, spawnTestApp } from '../support/spawned-app.ts';
import type { Database } from '../support/template.ts';
import { until } from '../support/until.ts';

/** Somebody who wrote this wherever anything can be written, deletes themself: where it is left, the map says that it stays. */
const CANARY = 'kanarienvogel';

const map: PersonalData = Object.assign(
  {},
  ...[coreSchema, ...schemaSetsOf(features.flatMap(({ storage = [] }) => storage))].map((set) => set.personalData),
);

const call = async (person: Person, method: string, at: string, body?: unknown): Promise<Payload> =>
  expectStatus(await person.http.call(method, `/api/v1${at}`, body), 200, 201, 202, 204);
const say = (person: Person, conversation: Payload, content: string, more: object = {}) =>
  call(person, 'POST', `/conversations/${conversation.id}/messages`, { content, clientMessageId: randomUUID(), ...more });
const deleteMe = (person: Person, password = person.password): Promise<HttpAnswer> =>
  person.http.call('DELETE', '/api/v1/users/me', { password });
async function upload(person: Person, name: string, content: string): Promise<Payload> {
  const form = new FormData();
  form.set('file', new Blob([content], { type: 'text/plain' }), name);
  return call(person, 'POST', '/attachments', form);
}

/** As the owner of the tables, who sees one account at a time. */
async function asOwner(database: Database): Promise<pg.Client> {
  const owner = new pg.Client({ connectionString: database.ownerUrl });
  await owner.connect();
  await owner.query('set role coucou_system');
  const { rows } = await owner.query(`select account_id from account where client_key = 'default'`);
  await owner.query('reset role');
  await owner.query('set role coucou_app');
  await owner.query(`select set_config('app.account_id', $1, false)`, [rows[0].account_id]);
  return owner;
}

/** The columns that hold the text, as `table.column`. */
async function holding(owner: pg.Client, text: string): Promise<string[]> {
  const found: string[] = [];
  for (const [table, data] of Object.entries(map))
    for (const column of columnsOf(data)) {
      const readable = await owner.query(`select has_column_privilege('coucou_app', $1, $2, 'select') as may`, [table, column]);
      if (readable.rows[0].may !== true) continue;
      const { rows } = await owner.query(`select 1 from ${table} t where t.${column}::text ilike $1 limit 1`, [`%${text}%`]);
      if (rows.length > 0) found.push(`${table}.${column}`);
    }
  return found;
}

/** What may still hold what somebody wrote, and why: parts of conversations and of other people's records. */
const STAYS = [
  'attachment.name',
  'conversation.custom',
  'conversation.description',
  'conversation.title',
  'message.content',
  'message.data',
  'message.parts',
  'message_search.folded',
  'poll.options',
  'poll.question',
  'report.reason',
  'report.snapshot',
];

describe('the erasure of a person', () => {
  let database: Database;
  let owner: pg.Client;
  let app: SpawnedApp;
  let people: Record<'alice' | 'bob' | 'carol', Person>;
  let ghost: Person;
  let group: Payload;
  let direct: Payload;
  let alone: Payload;
  const seen: Record<string, Payload> = {};

  const stored = async (): Promise<string[]> => {
    const root = path.join(app.directory, 'data/uploads');
    const names = await readdir(root, { recursive: true, withFileTypes: true }).catch(() => []);
    return Promise.all(names.filter((each) => each.isFile()).map((each) => readFile(path.join(each.parentPath, each.name), 'utf8')));
  };
  /** Without the URLs of files, which change with the time. */
  const history = async (person: Person, conversation: Payload): Promise<unknown> => {
    const { items } = await call(person, 'GET', `/conversations/${conversation.id}/messages?limit=100`);
    const isSigned = (field: string) => ['url', 'thumbnailUrl', 'urlExpiresAt'].includes(field);
    return JSON.parse(JSON.stringify(items, (field, value: unknown) => (isSigned(field) ? undefined : value)));
  };

  beforeAll(async () => {
    database = await createDatabase();
    app = await spawnTestApp({ database, env: { LIMIT_REST: 'off' } });
    owner = await asOwner(database);
    people = await signUpAll(app.url, 'alice', 'bob', 'carol');
    ghost = await signUp(app.url, CANARY);
    const { alice, bob, carol } = people;
    await call(ghost, 'PATCH', '/users/me', {
      displayName: CANARY,
      bio: CANARY,
      custom: { [CANARY]: CANARY },
      avatarUrl: `https://example.com/${CANARY}`,
    });
    group = await openGroup(ghost, [alice, bob], { title: `${CANARY} group`, description: CANARY, custom: { at: CANARY } });
    await call(ghost, 'PATCH', `/conversations/${group.id}/members/${bob.id}`, { role: 'moderator' });
    direct = await openDirect(ghost, alice);
    alone = await openGroup(ghost, [], { title: `${CANARY} alone` });
    await say(ghost, alone, `${CANARY} to nobody`);
    const used = await upload(ghost, `${CANARY}-used.txt`, `${CANARY} in a used file`);
    await upload(ghost, `${CANARY}-unused.txt`, `${CANARY} in an unused file`);
    const message = await say(ghost, group, `${CANARY} said`, { attachmentIds: [used.id], data: { at: CANARY } });
    await say(ghost, direct, `${CANARY} whispered`);
    const edited = await say(ghost, direct, `${CANARY} first version`);
    await call(ghost, 'PATCH', `/messages/${edited.id}`, { content: 'second version' });
    await say(alice, group, 'alice answers', { mentions: [ghost.id], replyToId: message.id });
    await call(ghost, 'PUT', encodeURI(`/messages/${message.id}/reactions/👍`));
    await call(ghost, 'PUT', `/messages/${message.id}/saved`, { note: `${CANARY} later` });
    await call(ghost, 'PUT', `/conversations/${group.id}/draft`, { content: `${CANARY} draft` });
    const sendAt = new Date(Date.now() + 3_600_000).toISOString();
    await call(ghost, 'POST', `/conversations/${group.id}/scheduled-messages`, { content: `${CANARY} later`, sendAt });
    await call(ghost, 'POST', `/conversations/${group.id}/polls`, { question: `${CANARY}?`, options: [CANARY, 'no'] });
    await call(ghost, 'POST', '/reports', { userId: carol.id, reason: CANARY });
    await call(ghost, 'PUT', `/blocks/${carol.id}`);
    const asked = await call(alice, 'POST', '/friend-requests', { userId: ghost.id });
    await call(ghost, 'POST', `/friend-requests/${asked.id}/accept`);
    await call(ghost, 'POST', '/friend-requests', { userId: bob.id });
    await call(ghost, 'PATCH', `/conversations/${group.id}/membership`, { pinned: true, notify: 'mentions' });
    const login = await httpClient(app.url).call(
      'POST',
      '/api/v1/auth/login',
      { identifier: ghost.username, password: ghost.password },
      { 'user-agent': CANARY },
    );
    expectStatus(login, 200);
    await until(async () => (await call(alice, 'GET', `/messages/search?q=${CANARY}`)).items.length >= 3, { what: 'the index' });
    seen['group'] = await history(alice, group);
    seen['direct'] = await history(alice, direct);
  });
  afterAll(async () => {
    await app?.stop();
    await owner?.end();
    await database?.drop();
  });

  it('is about somebody who has left traces all over', async () => {
    const places = await holding(owner, CANARY);
    expect(places).toEqual(
      expect.arrayContaining([
        ...STAYS.filter((place) => place !== 'report.snapshot'),
        'app_user.username',
        'app_user.bio',
        'draft.content',
        'scheduled_message.content',
        'message_edit.content',
        'saved_message.note',
        'session.user_agent',
        'user_event.payload',
      ]),
    );
  });

  it('needs the password', async () => {
    expect((await ghost.http.call('DELETE', '/api/v1/users/me', {})).body.code).toBe('REAUTHENTICATION_REQUIRED');
    expect((await deleteMe(ghost, 'not the password')).body.code).toBe('INVALID_CREDENTIALS');
    expect((await ghost.http.call('DELETE', `/api/v1/users/me?password=${encodeURIComponent(ghost.password)}`)).status).toBe(400);
    expect((await ghost.http.call('GET', '/api/v1/auth/me')).status).toBe(200);
  });

  it('signs them out everywhere at once, and lets nobody sign in as them or pose as them', async () => {
    const socket = ghost.socket('websocket');
    await socket.connect();
    const { status, body } = await deleteMe(ghost);
    expect([status, body]).toEqual([202, expect.objectContaining({ userId: ghost.id, status: 'erasing' })]);
    expect(await socket.closed).toMatchObject({ reason: 'session_revoked' });
    expect((await ghost.http.call('GET', '/api/v1/auth/me')).body.code).toBe('SESSION_REVOKED');
    const anonymous = httpClient(app.url);
    for (const identifier of [ghost.username, ghost.email, `deleted-${ghost.id.replaceAll('-', '')}`])
      expect((await anonymous.call('POST', '/api/v1/auth/login', { identifier, password: ghost.password })).body.code).toBe(
        'INVALID_CREDENTIALS',
      );
    expect((await anonymous.call('POST', '/api/v1/auth/refresh', { refreshToken: ghost.refreshToken })).status).toBe(401);
    const signup = (username: string) =>
      anonymous.call('POST', '/api/v1/auth/signup', { username, email: ghost.email, password: ghost.password });
    expect((await signup(ghost.username)).body.code).toBe('USERNAME_TAKEN');
    // The mailbox is theirs still.
    expect((await signup(`again-${randomUUID().slice(0, 8)}`)).status).toBe(201);
  });

  it('goes on after a server that was killed in the middle of it, until only what stays is left', async () => {
    await app.restart();
    const stage = async () => (await owner.query('select stage, step from erasure where user_id = $1', [ghost.id])).rows[0];
    await until(async () => (await stage()).step !== null, { what: 'the erasure to begin', timeoutMs: 60_000 });
    await app.restart();
    const { alice, bob, carol } = people;
    people = { alice: atNode(alice, app.url), bob: atNode(bob, app.url), carol: atNode(carol, app.url) };
    await owner.query(`update erasure set lease_until = now() - interval '1 second' where user_id = $1`, [ghost.id]);
    await until(async () => (await stage()).stage === 'at last', { what: 'the erasure', timeoutMs: 90_000 });
    const mailOfTheNew = ['app_user.email', 'app_user.email_key'];
    const left = (await holding(owner, CANARY)).filter((place) => !mailOfTheNew.includes(place));
    // Held back, so that a thief removes no traces and nobody takes the name.
    expect(left).toEqual(expect.arrayContaining(['session.user_agent', 'held_name.name']));
    expect((await stored()).filter((text) => text.includes(CANARY))).toEqual([`${CANARY} in a used file`]);

    // As if its month had passed.
    await owner.query(`update erasure set due_at = now() where user_id = $1`, [ghost.id]);
    await owner.query(`update outbox set due_at = now() where type = 'privacy.erasureDue' and dedup_key = $1`, [ghost.id]);
    await until(async () => (await stage()).stage === 'done', { what: 'the last stage', timeoutMs: 60_000 });
    const remaining = (await holding(owner, CANARY)).filter((place) => !mailOfTheNew.includes(place));
    expect(remaining.filter((place) => !STAYS.includes(place))).toEqual([]);
    for (const place of remaining) {
      const [table = ''] = place.split('.');
      expect(Object.values(map[table]?.of ?? {}).some(({ erased }) => ['kept', 'ended'].includes(erased.is))).toBe(true);
    }
    const events = await owner.query('select action, ip, user_agent, details from audit_entry where target_id = $1', [ghost.id]);
    expect(events.rows.map(({ action }) => action)).toContain('user_deleted');
    expect(events.rows.every(({ ip, user_agent: agent, details }) => ip === '' && agent === '' && Object.keys(details).length === 0)).toBe(
      true,
    );
  });

  it('leaves their conversations as the others know them, but for the name', async () => {
    const { alice, bob } = people;
    expect(await history(alice, group)).toEqual(seen['group']);
    expect(await history(alice, direct)).toEqual(seen['direct']);
    expect(await call(alice, 'GET', `/users/${ghost.id}`)).toMatchObject({ displayName: 'Deleted user', role: 'member' });
    const members = (await call(alice, 'GET', `/conversations/${group.id}/members`)).items;
    // The moderator before the one who was there as long.
    expect(members.map(({ userId, role }: Payload) => [userId, role]).toSorted()).toEqual(
      [
        [alice.id, 'member'],
        [bob.id, 'owner'],
      ].toSorted(),
    );
    expect((await call(alice, 'GET', '/friends')).items).toEqual([]);
    expect((await call(bob, 'GET', '/friend-requests?direction=incoming&status=pending')).items).toEqual([]);
    expect((await call(alice, 'GET', `/users?q=${CANARY}`)).items).toEqual([]);
    expect((await call(alice, 'GET', '/users?q=deleted')).items).toEqual([]);
  });

  it('lets the other of a direct conversation read it, and write to nobody', async () => {
    const { alice } = people;
    const refused = await alice.http.call('POST', `/api/v1/conversations/${direct.id}/messages`, { content: 'are you there?' });
    expect([refused.status, refused.body.code]).toEqual([403, 'POSTING_NOT_ALLOWED']);
    for (const answer of [
      await alice.http.call('POST', '/api/v1/friend-requests', { userId: ghost.id }),
      await alice.http.call('POST', '/api/v1/conversations', { type: 'group', title: 'x', memberIds: [ghost.id] }),
      await people.bob.http.call('POST', '/api/v1/conversations', { type: 'direct', userId: ghost.id }),
    ])
      expect(answer.body.code).toBe('USER_NOT_FOUND');
  });

  it('lets nobody act who was deleted, and leaves an account its last owner', async () => {
    const { carol } = people;
    await owner.query('reset role');
    await owner.query('set role coucou_app');
    await owner.query(`update app_user set role = 'owner' where id = $1`, [carol.id]);
    expect((await deleteMe(carol)).body.code).toBe('LAST_OWNER');
    await owner.query(`update app_user set role = 'owner' where id = $1`, [people.bob.id]);
    const both = await Promise.all([deleteMe(carol), deleteMe(people.bob)]);
    expect(both.map(({ status }) => status).toSorted()).toEqual([202, 409]);
  });

  it('closes a group that nobody else is in, with what was said there', async () => {
    const { rows } = await owner.query('select deleted_at is not null as closed, title from conversation where id = $1', [alone.id]);
    expect(rows).toEqual([expect.objectContaining({ closed: true })]);
    const messages = await owner.query('select content from message where conversation_id = $1', [alone.id]);
    expect(messages.rows).toEqual([{ content: null }]);
  });
});
