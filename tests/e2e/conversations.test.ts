import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type AppUnderTest, startAppUnderTest } from '../support/app-under-test.ts';
import type { SocketClient } from '../support/clients.ts';
import { createDatabase } from '../support/database.ts';
import { expectStatus, openDirect, openGroup, type Person, signUpAll } from '../support/people.ts';
import { until } from '../support/until.ts';

let app: AppUnderTest;
let database: Awaited<ReturnType<typeof createDatabase>>;
let people: Record<'alice' | 'bob' | 'carol' | 'dan', Person>;
const sockets: SocketClient[] = [];

beforeAll(async () => {
  database = await createDatabase();
  app = await startAppUnderTest({ database });
});
beforeEach(async () => {
  people = await signUpAll(app.url, 'alice', 'bob', 'carol', 'dan');
});
afterAll(async () => {
  for (const socket of sockets) await socket.close();
  await app?.close();
  await database?.drop();
});

async function connected(person: Person): Promise<SocketClient> {
  const socket = person.plain();
  sockets.push(socket);
  await socket.connect();
  return socket;
}

const post = (person: Person, path: string, body: unknown) => person.http.call('POST', `/api/v1${path}`, body);

describe('direct conversations', () => {
  it('are one per pair, whoever opens it, however often and at once', async () => {
    const { alice, bob } = people;
    const opened = await Promise.all(Array.from({ length: 10 }, (_, i) => (i % 2 === 0 ? openDirect(alice, bob) : openDirect(bob, alice))));
    expect(new Set(opened.map(({ id }) => id)).size).toBe(1);
    const again = await post(alice, '/conversations', { type: 'direct', userId: bob.id });
    expect(again.status).toBe(200);
    expect(again.body).toMatchObject({ type: 'direct', memberCount: 2, peer: { id: bob.id, username: bob.username } });
    expect(again.body.peer).not.toHaveProperty('email');
  });

  it('come into being with the first message to a person', async () => {
    const { alice, bob } = people;
    const listener = await connected(bob);
    const sender = await connected(alice);
    const sent = await sender.call('message:send', { toUserId: bob.id, content: 'hi' });
    expect(sent).toMatchObject({ ok: true, data: { seq: 1, content: 'hi' } });
    const { conversation } = await listener.events.next('conversation:new');
    expect(conversation).toMatchObject({ type: 'direct', peer: { id: alice.id }, membership: { role: 'member' } });
    expect((await listener.events.next('message:new')).message.content).toBe('hi');
  });

  it('need somebody else who exists', async () => {
    const { alice } = people;
    expect(await post(alice, '/conversations', { type: 'direct', userId: alice.id })).toMatchObject({ status: 400 });
    expect(await post(alice, '/conversations', { type: 'direct', userId: randomUUID() })).toMatchObject({
      status: 404,
      body: { code: 'USER_NOT_FOUND' },
    });
  });
});

describe('groups', () => {
  it('tell members of those who join and leave, and those who join of the group', async () => {
    const { alice, bob, carol } = people;
    const group = await openGroup(alice, [bob], { title: 'Three' });
    const [watchingBob, watchingCarol] = [await connected(bob), await connected(carol)];

    expectStatus(await post(alice, `/conversations/${group.id}/members`, { userIds: [carol.id] }), 201);
    expect(await watchingCarol.events.next('conversation:new')).toMatchObject({
      conversation: { id: group.id, title: 'Three', memberCount: 3 },
    });
    expect(await watchingBob.events.next('member:joined')).toMatchObject({ version: 2, member: { userId: carol.id } });

    expectStatus(await alice.http.call('DELETE', `/api/v1/conversations/${group.id}/members/${bob.id}`), 204);
    expect(await watchingBob.events.next('conversation:removed')).toMatchObject({ conversationId: group.id, reason: 'removed' });
    expect(await watchingCarol.events.next('member:left')).toMatchObject({ version: 3, reason: 'removed', member: { userId: bob.id } });

    expectStatus(await post(carol, `/conversations/${group.id}/leave`, {}), 204);
    expect(await watchingCarol.events.next('conversation:removed')).toMatchObject({ reason: 'left' });
  });

  it('nothing reaches a removed person after the removal, by any door', async () => {
    const { alice, bob, carol } = people;
    const group = await openGroup(alice, [bob, carol]);
    const [removed, staying] = [await connected(bob), await connected(carol)];
    // Sends race the removal; each is ordered by the version it was given.
    const sends = Array.from({ length: 30 }, (_, i) => post(alice, `/conversations/${group.id}/messages`, { content: `message ${i}` }));
    const removal = alice.http.call('DELETE', `/api/v1/conversations/${group.id}/members/${bob.id}`);
    const late = Array.from({ length: 30 }, (_, i) => post(alice, `/conversations/${group.id}/messages`, { content: `late ${i}` }));
    await Promise.all([...sends, removal, ...late]);
    await removed.events.next('conversation:removed');
    await until(() => staying.events.of('message:new').length === 60, { what: 'all messages to arrive where they may' });
    const { version } = await staying.events.next('member:left');
    for (const { version: seen } of removed.events.of('message:new')) expect(seen).toBeLessThan(version);

    expect(await post(bob, `/conversations/${group.id}/messages`, { content: 'me too' })).toMatchObject({ status: 404 });
    expect(await removed.call('message:send', { conversationId: group.id, content: 'me too' })).toMatchObject({ ok: false });
    expect(await bob.http.call('GET', `/api/v1/conversations/${group.id}/messages`)).toMatchObject({ status: 404 });
    const synced = await post(bob, '/sync', { conversations: { [group.id]: { version: 1 } } });
    expect(synced.body.conversations).toMatchObject([{ id: group.id, removed: true, messages: [], members: [] }]);
  });

  it('keep their last owner as long as others are there', async () => {
    const { alice, bob } = people;
    const group = await openGroup(alice, [bob]);
    expect(await post(alice, `/conversations/${group.id}/leave`, {})).toMatchObject({ status: 409, body: { code: 'LAST_OWNER' } });
    expectStatus(await post(bob, `/conversations/${group.id}/leave`, {}), 204);
    expectStatus(await post(alice, `/conversations/${group.id}/leave`, {}), 204);
  });

  it('are changed by those who may, and hidden from those who may not even see them', async () => {
    const { alice, bob, carol, dan } = people;
    const group = await openGroup(alice, [bob]);
    expect(await post(bob, `/conversations/${group.id}/members`, { userIds: [carol.id] })).toMatchObject({ status: 403 });
    expect(await post(dan, `/conversations/${group.id}/members`, { userIds: [carol.id] })).toMatchObject({ status: 404 });
    expect(await post(alice, `/conversations/${group.id}/members`, { userIds: [bob.id] })).toMatchObject({
      body: { code: 'ALREADY_MEMBER' },
    });
    expect(await post(alice, `/conversations/${group.id}/members`, { userIds: [randomUUID()] })).toMatchObject({
      body: { code: 'USER_NOT_FOUND' },
    });
  });
});

describe('data of the client’s own making', () => {
  it('holds no number that JSON could not give back', async () => {
    const { alice, bob } = people;
    const { id } = await openDirect(alice, bob);
    const answer = await fetch(`${app.url}/api/v1/conversations/${id}/messages`, {
      method: 'POST',
      headers: { authorization: `Bearer ${alice.accessToken}`, 'content-type': 'application/json' },
      body: '{"content":"x","data":{"far":1e400}}',
    });
    expect([answer.status, await answer.json()]).toMatchObject([400, { code: 'VALIDATION_FAILED', details: [{ path: ['data'] }] }]);
  });
});

describe('lists', () => {
  it('of conversations come newest first, page by page, each once', async () => {
    const { alice } = people;
    const made: string[] = [];
    for (let i = 0; i < 7; i += 1) made.push((await openGroup(alice, [], { title: `Group ${i}` })).id);
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const query: string = cursor === null ? '?limit=3' : `?limit=3&cursor=${cursor}`;
      const page = expectStatus(await alice.http.call('GET', `/api/v1/conversations${query}`), 200);
      seen.push(...page.items.map(({ id }: { id: string }) => id));
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(seen).toEqual(made.toReversed());
  });

  it.each(['?limit=0', '?limit=1e9', '?limit=many', '?cursor=%00', '?cursor=abc', '?unknown=1', '?limit=3&limit=4'])(
    'refuse %s',
    async (query) => {
      const answer = await people.alice.http.call('GET', `/api/v1/conversations${query}`);
      expect(answer.status).toBe(400);
      expect(answer.body.code).toMatch(/^(VALIDATION_FAILED|CURSOR_INVALID)$/);
    },
  );

  it('of messages go before, after and around', async () => {
    const { alice } = people;
    const { id } = await openGroup(alice);
    for (let i = 1; i <= 9; i += 1) await post(alice, `/conversations/${id}/messages`, { content: `${i}` });
    const page = async (query: string) => {
      const { items, hasBefore, hasAfter } = expectStatus(
        await alice.http.call('GET', `/api/v1/conversations/${id}/messages${query}`),
        200,
      );
      return [items.map(({ seq }: { seq: number }) => seq), hasBefore, hasAfter];
    };
    expect(await page('?limit=3')).toEqual([[7, 8, 9], true, false]);
    expect(await page('?limit=3&before=4')).toEqual([[1, 2, 3], false, true]);
    expect(await page('?limit=3&after=4')).toEqual([[5, 6, 7], true, true]);
    expect(await page('?limit=3&around=5')).toEqual([[4, 5, 6], true, true]);
    expect(await page('?limit=3&after=2020-01-01T00:00:00.000Z')).toEqual([[1, 2, 3], false, true]);
  });
});
