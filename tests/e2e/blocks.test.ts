import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AppUnderTest, startAppUnderTest } from '../support/app-under-test.ts';
import { expectStatus, openGroup, type Person, signUpAll } from '../support/people.ts';

/** What two people in one group, a block between them, learn of each other; and what everybody else goes on to see. */
describe('members of one group with a block between them', () => {
  let app: AppUnderTest;
  beforeAll(async () => {
    app = await startAppUnderTest();
  });
  afterAll(() => app.close());

  async function parted() {
    const { alice, bob, carol } = await signUpAll(app.url, 'alice', 'bob', 'carol');
    const { id } = await openGroup(carol, [alice, bob]);
    expectStatus(await alice.http.call('PUT', `/api/v1/blocks/${bob.id}`), 204);
    const path = `/api/v1/conversations/${id}`;
    const send = async (from: Person, input: object) => from.http.call('POST', `${path}/messages`, input);
    return { alice, bob, carol, id, path, send };
  }

  it('do not mention each other, neither at first nor by an edit', async () => {
    const { alice, bob, carol, send } = await parted();
    for (const [from, to] of [
      [alice, bob],
      [bob, alice],
    ] as const) {
      expect((await send(from, { content: 'hey', mentions: [to.id] })).body).toMatchObject({
        code: 'MENTION_INVALID',
        details: { userIds: [to.id] },
      });
      const { id } = expectStatus(await send(from, { content: 'hey', mentions: [carol.id] }), 201);
      expect((await from.http.call('PATCH', `/api/v1/messages/${id}`, { content: 'hey', mentions: [to.id] })).body.code).toBe(
        'MENTION_INVALID',
      );
    }
  });

  it('see no receipts of each other, wherever receipts are shown', async () => {
    const { alice, bob, carol, id, path, send } = await parted();
    const message = expectStatus(await send(carol, { content: 'read me' }), 201);
    const watching = await Promise.all(
      [alice, bob, carol].map(async (person) => {
        const socket = person.socketIo();
        await socket.connect();
        await socket.call('conversation:join', { conversationId: id });
        return socket;
      }),
    );
    for (const person of [alice, bob])
      expectStatus(await person.http.call('POST', '/api/v1/receipts', { items: [{ conversationId: id, readSeq: message.seq }] }), 200);
    await watching[2]?.events.next('receipt:updated', ({ items }) => items.some(({ userId }: { userId: string }) => userId === alice.id));
    await watching[2]?.events.next('receipt:updated', ({ items }) => items.some(({ userId }: { userId: string }) => userId === bob.id));

    const seen = async (viewer: Person, of: Person) => {
      const mine = ({ userId }: { userId: string }) => userId === of.id;
      const receipts = expectStatus(await viewer.http.call('GET', `${path}/receipts`), 200);
      const members = expectStatus(await viewer.http.call('GET', `${path}/members`), 200);
      const readers = expectStatus(await viewer.http.call('GET', `/api/v1/messages/${message.id}/readers`), 200);
      const sync = expectStatus(
        await viewer.http.call('POST', '/api/v1/sync', { conversations: { [id]: { version: 0, receiptsVersion: 0 } } }),
        200,
      );
      const [changes] = sync.conversations;
      const marks = [receipts.items, members.items, changes.receipts, changes.members].map((list) => list.find(mine));
      return [
        ...marks.map(({ readSeq, deliveredSeq }) => [readSeq, deliveredSeq]),
        [Number(readers.readBy.includes(of.id)), Number(readers.deliveredTo.includes(of.id))],
      ];
    };
    const nothing = [0, 1, 2, 3, 4].map(() => [0, 0]);
    const all = [0, 1, 2, 3, 4].map(() => [1, 1]);
    expect(await seen(alice, bob)).toEqual(nothing);
    expect(await seen(bob, alice)).toEqual(nothing);
    expect(await seen(carol, bob)).toEqual(all);
    expect(await seen(alice, alice)).toEqual(all);

    // One publication serves everybody: what did not come to these two when it came to the third does not come.
    const told = (of: number) =>
      watching[of]?.events.of('receipt:updated').flatMap(({ items }) => items.map(({ userId }: { userId: string }) => userId));
    expect(told(0)).not.toContain(bob.id);
    expect(told(1)).not.toContain(alice.id);
    for (const socket of watching) await socket.close();
  });
});

describe('whoever keeps to themself what they have read', () => {
  let app: AppUnderTest;
  beforeAll(async () => {
    app = await startAppUnderTest();
  });
  afterAll(() => app.close());

  it('is not given away by a change of their membership', async () => {
    const { alice, bob, carol } = await signUpAll(app.url, 'alice', 'bob', 'carol');
    const { id } = await openGroup(alice, [bob, carol]);
    const preferences = expectStatus(await bob.http.call('GET', '/api/v1/users/me/preferences'), 200);
    expectStatus(await bob.http.call('PUT', '/api/v1/users/me/preferences', { ...preferences, readReceipts: false }), 200);
    expectStatus(await alice.http.call('POST', `/api/v1/conversations/${id}/messages`, { content: 'one' }), 201);
    expectStatus(await bob.http.call('POST', '/api/v1/receipts', { items: [{ conversationId: id, readSeq: 1 }] }), 200);
    const carols = carol.socketIo();
    await carols.connect();
    const changed = expectStatus(
      await alice.http.call('PATCH', `/api/v1/conversations/${id}/members/${bob.id}`, { role: 'moderator' }),
      200,
    );
    expect(changed).toMatchObject({ role: 'moderator', readSeq: 0 });
    expect((await carols.events.next('member:updated')).member).toMatchObject({ userId: bob.id, role: 'moderator', readSeq: 0 });
    expectStatus(await bob.http.call('POST', `/api/v1/conversations/${id}/leave`), 204);
    expect((await carols.events.next('member:left')).member).toMatchObject({ userId: bob.id, readSeq: 0 });
    await carols.close();
  });

  it('is not given away by what they send, which tells their own devices alone how far they have come', async () => {
    const { alice, bob } = await signUpAll(app.url, 'alice', 'bob');
    const { id } = await openGroup(alice, [bob]);
    const preferences = expectStatus(await bob.http.call('GET', '/api/v1/users/me/preferences'), 200);
    expectStatus(await bob.http.call('PUT', '/api/v1/users/me/preferences', { ...preferences, readReceipts: false }), 200);
    const [alices, bobs] = [alice.socketIo(), bob.socketIo()];
    for (const socket of [alices, bobs]) await socket.connect();
    expect(await alices.call('conversation:join', { conversationId: id })).toMatchObject({ ok: true });
    expectStatus(await bob.http.call('POST', `/api/v1/conversations/${id}/messages`, { content: 'one' }), 201);
    expect(await alices.events.next('message:new')).not.toHaveProperty('receipt');
    expect(await bobs.events.next('receipt:updated')).toMatchObject({
      conversationId: id,
      receiptsVersion: 1,
      items: [{ userId: bob.id, readSeq: 1, deliveredSeq: 1 }],
    });
    expectStatus(await bob.http.call('POST', `/api/v1/conversations/${id}/messages`, { content: 'two' }), 201);
    await alices.events.next('message:new', ({ message }) => message.content === 'two');
    expect(alices.events.of('receipt:updated')).toEqual([]);
    for (const socket of [alices, bobs]) await socket.close();
  });
});
