import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dataOf, type SocketClient } from '../support/clients.ts';
import { type AppUnderTest, startAppUnderTest } from '../support/app-under-test.ts';
import { expectStatus, openDirect, openGroup, signUpAll } from '../support/people.ts';

/** People through the doors: HTTP in, both kinds of socket out. */
describe.each(['socket.io', 'websocket'] as const)('people, over %s', (transport) => {
  let app: AppUnderTest;
  beforeAll(async () => {
    app = await startAppUnderTest();
  });
  afterAll(() => app.close());

  it('hear of requests, friendship, presence and profiles of those they know', async () => {
    const { alice, bob } = await signUpAll(app.url, 'alice', 'bob');
    const bobs = bob.socket(transport);
    await bobs.connect();
    const request = expectStatus(await alice.http.call('POST', '/api/v1/friend-requests', { userId: bob.id }), 201);
    expect((await bobs.events.next('friend:requested')).request).toEqual(request);
    expect(await bobs.events.next('user:event')).toMatchObject({ userVersion: 1, kind: 'friend_request.pending' });
    expectStatus(await bob.http.call('POST', `/api/v1/friend-requests/${request.id}/accept`), 200);
    await bobs.events.next('friend:accepted');

    const alices = alice.socket(transport);
    await alices.connect();
    expect(await bobs.events.next('presence:changed', ({ userId }) => userId === alice.id)).toMatchObject({ status: 'online' });
    expect(await alices.call('presence:get', { userIds: [bob.id] })).toMatchObject({
      ok: true,
      data: { items: [{ userId: bob.id, status: 'online' }] },
    });
    expect(await alices.call('presence:set', { status: 'away' })).toEqual({ ok: true });
    expect(await bobs.events.next('presence:changed', ({ status }) => status === 'away')).toMatchObject({ userId: alice.id });

    expectStatus(await alice.http.call('PATCH', '/api/v1/users/me', { displayName: 'Alice M' }), 200);
    expect(await bobs.events.next('user:updated')).toMatchObject({ user: { id: alice.id, displayName: 'Alice M' } });
    const { items } = expectStatus(await bob.http.call('GET', `/api/v1/users?q=${alice.username}&limit=5`), 200);
    expect(items[0]).toMatchObject({ id: alice.id });

    expectStatus(await alice.http.call('PUT', `/api/v1/blocks/${bob.id}`), 204);
    expect(await bobs.events.next('friend:removed')).toMatchObject({ userId: alice.id });
    expectStatus(await bob.http.call('GET', `/api/v1/users/${alice.id}`), 404);
    const { data } = (await bobs.call('sync', { user: { version: 0 } })) as {
      data: { user: { version: number; events: { kind: string }[] } };
    };
    const kinds = data.user.events.map(({ kind }) => kind).filter((kind) => kind.startsWith('friend'));
    expect(kinds).toEqual(['friend_request.pending', 'friend_request.accepted', 'friend.removed']);
    await bobs.close();
    await alices.close();
  });

  it('are away when all of their tabs are, and a tab that closes takes its word with it', async () => {
    const { alice, bob } = await signUpAll(app.url, 'alice', 'bob');
    await openDirect(alice, bob);
    const [bobs, tab, other] = [bob.socket(transport), alice.socket(transport), alice.socket(transport)];
    for (const socket of [bobs, tab, other]) await socket.connect();
    const statusOf = async () => dataOf(await bobs.call('presence:get', { userIds: [alice.id] })).items[0].status;
    expect(await other.call('presence:set', { status: 'online' })).toEqual({ ok: true });
    expect(await tab.call('presence:set', { status: 'away' })).toEqual({ ok: true });
    expect(await statusOf()).toBe('online');
    await tab.close();
    expect(await statusOf()).toBe('online');
    expect(await other.call('presence:set', { status: 'away' })).toEqual({ ok: true });
    expect(await statusOf()).toBe('away');
    for (const socket of [bobs, other]) await socket.close();
  });

  it('who share a group hear of a profile while they have it open, and of typing in any case', async () => {
    const { alice, bob, carol, dan } = await signUpAll(app.url, 'alice', 'bob', 'carol', 'dan');
    const group = await openGroup(alice, [bob, carol, dan]);
    const other = await openGroup(alice, [bob]);
    expectStatus(await dan.http.call('PUT', `/api/v1/blocks/${alice.id}`), 204);
    const [alices, bobs, carols, dans] = [alice, bob, carol, dan].map((person) => person.socket(transport)) as [
      SocketClient,
      SocketClient,
      SocketClient,
      SocketClient,
    ];
    for (const socket of [alices, bobs, carols, dans]) await socket.connect();
    for (const conversationId of [group.id, other.id])
      expect(await bobs.call('conversation:join', { conversationId })).toEqual({ ok: true });
    expect(await dans.call('conversation:join', { conversationId: group.id })).toEqual({ ok: true });

    expectStatus(await alice.http.call('PATCH', '/api/v1/users/me', { displayName: 'Alice G' }), 200);
    expect(await bobs.events.next('user:updated')).toMatchObject({ user: { id: alice.id, displayName: 'Alice G' } });
    expect(await alices.call('typing', { conversationId: group.id, isTyping: true })).toEqual({ ok: true });
    for (const socket of [bobs, carols]) expect(await socket.events.next('typing')).toMatchObject({ userId: alice.id, isTyping: true });
    expect(await alices.call('message:send', { conversationId: group.id, content: 'there' })).toMatchObject({ ok: true });
    for (const socket of [bobs, carols])
      expect(await socket.events.next('typing')).toMatchObject({ conversationId: group.id, userId: alice.id, isTyping: false });

    // What was sent before this has arrived by now.
    await dans.events.next('message:new');
    for (const socket of [carols, dans]) expect(socket.events.of('user:updated')).toEqual([]);
    for (const socket of [alices, dans]) expect(socket.events.of('typing')).toEqual([]);
    expect(bobs.events.of('user:updated')).toHaveLength(1);
    for (const socket of [alices, bobs, carols, dans]) await socket.close();
  });
});
